"""What is in the prefix when an operation starts, as the solver must hear of it.

Pure: the prefix is read through a seam. Start at `look_at`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import starmap

from pipguard.names import PyPIName
from pipguard.plan import Plan
from pipguard.records import (
    Dist,
    InstalledRecord,
    RecordKey,
    elsewhere,
    metadata_file,
    owners,
    shipped,
    untracked,
)
from pipguard.seams import Environment


@dataclass(frozen=True)
class Present:
    """Everything that is installed.

    `records` are those of conda-meta, `drift` stands for dists that conda-meta does not know,
    `elsewhere` for dists outside the prefix that pip counts as installed (`Plan.elsewhere`);
    `dists` are all dists of the prefix.
    """

    records: tuple[InstalledRecord, ...]
    drift: tuple[InstalledRecord, ...] = ()
    elsewhere: tuple[InstalledRecord, ...] = ()
    dists: tuple[Dist, ...] = ()

    @property
    def inside(self) -> tuple[InstalledRecord, ...]:
        """Everything in the prefix."""
        return self.records + self.drift

    @property
    def all(self) -> tuple[InstalledRecord, ...]:
        """Everything the solver must hear of."""
        return self.inside + self.elsewhere

    @cached_property
    def owners(self) -> Mapping[PyPIName, InstalledRecord]:
        """What accounts for each dist, stand-ins included."""
        return {name: item for item in self.all for name, _ in self.contents[item.record.key]}

    @cached_property
    def contents(self) -> Mapping[RecordKey, tuple[tuple[PyPIName, str], ...]]:
        """The dists in each record with the versions of their metadata folders; read once."""
        return {item.record.key: item.dists for item in self.all}


def look_at(environment: Environment, plan: Plan | None = None) -> Present:
    """Read the prefix: its records, and a stand-in for each dist that none of them owns.

    Of a name that is also outside, where pip saw it while it planned, that of the prefix counts.
    """
    records, dists = environment.records(), environment.dists()
    owned = owners(records).keys()
    # Nearly all are, and there may be a thousand.
    strays = (dist for dist in dists if owned.isdisjoint(shipped((metadata_file(dist),))))
    present = Present(records, _new(map(untracked, strays), records), dists=dists)
    outside = plan.elsewhere.items() if plan else ()
    return replace(present, elsewhere=_new(starmap(elsewhere, outside), present.inside))


def _new(
    found: Iterable[InstalledRecord], known: tuple[InstalledRecord, ...]
) -> tuple[InstalledRecord, ...]:
    """Leave out what is known already, be it as a dist or as a conda package."""
    owned, taken = owners(known).keys(), {item.record.name for item in known}
    return tuple(
        item
        for item in found
        if item.record.name not in taken and owned.isdisjoint(shipped(item.files))
    )
