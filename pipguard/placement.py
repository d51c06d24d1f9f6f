"""What the guard of an environment consists of: every file, its content and its permissions.

Reads the prototypes of `activate.d/`, writes nothing. To support another shell, add its two files
to `activate.d/` and its extension to `SHELLS`. xonsh needs none: it sources those of bash.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipguard import pip_conf
from pipguard.guard_record import Mode
from pipguard.marker import PythonHome, marker_content

SHELLS = ("sh", "fish", "csh", "nu", "ps1")
SHELLS_OF_WINDOWS = ("bat", "nu", "ps1")  # xonsh sources those of cmd.exe there
SHIMS = "libexec/pipguard/shims"
SENTINEL = f"{SHIMS}/.pipguard-shim"
_MARKERS = ("lib/*/EXTERNALLY-MANAGED", "Lib/EXTERNALLY-MANAGED")
NOTE = "Placed by `pipguard enable`, removed by `pipguard disable`"


@dataclass(frozen=True, slots=True)
class Piece:
    """One file to place, by its path relative to the prefix."""

    path: str
    data: bytes

    @property
    def mode(self) -> int:
        """Its permissions."""
        return 0o755 if is_executable(self.path) else 0o644

    @property
    def sha256(self) -> str:
        """Hash of the content, as guard.json keeps it."""
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True, slots=True)
class Wish:
    """What the pieces are made for."""

    prefix: Path
    mode: Mode
    launcher: Path
    python: PythonHome


def pieces(wish: Wish, foreign_pip_conf: bytes) -> tuple[Piece, ...]:
    """List what belongs into the environment, in the order in which it is placed.

    The shims come last: until they are there, pip is the pip that was there.
    """
    routed = (*_routing(wish, foreign_pip_conf),) if wish.mode is Mode.ROUTE else ()
    marked = (*_marker(wish),) if wish.mode is not Mode.WARN else ()
    shims = _shims_of_windows(wish) if wish.python.on_windows else _shims(wish)
    return (*_activation(wish), *marked, *routed, *shims)


def is_executable(path: str) -> bool:
    """Tell whether one of our files is a program: the shims and the wrapper."""
    return path.startswith((f"{SHIMS}/", pip_conf.WRAPPER)) and path != SENTINEL


def is_ours(path: str, data: bytes) -> bool:
    """Tell whether a file found at one of our paths came from us, by what it says."""
    if path in pip_conf.NAMES:
        return pip_conf.unmerge(data) != data
    return NOTE.encode() in data


def leftovers(prefix: Path) -> tuple[str, ...]:
    """Find what came from us by what it says, where guard.json does not tell: in a clone."""
    places = ("etc/conda/*.d/zz-pipguard.*", "libexec/pipguard/*", f"{SHIMS}/*")
    found = (
        path
        for place in (*places, *_MARKERS, *sorted(pip_conf.NAMES))
        for path in prefix.glob(place)
    )
    return tuple(
        str(path.relative_to(prefix))
        for path in found
        if path.is_file() and is_ours(str(path.relative_to(prefix)), path.read_bytes())
    )


def _activation(wish: Wish) -> Iterator[Piece]:
    if not wish.python.on_windows:
        yield Piece("libexec/pipguard/notice.sh", _prototype("notice.sh"))
    for shell in SHELLS_OF_WINDOWS if wish.python.on_windows else SHELLS:
        for verb in ("activate", "deactivate"):
            data = _for_shell(shell, _prototype(f"{verb}.{shell}"), wish)
            yield Piece(f"etc/conda/{verb}.d/zz-pipguard.{shell}", data)


def _for_shell(shell: str, prototype: bytes, wish: Wish) -> bytes:
    if shell == "bat":  # cmd.exe misses labels in a file without carriage returns
        return prototype.replace(b"\n", b"\r\n")
    return _told(prototype, wish) if shell == "csh" else prototype


def _told(prototype: bytes, wish: Wish) -> bytes:
    """Write in what other shells read from the sentinel; csh cannot read a file."""
    home = str(wish.prefix).replace("'", "'\\''").replace("!", "\\!")  # ! is history, even quoted
    facts = {b"@HOME@": os.fsencode(f"'{home}'"), b"@MINOR@": wish.python.minor.encode()}
    for place, fact in facts.items():
        prototype = prototype.replace(place, fact)
    return prototype


def _marker(wish: Wish) -> Iterator[Piece]:
    yield Piece(wish.python.marker, marker_content(wish.prefix, NOTE))


def _routing(wish: Wish, foreign_pip_conf: bytes) -> Iterator[Piece]:
    if wish.python.on_windows:
        wrapper, content = f"{pip_conf.WRAPPER}.exe", _program("../..")
    else:
        wrapper, content = pip_conf.WRAPPER, _prototype("pip-python.sh")
    yield Piece(wrapper, content)
    path = pip_conf_of(wish.python)
    yield Piece(path, pip_conf.merge(foreign_pip_conf, str(wish.prefix / wrapper)))


def pip_conf_of(python: PythonHome) -> str:
    """Name the configuration file of an environment's pip."""
    return "pip.ini" if python.on_windows else "pip.conf"


def _shims(wish: Wish) -> Iterator[Piece]:
    yield Piece("libexec/pipguard/handover.sh", _prototype("handover.sh"))
    yield _sentinel(wish)
    for name in _names(wish):
        yield Piece(f"{SHIMS}/{name}", _prototype("shim.sh"))
    yield Piece(f"{SHIMS}/uv", _prototype("uv-shim.sh"))


def _shims_of_windows(wish: Wish) -> Iterator[Piece]:
    """Make programs: a tool that starts `pip` without a shell finds no script."""
    yield _sentinel(wish)
    program = _program("../../..")
    for name in _names(wish):
        yield Piece(f"{SHIMS}/{name}.exe", program)


def _program(up: str) -> bytes:
    # Imported here: nobody else needs installer's launchers.
    from pipguard.windows import program  # noqa: PLC0415

    return program(_prototype("windows_shim.py"), up)


def _names(wish: Wish) -> tuple[str, ...]:
    return ("pip", "pip3", f"pip{wish.python.minor}")


def _sentinel(wish: Wish) -> Piece:
    facts = (wish.prefix, wish.python.minor, wish.mode.value, wish.launcher, NOTE)
    return Piece(SENTINEL, os.fsencode("".join(f"{fact}\n" for fact in facts)))


def _prototype(name: str) -> bytes:
    return (prototypes() / name).read_bytes()


def prototypes() -> Path:
    """Find activate.d: inside the installed package, at the top of the repository in a checkout."""
    package = Path(__file__).parent
    installed = package / "activate.d"
    return installed if installed.is_dir() else package.parent / "activate.d"
