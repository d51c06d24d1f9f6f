"""Does the solved set really hold the dists it was solved for?

Every name table only proposes; a conda package is accepted when some record of the solved set
really ships the dist. Pure: what lies outside is asked through seams. Start at
`Witness.strangers`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pipguard.names import CondaName, PyPIName
from pipguard.records import InstalledRecord, Origin, Record, Solution, shipped
from pipguard.routes import Route, ToConda, conda_name
from pipguard.seams import CondaEngine

_Key = tuple[str, str, str, str]


@dataclass
class Witness:
    """Looks into the packages of one solution.

    With `fetch`, everything that would be linked is fetched first and looked into, so nothing
    unverified is ever linked; without, as for a dry run, only what a route rests on is opened.
    """

    solution: Solution
    installed: tuple[InstalledRecord, ...]
    engine: CondaEngine
    fetch: bool
    _seen: dict[_Key, frozenset[PyPIName]] = field(default_factory=dict, init=False)

    def strangers(self, routes: Iterable[Route]) -> dict[tuple[PyPIName, CondaName], bool]:
        """Find conda packages taken for a dist that no package of the solution ships.

        Returns:
            false by name of the dist and of the package, in the shape of `Knowledge.verified`.

        Raises:
            EngineError: a package cannot be had, or is not what its record says.
        """
        self._seen = {item.record.key: shipped(item.files) for item in self.installed}
        if self.fetch:
            self._seen.update(self.engine.fetch(self._new()))
        records = self.solution.by_name()
        return {
            (route.candidate.name, conda_name(route)): False
            for route in routes
            if isinstance(route, ToConda)
            and conda_name(route) in records
            and not self._is_shipped(route.candidate.name, records[conda_name(route)])
        }

    def _new(self) -> list[Record]:
        return [
            record
            for record in self.solution.records
            if record.key not in self._seen and record.origin is Origin.CONDA
        ]

    def _is_shipped(self, name: PyPIName, record: Record) -> bool:
        """Whether the package ships the dist, or as a metapackage brings one that does."""
        return any(name in self._ships(each) for each in (record, *self._brought_by(record)))

    def _brought_by(self, record: Record) -> Iterator[Record]:
        records = self.solution.by_name()
        for depend in record.depends:
            needed = records.get(CondaName(depend.split(" ", 1)[0]))
            if needed is not None and needed.name != "python":
                yield needed

    def _ships(self, record: Record) -> frozenset[PyPIName]:
        if record.key not in self._seen:
            converted = record.origin is not Origin.CONDA
            self._seen[record.key] = frozenset() if converted else self.engine.ships(record)
        return self._seen[record.key]
