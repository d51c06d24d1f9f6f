"""What the changes of one operation come to, for ledger, history and the person.

Pure. Mostly there is one change. Where there are several, what counts is how it was before the
first and what the last one left. Start at `summed`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipguard.change import Change, Outcome
from pipguard.names import CondaName
from pipguard.records import Origin, owners

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pipguard.routes import Decision

Dists = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """One operation; dists by name and version.

    Attributes:
        installed: every dist that came or was linked anew.
        removed: those that went.
        replaced: in which version those were there before that came in another one.
        renewed: those of `installed` that were there in this very version.
        adopted: those that stay as they are, and have a record now.
        decisions: the confirmed routes.
    """

    installed: Dists = ()
    removed: Dists = ()
    replaced: Dists = ()
    renewed: Dists = ()
    adopted: Dists = ()
    decisions: tuple[Decision, ...] = ()


def summed(done: Sequence[tuple[Change, Outcome | None]]) -> Summary:
    """Join changes, in their order; without an outcome, a change has not come to its end."""
    held = _held(done[0][0]) if done else {}
    installed: dict[str, str] = {}
    removed: dict[str, str] = {}
    adopted: dict[str, str] = {}
    for change, outcome in done:
        removed.update(change.removed)
        adopted.update(change.adopted)
        installed.update(outcome.installed if outcome else ())
    held |= adopted
    there = {*installed, *adopted}
    return Summary(
        installed=tuple(sorted(installed.items())),
        removed=tuple((name, version) for name, version in removed.items() if name not in there),
        replaced=tuple(
            (name, held[name])
            for name, version in sorted(installed.items())
            if held.get(name, version) != version
        ),
        renewed=tuple(it for it in sorted(installed.items()) if held.get(it[0]) == it[1]),
        adopted=tuple(it for it in sorted(adopted.items()) if it[0] not in installed),
        decisions=tuple(it for change, _ in done for it in change.decisions),
    )


def _held(change: Change) -> dict[str, str]:
    return {str(name): item.record.version for name, item in owners(change.before).items()}


# In the words of conda's history


def specs(changes: Sequence[Change]) -> tuple[tuple[str, ...], tuple[CondaName, ...]]:
    """Say what was asked for, and what conda shall no longer take for asked for."""
    wanted: dict[CondaName, str] = {}
    unwanted: dict[CondaName, None] = {}
    for change in changes:
        for name in (*change.removed_specs, *_handed_over(change)):
            wanted.pop(name, None)
            unwanted[name] = None
        from_pypi = _pypi_names(change)
        wanted |= {name: it for name, it in change.requested.items() if name not in from_pypi}
    return tuple(wanted.values()), tuple(unwanted)


def _pypi_names(change: Change) -> set[CondaName]:
    """Name what conda takes for pip's; in its history as a request, its exports would fail."""
    records = (*change.records, *(record for _, record in change.true_pip))
    return {record.name for record in records if record.is_pypi_by_name}


def _handed_over(change: Change) -> tuple[CondaName, ...]:
    """Name what was conda's until now and may stand in its history as a request."""
    conda = {item.record.name for item in change.before if item.record.origin is Origin.CONDA}
    return tuple(sorted(conda & _pypi_names(change)))
