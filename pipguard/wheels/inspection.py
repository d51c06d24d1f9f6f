"""Judges a wheel before a byte of the package is written.

All that the zip's directory and the metadata folder can tell is checked here, and every problem
is noted before the wheel is refused. `Conversion` goes in, `Inspection` comes out; start at
`inspect`.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from zipfile import ZipInfo

from installer.utils import parse_metadata_file
from packaging.utils import parse_wheel_filename
from packaging.version import Version

from pipguard.errors import ConversionError
from pipguard.names import PyPIName, pypi_name
from pipguard.target import Target
from pipguard.wheels.core import CoreMetadata
from pipguard.wheels.entry_points import EntryPoint, read_entry_points
from pipguard.wheels.findings import Findings
from pipguard.wheels.hostile import Limits, check_members, check_paths, check_size
from pipguard.wheels.layout import Layout, Place, find_dist_info, headers_folder, lay_out
from pipguard.wheels.members import BadMember, Wheel
from pipguard.wheels.metadata import (
    Naming,
    PackageIndex,
    narrowed,
    package_index,
    requires_python_is_valid,
)
from pipguard.wheels.packing import modified
from pipguard.wheels.record import WheelRecord

_WHEEL_VERSION = (1, 0)
_LARGEST_TEXT = 32 << 20
"""Of a file in the metadata folder, which is read at once; RECORD has a hundred bytes a file."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """What is to be converted, and what the plan promised of it.

    Attributes:
        wheel: the file; its name carries the tags.
        sha256: in hex, from the report; None where pip built the wheel itself.
        name: of the plan; METADATA must agree.
        version: of the plan; METADATA must agree.
        target: the environment.
        naming: the rest of the run.
        direct_url: PEP 610 object, for what was not found on an index.
        limits: how much the wheel may unpack to.
    """

    wheel: Path
    sha256: str | None
    name: PyPIName
    version: str
    target: Target
    naming: Naming
    direct_url: Mapping[str, Any] | None = None
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class Inspection:
    """A wheel that may be packed, and all that packing needs.

    Attributes:
        metadata: of its METADATA.
        index: the record of the package.
        layout: which file goes where; each path once.
        entry_points: its commands.
        record: what its RECORD claims.
        newest: date of its newest member, in seconds.
        unpacked: declared bytes of all files.
    """

    metadata: CoreMetadata
    index: PackageIndex
    layout: Layout
    entry_points: tuple[EntryPoint, ...]
    record: WheelRecord
    newest: int
    unpacked: int


def inspect(conversion: Conversion, sha256: str, wheel: Wheel, findings: Findings) -> Inspection:
    """Judge a wheel whole.

    Args:
        conversion: what the plan promised.
        sha256: of the file, in hex.
        wheel: the same, open.
        findings: takes what is wrong.

    Raises:
        ConversionError: the wheel is refused.
    """
    infos = check_members(wheel.files(), findings)
    within = check_size(infos, wheel.size, conversion.limits, findings)
    folder = find_dist_info(infos, conversion.name, findings)
    if folder is None:
        findings.stop_if_refused()
    texts = _read_metadata_folder(wheel, infos, str(folder), findings)
    metadata = _metadata(texts, conversion, findings)
    _check_wheel_version(texts.get("WHEEL", b""), findings)
    entry_points = read_entry_points(texts.get("entry_points.txt", b""), findings)
    headers = headers_folder(conversion.target, metadata.name)
    layout = lay_out(infos, str(folder), entry_points, headers, findings)
    if within:  # or else nothing but small members may be read
        layout = replace(layout, places=_each_path_once(layout.places, wheel, findings))
    _check_paths(layout, entry_points, conversion.target, findings)
    index = _index(metadata, sha256, conversion, findings)
    findings.stop_if_refused()
    newest = max(modified(info) for info in infos)
    index = narrowed(index, conversion.target) if layout.bound else index
    return Inspection(
        metadata=metadata,
        index=replace(index, timestamp=newest * 1000),
        layout=layout,
        entry_points=entry_points,
        record=WheelRecord.parse(texts.get("RECORD", b""), findings),
        newest=newest,
        unpacked=sum(info.file_size for info in infos),
    )


def _read_metadata_folder(
    wheel: Wheel, infos: Iterable[ZipInfo], folder: str, findings: Findings
) -> dict[str, bytes]:
    wanted = {f"{folder}/{name}" for name in ("METADATA", "WHEEL", "RECORD", "entry_points.txt")}
    texts: dict[str, bytes] = {}
    for info in infos:
        if info.filename in wanted and info.file_size > _LARGEST_TEXT:
            findings.refuse("member-too-large", info.filename, str(info.file_size))
        elif info.filename in wanted:
            try:
                texts[info.filename.removeprefix(f"{folder}/")] = wheel.read(info)
            except BadMember as bad:
                findings.refuse(bad.reference, bad.member)
    return texts


def _metadata(
    texts: Mapping[str, bytes], conversion: Conversion, findings: Findings
) -> CoreMetadata:
    """Read METADATA and hold it and the file name against the plan."""
    try:
        metadata = CoreMetadata.from_text(texts.get("METADATA", b""))
    except UnicodeDecodeError as error:
        findings.refuse("metadata-not-utf8", "METADATA", str(error))
        return CoreMetadata(conversion.name, conversion.version)
    if pypi_name(metadata.name) != conversion.name:
        findings.refuse("metadata-name-differs", "METADATA", metadata.name)
        metadata = replace(metadata, name=conversion.name)  # to go on looking
    if not _same_version(metadata.version, conversion.version):
        findings.refuse("metadata-version-differs", "METADATA", metadata.version)
    if not requires_python_is_valid(metadata):
        findings.warn("requires-python-invalid", "METADATA", metadata.requires_python)
    _check_wheel_name(conversion, findings)
    return metadata


def _check_wheel_name(conversion: Conversion, findings: Findings) -> None:
    try:
        name, version, _, _ = parse_wheel_filename(conversion.wheel.name)
    except ValueError:
        return  # told by the tags
    if pypi_name(name) != conversion.name or not _same_version(str(version), conversion.version):
        findings.refuse("wheel-name-differs", detail=f"{conversion.name} {conversion.version}")


def _same_version(one: str, other: str) -> bool:
    try:
        return Version(one) == Version(other)
    except ValueError:
        return one == other


def _check_wheel_version(text: bytes, findings: Findings) -> None:
    """Refuse a newer major version, warn of a newer minor one (PEP 427).

    Wheels older than 1.0 are there, and pip installs them (`check_compatibility`).
    """
    message = parse_metadata_file(text.decode("utf-8", "replace"))
    written = str(message.get("Wheel-Version") or "").strip()
    try:
        version = tuple(int(part) for part in written.split("."))
    except ValueError:
        version = ()
    if not version or version[0] > _WHEEL_VERSION[0]:
        findings.refuse("wheel-version-unknown", "WHEEL", written)
    elif version > _WHEEL_VERSION:
        findings.warn("wheel-version-newer", "WHEEL", written)


def _each_path_once(places: Iterable[Place], wheel: Wheel, findings: Findings) -> tuple[Place, ...]:
    """Drop members that repeat another, refuse those that contradict it."""
    groups: dict[str, list[Place]] = defaultdict(list)
    for place in places:
        groups[place.path].append(place)
    for path, group in groups.items():
        if len(group) > 1 and not _alike([place.info for place in group], wheel, findings):
            findings.refuse("member-duplicate", path)
    return tuple(group[0] for group in groups.values())


def _alike(infos: list[ZipInfo], wheel: Wheel, findings: Findings) -> bool:
    """Compare sizes and sums, then the bytes, for a CRC is no proof."""
    if len({(info.file_size, info.CRC) for info in infos}) > 1:
        return False
    digests: set[bytes] = set()
    for info in infos:
        digest = hashlib.sha256()
        try:
            for chunk in wheel.chunks(info):
                digest.update(chunk)
        except BadMember as bad:
            findings.refuse(bad.reference, bad.member)
        digests.add(digest.digest())
    return len(digests) == 1


def _check_paths(
    layout: Layout, entry_points: Iterable[EntryPoint], target: Target, findings: Findings
) -> None:
    """Judge files and commands together, for a command becomes a file."""
    paths = {place.path for place in layout.places}
    paths |= {f"python-scripts/{entry.name}" for entry in entry_points}
    check_paths(sorted(paths), target, findings)


def _index(
    metadata: CoreMetadata, sha256: str, conversion: Conversion, findings: Findings
) -> PackageIndex:
    try:
        return package_index(
            metadata,
            conversion.wheel.name,
            sha256,
            conversion.target,
            conversion.naming,
            conversion.direct_url,
        )
    except ConversionError as error:
        findings.problems += [replace(each, wheel=findings.wheel) for each in error.problems]
        findings.stop_if_refused()
        raise
