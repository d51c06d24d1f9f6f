"""Paths of which several packages bring different files: one of them is seen.

Pure. The engine keeps the others' copies below `__clobbers__/`, conda lets the last one win. That
is not wrong by itself, two `tests/__init__.py` harm nobody; but who imports one should know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pipguard.changes.hidden import copies_of, visible
from pipguard.doctor.findings import Finding, Kind
from pipguard.names import CondaName
from pipguard.records import InstalledRecord


def overlaps(records: Sequence[InstalledRecord]) -> Iterator[Finding]:
    """Find such paths; a finding for each set of packages, under the name of the first."""
    found: dict[tuple[CondaName, ...], list[str]] = {}
    for path, names in sorted(_claims(records).items()):
        found.setdefault(names, []).append(path)
    for (first, *others), paths in sorted(found.items()):
        facts = tuple(("others", other) for other in others)
        yield Finding(Kind.SHARED, first, tuple(paths), (), facts)


def _claims(records: Sequence[InstalledRecord]) -> Mapping[str, tuple[CondaName, ...]]:
    """Map paths to the packages that bring different files for them, bytecode left out."""
    owners: dict[str, int] = {}
    several: dict[str, set[int]] = {}
    for number, item in enumerate(records):
        for each in item.files:
            path = visible(each)
            other = owners.setdefault(path, number)
            if other != number and not path.endswith(".pyc"):
                several.setdefault(path, {other}).add(number)
    hashes = {it: dict(copies_of(records[it])) for it in set().union(*several.values())}
    return {
        path: tuple(records[it].record.name for it in sorted(numbers))
        for path, numbers in several.items()
        if len({hashes[it].get(path) for it in numbers}) > 1
    }
