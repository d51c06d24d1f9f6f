"""What pip would do: its installation report, parsed into candidates.

Pure. Core types are `Candidate` and `Plan`; start at `parse_report`. The format is pip's
"Installation Report" specification, versions "0" (pip 22.2) and "1" (pip 23.0 and later).
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet

from pipguard.credentials import redacted, without_credentials
from pipguard.errors import RoutingError
from pipguard.names import PyPIName, pypi_name
from pipguard.provenance import Listing, Places
from pipguard.wheels.core import CoreMetadata

# A report by itself: nothing is known about indexes.
_ANYWHERE = Places()


class Source(Enum):
    """Where pip takes a candidate from."""

    INDEX = "index"
    ARCHIVE = "archive"
    FOLDER = "folder"
    VCS = "vcs"
    EDITABLE = "editable"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One distribution of a plan.

    Attributes:
        name: normalised.
        version: as pip reports it.
        source: index, archive (a URL or a file that was named), folder, VCS or editable.
        requested: whether a person named it; also true for a dependency that was named.
        url: of the artifact or the repository, credentials taken away.
        sha256: of the artifact, where pip knows it.
        metadata: its core metadata, from which an in-memory record can be made.
        asked: the requirement pip resolved it for, as text.
        found_on: the index page or folder that listed it, credentials taken away.
        pinned: whether a hash was required for it.
        listing: who stands behind the list that it was found on.
        yanked: the versions of it that were withdrawn.
        vcs: of a VCS candidate, the tool, `git` for instance.
        commit: of a VCS candidate.
        subdirectory: of the project in an archive or a repository.
        extras: what was asked for in brackets.
    """

    name: PyPIName
    version: str
    source: Source
    requested: bool
    url: str
    sha256: str | None
    metadata: CoreMetadata = field(repr=False)
    asked: str | None = None
    found_on: str | None = None
    pinned: bool = False
    listing: Listing = Listing.PYPI
    yanked: frozenset[str] = frozenset()
    vcs: str | None = None
    commit: str | None = None
    subdirectory: str | None = None
    extras: frozenset[str] = frozenset()

    @property
    def file_name(self) -> str:
        """The last part of the URL: of a wheel, the name that holds its tags."""
        return unquote(posixpath.basename(urlsplit(self.url).path))

    @property
    def is_wheel(self) -> bool:
        """Whether the artifact is a wheel already, not something that must be built."""
        return self.file_name.endswith(".whl")

    @property
    def by_true_pip(self) -> bool:
        """Whether nothing but pip can install it in the sense of the person who asked."""
        return self.source in {Source.VCS, Source.EDITABLE}

    @property
    def specifier(self) -> SpecifierSet:
        """The versions that were asked for; empty where a URL was.

        pip pins what it found at a URL to that version, which nobody asked for.
        """
        if self.source is not Source.INDEX:
            return SpecifierSet()
        try:
            return Requirement(self.asked).specifier if self.asked else SpecifierSet()
        except InvalidRequirement:
            return SpecifierSet()


@dataclass(frozen=True, slots=True)
class Plan:
    """All candidates pip would install, and the marker values of the target's python.

    `limits` is all that requirements and constraints of the command line say about versions,
    `requests` what requirements alone say; a candidate names but one of these. `named` are all that
    were asked for, be they candidates or satisfied already; None where this pip does not tell.
    `elsewhere` has the versions of dists that satisfied pip although they lie in no site-packages
    of the environment: PYTHONPATH leads to them, or a .pth file.
    """

    candidates: tuple[Candidate, ...]
    markers: Mapping[str, str]
    pip_version: str = ""
    limits: Mapping[PyPIName, SpecifierSet] = field(default_factory=dict)
    requests: Mapping[PyPIName, SpecifierSet] = field(default_factory=dict)
    named: frozenset[PyPIName] | None = None
    elsewhere: Mapping[PyPIName, str] = field(default_factory=dict)

    def by_name(self) -> dict[PyPIName, Candidate]:
        """The candidates by name; pip plans one version of each."""
        return {candidate.name: candidate for candidate in self.candidates}

    def conditions(self) -> dict[PyPIName, SpecifierSet]:
        """Every condition of the plan by name: what was asked, and each active Requires-Dist."""
        found: dict[PyPIName, SpecifierSet] = dict(self.limits)
        for candidate in self.candidates:
            asked = found.get(candidate.name, SpecifierSet())
            found[candidate.name] = asked & candidate.specifier
        extras = self.extras()
        for candidate in self.candidates:
            for requirement in active_requirements(candidate, self.markers, extras[candidate.name]):
                name = pypi_name(requirement.name)
                found[name] = found.get(name, SpecifierSet()) & requirement.specifier
        return found

    def required_by(self) -> dict[PyPIName, tuple[PyPIName, ...]]:
        """Name, for each candidate, the other candidates that require it."""
        extras = self.extras()
        found: dict[PyPIName, list[PyPIName]] = {it.name: [] for it in self.candidates}
        for candidate in self.candidates:
            needs = active_requirements(candidate, self.markers, extras[candidate.name])
            for name in dict.fromkeys(pypi_name(it.name) for it in needs):
                if name in found and name != candidate.name:
                    found[name].append(candidate.name)
        return {name: tuple(sorted(others)) for name, others in found.items()}

    def extras(self) -> dict[PyPIName, frozenset[str]]:
        """What is asked of each candidate in brackets, by the person or by other candidates.

        The report tells only what the person asked.
        """
        by_name = self.by_name()
        found = {name: candidate.extras for name, candidate in by_name.items()}
        pending = list(by_name)
        while pending:
            name = pending.pop()
            for requirement in active_requirements(by_name[name], self.markers, found[name]):
                other = pypi_name(requirement.name)
                if requirement.extras - found.get(other, requirement.extras):
                    found[other] |= requirement.extras
                    pending.append(other)
        return found


@cache
def _parsed(requirement: str) -> Requirement:
    """Parse once what every question about a plan asks for again; nobody changes the value."""
    return Requirement(requirement)


def active_requirements(
    candidate: Candidate, markers: Mapping[str, str], extras: Iterable[str]
) -> tuple[Requirement, ...]:
    """Return the Requires-Dist of a candidate that hold for these markers and extras."""
    environments = [{**markers, "extra": extra} for extra in ("", *sorted(extras))]
    parsed = map(_parsed, candidate.metadata.requires_dist)
    return tuple(
        requirement
        for requirement in parsed
        if requirement.marker is None
        or any(requirement.marker.evaluate(environment) for environment in environments)
    )


def brought_by_extras(
    candidate: Candidate, markers: Mapping[str, str], extras: Iterable[str]
) -> tuple[Requirement, ...]:
    """Return the active Requires-Dist that would not be active without these extras."""
    plain = active_requirements(candidate, markers, ())
    active = active_requirements(candidate, markers, extras)
    return tuple(requirement for requirement in active if requirement not in plain)


def parse_report(
    report: Mapping[str, Any],
    watched: Mapping[str, Any] | None = None,
    looked_at: Places = _ANYWHERE,
) -> Plan:
    """Parse pip's installation report.

    Args:
        report: the JSON document.
        watched: what `pip_watch.Watch.found` adds to it; empty where that pip does not tell.
        looked_at: the indexes and folders that pip asked.

    Raises:
        RoutingError: the report is of a version this code does not know, or lacks a field.
    """
    version = str(report.get("version"))
    if version not in {"0", "1"}:
        raise RoutingError("report-version-unknown", version=version)
    items, seen = report["install"], watched or {}
    origins = seen.get("origins", ())
    padded = origins if len(origins) == len(items) else [{}] * len(items)
    found = (_candidate(item, origin) for item, origin in zip(items, padded))  # noqa: B905 # both of one length
    named = seen.get("named")
    return Plan(
        candidates=tuple(
            replace(item, listing=looked_at.listing(item.found_on, item.url)) for item in found
        ),
        markers=dict(report["environment"]),
        pip_version=str(report.get("pip_version", "")),
        limits=_specifiers(seen.get("limits", {})),
        requests=_specifiers(seen.get("requests", {})),
        named=None if named is None else frozenset(map(pypi_name, named)),
        elsewhere={pypi_name(name): text for name, text in seen.get("elsewhere", {}).items()},
    )


def _specifiers(texts: Mapping[str, str]) -> dict[PyPIName, SpecifierSet]:
    return {pypi_name(name): SpecifierSet(text) for name, text in texts.items()}


def _candidate(item: Mapping[str, Any], origin: Mapping[str, Any]) -> Candidate:
    info = item["download_info"]
    metadata = CoreMetadata.from_json(item["metadata"])
    vcs = info.get("vcs_info", {})
    found_on = origin.get("found_on")
    return Candidate(
        name=pypi_name(metadata.name),
        version=metadata.version,
        source=_source(item),
        requested=bool(item.get("requested")),
        url=without_credentials(info["url"]),
        sha256=_sha256(info.get("archive_info", {})),
        metadata=metadata,
        asked=redacted(origin["asked"]) if origin.get("asked") else None,
        found_on=without_credentials(found_on) if found_on else None,
        pinned=bool(origin.get("pinned")),
        yanked=frozenset(origin.get("yanked", ())),
        vcs=vcs.get("vcs"),
        commit=vcs.get("commit_id"),
        subdirectory=info.get("subdirectory"),
        extras=frozenset(item.get("requested_extras", ())),
    )


def _source(item: Mapping[str, Any]) -> Source:
    info = item["download_info"]
    if "vcs_info" in info:
        return Source.VCS
    if "dir_info" in info:
        return Source.EDITABLE if info["dir_info"].get("editable") else Source.FOLDER
    return Source.ARCHIVE if item.get("is_direct") else Source.INDEX


def _sha256(archive: Mapping[str, Any]) -> str | None:
    hashes = archive.get("hashes") or {}
    algorithm, _, digest = str(archive.get("hash", "")).partition("=")
    return hashes.get("sha256") or (digest if algorithm == "sha256" else None)
