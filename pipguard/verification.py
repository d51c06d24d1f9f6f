"""Does the solved set really hold the dists it was solved for?

Every name table only proposes; a conda package is accepted when some record of the solved set
really ships the dist. Pure: what lies outside is asked through seams. Start at `Witness.testify`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from packaging.version import Version

from pipguard.knowledge import pep440
from pipguard.names import CondaName, PyPIName
from pipguard.records import Record, RecordKey, Shipped, Solution
from pipguard.routes import Route, ToConda, conda_name
from pipguard.seams import CondaEngine


@dataclass(frozen=True, slots=True)
class Testimony:
    """What was seen inside the packages of one solution.

    Attributes:
        verified: by name of the dist and of the package, in the shape of `Knowledge.verified`.
        versions: of the dists in conda packages, in the shape of `Knowledge.versions`.
        contents: the dists of every package that was opened or is installed.
    """

    verified: Mapping[tuple[PyPIName, CondaName], bool]
    versions: Mapping[tuple[PyPIName, RecordKey], Version]
    contents: Mapping[RecordKey, tuple[Shipped, ...]]

    @property
    def strangers(self) -> bool:
        """Whether a package was taken for a dist that no package of the solution ships."""
        return not all(self.verified.values())


@dataclass
class Witness:
    """Looks into the packages of one solution.

    With `fetch`, everything that would be linked is fetched first and looked into, so nothing
    unverified is ever linked; without, as for a dry run, only what a route rests on is opened.
    """

    solution: Solution
    installed: Mapping[RecordKey, tuple[tuple[PyPIName, str], ...]]
    engine: CondaEngine
    fetch: bool
    _seen: dict[RecordKey, tuple[Shipped, ...]] = field(default_factory=dict, init=False)

    def testify(self, routes: Iterable[Route]) -> Testimony:
        """Tell for each conda route whether its dist is there, and in which version.

        Raises:
            EngineError: a package cannot be had, or is not what its record says.
        """
        self._seen = {key: _inside(dists) for key, dists in self.installed.items()}
        if self.fetch:
            self._seen.update(self.engine.fetch(self._new()))
        records = self.solution.by_name()
        verified, found = {}, {}
        for route in routes:
            record = records.get(conda_name(route))
            if not isinstance(route, ToConda) or record is None:
                continue
            dist = self._find(route.candidate.name, record)
            verified[(route.candidate.name, record.name)] = dist is not None
            if dist is not None and dist.version:
                found[(dist.name, record.key)] = pep440(dist.version)
        return Testimony(verified, found, self._seen)

    def _new(self) -> list[Record]:
        return [
            record
            for record in self.solution.records
            if record.key not in self._seen and record.is_offered
        ]

    def _find(self, name: PyPIName, record: Record) -> Shipped | None:
        """Find the dist in the package, or in what it brings as a metapackage."""
        packages = (record, *self._brought_by(record))
        dists = (dist for package in packages for dist in self._ships(package))
        return next((dist for dist in dists if dist.name == name), None)

    def _brought_by(self, record: Record) -> Iterator[Record]:
        records = self.solution.by_name()
        for depend in record.depends:
            needed = records.get(CondaName(depend.split(" ", 1)[0]))
            if needed is not None and needed.name != "python":
                yield needed

    def _ships(self, record: Record) -> tuple[Shipped, ...]:
        if record.key not in self._seen:
            self._seen[record.key] = self.engine.ships(record) if record.is_offered else ()
        return self._seen[record.key]


def _inside(dists: Iterable[tuple[PyPIName, str]]) -> tuple[Shipped, ...]:
    return tuple(Shipped(name, version or None) for name, version in dists)
