"""What rattler calls the records that we have, and the other way round."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import rattler

from pipguard.engine.exchange import foreign_record, our_record
from pipguard.engine.installed import Installed
from pipguard.records import Origin, Record, RecordKey


@dataclass(frozen=True)
class Handles:
    """The records of one environment and its channels; `conda_meta` is where the first are."""

    conda_meta: Path
    _offered: dict[RecordKey, rattler.RepoDataRecord] = field(default_factory=dict)
    _made_here: dict[RecordKey, Record] = field(default_factory=dict)
    _again: dict[RecordKey, rattler.RepoDataRecord] = field(default_factory=dict)

    @cached_property
    def installed(self) -> Installed:
        """Those of `conda-meta`."""
        return Installed(self.conda_meta, self.foreign)

    @cached_property
    def python(self) -> rattler.PrefixRecord | None:
        """The python of the environment."""
        found = sorted(self.conda_meta.glob("python-[0-9]*.json"))
        return rattler.PrefixRecord.from_path(found[0]) if found else None

    def remember(self, record: rattler.RepoDataRecord) -> Record:
        """Make our record of rattler's; one that was made here stays what it was."""
        known = our_record(record)
        self._offered.setdefault(known.key, record)
        return self._made_here.get(known.key, known)

    def foreign(self, record: Record) -> rattler.RepoDataRecord:
        """Make a record for rattler out of one of ours that no channel has, and remember ours."""
        self._made_here[record.key] = record
        return foreign_record(record)

    def offered(self, record: Record) -> rattler.RepoDataRecord:
        """Find what rattler has told of."""
        return self._offered[record.key]

    def relink_from(self, record: Record) -> None:
        """Know an installed record by the archive that it shall be linked from again.

        Its `url` is that archive, and its `sha256` that of the archive.
        """
        handle = self.installed.read(record)
        handle.url, handle.file_name = record.url, record.file_name
        handle.sha256 = bytes.fromhex(record.sha256) if record.sha256 else None
        handle.subdir = record.url.split("/")[-2]
        self._again[record.key] = handle

    def to_link(self, record: Record, here: Mapping[RecordKey, Record]) -> rattler.RepoDataRecord:
        """Find or make what rattler shall link; what is installed, one of `here`, stays itself."""
        if record.key in self._again:
            return self._again[record.key]
        installed = here.get(record.key)
        if installed is not None and installed.sha256 == record.sha256:
            return self.installed.handle(installed)
        if record.origin is Origin.CONVERTED:
            return self.foreign(record)
        return self._offered[record.key]
