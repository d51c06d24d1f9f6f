"""Conda records and Python dists as values: what is, what could be, what shall be.

Pure. `prefix.py` reads the installed ones from disk, `engine/` exchanges them with the solver.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property
from typing import Any

from packaging.version import InvalidVersion, Version

from pipguard.direct_url import DirectUrl
from pipguard.names import CondaName, PyPIName, pypi_name

# Build strings of conversion.md's layout: `[<local>_]pypi_h<8 hex>_<n>`.
_CONVERTED_BUILD = re.compile(r"(?:.+_)?pypi_h[0-9a-f]{8}_\d+")
# conda's own words for what came from PyPI, in `channel` and in `subdir`.
PIP_CHANNEL = "pypi"
PIP_SUBDIR = "pypi"
# conda's own word for a channel that nobody knows.
UNKNOWN_CHANNEL = "<unknown>"
# The build of records written by hand for what true pip installed.
PIP_BUILD = "pypi_0"
# The build of records that only the solver sees: dists that conda-meta does not know.
UNTRACKED_BUILD = "untracked_0"

_DIST_INFO = re.compile(
    r"(?:^|/)(?:site|dist)-packages/(?P<stem>[^/]+)\.(?:dist-info/(?:METADATA|RECORD)|egg-info(?:/PKG-INFO)?)$"
)


RecordKey = tuple[str, str, str, str]
"""What conda tells packages apart by: name, version, build and platform."""


class Origin(Enum):
    """Who brought a dist into an environment; the words of `status`."""

    CONDA = "conda"
    CONVERTED = "converted"
    PIP = "pip"
    UNTRACKED = "untracked"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class Record:
    """One conda package: offered by a channel, converted here, or installed.

    `key` is what conda tells packages apart by. `channel` and `url` hold no credentials. `size` and
    `md5` are known of what was converted: conda wants them of what it may have to fetch again.
    """

    name: CondaName
    version: str
    build: str
    subdir: str
    channel: str
    url: str
    file_name: str
    sha256: str | None = None
    depends: tuple[str, ...] = ()
    purls: tuple[str, ...] = ()
    size: int | None = field(default=None, compare=False)
    md5: str | None = field(default=None, compare=False)

    @property
    def key(self) -> RecordKey:
        """Name, version, build and platform."""
        return (self.name, self.version, self.build, self.subdir)

    @property
    def origin(self) -> Origin:
        """Conda, converted or pip, told from the build string, which no move can falsify."""
        if self.build == UNTRACKED_BUILD:
            return Origin.UNTRACKED
        if self.build == PIP_BUILD and self.channel in {PIP_CHANNEL, UNKNOWN_CHANNEL}:
            return Origin.PIP
        return Origin.CONVERTED if _CONVERTED_BUILD.fullmatch(self.build) else Origin.CONDA

    @property
    def is_offered(self) -> bool:
        """Whether there is a package to look into: a channel's, maybe a local one that is shared.

        What is only foreseen has no hash yet.
        """
        origin = self.origin
        return origin is Origin.CONDA or (origin is Origin.CONVERTED and self.sha256 is not None)

    @property
    def is_pypi_by_name(self) -> bool:
        """Whether conda may export it as a requirement of PyPI (docs/decisions/0002).

        Under another name conda would name a stranger: `pytorch` on PyPI is not torch.
        """
        from_pypi = self.origin in {Origin.CONVERTED, Origin.PIP}
        return from_pypi and any(purl.startswith(f"pkg:pypi/{self.name}@") for purl in self.purls)

    @property
    def dist_name(self) -> str:
        """`name-version-build`, the stem of the record's file in `conda-meta`."""
        return f"{self.name}-{self.version}-{self.build}"


@dataclass(frozen=True)
class InstalledRecord:
    """A record of `conda-meta`.

    Attributes:
        record: what is installed.
        files: paths relative to the prefix, with forward slashes.
        requested: the specs a person asked for it with; empty for a dependency.
        pip: what pipguard noted about a pip-routed dist: its kind and source.
        data: the JSON as it stands in the file, for whoever must write it back.
    """

    record: Record
    files: tuple[str, ...]
    requested: tuple[str, ...] = ()
    pip: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def dists(self) -> tuple[tuple[PyPIName, str], ...]:
        """The dists in it with the versions of their metadata folders; asked many times."""
        return versions(self.files)


@dataclass(frozen=True, slots=True)
class Dist:
    """A Python distribution in the environment's site-packages, as importlib.metadata sees it.

    `info` is its `.dist-info` or `.egg-info`, relative to the prefix; `direct` says where it came
    from when no index offered it, and `source` is that as a requirement's address.
    """

    name: PyPIName
    version: str
    info: str
    installer: str = ""
    editable: bool = False
    source: str | None = None
    requires: tuple[str, ...] = ()
    direct: DirectUrl | None = None


@dataclass(frozen=True, slots=True)
class Shipped:
    """A dist that a conda package really holds; None is what its witness does not tell."""

    name: PyPIName
    version: str | None = None
    requires: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Solution:
    """The records that the solver wants in the prefix afterwards, all of them."""

    records: tuple[Record, ...]

    def by_name(self) -> dict[CondaName, Record]:
        """The records by conda name; a solution holds one of each."""
        return {record.name: record for record in self.records}


def by_pip(record: Record, url: str) -> Record:
    """Turn the record that a wheel would have into the one of a dist that true pip installs."""
    return replace(
        record,
        build=PIP_BUILD,
        subdir="noarch",
        channel=PIP_CHANNEL,
        url=url,
        file_name=f"{record.name}-{record.version}-{PIP_BUILD}.conda",
        sha256=None,
    )


def untracked(dist: Dist) -> InstalledRecord:
    """Present a dist that conda-meta does not know to the solver, so dependants stay solvable."""
    record = Record(
        name=CondaName(dist.name),
        version=_readable(dist.version),
        build=UNTRACKED_BUILD,
        subdir="noarch",
        channel=PIP_CHANNEL,
        url=f"file:///{dist.info}",
        file_name=f"{dist.name}-{dist.version}-{UNTRACKED_BUILD}.conda",
    )
    return InstalledRecord(record, files=(metadata_file(dist),))


def metadata_file(dist: Dist) -> str:
    """Name a path that says whose metadata it is (`shipped`)."""
    # An .egg-info may be a single file.
    return dist.info if dist.info.endswith(".egg-info") else f"{dist.info}/METADATA"


def elsewhere(name: PyPIName, version: str) -> InstalledRecord:
    """Present a dist that pip counts as installed although it lies outside the environment."""
    # The folder only has to say whose it is (`shipped`).
    info = f"site-packages/{name.replace('-', '_')}-{version}.dist-info"
    return untracked(Dist(name, version, info))


def _readable(version: str) -> str:
    """Give the solver a version it can order; old egg-infos hold anything."""
    try:
        return Version(version).public
    except InvalidVersion:
        return "0"


def owners(records: Iterable[InstalledRecord]) -> dict[PyPIName, InstalledRecord]:
    """Map each dist to the record whose files hold its metadata folder."""
    return {name: installed for installed in records for name, _ in installed.dists}


def owns(owner: InstalledRecord | None, dist: Dist) -> bool:
    """Say whether a record accounts for a dist as it is: its metadata folder is the record's."""
    if owner is None:
        return False
    return any(file == dist.info or file.startswith(f"{dist.info}/") for file in owner.files)


def shipped(paths: tuple[str, ...] | list[str]) -> frozenset[PyPIName]:
    """Name the dists whose metadata folder lies directly in a site-packages among these paths.

    Vendored copies further down do not count, nor do folders that only look like it: the name is
    the part of the stem before the version (PEP 376, PEP 427).
    """
    return frozenset(name for name, _ in versions(paths))


def versions(paths: Iterable[str]) -> tuple[tuple[PyPIName, str], ...]:
    """Name these dists with the versions that their metadata folders bear."""
    return tuple(sorted({(name, version) for name, version, _ in metadata_folders(paths)}))


def metadata_folders(paths: Iterable[str]) -> Iterator[tuple[PyPIName, str, str]]:
    """Yield name and version of the dists among these paths, and their metadata folders."""
    for path in paths:
        # A record has thousands of paths, and looking for a word is quicker than the expression.
        match = _DIST_INFO.search(path) if "-info" in path else None
        if match and path.count("-packages/") == 1:
            name, _, rest = match["stem"].partition("-")
            info = path.removesuffix("/METADATA").removesuffix("/RECORD").removesuffix("/PKG-INFO")
            yield pypi_name(name), rest.partition("-")[0], info
