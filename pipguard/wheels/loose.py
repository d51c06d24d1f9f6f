"""Wheels that lie in files, outside of any plan: what their names and metadata promise.

A plan knows the conda name and the version of everything in it, and has the metadata of what extras
ask for. Here the same is put together from the wheels themselves and from what an environment
holds. Start at `conversions_of`.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import parse_wheel_filename

from pipguard.errors import ConversionError
from pipguard.names import CondaName, PyPIName, pypi_name
from pipguard.problems import Problem
from pipguard.records import Dist
from pipguard.target import Target
from pipguard.wheels.core import CoreMetadata
from pipguard.wheels.dependencies import Naming
from pipguard.wheels.hostile import Limits
from pipguard.wheels.inspection import Conversion
from pipguard.wheels.members import BadMember, open_wheel

_LARGEST_TEXT = 32 << 20


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What wheels are converted for.

    Attributes:
        target: the environment's python and platform.
        dists: what is installed in it.
        conda_name: chooses the conda name of a project.
        limits: how much a wheel may unpack to.
    """

    target: Target
    dists: tuple[Dist, ...]
    conda_name: Callable[[PyPIName], CondaName]
    limits: Limits


@dataclass(frozen=True, slots=True)
class LooseWheel:
    """A wheel by its file name; `metadata` is None where it cannot be read, which judging tells."""

    path: Path
    name: PyPIName
    version: str
    metadata: CoreMetadata | None


def conversions_of(
    wheels: Sequence[LooseWheel], surroundings: Surroundings
) -> tuple[Conversion, ...]:
    """Say how each wheel is to be converted, all of them for one environment."""
    naming = _naming(wheels, surroundings)
    return tuple(
        Conversion(
            wheel=wheel.path,
            sha256=None,
            name=wheel.name,
            version=wheel.version,
            target=surroundings.target,
            naming=naming,
            limits=surroundings.limits,
        )
        for wheel in wheels
    )


def look_at(path: Path) -> LooseWheel:
    """Read what a wheel says of itself.

    Raises:
        ConversionError: `wheel-not-found`, or `wheel-name-invalid`.
    """
    if not path.is_file():
        raise ConversionError((Problem(path.name, "wheel-not-found", detail=str(path)),))
    try:
        name, version, _, _ = parse_wheel_filename(path.name)
    except ValueError as error:
        problem = Problem(path.name, "wheel-name-invalid", detail=str(error))
        raise ConversionError((problem,)) from error
    return LooseWheel(path, pypi_name(name), str(version), _metadata(path))


def _metadata(path: Path) -> CoreMetadata | None:
    try:
        with open_wheel(path) as wheel:
            for info in wheel.files():
                folder, _, name = info.filename.partition("/")
                small = info.file_size <= _LARGEST_TEXT
                if folder.endswith(".dist-info") and name == "METADATA" and small:
                    return CoreMetadata.from_text(wheel.read(info))
    except (zipfile.BadZipFile, BadMember, UnicodeDecodeError, OSError):
        return None
    return None


def _naming(wheels: Iterable[LooseWheel], surroundings: Surroundings) -> Naming:
    """Prefer what is converted now to what is installed."""
    known = {
        dist.name: CoreMetadata(dist.name, dist.version, requires_dist=dist.requires)
        for dist in surroundings.dists
    }
    known |= {wheel.name: wheel.metadata for wheel in wheels if wheel.metadata}
    names = {*known, *(pypi_name(each.name) for one in known.values() for each in _needed(one))}
    return Naming(
        names={name: surroundings.conda_name(name) for name in names},
        versions={name: metadata.version for name, metadata in known.items()},
        extras=known,
    )


def left_open(wheel: LooseWheel, conversion: Conversion) -> Iterator[Problem]:
    """Name the requirements of a wheel that cannot be settled without a plan.

    `extra-unknown`: what an extra asks for, as nothing here has the metadata of its project.
    `requirement-unbound`: which version an address stands for.
    """
    naming, markers = conversion.naming, {**conversion.target.markers, "extra": ""}
    for requirement in _needed(wheel.metadata) if wheel.metadata else ():
        if requirement.marker and not requirement.marker.evaluate(markers):
            continue
        name = pypi_name(requirement.name)
        if requirement.extras and name not in naming.extras:
            yield Problem(wheel.path.name, "extra-unknown", "METADATA", str(requirement))
        if requirement.url and name not in naming.versions:
            yield Problem(wheel.path.name, "requirement-unbound", "METADATA", str(requirement))


def _needed(metadata: CoreMetadata) -> Iterator[Requirement]:
    for text in metadata.requires_dist:
        with suppress(ValueError, RecursionError):  # told when the wheel is judged
            yield Requirement(text)
