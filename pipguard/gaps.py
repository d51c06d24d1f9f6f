"""What `pip check` would complain of once a solution is in place.

Pure. Dependencies of conda packages are what their recipe says; what their METADATA says may be
more. Start at `find`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion

from pipguard.names import PyPIName, pypi_name

# How a requirement begins (PEP 508).
_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")


@dataclass(frozen=True, slots=True)
class Held:
    """A dist as it will be in the environment.

    Attributes:
        version: its own.
        requires: its Requires-Dist; None where nobody has looked.
        is_new: whether this operation brings or changes it.
    """

    version: str
    requires: tuple[str, ...] | None
    is_new: bool


@dataclass(frozen=True, slots=True)
class Gap:
    """A requirement that would not be satisfied; `found` is the version that is there, if any."""

    dist: PyPIName
    requirement: Requirement
    found: str | None

    @property
    def name(self) -> PyPIName:
        """The project that is lacking."""
        return pypi_name(self.requirement.name)


def find(
    held: Mapping[PyPIName, Held], gone: Collection[PyPIName], markers: Mapping[str, str]
) -> tuple[Gap, ...]:
    """Find the requirements that this operation leaves unsatisfied.

    What lacked before and still does is nobody's fault now.

    Args:
        held: every dist there will be.
        gone: dists that were there and will not be.
        markers: of the environment's python.
    """
    changed = {*gone, *(name for name, dist in held.items() if dist.is_new)}
    return tuple(
        Gap(name, requirement, held[needed].version if needed in held else None)
        for name, dist in held.items()
        for requirement in _active(_concerned(dist, changed), markers)
        for needed in (pypi_name(requirement.name),)
        if not _holds(requirement, held.get(needed))
    )


def _concerned(dist: Held, changed: Collection[str]) -> Iterator[str]:
    """Yield the Requires-Dist that this operation can break.

    Of a dist that stays, those that name what changes; parsing all of a thousand dists takes longer
    than everything else that is asked about them.
    """
    for text in dist.requires or ():
        name = _NAME.match(text)
        if dist.is_new or (name and pypi_name(name[1]) in changed):
            yield text


def _active(requires: Iterable[str], markers: Mapping[str, str]) -> Iterator[Requirement]:
    """Yield the requirements that hold without any extra, as `pip check` asks them."""
    for text in requires:
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue
        if requirement.marker is None or requirement.marker.evaluate({**markers, "extra": ""}):
            yield requirement


def _holds(requirement: Requirement, dist: Held | None) -> bool:
    if dist is None:
        return False
    try:
        return requirement.specifier.contains(dist.version, prereleases=True)
    except InvalidVersion:
        return False
