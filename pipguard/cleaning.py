"""What can go from caches and the local channel, and making it go.

`look` makes the list, touching nothing; `remove` works it off. What was made or taken within a day
stays in any case: an install that runs just now may count on it.
"""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from filelock import FileLock

from pipguard.kept_bytecode import FOLDER as BYTECODE
from pipguard.references import References
from pipguard.wheels.channel import LocalChannel

_DAY = 24 * 3600
_INDEX_AGE = 30 * _DAY
_STEM = 3  # name, version, build
_GOING = "going-"


class Kind(str, Enum):
    """What it is that can go."""

    CONVERTED = "converted"
    """A converted package that no environment refers to."""
    CACHED = "cached"
    """An extracted package in the cache that no environment refers to."""
    BYTECODE = "bytecode"
    """Compiled files of a package that no environment refers to, kept for the next one."""
    INDEX = "index"
    """The index of a channel, not read anew for a month."""
    LEFTOVER = "leftover"
    """What a killed process has left behind."""


@dataclass(frozen=True, slots=True)
class Item:
    """One file or folder that can go; `size` is what that frees, in bytes."""

    kind: Kind
    path: Path
    size: int


@dataclass(frozen=True, slots=True)
class Places:
    """Where to look.

    Attributes:
        channel: the local channel.
        cache: the cache folder.
        clock: the time in seconds since the epoch.
    """

    channel: LocalChannel
    cache: Path
    clock: Callable[[], float] = field(default=time.time)

    @property
    def packages(self) -> Path:
        """The extracted packages, which are rattler's."""
        return self.cache / "pkgs"

    @property
    def staging(self) -> Path:
        """What is in the making, and what is about to be deleted."""
        return self.cache / "staging"


def look(places: Places, references: References) -> tuple[Item, ...]:
    """List what can go without breaking an undo of any environment."""
    now = places.clock()
    day, month = now - _DAY, now - _INDEX_AGE
    found = (
        *_of_kind(Kind.CONVERTED, _converted(places.channel, references), day),
        *_of_kind(Kind.CACHED, _cached(places.packages, references), day),
        *_of_kind(Kind.BYTECODE, _bytecode(places.cache / BYTECODE, references), day),
        *_of_kind(Kind.INDEX, _entries(places.cache / "repodata"), month),
        *_of_kind(Kind.LEFTOVER, _leftovers(places), day),
    )
    return tuple(sorted(found, key=lambda item: (item.kind.value, item.path)))


def remove(items: Iterable[Item], places: Places) -> None:
    """Remove them; indexes first, so that they never name what has gone.

    Raises:
        OSError: a file cannot be removed.
    """
    listed = list(items)
    converted = [item.path for item in listed if item.kind is Kind.CONVERTED]
    places.channel.remove(converted, places.clock() - _DAY)
    cached = [item.path for item in listed if item.kind is Kind.CACHED]
    if cached:
        with FileLock(places.packages / ".cache.lock"):  # rattler's, held while it links
            _set_aside(cached, places.staging)
    going = (path for path in _entries(places.staging) if path.name.startswith(_GOING))
    whole = (Kind.BYTECODE, Kind.INDEX, Kind.LEFTOVER)
    others = (item.path for item in listed if item.kind in whole)
    for path in (*others, *going):
        _delete(path)


def _set_aside(paths: Iterable[Path], staging: Path) -> None:
    """Take packages away whole, for rattler would trust one that is half deleted."""
    staging.mkdir(parents=True, exist_ok=True)
    for path in paths:
        if path.is_dir():
            path.rename(staging / f"{_GOING}{secrets.token_hex(8)}")
        else:
            path.unlink(missing_ok=True)


def _delete(path: Path) -> None:
    with suppress(FileNotFoundError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _of_kind(kind: Kind, paths: Iterable[Path], before: float) -> Iterator[Item]:
    for path in paths:
        with suppress(FileNotFoundError):  # somebody else cleans, too
            if path.lstat().st_mtime < before:
                yield Item(kind, path, _size(path))


def _converted(channel: LocalChannel, references: References) -> Iterator[Path]:
    for package in channel.packages():
        index = package.index
        if not references.hold(index.name, index.version, index.build) and package.path.exists():
            yield package.path


def _cached(folder: Path, references: References) -> Iterator[Path]:
    """Yield extracted packages, and beside each the file by which rattler knows it."""
    for path in _entries(folder):
        parts = path.name.rsplit("-", _STEM - 1)
        known = path.is_dir() and len(parts) == _STEM
        if known and not references.hold(*parts):
            yield path
            lock = path.with_name(f"{path.name}.lock")
            if lock.exists():
                yield lock


def _bytecode(folder: Path, references: References) -> Iterator[Path]:
    """Yield what is kept of packages, of every python."""
    for path in (package for python in _entries(folder) for package in _entries(python)):
        parts = path.name.rsplit("-", _STEM - 1)
        if len(parts) == _STEM and not references.hold(*parts):
            yield path


def _leftovers(places: Places) -> Iterator[Path]:
    yield from places.channel.leftovers()
    yield from _entries(places.staging)
    yield from (path for path in _entries(places.cache) if path.name.startswith("wheels-"))


def _entries(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _size(path: Path) -> int:
    """Count what removing frees: of files that have other names as well, nothing."""
    if path.is_symlink() or not path.is_dir():
        return _freed(path)
    files = (Path(folder, name) for folder, _, names in os.walk(path) for name in names)
    return sum(map(_freed, files))


def _freed(path: Path) -> int:
    state = path.lstat()
    return state.st_size if state.st_nlink == 1 else 0
