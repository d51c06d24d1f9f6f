"""Candidates of a plan to packages of the local channel (`seams.Converter`).

The record of a converted package is foreseen from the plan; the wheel is fetched only if the
solution uses it and no environment has converted it before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipguard.errors import ConversionError, Problem
from pipguard.names import PyPIName
from pipguard.plan import Candidate, Source
from pipguard.records import Record
from pipguard.target import Target
from pipguard.wheels.channel import LocalChannel, StoredPackage
from pipguard.wheels.dependencies import Naming
from pipguard.wheels.metadata import PackageIndex, package_index
from pipguard.wheels.package import Conversion, Limits

# Compression, hashing and inflating release the interpreter lock.
_WORKERS = 4


@dataclass(frozen=True, slots=True)
class _Foreseen:
    """What one candidate becomes, as far as the plan tells."""

    index: PackageIndex
    target: Target
    naming: Naming


@dataclass
class LocalConverter:
    """Converts into one local channel, remembering what it has foreseen in this run."""

    channel: LocalChannel
    limits: Limits = field(default_factory=Limits)
    _foreseen: dict[PyPIName, _Foreseen] = field(default_factory=dict, init=False)

    def foresee(self, candidate: Candidate, target: Target, naming: Naming) -> Record:
        """See `seams.Converter.foresee`.

        Of what must be built first, the tags are not known: it is taken for pure until it is
        here, which costs a solve nothing but a condition on python or the platform.
        """
        index = package_index(
            candidate.metadata,
            candidate.file_name if candidate.is_wheel else _pure_name(candidate),
            candidate.sha256 or hashlib.sha256(candidate.url.encode()).hexdigest(),
            target,
            naming,
            _direct_url(candidate),
        )
        self._foreseen[candidate.name] = _Foreseen(index, target, naming)
        return self._record(index, None)

    def stored(self, candidate: Candidate) -> Record | None:
        """See `seams.Converter.stored`."""
        if not candidate.is_wheel:
            return None
        found = self.channel.find(self._foreseen[candidate.name].index)
        return self._record(found.index, found.sha256) if found else None

    def convert(self, wheels: Sequence[tuple[Path, Candidate]]) -> tuple[Record, ...]:
        """See `seams.Converter.convert`."""
        with ThreadPoolExecutor(_WORKERS) as pool:
            attempts = list(pool.map(lambda pair: self._attempt(*pair), wheels))
        problems = [problem for found in attempts if isinstance(found, tuple) for problem in found]
        if problems:
            raise ConversionError(tuple(problems))
        return tuple(
            self._record(found.index, found.sha256)
            for found in attempts
            if isinstance(found, StoredPackage)
        )

    def _attempt(self, wheel: Path, candidate: Candidate) -> StoredPackage | tuple[Problem, ...]:
        try:
            return self.channel.convert_into(self._conversion(wheel, candidate))
        except ConversionError as error:
            return error.problems

    def _conversion(self, wheel: Path, candidate: Candidate) -> Conversion:
        foreseen = self._foreseen[candidate.name]
        return Conversion(
            wheel=wheel,
            sha256=candidate.sha256 if candidate.is_wheel else None,
            name=candidate.name,
            version=candidate.version,
            target=foreseen.target,
            naming=foreseen.naming,
            direct_url=_direct_url(candidate),
            limits=self.limits,
        )

    def _record(self, index: PackageIndex, sha256: str | None) -> Record:
        return Record(
            name=index.name,
            version=index.version,
            build=index.build,
            subdir=index.subdir,
            channel=self.channel.url,
            url=f"{self.channel.url}/{index.subdir}/{index.file_name}",
            file_name=index.file_name,
            sha256=sha256,
            depends=index.depends,
            purls=index.purls,
        )


def _pure_name(candidate: Candidate) -> str:
    distribution = candidate.metadata.name.replace("-", "_").replace(".", "_")
    return f"{distribution}-{candidate.version}-py3-none-any.whl"


def _direct_url(candidate: Candidate) -> dict[str, Any] | None:
    """Make the PEP 610 object of what was named by its URL; an index's items have none."""
    if candidate.source is Source.FOLDER:
        return {"url": candidate.url, "dir_info": {}}
    if candidate.source is Source.ARCHIVE:
        part = {"subdirectory": candidate.subdirectory} if candidate.subdirectory else {}
        hashes = {"hashes": {"sha256": candidate.sha256}} if candidate.sha256 else {}
        return {"url": candidate.url, "archive_info": hashes, **part}
    return None
