"""Why an installed package came from where it came from, as ledger and records tell it.

Pure. `why` replays the ledger: the newest operation that stands and that brought this version.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any

from packaging.version import InvalidVersion, Version

from pipguard.names import CondaName, PyPIName
from pipguard.operations import Past, effective, operations
from pipguard.records import Origin, Record


class Unrouted(Enum):
    """Why the ledger has no route for what is installed; beside the reasons of routes."""

    BROUGHT = "brought-along"
    NO_DIST = "no-dist"
    NOT_BY_US = "not-by-pipguard"
    UNTRACKED = "untracked"


@dataclass(frozen=True, slots=True)
class Installed:
    """What is there now.

    `needed_by` are the installed packages whose records depend on this one's. What `is_dist` is
    not, is a package of conda without any: a library.
    """

    name: PyPIName
    version: str
    origin: Origin
    record: Record | None = None
    needed_by: tuple[CondaName, ...] = ()
    is_dist: bool = True


@dataclass(frozen=True, slots=True)
class Why:
    """The answer; field names are those of the JSON.

    Attributes:
        name: of the dist.
        version: of the dist.
        origin: where its files are from, as `status` says.
        route: how the ledger says it came; None where it does not say.
        reason: why: of a route, or an `Unrouted`.
        conda_name: of the package that owns it.
        conda_version: of that package.
        channel: that package's.
        requested: whether it was asked for by name.
        asked: the requirement that pip chose it for.
        required_by: what required it when it came.
        needed_by: the installed packages that depend on it now.
        source: who proposed the conda name, or the policy that decided.
        index: where pip found it.
        since: when the operation was, in UTC.
        operation: the operation that brought it, as `history` lists it.
        command: what was typed.
    """

    name: str
    version: str
    origin: str
    route: str | None
    reason: str
    conda_name: str | None
    conda_version: str | None
    channel: str | None
    requested: bool
    asked: str | None
    required_by: tuple[str, ...]
    needed_by: tuple[str, ...]
    source: str | None
    index: str | None
    since: str | None
    operation: str | None
    command: str | None

    def to_json(self) -> dict[str, Any]:
        """Make the document of `why --json`."""
        return asdict(self)


def why(installed: Installed, entries: Sequence[Mapping[str, Any]]) -> Why:
    """Find out what brought a dist, and why from there."""
    brought = _brought(installed, entries)
    route = _route(installed.name, entries, brought.id) if brought else None
    record = installed.record
    told = route or {}
    return Why(
        name=installed.name,
        version=installed.version,
        origin=installed.origin.value,
        route=told.get("route"),
        reason=told.get("reason") or _unrouted(installed, brought).value,
        conda_name=record.name if record else None,
        conda_version=record.version if record else None,
        channel=told.get("channel") or (record.channel if record else None),
        requested=bool(told.get("requested")),
        asked=told.get("asked") or None,
        required_by=tuple(told.get("required_by") or ()),
        needed_by=installed.needed_by,
        source=told.get("source") or None,
        index=told.get("index") or None,
        since=brought.time if brought else None,
        operation=brought.id if brought else None,
        command=" ".join((brought.front_door, *brought.argv)) if brought else None,
    )


def removed(name: PyPIName, entries: Iterable[Mapping[str, Any]]) -> Past | None:
    """Find the operation that took away what is not there."""
    standing = effective(operations(entries))
    return next((it for it in reversed(standing) if _version(name, it.removed)), None)


def _brought(installed: Installed, entries: Sequence[Mapping[str, Any]]) -> Past | None:
    """Find the operation; one that took another back only brought what had come before.

    So did a repair that only linked it again.
    """
    standing = effective(operations(entries))
    for past in (it for it in reversed(standing) if not it.undoes):
        again = past.is_repair and _route(installed.name, entries, past.id) is None
        version = _version(installed.name, past.came)
        if version is not None and not again:
            return past if _is_version_of(installed, version) else None
    return None


def _is_version_of(installed: Installed, version: str) -> bool:
    """Whether the ledger means what is there: it has a dist's version, or its package's."""
    same_package = installed.record is not None and version == installed.record.version
    return same_package or _same(version, installed.version)


def _version(name: PyPIName, items: Iterable[str]) -> str | None:
    """Return the version of a name among `name-version` words."""
    found = (item.removeprefix(f"{name}-") for item in items if item.startswith(f"{name}-"))
    return next((version for version in found if version[:1].isdigit()), None)


def _same(one: str, other: str) -> bool:
    try:
        return Version(one) == Version(other)
    except InvalidVersion:
        return one == other


def _route(
    name: PyPIName, entries: Iterable[Mapping[str, Any]], operation: str
) -> Mapping[str, Any] | None:
    for entry in entries:
        if entry.get("id") == operation:
            routes = (it for it in entry.get("routes") or () if it.get("name") == name)
            return next(routes, None)
    return None


def _unrouted(installed: Installed, brought: Past | None) -> Unrouted:
    if installed.record is None:
        return Unrouted.UNTRACKED
    if not installed.is_dist:
        return Unrouted.NO_DIST
    return Unrouted.BROUGHT if brought else Unrouted.NOT_BY_US
