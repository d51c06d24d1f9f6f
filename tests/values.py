"""Values of the core types in few words: what a plan, a channel or an environment may hold.

Defaults are of no interest to a test; what a test is about stands in its own lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from packaging.version import Version

from pipguard.knowledge import Installed, Knowledge, Offer
from pipguard.names import CondaName, pypi_name
from pipguard.plan import Candidate, Plan, Source
from pipguard.policy import Policy
from pipguard.records import (
    PIP_BUILD,
    PIP_CHANNEL,
    Dist,
    InstalledRecord,
    Record,
    Solution,
    versions,
)
from pipguard.request import Told
from pipguard.target import Target
from pipguard.wheels.core import CoreMetadata

SITE_PACKAGES = "lib/python3.11/site-packages"
CONVERTED_BUILD = "pypi_h0123abcd_0"
CHANNEL = "https://conda.example/main"
SHA256 = "ab" * 32

MARKERS: Mapping[str, str] = {
    "implementation_name": "cpython",
    "implementation_version": "3.11.4",
    "os_name": "posix",
    "platform_machine": "x86_64",
    "platform_python_implementation": "CPython",
    "platform_release": "6.1",
    "platform_system": "Linux",
    "platform_version": "#1",
    "python_full_version": "3.11.4",
    "python_version": "3.11",
    "sys_platform": "linux",
}

TARGET = Target(
    python="3.11.4",
    subdir="linux-64",
    site_packages=SITE_PACKAGES,
    free_threaded=False,
    markers=MARKERS,
)


def told(command: str = "install", *arguments: str, **options: object) -> Told:
    """What pip's parser made of a command line on which these options were typed."""
    return Told(command, options, {}, arguments)


def candidate(name: str, version: str = "1.0", **fields: object) -> Candidate:
    """One item of a plan; `requires`, `extras` and `requires_python` describe its metadata.

    With `asked`, for instance `"alpha>=1"`, it counts as typed by the person.
    """
    metadata = CoreMetadata(
        name=name,
        version=version,
        requires_dist=tuple(fields.pop("requires", ())),  # type: ignore[arg-type]
        requires_python=str(fields.pop("requires_python", "")),
    )
    defaults: dict[str, object] = {
        "source": Source.INDEX,
        "requested": "asked" in fields,
        "url": f"https://files.example/{name.replace('-', '_')}-{version}-py3-none-any.whl",
        "sha256": SHA256,
        "metadata": metadata,
    }
    fields["extras"] = frozenset(fields.get("extras", ()))  # type: ignore[call-overload]
    return Candidate(name=pypi_name(name), version=version, **(defaults | fields))  # type: ignore[arg-type]


def plan(*candidates: Candidate) -> Plan:
    """A plan for python 3.11 on Linux."""
    return Plan(candidates, MARKERS)


def record(name: str, version: str = "1.0", **fields: object) -> Record:
    """A noarch package of a channel."""
    defaults: dict[str, object] = {
        "build": "py_0",
        "subdir": "noarch",
        "channel": CHANNEL,
        "sha256": SHA256,
    }
    made = defaults | fields
    file_name = f"{name}-{version}-{made['build']}.conda"
    made.setdefault("url", f"{made['channel']}/{made['subdir']}/{file_name}")
    made["depends"] = tuple(made.get("depends", ()))  # type: ignore[arg-type]
    return Record(name=CondaName(name), version=version, file_name=file_name, **made)  # type: ignore[arg-type]


def dist_info(name: str, version: str) -> str:
    return f"{SITE_PACKAGES}/{name.replace('-', '_')}-{version}.dist-info"


def installed(of: Record, *dists: str, requested: Iterable[str] = ()) -> InstalledRecord:
    """A record of conda-meta that ships these dists in its own version."""
    files = tuple(f"{dist_info(name, of.version)}/METADATA" for name in dists)
    return InstalledRecord(of, files=files, requested=tuple(requested))


def from_conda(name: str, version: str = "1.0", **fields: object) -> InstalledRecord:
    """What conda has installed, shipping the dist of its name."""
    return installed(record(name, version, **fields), name)


def converted(name: str, version: str = "1.0", **fields: object) -> InstalledRecord:
    """What pipguard has converted and installed."""
    purls = (f"pkg:pypi/{name}@{version}",)
    return from_conda(name, version, **({"build": CONVERTED_BUILD, "purls": purls} | fields))


def by_pip(name: str, version: str = "1.0", **fields: object) -> InstalledRecord:
    """What true pip has installed, with the record that pipguard wrote for it."""
    return from_conda(name, version, build=PIP_BUILD, channel=PIP_CHANNEL, **fields)


PYTHON = installed(record("python", "3.11.4", build="h1_0_cpython", subdir="linux-64"))


def dist(name: str, version: str = "1.0", **fields: object) -> Dist:
    """A dist of site-packages, whoever brought it."""
    defaults: dict[str, object] = {"info": dist_info(name, version), "installer": "pip"}
    return Dist(name=pypi_name(name), version=version, **(defaults | fields))  # type: ignore[arg-type]


def knowledge(
    offers: Mapping[str, Iterable[Record]] | None = None,
    *present: InstalledRecord,
    policy: Policy | None = None,
    **fields: object,
) -> Knowledge:
    """What is known when the channels offer this for each PyPI name, and this is present."""
    listed = {
        pypi_name(name): tuple(Offer(item, "table") for item in items)
        for name, items in (offers or {}).items()
    }
    held = {
        name: Installed(Version(version), item)
        for item in present
        for name, version in versions(item.files)
    }
    on_shelves = {offer.record.name for items in listed.values() for offer in items}
    defaults: dict[str, object] = {
        "offers": listed,
        "installed": held,
        "taken": frozenset(on_shelves | {item.record.name for item in present}),
        "policy": policy or Policy(),
    }
    return Knowledge(**(defaults | fields))  # type: ignore[arg-type]


def solution(*records: Record) -> Solution:
    return Solution(records)
