"""What has been done in an environment, as the ledger tells it.

Pure. Core type is `Past`; `operations` reads the ledger's entries, `effective` says which of them
still stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from pipguard.errors import UsageError

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
        renewed: of each dist that was linked anew, or by another owner, in the version it had.
        adopted: of each dist that somebody else had installed, and that has a record since.
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
    renewed: tuple[str, ...] = ()
    adopted: tuple[str, ...] = ()
    undoes: str = ""
    undone_by: str = ""

    def to_json(self) -> dict[str, Any]:
        """Give the stable shape of `pipguard history --json`."""
        return asdict(self) | {"undoes": self.undoes or None, "undone_by": self.undone_by or None}

    @property
    def came(self) -> tuple[str, ...]:
        """Every dist that it brought, in whatever version was there before."""
        new = (text.partition(" -> ")[2] for text in self.changed)
        return (*self.installed, *self.renewed, *new)

    @property
    def is_repair(self) -> bool:
        """Whether it was the doctor's."""
        return self.front_door == "pipguard" and self.argv[:1] == ("doctor",)

    @property
    def went(self) -> tuple[str, ...]:
        """Every dist that it took away or put another version in place of."""
        return (*self.removed, *(text.partition(" -> ")[0] for text in self.changed))


def operations(entries: Iterable[Mapping[str, Any]]) -> tuple[Past, ...]:
    """Read the entries of a ledger, oldest first; what lacks an id is no operation."""
    found = [_past(entry) for entry in entries if entry.get("id")]
    takers = {it.undoes: it.id for it in found if it.undoes and it.state == COMMITTED}
    return tuple(replace(it, undone_by=takers.get(it.id, "")) for it in found)


def named(past: Sequence[Past], operation_id: str) -> Past:
    """Find an operation by its id or the beginning of it.

    Raises:
        UsageError: there is none, or not one alone.
    """
    found = [it for it in past if it.id.startswith(operation_id)]
    exact = [it for it in found if it.id == operation_id]
    if len(exact or found) != 1:
        raise UsageError("undo-unknown", id=operation_id)
    return (exact or found)[0]


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
    renewed = tuple(map(str, entry.get("renewed") or ()))
    return Past(
        id=str(entry["id"]),
        time=str(entry.get("time", "")),
        front_door=str(entry.get("front_door", "")),
        argv=tuple(map(str, entry.get("argv") or ())),
        state=str(entry.get("state", "")),
        installed=tuple(it for it in installed if _name(it) not in old and it not in renewed),
        removed=tuple(map(str, entry.get("removed") or ())),
        changed=tuple(f"{old[_name(dist)]} -> {dist}" for dist in installed if _name(dist) in old),
        renewed=renewed,
        adopted=tuple(map(str, entry.get("adopted") or ())),
        undoes=str(entry.get("undoes") or ""),
    )


def _name(dist: str) -> str:
    return dist.rpartition("-")[0]
