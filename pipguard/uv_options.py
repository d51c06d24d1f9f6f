"""The options of `uv pip`, and a command line read by them.

Pure. The table follows uv 0.13; what each row means for us is a `Meaning`, and pip's word for it
stands beside it where there is one. uv parses with clap: no abbreviations, short flags in one word
(`-Ur file`), values behind `=` or as the next word, `--` ends the options. An option that is not
typed may come from its variable (`UV_*`). Start at `read`; `uv_request.py` makes pip's words of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from pipguard.errors import UsageError

VERBS = frozenset({"install", "uninstall", "sync"})
_YES = frozenset({"1", "true", "t", "yes", "y", "on"})


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
        """,
        compiles=True,
    ),
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
        --directory =
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
        --torch-backend =                                               $UV_TORCH_BACKEND
        --python-version =
        --python-platform =
        --reinstall-package =
        --config-settings-package =
        --no-build-isolation-package =
        """,
    ),
)
BY_NAME: Mapping[str, Option] = {name: option for option in OPTIONS for name in option.names}


@dataclass(frozen=True, slots=True)
class Given:
    """One option as it was given; `value` is empty for a flag, `typed` false for a variable."""

    option: Option
    value: str = ""
    typed: bool = True

    @property
    def shown(self) -> str:
        """What to call it in a message: the option, or the variable it came from."""
        return self.option.name if self.typed else self.option.variable


@dataclass(frozen=True, slots=True)
class UvCommand:
    """A command line of `uv pip`: its verb, its options in order, and the words left over."""

    verb: str
    given: tuple[Given, ...]
    arguments: tuple[str, ...]

    def values(self, name: str) -> tuple[str, ...]:
        """Return every value given for an option."""
        return tuple(it.value for it in self.given if name in it.option.names)

    def has(self, name: str) -> bool:
        """Say whether an option was given."""
        return any(name in it.option.names for it in self.given)


def read(words: Sequence[str], environ: Mapping[str, str]) -> UvCommand | None:
    """Read a command line; None where it is not `uv pip install`, `uninstall` or `sync`.

    Raises:
        UsageError: `uv-option-unknown`, or `uv-value-missing`.
    """
    given, left = _split(words)
    if len(left) <= 1 or left[0] != "pip" or left[1] not in VERBS:
        return None
    typed = {it.option.name for it in given}
    variables = () if left[1] == "uninstall" else _from_variables(environ)
    silent = (it for it in variables if it.option.name not in typed)
    return UvCommand(left[1], (*given, *silent), tuple(left[2:]))


def _split(words: Sequence[str]) -> tuple[list[Given], list[str]]:
    given: list[Given] = []
    left: list[str] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word == "--":
            return given, [*left, *rest]
        if word == "-" or not word.startswith("-"):
            left.append(word)
        elif word.startswith("--"):
            name, glued, value = word.partition("=")
            given.append(_given(name, value if glued else None, rest))
        else:
            given.extend(_cluster(word[1:], rest))
    return given, left


def _cluster(letters: str, rest: list[str]) -> Iterator[Given]:
    """Read `-Ur file`: flags, and perhaps one option whose value is what follows."""
    while letters:
        name, letters = f"-{letters[0]}", letters[1:]
        if name in BY_NAME and BY_NAME[name].takes:
            yield _given(name, letters.removeprefix("=") if letters else None, rest)
            return
        yield _given(name, None, rest)


def _given(name: str, glued: str | None, rest: list[str]) -> Given:
    option = BY_NAME.get(name)
    if option is None or (glued is not None and not option.takes):
        raise UsageError("uv-option-unknown", option=name)
    if not option.takes:
        return Given(option)
    if glued is None and not rest:
        raise UsageError("uv-value-missing", option=name)
    return Given(option, rest.pop(0) if glued is None else glued)


def _from_variables(environ: Mapping[str, str]) -> Iterator[Given]:
    """Read the options that variables give; those that may be given often are lists there."""
    for option in OPTIONS:
        value = environ.get(option.variable, "") if option.variable else ""
        if not option.takes and value.lower() in _YES:
            yield Given(option, typed=False)
        elif option.takes and option.variable in _LISTS:
            yield from (Given(option, each, typed=False) for each in value.split())
        elif option.takes and value:
            yield Given(option, value, typed=False)


_LISTS = frozenset(
    {"UV_BUILD_CONSTRAINT", "UV_CONSTRAINT", "UV_EXCLUDE", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS"}
    | {"UV_INDEX", "UV_INSECURE_HOST", "UV_NO_SOURCES_PACKAGE", "UV_OVERRIDE"}
)
