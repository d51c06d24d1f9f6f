"""Paths that several packages have: which of them linking and unlinking change besides their own.

When the first owner of a path goes, the next one's copy (`hidden.py`) appears, and its record says
so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipguard.changes.hidden import HIDDEN, copies_of, has_hidden
from pipguard.changes.journal import Touched
from pipguard.changes.states import Expected, Kind
from pipguard.names import CondaName
from pipguard.records import InstalledRecord, Record
from pipguard.seams import Layout

_OURS = Expected(Kind.OURS)


@dataclass(frozen=True, slots=True)
class Copies:
    """A path that several packages have, with the hash of each one's copy; "" where it has none."""

    path: str
    hashes: Mapping[CondaName, str]

    @property
    def differ(self) -> bool:
        """Whether it matters which of them is seen."""
        return len(set(self.hashes.values())) > 1


def shared_paths(
    stay: Sequence[InstalledRecord],
    going: Sequence[InstalledRecord],
    coming: Mapping[CondaName, Layout],
) -> tuple[Copies, ...]:
    """Find the paths of what comes or goes that another package has as well.

    Args:
        stay: records that are left as they are.
        going: records that are unlinked.
        coming: the layouts of what is linked.
    """
    found: dict[str, dict[CondaName, str]] = {}
    for item in going:
        for path, sha256 in copies_of(item):
            found.setdefault(path, {})[item.record.name] = sha256
    for name, layout in coming.items():
        for path, expected in layout.paths.items():
            found.setdefault(path, {})[name] = expected.sha256
    for item in stay:
        # Most have none of these paths, and nothing hidden; there may be a thousand.
        if found.keys().isdisjoint(item.files) and not has_hidden(item):
            continue
        for path, sha256 in copies_of(item):
            if path in found:
                found[path][item.record.name] = sha256
    return tuple(Copies(path, names) for path, names in found.items() if len(names) > 1)


def touched_besides(
    shared: tuple[Copies, ...], stay: Sequence[InstalledRecord]
) -> Iterator[Touched]:
    """Yield every path that the engine may change because of copies, records included."""
    concerned = {name for copies in shared for name in copies.hashes}
    for copies in shared:
        yield Touched(copies.path, _OURS)
        for name in copies.hashes:
            yield Touched(f"{HIDDEN}{name}/{copies.path}", _OURS)
    for item in stay:
        if item.record.name in concerned:
            yield Touched(record_path(item.record), record_of(item.record))


def record_path(record: Record) -> str:
    """Name the file of a record, relative to the prefix."""
    return f"conda-meta/{record.dist_name}.json"


def record_of(record: Record) -> Expected:
    """Expect the record of a package."""
    return Expected(Kind.RECORD, detail=record.dist_name)
