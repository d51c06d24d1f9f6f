"""Which installed packages a solve must hear of, and whether it has heard of enough.

An environment may hold a thousand packages, most of which have nothing to do with what is asked;
hearing of all of them, rattler looks up each in every channel. So a solve begins with what hangs
together with the question, and what was left out is asked about the answer: it stays as it is, and
says so where it would have objected. Start at `Neighbours`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import rattler

from pipguard.engine.exchange import our_record, spec_names
from pipguard.names import CondaName
from pipguard.records import InstalledRecord, Record


@dataclass(frozen=True)
class Neighbours:
    """The installed packages of a problem, and how they hang together.

    Attributes:
        installed: by name.
        handle: gives a record as rattler has it.
    """

    installed: Mapping[CondaName, InstalledRecord]
    handle: Callable[[Record], rattler.RepoDataRecord]

    def around(self, names: Collection[str]) -> frozenset[CondaName]:
        """Name what is installed of these, what asks for one of them, and all that those need."""
        asking = (name for name, needs in self._needs.items() if not needs.isdisjoint(names))
        return self.with_needs((*names, *asking))

    def with_needs(self, names: Iterable[str]) -> frozenset[CondaName]:
        """Name what is installed of these, and all that it needs."""
        found: set[CondaName] = set()
        pending = [*map(CondaName, names)]
        while pending:
            name = pending.pop()
            if name in self.installed and name not in found:
                found.add(name)
                pending.extend(map(CondaName, self._needs[name]))
        return frozenset(found)

    @cached_property
    def _needs(self) -> dict[CondaName, set[str]]:
        return {name: spec_names(item.record.depends) for name, item in self.installed.items()}

    def objecting(
        self, heard: Collection[CondaName], solved: Iterable[rattler.RepoDataRecord]
    ) -> frozenset[CondaName]:
        """Name what was left out and does not go with what a solve has found.

        What did not go together before either is nobody's fault now.
        """
        after = {CondaName(record.name.normalized): record for record in solved}
        moved = {name: it for name, it in after.items() if not self._stays(name, it)}
        left_out = self.installed.keys() - heard
        objecting = {name for name in left_out if name in moved or self._objects(name, moved)}
        refused = {name for it in moved.values() for name in self._refused(it, left_out)}
        return frozenset(objecting | refused)

    def _stays(self, name: CondaName, record: rattler.RepoDataRecord) -> bool:
        return name in self.installed and our_record(record).key == self.installed[name].record.key

    def _objects(self, name: CondaName, moved: Mapping[CondaName, rattler.RepoDataRecord]) -> bool:
        """Whether something moves to where a package's conditions on it hold no longer."""
        item = self.installed[name]
        needs = () if self._needs[name].isdisjoint(moved) else item.record.depends
        for spec in (*needs, *(item.data.get("constrains") or ())):
            other = _name(spec)
            if other in moved and not rattler.MatchSpec(spec).matches(moved[other]):
                was = self.installed.get(other)
                if was is None or rattler.MatchSpec(spec).matches(self.handle(was.record)):
                    return True
        return False

    def _refused(
        self, record: rattler.RepoDataRecord, left_out: Collection[CondaName]
    ) -> Iterator[CondaName]:
        """Yield what, of that which was left out, is not as a record wants it if it is there."""
        for spec in record.constrains:
            name = _name(spec)
            if name in left_out:
                installed = self.handle(self.installed[name].record)
                if not rattler.MatchSpec(spec).matches(installed):
                    yield name


def _name(spec: str) -> CondaName:
    (name,) = spec_names((spec,))
    return CondaName(name)
