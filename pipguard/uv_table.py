"""Every option of `uv pip install`, `uninstall` and `sync`, and what becomes of it.

Pure. The table follows uv 0.13; what each row means for us is a `Meaning`, and pip's word for it
stands beside it where there is one. `tests/e2e/test_uv.py` holds it against the help of real uv.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum


class Meaning(Enum):
    """What becomes of an option."""

    SAME = "same"
    """pip has it, about how things are fetched, built or told."""
    ASKED = "asked"
    """pip has it, about what is resolved; pins that uv made have taken it in."""
    PINNED = "pinned"
    """pip has no word for it: uv resolves, and pip plans what uv has pinned."""
    SETTLED = "settled"
    """It changes nothing about what is installed here, or has been seen to before."""
    ELSEWHERE = "elsewhere"
    """The command is real uv's: it changes another folder, or nothing."""
    OWN = "own"
    """pipguard acts on it."""
    REFUSED = "refused"
    """It can be neither followed nor ignored."""


@dataclass(frozen=True, slots=True)
class Option:
    """One option.

    Attributes:
        names: every spelling, the usual one first.
        takes: whether a value follows.
        pip: pip's name for it.
        variable: the variable that uv reads it from.
        compiles: whether `uv pip compile` has it as well and needs to hear it.
    """

    names: tuple[str, ...]
    meaning: Meaning
    takes: bool = False
    pip: str = ""
    variable: str = ""
    compiles: bool = False

    @property
    def name(self) -> str:
        """The spelling that is shown."""
        return self.names[0]


def _options(meaning: Meaning, text: str, *, compiles: bool = False) -> Iterator[Option]:
    """Read rows of spellings; `=` says that a value follows, `>` is pip's name, `$` a variable."""
    for row in text.strip().splitlines():
        words = row.split()
        yield Option(
            names=tuple(word for word in words if word.startswith("-")),
            meaning=meaning,
            takes="=" in words,
            pip=next((word[1:] for word in words if word.startswith(">")), ""),
            variable=next((word[1:] for word in words if word.startswith("$")), ""),
            compiles=compiles,
        )


OPTIONS = (
    *_options(
        Meaning.ASKED,
        """
        --requirements --requirement -r =       >--requirement
        --editable -e =                         >--editable
        """,
    ),
    *_options(
        Meaning.ASKED,
        """
        --constraints --constraint -c =         >--constraint           $UV_CONSTRAINT
        --group =                               >--group
        --no-deps                               >--no-deps
        --upgrade -U                            >--upgrade
        --prerelease =                          >--pre                  $UV_PRERELEASE
        --exclude-newer =                       >--uploaded-prior-to    $UV_EXCLUDE_NEWER
        """,
        compiles=True,
    ),
    *_options(
        Meaning.SAME,
        """
        --build-constraints --build-constraint -b = >--build-constraint $UV_BUILD_CONSTRAINT
        --no-binary =                           >--no-binary
        --only-binary =                         >--only-binary
        --no-build                              >--only-binary
        --index-url -i =                        >--index-url            $UV_INDEX_URL
        --default-index =                       >--index-url            $UV_DEFAULT_INDEX
        --extra-index-url =                     >--extra-index-url      $UV_EXTRA_INDEX_URL
        --index =                               >--extra-index-url      $UV_INDEX
        --find-links -f =                       >--find-links           $UV_FIND_LINKS
        --no-index                              >--no-index             $UV_NO_INDEX
        --keyring-provider =                    >--keyring-provider     $UV_KEYRING_PROVIDER
        --allow-insecure-host --trusted-host =  >--trusted-host         $UV_INSECURE_HOST
        --cert =                                >--cert
        --config-setting --config-settings -C = >--config-settings
        --no-build-isolation                    >--no-build-isolation   $UV_NO_BUILD_ISOLATION
        --no-cache --no-cache-dir -n            >--no-cache-dir         $UV_NO_CACHE
        """,
        compiles=True,
    ),
    *_options(
        Meaning.SAME,
        """
        --require-hashes                        >--require-hashes       $UV_REQUIRE_HASHES
        --reinstall --force-reinstall           >--force-reinstall
        --compile-bytecode --compile            >--compile              $UV_COMPILE_BYTECODE
        --no-compile-bytecode --no-compile      >--no-compile
        --dry-run                               >--dry-run
        --user                                  >--user
        --quiet -q                              >--quiet
        --verbose -v                            >--verbose
        --color =                               >--no-color
        """,
    ),
    *_options(
        Meaning.PINNED,
        """
        --overrides --override =                                        $UV_OVERRIDE
        --excludes --exclude =                                          $UV_EXCLUDE
        --extra =
        --all-extras
        --upgrade-package -P =
        --upgrade-group =
        --resolution =                                                  $UV_RESOLUTION
        --prerelease-package =
        --exclude-newer-package =
        --no-sources-package =                                          $UV_NO_SOURCES_PACKAGE
        --index-strategy =                                              $UV_INDEX_STRATEGY
        --torch-backend =                                               $UV_TORCH_BACKEND
        """,
        compiles=True,
    ),
    *_options(Meaning.PINNED, "--reinstall-package ="),
    *_options(
        Meaning.SETTLED,
        """
        --fork-strategy =                                               $UV_FORK_STRATEGY
        --no-sources                                                    $UV_NO_SOURCES
        --refresh
        --refresh-package =
        --system-certs --native-tls
        --config-file =                                                 $UV_CONFIG_FILE
        --no-config --isolated
        --project =
        --cache-dir =
        --preview
        --preview-features =
        """,
        compiles=True,
    ),
    *_options(
        Meaning.SETTLED,
        """
        --python -p =
        --system
        --no-system
        --managed-python
        --no-managed-python
        --python-preference =
        --python-fetch =
        --no-python-downloads
        --break-system-packages
        --no-break-system-packages
        --link-mode =
        --strict
        --no-strict
        --no-progress
        --no-upgrade
        --no-reinstall
        --no-refresh
        --no-preview
        --no-offline
        --no-require-hashes
        --no-require-build-hashes
        --verify-hashes
        --build
        --build-isolation
        --no-native-tls --no-system-certs
        --disable-pip-version-check
        --allow-empty-requirements
        --no-allow-empty-requirements
        --yes -y
        --no-input
        """,
    ),
    *_options(
        Meaning.OWN,
        """
        --exact
        --directory =                                                   $UV_WORKING_DIR
        --prefix =
        --output-format =
        """,
    ),
    *_options(
        Meaning.ELSEWHERE,
        """
        --target -t =
        --check
        --help -h
        --version -V
        --show-settings
        """,
    ),
    *_options(
        Meaning.REFUSED,
        """
        --offline                                                       $UV_OFFLINE
        --no-editable                                                   $UV_NO_EDITABLE
        --no-editable-package =
        --no-verify-hashes                                              $UV_NO_VERIFY_HASHES
        --require-build-hashes
        --python-version =
        --python-platform =
        --config-settings-package =
        --no-build-isolation-package =
        """,
    ),
)
BY_NAME: Mapping[str, Option] = {name: option for option in OPTIONS for name in option.names}

# Variables that hold several values, with spaces between them.
LISTS = frozenset(
    {"UV_BUILD_CONSTRAINT", "UV_CONSTRAINT", "UV_EXCLUDE", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS"}
    | {"UV_INDEX", "UV_INSECURE_HOST", "UV_NO_SOURCES_PACKAGE", "UV_OVERRIDE"}
)
