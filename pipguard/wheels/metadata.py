"""What a converted package will be, from metadata alone.

Pure. `package_index` makes the record of a package before its wheel is fetched, so that the solver
can weigh it; conversion of the wheel itself comes to the same record. `CoreMetadata` and `Naming`
are its inputs, `PackageIndex` is its result.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import quote

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from pipguard.errors import ConversionError
from pipguard.names import CondaName, pypi_name
from pipguard.problems import Problem
from pipguard.target import Target
from pipguard.wheels.core import CoreMetadata
from pipguard.wheels.dependencies import Dependencies, Naming, resolve
from pipguard.wheels.specifiers import conda_version, in_order, to_conda
from pipguard.wheels.tags import Demand, read_tags

__all__ = [
    "CoreMetadata",
    "Naming",
    "PackageIndex",
    "narrowed",
    "package_index",
    "requires_python_is_valid",
]

CONVERTER = 1
"""Raised whenever the same wheel would become other bytes; part of every build string."""

_CONDA_NAME = re.compile(r"[a-z0-9_][a-z0-9_.-]*")


@dataclass(frozen=True, slots=True)
class PackageIndex:
    """The record of a converted package: `info/index.json`, and its entry in repodata.

    `timestamp`, in milliseconds, is known once the wheel is here and is no part of the identity.
    """

    name: CondaName
    version: str
    build: str
    subdir: str
    depends: tuple[str, ...]
    purls: tuple[str, ...]
    license: str = ""
    build_number: int = 0
    noarch: str = "python"
    timestamp: int | None = field(default=None, compare=False)

    @property
    def stem(self) -> str:
        """The file name without its extension."""
        return f"{self.name}-{self.version}-{self.build}"

    @property
    def file_name(self) -> str:
        """The name of the package in a channel."""
        return f"{self.stem}.conda"

    def to_json(self) -> dict[str, Any]:
        """Make the object of `info/index.json`; what is empty is left out."""
        return {key: value for key, value in asdict(self).items() if value not in ("", None)}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> PackageIndex:
        """Read back what `to_json` made, from `info/index.json` or from repodata.

        Raises:
            KeyError: a field is missing.
        """
        return cls(
            name=CondaName(record["name"]),
            version=record["version"],
            build=record["build"],
            subdir=record["subdir"],
            depends=tuple(record["depends"]),
            purls=tuple(record["purls"]),
            license=record.get("license", ""),
            build_number=record["build_number"],
            noarch=record["noarch"],
            timestamp=record.get("timestamp"),
        )


def package_index(
    metadata: CoreMetadata,
    wheel_name: str,
    sha256: str,
    target: Target,
    naming: Naming,
    direct_url: Mapping[str, Any] | None = None,
) -> PackageIndex:
    """Describe the conda package that a wheel becomes in one environment.

    Args:
        metadata: from pip's report or from the wheel; both give the same.
        wheel_name: the file name, which carries the tags.
        sha256: of the wheel, in hex.
        target: the environment, for tags and markers.
        naming: the other distributions of the run.
        direct_url: PEP 610 object that will be packed, if any: other content, other build.

    Raises:
        ConversionError: every reason why this wheel cannot become a package: `version-invalid`,
            `requires-dist-invalid`, and those of `read_tags`.
    """
    demand = read_tags(wheel_name, target)
    version = _version(metadata, wheel_name)
    pythons = _requires_python(metadata) & SpecifierSet(demand.python)
    dependencies = resolve(metadata, pythons, target, naming)
    bound = not demand.any_platform or dependencies.by_platform
    python = _python(metadata, demand, dependencies)
    index = PackageIndex(
        name=_name(naming.conda(metadata.name), wheel_name),
        version=conda_version(str(version)),
        build="",
        subdir=target.subdir if bound else "noarch",
        depends=(python, *([demand.system] if demand.system else []), *dependencies.specs),
        purls=(_purl(metadata.name, version),),
        license=metadata.license,
    )
    return _named(index, version.local, (sha256, _family(target), direct_url))


def narrowed(index: PackageIndex, target: Target) -> PackageIndex:
    """Bind a package to the target's python, for its files lie in a folder named so.

    Only a wheel with C headers needs this, and only the wheel itself can tell. The folder's name
    tells a minor, and a python without the GIL from one with it.
    """
    python, *others = index.depends
    clauses = python.partition(" ")[2]
    if "_cp" in clauses or (f" {target.minor}.*" in python and not target.free_threaded):
        return index  # its tags say so already
    spec = ",".join(each for each in (f"{target.minor}.*", clauses) if each)
    build = f" *_cp{target.minor.replace('.', '')}t" if target.free_threaded else ""
    depends = (f"python {spec}{build}", *others)
    local = index.build.rpartition("pypi_h")[0].rstrip("_")
    bound = PackageIndex.from_json({**index.to_json(), "depends": depends})
    return _named(bound, local, (index.build,))


def requires_python_is_valid(metadata: CoreMetadata) -> bool:
    """Say whether Requires-Python can be read; if not it is ignored, as pip does."""
    try:
        to_conda(metadata.requires_python)
    except ValueError:  # a number of thousands of digits is one, too
        return False
    return True


def _requires_python(metadata: CoreMetadata) -> SpecifierSet:
    valid = requires_python_is_valid(metadata)
    return SpecifierSet(metadata.requires_python if valid else "")


def _version(metadata: CoreMetadata, wheel_name: str) -> Version:
    try:
        return Version(metadata.version)
    except ValueError as error:
        problem = Problem(wheel_name, "version-invalid", "METADATA", metadata.version)
        raise ConversionError((problem,)) from error


def _name(name: CondaName, wheel_name: str) -> CondaName:
    """Check that a name can be part of a file name, for it becomes one."""
    if not _CONDA_NAME.fullmatch(name):
        raise ConversionError((Problem(wheel_name, "conda-name-invalid", detail=name),))
    return name


def _python(metadata: CoreMetadata, demand: Demand, dependencies: Dependencies) -> str:
    """Make the dependency on python, from tags, Requires-Python and what markers agree on."""
    clauses = [demand.python, _patches(metadata, demand), dependencies.least, dependencies.below]
    spec = to_conda(_tightest(",".join(clause for clause in clauses if clause)))
    if demand.free_threaded and demand.exact:
        return f"python {spec} *_cp{demand.exact[0]}{demand.exact[1]}t"
    return "python" if spec == "*" else f"python {spec}"


def _tightest(specifier: str) -> str:
    """Leave out lower bounds that a higher one makes idle."""
    clauses = [clause for clause in specifier.split(",") if clause]
    lower = [clause for clause in clauses if clause.startswith(">=")]
    highest = max(lower, key=lambda clause: Version(clause[2:]), default="")
    return ",".join(clause for clause in clauses if clause == highest or clause not in lower)


def _patches(metadata: CoreMetadata, demand: Demand) -> str:
    """Give Requires-Python; for one minor, only the clauses about its patches."""
    clauses = _requires_python(metadata)
    if demand.exact is None:
        return in_order(clauses)
    return in_order(clause for clause in clauses if _within(clause.version, demand.exact))


def _within(version: str, minor: tuple[int, int]) -> bool:
    numbers = tuple(int(part) for part in re.findall(r"\d+", version))
    return numbers[:2] == minor and len(numbers) > len(minor)


def _purl(name: str, version: Version) -> str:
    """Name the distribution as a package URL (purl specification, type pypi)."""
    return f"pkg:pypi/{pypi_name(name)}@{quote(str(version), safe='')}"


def _family(target: Target) -> str:
    """Tell apart the platforms whose packages differ in bytes: rows of RECORD name `Scripts`."""
    return "windows" if target.subdir.startswith("win") else "posix"


def _named(index: PackageIndex, local: str | None, content: tuple[object, ...]) -> PackageIndex:
    """Add the build string: `[<local>_]pypi_h<8 hex>_<build number>`.

    Its hash covers all that decides the bytes, because caches know a package by name, version and
    build alone.
    """
    record = PackageIndex.from_json({**index.to_json(), "build": ""}).to_json()
    record.pop("timestamp", None)
    identity = json.dumps([CONVERTER, record, content], sort_keys=True, default=list)
    digest = hashlib.sha256(identity.encode()).hexdigest()[:8]
    label = f"{local}_" if local else ""
    return PackageIndex.from_json(
        {**index.to_json(), "build": f"{label}pypi_h{digest}_{index.build_number}"}
    )
