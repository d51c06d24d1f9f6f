"""What pipguard and py-rattler tell each other: records, sources of records, conditions.

Nothing here reaches outside; it is the translation that `rattler.py` solves and links with.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import rattler
from rattler.exceptions import InvalidMatchSpecError

from pipguard.credentials import channel_url
from pipguard.names import CondaName
from pipguard.records import Record

_NAME_END = re.compile(r"[\s=<>!~\[]")
_NO_CHANNEL = "https://pypi.invalid"


class Memory:
    """A source of records that no channel has (rattler's `RepoDataSource` protocol).

    Attributes:
        asked: the names that a solve has come upon; rattler asks every source for each.
    """

    def __init__(self, records: Sequence[rattler.RepoDataRecord]) -> None:
        self._records = records
        self.asked: set[str] = set()

    async def fetch_package_records(
        self, platform: rattler.Subdir, name: rattler.PackageName
    ) -> list[rattler.RepoDataRecord]:
        """Return the records of one name and platform."""
        self.asked.add(name.normalized)
        return [
            record
            for record in self._records
            if record.name == name and str(record.subdir) == str(platform)
        ]

    def package_names(self, platform: rattler.Subdir) -> list[str]:
        """Return the names there are for one platform."""
        return [
            record.name.normalized
            for record in self._records
            if str(record.subdir) == str(platform)
        ]


def our_record(record: rattler.RepoDataRecord) -> Record:
    """Make our record of rattler's, free of credentials."""
    return Record(
        name=CondaName(record.name.normalized),
        version=str(record.version),
        build=str(record.build),
        subdir=str(record.subdir),
        channel=channel_url(record.channel or ""),
        url=channel_url(record.url),
        file_name=record.file_name,
        sha256=record.sha256.hex() if record.sha256 else None,
        depends=tuple(record.depends),
        purls=tuple(getattr(record, "purls", None) or ()),
    )


def foreign_record(record: Record) -> rattler.RepoDataRecord:
    """Make rattler's record of one of ours that no channel has."""
    package = rattler.PackageRecord(
        name=record.name,
        version=record.version,
        build=rattler.BuildString(record.build),
        build_number=0,
        subdir=record.subdir,
        noarch=rattler.NoArchType("python"),
        depends=list(record.depends),
        sha256=bytes.fromhex(record.sha256) if record.sha256 else None,
        md5=bytes.fromhex(record.md5) if record.md5 else None,
        size=record.size,
    )
    # rattler wants a URL where conda-meta may hold a word.
    channel = record.channel if "://" in record.channel else _NO_CHANNEL
    return rattler.RepoDataRecord(package, record.file_name, record.url, channel)


def without_paths(record: Record) -> rattler.PrefixRecord:
    """Make rattler's record of an installed one of which only that it is there matters."""
    return rattler.PrefixRecord(foreign_record(record), rattler.PrefixPaths())


def holds(depend: str, installed: Mapping[CondaName, rattler.RepoDataRecord]) -> bool | None:
    """Say whether an installed package satisfies a condition; None for virtual packages."""
    name = CondaName(_NAME_END.split(depend, maxsplit=1)[0])
    if name.startswith("__"):
        return None
    record = installed.get(name)
    return record is not None and rattler.MatchSpec(depend).matches(record)


def why_unreadable(spec: str) -> str:
    """Say what is wrong with a match spec that a person has written; empty for nothing."""
    try:
        rattler.MatchSpec(spec)
    except InvalidMatchSpecError as error:
        return str(error).partition("\n")[0]
    return ""


def spec_names(specs: Sequence[str]) -> set[str]:
    """Give the names that match specs are about, without channel and capitals."""
    heads = (_NAME_END.split(spec, maxsplit=1)[0] for spec in specs)
    return {head.rpartition(":")[2].lower() for head in heads}
