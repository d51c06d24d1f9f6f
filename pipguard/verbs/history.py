"""`pipguard history [ID]`: what was done in an environment, or by one operation to each dist."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence

from pipguard import ledger
from pipguard.messages import HELP, TEXTS
from pipguard.operations import Past, named, operations
from pipguard.prefix import Prefix
from pipguard.terminal import Terminal
from pipguard.verbs.arguments import add_json, chosen_prefix, parser_of


def parser() -> argparse.ArgumentParser:
    """See `Verb.parser`."""
    made = parser_of("history")
    made.add_argument("id", nargs="?", metavar="ID", help=HELP["history ID"])
    add_json(made)
    return made


def run(arguments: Sequence[str]) -> int:
    """See `Verb.run`.

    Raises:
        UsageError: no operation has this id.
    """
    parsed = parser().parse_args(arguments)
    past = operations(ledger.read(Prefix(chosen_prefix(parsed)).own_folder))
    if parsed.id:
        past = (named(past, parsed.id),)
    if parsed.json:
        Terminal().json({"operations": [it.to_json() for it in past]})
    elif not past:
        Terminal().told("history-empty")
    elif parsed.id:
        show(past[0], Terminal())
    else:
        Terminal().table("history-columns", [_row(it) for it in past])
    return 0


def show(past: Past, terminal: Terminal) -> None:
    """Show one operation: a line for each dist."""
    identifier, time, state, typed, _ = _row(past)
    terminal.told("history-head", id=identifier, time=time, state=state, typed=typed)
    for dists in _changes(past):
        for dist in dists:
            terminal.told("history-change", change=dist)


def _row(it: Past) -> tuple[str, ...]:
    typed = " ".join((it.front_door, *it.argv))
    state = TEXTS[_state(it)].format(by=it.undone_by)
    return (it.id, it.time, state, typed, "; ".join(" ".join(dists) for dists in _changes(it)))


def _changes(it: Past) -> Iterator[tuple[str, ...]]:
    """Yield what became of dists, those of one fate together."""
    came = (*(f"+{dist}" for dist in it.installed), *(f"-{dist}" for dist in it.removed))
    again = "history-undone" if it.undoes else "history-renewed"
    fates = {again: it.renewed, "history-adopted": it.adopted}
    yield from filter(None, (came, it.changed))
    for key, dists in fates.items():
        if dists:
            yield (TEXTS[key], *dists)


def _state(it: Past) -> str:
    return "state-undone" if it.undone_by else f"state-{it.state}"
