"""An `Evidence` with the questions that every rule asks of it: who owns, who ships, what is here.

Pure.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from pipguard.doctor.evidence import Damage, Evidence, Info
from pipguard.doctor.requirements import required
from pipguard.names import CondaName, PyPIName
from pipguard.records import InstalledRecord, owners, shipped

_PACKAGES = "-packages/"


@dataclass(frozen=True)
class Case:
    """One environment under examination.

    `strangers` are conda names that are known to be something else than the PyPI project so named.
    """

    evidence: Evidence
    strangers: Container[str] = frozenset()

    @cached_property
    def records(self) -> dict[CondaName, InstalledRecord]:
        """The records by name."""
        return {item.record.name: item for item in self.evidence.records}

    @cached_property
    def owner(self) -> dict[str, CondaName]:
        """By path, the record that has it."""
        return {path: item.record.name for item in self.evidence.records for path in item.files}

    @cached_property
    def shippers(self) -> dict[PyPIName, InstalledRecord]:
        """By dist, the record that says it ships it."""
        return owners(self.evidence.records)

    @cached_property
    def here(self) -> dict[PyPIName, list[Info]]:
        """By dist, its metadata folders in the present site-packages, what pip put aside left out.

        Folders whose metadata cannot be read are no dists.
        """
        found: dict[PyPIName, list[Info]] = {}
        for info in self.evidence.infos:
            if info.name and info.site == self.evidence.site and not info.stashed:
                found.setdefault(info.name, []).append(info)
        return found

    @cached_property
    def required(self) -> frozenset[PyPIName]:
        """What some dist that is here requires; nothing where the python does not start."""
        target = self.evidence.target
        infos = (info for infos in self.here.values() for info in infos)
        dists = [info.metadata for info in infos if info.metadata]
        return required(dists, target.markers) if target else frozenset()

    def damage(self, item: InstalledRecord) -> Damage:
        """What of a record's files does not hold."""
        return self.evidence.damages.get(item.record.name, Damage())

    def is_alone(self, item: InstalledRecord) -> bool:
        """Say whether a record ships one dist, so that another record can stand for all of it."""
        return len(shipped(item.files)) == 1

    def remains(self, item: InstalledRecord) -> tuple[str, ...]:
        """Name the files of a record that are there, be they altered or not."""
        missing = set(self.damage(item).missing)
        return tuple(path for path in item.files if path not in missing)

    def conda_name(self, name: PyPIName) -> CondaName:
        """Choose the conda name of a dist that no record ships.

        Its own, unless that belongs to something else, here or in the channels.
        """
        plain = CondaName(name)
        taken = plain in self.records or plain in self.strangers
        return CondaName(f"pypi-{name}") if taken else plain

    def unowned(self, paths: Iterable[str]) -> Iterator[str]:
        """Leave out the paths that a record has."""
        return (path for path in paths if path not in self.owner)


def in_site(path: str) -> bool:
    """Say whether a path lies in some site-packages."""
    return _PACKAGES in path


def files_of(info: Info) -> tuple[str, ...]:
    """List the files of a dist, by its RECORD, else by what its name suggests."""
    if info.rows is not None:
        return tuple(row.path for row in info.rows)
    own = tuple(f"{info.path}/{member}" for member in sorted(info.members)) or (info.path,)
    return (*own, *info.orphans)
