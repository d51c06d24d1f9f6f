"""True pip's part of an operation, laid out in a folder of ours before anything is touched.

pip installs an editable or VCS item with `--prefix` into a folder laid out as the environment is:
scripts name the right python, RECORD has relative paths. What can fail fails there; putting the
files into place is ours then, under the journal, and every path is known beforehand.
"""

from __future__ import annotations

import csv
import os
import posixpath
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipguard.changes.files import Files, sha256_of
from pipguard.changes.journal import Touched
from pipguard.changes.states import GONE, Expected, Kind
from pipguard.errors import TransactionError
from pipguard.names import PyPIName
from pipguard.plan import Candidate
from pipguard.prefix import Prefix
from pipguard.records import Dist, InstalledRecord, Origin, owners, owns
from pipguard.seams import TruePip


@dataclass(frozen=True, slots=True)
class Staged:
    """What true pip has laid out.

    Attributes:
        folder: where.
        paths: of every file, relative to it and to the environment alike.
    """

    folder: Path
    paths: tuple[str, ...] = ()

    def touched(self) -> Iterator[Touched]:
        """Say what putting it into place will leave."""
        for path in self.paths:
            bytecode = path.endswith(".pyc")
            sha256 = "" if bytecode else sha256_of(self.folder / path)
            yield Touched(path, Expected(Kind.BYTECODE if bytecode else Kind.FILE, sha256))


def stage(candidates: Sequence[Candidate], folder: Path, pip: TruePip) -> Staged:
    """Let true pip install candidates into a folder, one after the other.

    Raises:
        PlanError: pip failed, and has said why; the environment is as it was.
    """
    for candidate in candidates:
        pip.install(candidate, folder)
    found = (path for path in sorted(folder.rglob("*")) if path.is_symlink() or path.is_file())
    return Staged(folder, tuple(path.relative_to(folder).as_posix() for path in found))


def place(staged: Staged, prefix: Path, files: Files) -> None:
    """Put what was laid out into the environment."""
    for path in staged.paths:
        files.put(staged.folder / path, prefix / path, shared=True)


@dataclass(frozen=True, slots=True)
class Leaving:
    """Dists of pip's that go.

    Attributes:
        paths: their files, as RECORD lists them, relative to the environment.
        by_pip: those without a RECORD, which only pip knows how to remove.
        touched: what pip is expected to remove of those.
    """

    paths: tuple[str, ...] = ()
    by_pip: tuple[PyPIName, ...] = ()
    touched: tuple[str, ...] = ()


def leaving(
    names: Collection[PyPIName], prefix: Prefix, records: Sequence[InstalledRecord]
) -> Leaving:
    """Find the files of dists that pip has installed, leaving alone what conda-meta owns."""
    if not names:
        return Leaving()
    others = [item for item in records if item.record.origin is not Origin.PIP]
    owned = owners(others)
    dists = [
        dist
        for dist in prefix.dists()
        if dist.name in names and not owns(owned.get(dist.name), dist)
    ]
    listed = [dist for dist in dists if (prefix.path / dist.info / "RECORD").is_file()]
    unlisted = [dist for dist in dists if dist not in listed]
    paths = dict.fromkeys(path for dist in listed for path in recorded(prefix.path, dist))
    theirs = {*paths}.difference(*(item.files for item in others))
    return Leaving(
        paths=tuple(path for path in paths if path in theirs),
        by_pip=tuple(dict.fromkeys(dist.name for dist in unlisted)),
        touched=tuple(path for dist in unlisted for path in _unrecorded(prefix.path, dist)),
    )


def recorded(prefix: Path, dist: Dist) -> Iterator[str]:
    """Yield the files of a dist that lie in the environment, as its RECORD has them (PEP 376).

    Raises:
        TransactionError: it has none that can be read.
    """
    root = posixpath.dirname(dist.info)
    try:
        with (prefix / dist.info / "RECORD").open(encoding="utf-8", newline="") as file:
            names = [row[0] for row in csv.reader(file) if row]
    except (OSError, UnicodeError, csv.Error) as error:
        raise TransactionError(
            "pip-left-no-record", restored=True, path=dist.info, error=error
        ) from error
    for name in names:
        inside = inside_of(prefix, root, name)
        if inside is not None and (prefix / inside).is_file():
            yield inside


def inside_of(prefix: Path, root: str, name: str) -> str | None:
    """Turn a path of a RECORD into one relative to the prefix; None for what lies outside.

    poetry writes the paths of its project as absolute ones, by whatever name it knew the prefix.

    Args:
        prefix: the environment.
        root: what relative paths start from, itself relative to the prefix.
        name: the path.
    """
    if not posixpath.isabs(name):
        joined = posixpath.normpath(posixpath.join(root, name))
        return None if joined == ".." or joined.startswith("../") else joined
    folder, _, base = posixpath.normpath(name).rpartition("/")
    pairs = ((folder, str(prefix)), (os.path.realpath(folder), os.path.realpath(prefix)))
    for place, here in pairs:
        if f"{place}/".startswith(f"{here}/"):
            return f"{place}/{base}".removeprefix(f"{here}/")
    return None


def _unrecorded(prefix: Path, dist: Dist) -> Iterator[str]:
    """Guess what pip removes of a dist without a RECORD: old egg-infos and their links."""
    site_packages = posixpath.dirname(dist.info)
    info = prefix / dist.info
    yield from _files_below(prefix, info)
    for name in _top_level(info):
        yield from _files_below(prefix, prefix / site_packages / name)
        yield from _files_below(prefix, prefix / site_packages / f"{name}.py")
    yield f"{site_packages}/easy-install.pth"
    yield f"{site_packages}/{dist.name}.egg-link"


def _top_level(info: Path) -> list[str]:
    try:
        return (info / "top_level.txt").read_text(encoding="utf-8").split()
    except OSError:
        return []


def _files_below(prefix: Path, path: Path) -> Iterator[str]:
    if path.is_file():
        yield path.relative_to(prefix).as_posix()
    elif path.is_dir():
        for inside in sorted(path.rglob("*")):
            if inside.is_file():
                yield inside.relative_to(prefix).as_posix()


def gone(paths: Iterable[str]) -> Iterator[Touched]:
    """Say that nothing will be left of these."""
    for path in paths:
        yield Touched(path, GONE)
