"""Candidates of a plan to packages of the local channel (`seams.Converter`).

The record of a converted package is foreseen from the plan; the wheel is fetched only if the
solution uses it and no environment has converted it before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pipguard.errors import ConversionError
from pipguard.names import PyPIName
from pipguard.plan import Candidate, Source
from pipguard.records import Record
from pipguard.seams import Reporter
from pipguard.target import Target
from pipguard.wheels.channel import LocalChannel, StoredPackage
from pipguard.wheels.dependencies import Naming
from pipguard.wheels.hostile import Limits
from pipguard.wheels.metadata import PackageIndex, narrowed, package_index
from pipguard.wheels.users import note

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pipguard.wheels.inspection import Conversion


@dataclass(frozen=True, slots=True)
class _Foreseen:
    """What one candidate becomes, as far as the plan tells."""

    index: PackageIndex
    target: Target
    naming: Naming


@dataclass
class LocalConverter:
    """Converts into one local channel, remembering what it has foreseen in this run.

    Attributes:
        channel: the local channel.
        environment: for which it is done; the channel keeps what an environment has taken.
        limits: how much a wheel may unpack to.
        reporter: shows how far conversion is, and what to know of its wheels.
    """

    channel: LocalChannel
    environment: Path
    limits: Limits = field(default_factory=Limits)
    reporter: Reporter = field(default_factory=Reporter)
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
        foreseen = self._foreseen[candidate.name]
        found = self.channel.find(foreseen.index) or self.channel.find(
            narrowed(foreseen.index, foreseen.target)  # with C headers, which the plan cannot tell
        )
        return self._taken(found) if found else None

    def convert(self, wheels: Sequence[tuple[Path, Candidate]]) -> tuple[Record, ...]:
        """See `seams.Converter.convert`."""
        conversions = [self._conversion(wheel, candidate) for wheel, candidate in wheels]
        stored = self.channel.convert_all(conversions, self.reporter.progress)
        refused = [each for each in stored if isinstance(each, ConversionError)]
        if refused:
            raise ConversionError(tuple(problem for each in refused for problem in each.problems))
        packages = [each for each in stored if isinstance(each, StoredPackage)]
        self.reporter.warned([warning for each in packages for warning in each.warnings])
        return tuple(map(self._taken, packages))

    def _conversion(self, wheel: Path, candidate: Candidate) -> Conversion:
        from pipguard.wheels.inspection import Conversion  # noqa: PLC0415 # seldom needed

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

    def _taken(self, package: StoredPackage) -> Record:
        note(self.channel.folder, self.environment, package.path)
        found = self._record(package.index, package.sha256)
        return replace(found, size=package.size, md5=package.md5)

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
