"""What `pipguard enable` places into an environment and `pipguard disable` takes out again.

Start at `enable`. guard.json is written before the first file and removed after the last, so an
interrupted run can be repeated. What lay at our paths is kept below `conda-meta/pipguard/kept/`
and put back. Which files there are is decided in `placement.py`, what may be guarded in
`guardable.py`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path, PurePosixPath

from pipguard import __version__, pip_conf
from pipguard.atomic import TEMPORARY
from pipguard.errors import PrefixError
from pipguard.guard_record import FOLDER, Guard, Mode, forget_guard, read_guard, write_guard
from pipguard.guardable import default_mode, refuse_unguardable, refuse_unwritable
from pipguard.kept import KEPT, is_as_placed, keep, pip_conf_of_others, place, take_out
from pipguard.marker import find_python
from pipguard.placement import PIP_CONF, SENTINEL, Piece, Wish, is_executable, leftovers, pieces

__all__ = [
    "Fault",
    "FaultKind",
    "Guard",
    "Mode",
    "check",
    "disable",
    "enable",
    "read_guard",
    "refresh",
]


class FaultKind(Enum):
    """What can be wrong with the guard of an environment."""

    MISSING = "missing"  # a file that we placed is gone
    ALTERED = "altered"  # a file that we placed was changed
    MOVED = "moved"  # the environment is a copy of, or was moved from, the one that was guarded
    CLONED = "cloned"  # our files without guard.json: `conda create --clone` copied them
    PYTHON_CHANGED = "python-changed"  # a minor upgrade left marker and shims behind
    LAUNCHER_MISSING = "launcher-missing"  # shims have to find pipguard on PATH


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a guard; `path` is relative to the prefix, or the launcher."""

    kind: FaultKind
    path: str


def enable(prefix: Path, mode: Mode | None, launcher: Path) -> Guard:
    """Put the guard into an environment, or put it right; the same call twice changes nothing more.

    Args:
        prefix: root of a conda environment.
        mode: None keeps the mode it has, or takes the default for this kind of environment.
        launcher: the `pipguard` that shim and wrapper start.

    Raises:
        PrefixError: the environment is of a kind that is not guarded, or has no usable python.
        OSError: writing failed half-way; `enable` and `disable` can both be repeated.
    """
    prefix = _absolute(prefix)
    refuse_unguardable(prefix)
    python = find_python(prefix)
    refuse_unwritable(prefix, python)
    previous = _guard_if_readable(prefix)
    mode = mode or (previous.mode if previous else default_mode(prefix))
    wish = Wish(prefix, mode, _absolute(launcher), python)
    wanted = pieces(wish, pip_conf_of_others(prefix))
    guard = _guard_of(wish, wanted, previous)
    write_guard(prefix, guard)
    kept = tuple(piece.path for piece in wanted if keep(prefix, piece.path, previous))
    if kept != guard.kept:
        guard = replace(guard, kept=kept)
        write_guard(prefix, guard)
    for path in set(previous.files if previous else ()) - set(guard.files):
        take_out(prefix, path, previous)
    for piece in wanted:
        place(prefix, piece)
    return guard


def disable(prefix: Path) -> None:
    """Take the guard out of an environment, leaving every file as it was before.

    A `pip.conf` that was changed since only loses our key. What pipguard knows of past operations
    stays. An environment that is not guarded is left alone.

    Raises:
        PrefixError: this is no environment, or it cannot be written.
    """
    prefix = _absolute(prefix)
    if not (prefix / "conda-meta").is_dir():
        raise PrefixError("not-an-environment", prefix=str(prefix))
    guard = _guard_if_readable(prefix)
    ours = dict.fromkeys([*(guard.files if guard else ()), *leftovers(prefix)])
    if guard or ours:
        refuse_unwritable(prefix, guard.python if guard else None)
    for path in reversed(ours):
        take_out(prefix, path, guard)
    _sweep(prefix, {PurePosixPath(path).parent for path in ours})
    shutil.rmtree(prefix / KEPT, ignore_errors=True)
    forget_guard(prefix)
    _remove_if_empty(prefix, guard.made if guard else _folders(ours))


def check(prefix: Path) -> tuple[Fault, ...]:
    """Find what is missing or altered of an environment's guard; cheap enough for every command.

    Raises:
        PrefixError: guard.json cannot be read.
    """
    prefix = _absolute(prefix)
    guard = read_guard(prefix)
    if guard is None:
        cloned = (prefix / SENTINEL).exists()
        return (Fault(FaultKind.CLONED, SENTINEL),) if cloned else ()
    return (*_general_faults(prefix, guard), *_faults_of_files(prefix, guard))


def refresh(prefix: Path) -> Guard:
    """Place everything again as it was enabled, for example after an upgrade of python.

    Raises:
        PrefixError: the environment is not guarded, or see `enable`.
    """
    if (guard := read_guard(prefix)) is None:
        raise PrefixError("not-guarded", prefix=str(prefix))
    return enable(prefix, guard.mode, guard.launcher)


def _absolute(path: Path) -> Path:
    """Make a path absolute without following symbolic links: it is shown to people as they said."""
    return Path(os.path.abspath(path))  # noqa: PTH100 # Path.absolute keeps `..`


def _guard_if_readable(prefix: Path) -> Guard | None:
    try:
        return read_guard(prefix)
    except PrefixError:
        return None


def _guard_of(wish: Wish, wanted: tuple[Piece, ...], previous: Guard | None) -> Guard:
    paths = [piece.path for piece in wanted]
    made = {path for path in _folders(paths) if not (wish.prefix / path).exists()} | {FOLDER}
    return Guard(
        mode=wish.mode,
        launcher=wish.launcher,
        prefix=wish.prefix,
        python=wish.python,
        files={piece.path: piece.sha256 for piece in wanted},
        kept=previous.kept if previous else (),
        made=tuple(sorted(made.union(previous.made if previous else ()))),
        version=__version__,
    )


def _folders(paths: Iterable[str]) -> tuple[str, ...]:
    """List every folder above these paths, and our own, outermost first."""
    above = {str(parent) for path in paths for parent in PurePosixPath(path).parents}
    return tuple(sorted((above | {FOLDER}) - {"."}))


def _sweep(prefix: Path, folders: Iterable[PurePosixPath]) -> None:
    """Remove the temporary files of an `enable` that was killed."""
    for folder in {PurePosixPath(FOLDER), *folders}:
        for path in (prefix / folder).glob(f"{TEMPORARY}*"):
            path.unlink()


def _remove_if_empty(prefix: Path, folders: Iterable[str]) -> None:
    for folder in sorted(folders, reverse=True):
        with suppress(OSError):  # not empty, or not there
            (prefix / folder).rmdir()


def _general_faults(prefix: Path, guard: Guard) -> Iterator[Fault]:
    if not (guard.prefix.exists() and guard.prefix.samefile(prefix)):
        yield Fault(FaultKind.MOVED, str(guard.prefix))
    if not (prefix / f"bin/python{guard.python.minor}").exists():
        yield Fault(FaultKind.PYTHON_CHANGED, guard.python.stdlib)
    if not os.access(guard.launcher, os.X_OK):
        yield Fault(FaultKind.LAUNCHER_MISSING, str(guard.launcher))


def _faults_of_files(prefix: Path, guard: Guard) -> Iterator[Fault]:
    for path in guard.files:
        if not (prefix / path).is_file():
            yield Fault(FaultKind.MISSING, path)
        elif not _is_in_force(prefix, path, guard):
            yield Fault(FaultKind.ALTERED, path)


def _is_in_force(prefix: Path, path: str, guard: Guard) -> bool:
    if path == PIP_CONF:  # a person may change all of it but our key
        wrapper = str(guard.prefix / pip_conf.WRAPPER)
        return pip_conf.holds_our_key((prefix / path).read_bytes(), wrapper)
    runs = not is_executable(path) or os.access(prefix / path, os.X_OK)
    return runs and is_as_placed(prefix, path, guard)
