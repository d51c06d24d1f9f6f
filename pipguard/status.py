"""The truth about an environment: is it guarded, and where does each dist come from?

Reads the prefix and says; `Status` is also the shape of `pipguard status --json`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Thread
from typing import Any

from pipguard.changes.files import Files
from pipguard.changes.journal import JournalFolder
from pipguard.conda_history import canonical_channel
from pipguard.errors import PrefixError
from pipguard.guard_record import read_guard
from pipguard.names import PyPIName
from pipguard.overrides import Setting, find
from pipguard.prefix import Prefix
from pipguard.records import Dist, InstalledRecord, Origin, metadata_folders, owners, owns


@dataclass(frozen=True, slots=True)
class DistStatus:
    """One dist with its origin; field names are those of the JSON."""

    name: str
    version: str
    origin: str
    conda_name: str | None
    channel: str | None
    editable: bool
    source: str | None


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept for `undo`: how many operations, and how many bytes that may be at most.

    Bytes shared with the environment or a cache are counted as well.
    """

    operations: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Status:
    """One environment.

    `overrides` names everything that weakens or voids the guard, in the words of `overrides.py`.
    """

    prefix: str
    guarded: bool
    mode: str | None
    overrides: tuple[str, ...]
    undo: Kept
    dists: tuple[DistStatus, ...]

    def counts(self) -> dict[str, int]:
        """Count the dists by origin, in a fixed order, those that occur."""
        found = Counter(dist.origin for dist in self.dists)
        return {origin.value: found[origin.value] for origin in Origin if found[origin.value]}

    def to_json(self) -> dict[str, Any]:
        """Make the document of `status --json`."""
        return asdict(self)


def look(prefix: Prefix, environ: Mapping[str, str]) -> Status:
    """Read an environment.

    Raises:
        PrefixError: it is none, or cannot be read.
    """
    records, dists = _read(prefix)
    guard = read_guard(prefix.path)
    owned = owners(records)
    pip = next((dist.version for dist in dists if dist.name == "pip"), None)
    found = find(Setting(prefix.path, guard, pip, environ, Path.home()))
    known = sorted((*dists, *_gone(prefix, dists, owned)), key=lambda dist: dist.name)
    return Status(
        prefix=str(prefix.path),
        guarded=guard is not None,
        mode=guard.mode.value if guard else None,
        overrides=tuple(map(str, found)),
        undo=_kept(prefix),
        dists=tuple(_dist_status(dist, owned.get(dist.name)) for dist in known),
    )


def _read(prefix: Prefix) -> tuple[tuple[InstalledRecord, ...], tuple[Dist, ...]]:
    """Read records, and meanwhile ask the environment's python what it is; then its dists."""

    def ask() -> None:
        with suppress(PrefixError):  # the dists will say so
            prefix.target  # noqa: B018 # it is kept

    asking = Thread(target=ask)
    asking.start()
    try:
        records = prefix.records()
    finally:
        asking.join()
    return records, prefix.dists()


def _kept(prefix: Prefix) -> Kept:
    journal = JournalFolder(prefix.path, Files())
    done = journal.done()
    return Kept(len(done), sum(journal.most_bytes(name) or 0 for name in done))


def _gone(
    prefix: Prefix, dists: Iterable[Dist], owned: Mapping[PyPIName, InstalledRecord]
) -> Iterator[Dist]:
    """Name the dists that real pip has removed while conda-meta has them still."""
    for name in owned.keys() - {dist.name for dist in dists}:
        folders = [it for it in metadata_folders(owned[name].files) if it[0] == name]
        if not any((prefix.path / info).exists() for _, _, info in folders):
            yield Dist(name, folders[0][1], info="")


def _dist_status(dist: Dist, owner: InstalledRecord | None) -> DistStatus:
    record = owner.record if owner else None
    return DistStatus(
        name=dist.name,
        version=dist.version,
        origin=_origin(dist, owner).value,
        conda_name=record.name if record else None,
        channel=canonical_channel(record.channel) if record else None,
        editable=dist.editable,
        source=dist.source,
    )


def _origin(dist: Dist, owner: InstalledRecord | None) -> Origin:
    if owner is None:
        return Origin.UNTRACKED
    # pip has replaced or removed files of conda's package: the metadata folder is another one.
    return owner.record.origin if owns(owner, dist) else Origin.DAMAGED
