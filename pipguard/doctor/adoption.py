"""The record of a dist that somebody else has installed, as it is.

It says of itself what pipguard's records of true pip's dists say (docs/decisions/0002). Start at
`document`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from packaging.version import InvalidVersion, Version

from pipguard.conda_meta import pip_document
from pipguard.doctor.case import Case
from pipguard.doctor.evidence import Info
from pipguard.doctor.findings import Adopt
from pipguard.errors import ConversionError
from pipguard.names import CondaName, PyPIName
from pipguard.records import PIP_BUILD, PIP_CHANNEL, InstalledRecord, Record
from pipguard.wheels.dependencies import Naming
from pipguard.wheels.metadata import package_index
from pipguard.wheels.specifiers import conda_version

ADOPTED = "adopted"
# Nobody knows where such a dist came from, and conda wants an absolute address.
_NOWHERE = "https://pypi.invalid"


def record_of(
    case: Case, adopt: Adopt, info: Info, adopted: Mapping[PyPIName, CondaName]
) -> Record:
    """Make the record of an adopted dist.

    Args:
        case: the environment.
        adopt: what was planned.
        info: its metadata folder.
        adopted: the conda names of all that are adopted with it.
    """
    version = _conda_version(adopt.version)
    file_name = f"{adopt.conda_name}-{version}-{PIP_BUILD}.conda"
    return Record(
        name=adopt.conda_name,
        version=version,
        build=PIP_BUILD,
        subdir="noarch",
        channel=PIP_CHANNEL,
        url=info.source or f"{_NOWHERE}/{adopt.name}/{file_name}",
        file_name=file_name,
        depends=_depends(case, info, adopted),
        purls=(f"pkg:pypi/{adopt.name}@{adopt.version}",),
    )


def document(
    case: Case, adopt: Adopt, record: Record, entries: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Make the JSON of the record; `entries` are conda's, of the files it accounts for."""
    asked = any(
        case.records[it.name].requested for it in adopt.instead_of if it.name in case.records
    )
    requested = adopt.conda_name if asked or _was_asked_for(case, adopt) else None
    return pip_document(record, entries, ADOPTED, requested)


def _was_asked_for(case: Case, adopt: Adopt) -> bool:
    """Say whether a person wanted this very dist.

    pip leaves REQUESTED where one did (PEP 376). uv leaves it everywhere, poetry nowhere: of what
    they have installed, that was wanted which nothing else requires.
    """
    info = next((it for it in case.evidence.infos if it.path == adopt.info), None)
    if info is None or info.installer in {"", "pip"}:
        return info is not None and "REQUESTED" in info.members
    return adopt.name not in case.required


def is_of_index(item: InstalledRecord) -> bool:
    """Say whether an adopted dist came from an index: neither editable nor from an address."""
    return str(item.pip.get("source", "")).startswith(f"{_NOWHERE}/")


def _conda_version(version: str) -> str:
    try:
        return conda_version(str(Version(version)))
    except InvalidVersion:
        return "0"  # old egg-infos hold anything; its purl still says what


def _depends(case: Case, info: Info, adopted: Mapping[PyPIName, CondaName]) -> tuple[str, ...]:
    """Say what it depends on among what is here; what is not is a finding of its own.

    A condition that nothing satisfies would keep conda from every later change.
    """
    target = case.evidence.target
    if target is None or info.metadata is None:
        return ("python",)
    here = {name: item.record.name for name, item in case.shippers.items()} | dict(adopted)
    wheel = (
        f"{_escaped(info.metadata.name)}-{info.version}-{(info.tags or ('py3-none-any',))[0]}.whl"
    )
    try:
        index = package_index(info.metadata, wheel, "0" * 64, target, Naming(names=here))
    except ConversionError:
        return ("python",)
    known = {*here.values(), *case.records}
    return tuple(it for it in index.depends if it.startswith("__") or it.split(" ")[0] in known)


def _escaped(name: str) -> str:
    """Write a name as a file name of a wheel has it (PEP 427)."""
    return name.replace("-", "_").replace(".", "_")
