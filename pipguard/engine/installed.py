"""What is installed in an environment, as rattler has it; each record is read once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import rattler

from pipguard.engine.exchange import holds
from pipguard.names import CondaName
from pipguard.records import InstalledRecord, Origin, Record, RecordKey


@dataclass(frozen=True, slots=True)
class Installed:
    """The records of `conda-meta`.

    Attributes:
        conda_meta: their folder.
        stand_in: makes what stands for a dist that has no record to read.
    """

    conda_meta: Path
    stand_in: Callable[[Record], rattler.RepoDataRecord]
    _known: dict[tuple[RecordKey, int, int], rattler.RepoDataRecord] = field(default_factory=dict)

    def handle(self, record: Record) -> rattler.RepoDataRecord:
        """Give a record as rattler has it; nobody may change that."""
        if record.origin is Origin.UNTRACKED:
            return self.stand_in(record)
        state = self._file(record).stat()
        key = (record.key, state.st_ino, state.st_mtime_ns)
        if key not in self._known:
            self._known[key] = self.read(record)
        return self._known[key]

    def read(self, record: Record) -> rattler.RepoDataRecord:
        """Give a record that may be changed."""
        if record.origin is Origin.UNTRACKED:
            return self.stand_in(record)
        return rattler.PrefixRecord.from_path(self._file(record))

    def favourites(
        self, installed: Sequence[InstalledRecord]
    ) -> dict[CondaName, rattler.RepoDataRecord]:
        """Give what the solver keeps where it can.

        A condition that is broken already would make every solve fail; it is nobody's fault now,
        so the solver does not hear of it.
        """
        found = {item.record.name: self.handle(item.record) for item in installed}
        favourites = dict(found)
        for item in installed:
            depends = found[item.record.name].depends
            holding = [depend for depend in depends if holds(depend, found) is not False]
            if len(holding) < len(depends):
                # One of its own, for what is linked shall say what it says.
                favourites[item.record.name] = self.read(item.record)
                favourites[item.record.name].depends = holding
        return favourites

    def _file(self, record: Record) -> Path:
        return self.conda_meta / f"{record.dist_name}.json"
