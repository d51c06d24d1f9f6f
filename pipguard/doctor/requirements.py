"""Which requirements of the installed dists do not hold: what `pip check` says.

Pure (`pip/_internal/operations/check.py` has the rules: markers without extras, pre-releases
allowed).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from packaging.requirements import InvalidRequirement, Requirement

from pipguard.doctor.findings import Ask, Finding, Kind
from pipguard.names import PyPIName, pypi_name
from pipguard.wheels.core import CoreMetadata


def unmet(dists: Mapping[PyPIName, CoreMetadata], markers: Mapping[str, str]) -> Iterator[Finding]:
    """Find the requirements that no installed dist satisfies, a finding for each."""
    environment = {**markers, "extra": ""}
    for name, metadata in sorted(dists.items()):
        for requirement in _active(metadata.requires_dist, environment):
            found = dists.get(pypi_name(requirement.name))
            version = found.version if found else ""
            if found is None or not _allows(requirement, version):
                plain = f"{requirement.name}{requirement.specifier}"
                facts = (("requires", plain), ("installed", version))
                yield Finding(Kind.UNMET, name, (), (Ask(plain),), facts)


def required(dists: Iterable[CoreMetadata], markers: Mapping[str, str]) -> frozenset[PyPIName]:
    """Name what some dist requires, extras left out."""
    environment = {**markers, "extra": ""}
    found = (_active(metadata.requires_dist, environment) for metadata in dists)
    return frozenset(pypi_name(it.name) for requirements in found for it in requirements)


def _active(lines: Iterable[str], environment: Mapping[str, str]) -> Iterator[Requirement]:
    for line in lines:
        try:
            requirement = Requirement(line)
        except InvalidRequirement:
            continue  # pip cannot read it either, and has installed the dist without
        if requirement.marker is None or requirement.marker.evaluate(dict(environment)):
            yield requirement


def _allows(requirement: Requirement, version: str) -> bool:
    return requirement.specifier.contains(version, prereleases=True)
