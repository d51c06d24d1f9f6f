"""What has been done in an environment, as the ledger tells it.

Pure. Core type is `Past`; `operations` reads the ledger's entries, `effective` says which of them
still stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

COMMITTED = "committed"


@dataclass(frozen=True, slots=True)
class Past:
    """One operation.

    Attributes:
        id: sorts by time.
        time: in UTC, ISO 8601.
        front_door: how it came in.
        argv: the arguments, free of credentials.
        state: `committed`, `rolled-back`, `bypassed` or `failed`.
        installed: `name-version` of each dist that came.
        removed: of each dist that went.
        changed: `name-old -> name-new` of each dist that came in place of another version.
        undoes: the operation that this one took back.
        undone_by: the operation that took this one back.
    """

    id: str
    time: str
    front_door: str
    argv: tuple[str, ...]
    state: str
    installed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    undoes: str = ""
    undone_by: str = ""

    def to_json(self) -> dict[str, Any]:
        """Give the stable shape of `pipguard history --json`."""
        return asdict(self) | {"undoes": self.undoes or None, "undone_by": self.undone_by or None}

    @property
    def came(self) -> tuple[str, ...]:
        """Every dist that it brought, in whatever version was there before."""
        return (*self.installed, *(text.partition(" -> ")[2] for text in self.changed))

    @property
    def went(self) -> tuple[str, ...]:
        """Every dist that it took away or put another version in place of."""
        return (*self.removed, *(text.partition(" -> ")[0] for text in self.changed))


def operations(entries: Iterable[Mapping[str, Any]]) -> tuple[Past, ...]:
    """Read the entries of a ledger, oldest first; what lacks an id is no operation."""
    found = [_past(entry) for entry in entries if entry.get("id")]
    takers = {it.undoes: it.id for it in found if it.undoes and it.state == COMMITTED}
    return tuple(replace(it, undone_by=takers.get(it.id, "")) for it in found)


def effective(past: Sequence[Past]) -> tuple[Past, ...]:
    """Select what stands: done, and not taken back by something that stands itself."""
    standing: dict[str, Past] = {}
    for it in reversed(past):
        if it.state == COMMITTED and it.undone_by not in standing:
            standing[it.id] = it
    return tuple(reversed(standing.values()))


def _past(entry: Mapping[str, Any]) -> Past:
    installed = tuple(map(str, entry.get("installed") or ()))
    old = {_name(dist): str(dist) for dist in entry.get("replaced") or ()}
    return Past(
        id=str(entry["id"]),
        time=str(entry.get("time", "")),
        front_door=str(entry.get("front_door", "")),
        argv=tuple(map(str, entry.get("argv") or ())),
        state=str(entry.get("state", "")),
        installed=tuple(dist for dist in installed if _name(dist) not in old),
        removed=tuple(map(str, entry.get("removed") or ())),
        changed=tuple(f"{old[_name(dist)]} -> {dist}" for dist in installed if _name(dist) in old),
        undoes=str(entry.get("undoes") or ""),
    )


def _name(dist: str) -> str:
    return dist.rpartition("-")[0]
