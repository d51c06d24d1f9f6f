"""What can be wrong with the guard of an environment, found without changing anything.

Start at `check`. It reads every file that was placed; `pressing` only looks at what an upgrade
changes, cheaply enough for every command.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from packaging.version import InvalidVersion, Version

from pipguard import __version__, pip_conf
from pipguard.guard_record import Guard, Phase, read_guard
from pipguard.kept import is_as_placed
from pipguard.placement import SENTINEL, is_executable


class FaultKind(Enum):
    """What can be wrong with the guard of an environment."""

    MISSING = "missing"  # a file that we placed is gone
    ALTERED = "altered"  # a file that we placed was changed
    MOVED = "moved"  # the environment is a copy of, or was moved from, the one that was guarded
    CLONED = "cloned"  # our files without guard.json: `conda create --clone` copied them
    PYTHON_CHANGED = "python-changed"  # a minor upgrade left marker and shims behind
    HALF_PLACED = "half-placed"  # `enable` was cut off
    HALF_WITHDRAWN = "half-withdrawn"  # `disable` was
    OLDER = "older"  # another pipguard placed it, before this one
    NEWER = "newer"
    LAUNCHER_MISSING = "launcher-missing"  # shims have to find pipguard on PATH


_HALF_DONE = {
    Phase.PLACING: FaultKind.HALF_PLACED,
    Phase.WITHDRAWING: FaultKind.HALF_WITHDRAWN,
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a guard.

    `path` is relative to the prefix, or the launcher; of OLDER and NEWER it is the version.
    """

    kind: FaultKind
    path: str


def check(prefix: Path) -> tuple[Fault, ...]:
    """Find what is missing, altered or out of date of an environment's guard.

    Raises:
        PrefixError: guard.json cannot be read.
    """
    guard = read_guard(prefix)
    if guard is None:
        cloned = (prefix / SENTINEL).exists()
        return (Fault(FaultKind.CLONED, SENTINEL),) if cloned else ()
    return (*_general_faults(prefix, guard), *_faults_of_files(prefix, guard))


def pressing(prefix: Path, guard: Guard) -> Fault | None:
    """Find what a kill, an upgrade of python, or one or a move of pipguard has left.

    A few looks at the disk.

    Where the environment is a copy, nothing presses: only a person may decide to guard it.
    """
    found = (*_cut_off(guard), *_upgrades(prefix, guard))
    if launcher_is_gone(guard):
        found = (*found, Fault(FaultKind.LAUNCHER_MISSING, str(guard.launcher)))
    if not found or _is_elsewhere(prefix, guard):
        return None
    return next((fault for fault in found if fault.kind is not FaultKind.NEWER), None)


def _is_elsewhere(prefix: Path, guard: Guard) -> bool:
    return not (guard.prefix.exists() and guard.prefix.samefile(prefix))


def _general_faults(prefix: Path, guard: Guard) -> Iterator[Fault]:
    if _is_elsewhere(prefix, guard):
        yield Fault(FaultKind.MOVED, str(guard.prefix))
    yield from _cut_off(guard)
    yield from _upgrades(prefix, guard)
    if not os.access(guard.launcher, os.X_OK):
        yield Fault(FaultKind.LAUNCHER_MISSING, str(guard.launcher))


def launcher_is_gone(guard: Guard) -> bool:
    """Tell whether the `pipguard` that shims start is gone, not just closed to us."""
    try:
        guard.launcher.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def _cut_off(guard: Guard) -> Iterator[Fault]:
    if kind := _HALF_DONE.get(guard.phase):
        yield Fault(kind, str(guard.prefix))


def _upgrades(prefix: Path, guard: Guard) -> Iterator[Fault]:
    if (prefix / "bin/python").exists():
        left = (f"bin/python{guard.python.minor}", f"{guard.python.stdlib}/os.py")
        if not all((prefix / path).exists() for path in left):
            yield Fault(FaultKind.PYTHON_CHANGED, guard.python.stdlib)
    if guard.version != __version__:
        kind = FaultKind.NEWER if _is_newer(guard.version) else FaultKind.OLDER
        yield Fault(kind, guard.version)


def _is_newer(version: str) -> bool:
    try:
        return Version(version) > Version(__version__)
    except InvalidVersion:
        return False


def _faults_of_files(prefix: Path, guard: Guard) -> Iterator[Fault]:
    for path in guard.files:
        if not (prefix / path).is_file():
            yield Fault(FaultKind.MISSING, path)
        elif not _is_in_force(prefix, path, guard):
            yield Fault(FaultKind.ALTERED, path)


def _is_in_force(prefix: Path, path: str, guard: Guard) -> bool:
    if path in pip_conf.NAMES:  # a person may change all of it but our key
        suffix = ".exe" if guard.python.on_windows else ""
        wrapper = f"{guard.prefix / pip_conf.WRAPPER}{suffix}"
        return pip_conf.holds_our_key((prefix / path).read_bytes(), wrapper)
    runs = not is_executable(path) or os.access(prefix / path, os.X_OK)
    return runs and is_as_placed(prefix, path, guard)
