"""`pipguard history`: what was done in an environment, oldest first."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from pipguard import ledger
from pipguard.messages import TEXTS
from pipguard.operations import Past, operations
from pipguard.prefix import Prefix
from pipguard.terminal import Terminal
from pipguard.verbs.arguments import add_json, chosen_prefix, parser_of


def parser() -> argparse.ArgumentParser:
    """See `Verb.parser`."""
    made = parser_of("history")
    add_json(made)
    return made


def run(arguments: Sequence[str]) -> int:
    """See `Verb.run`."""
    parsed = parser().parse_args(arguments)
    past = operations(ledger.read(Prefix(chosen_prefix(parsed)).own_folder))
    if parsed.json:
        Terminal().json({"operations": [it.to_json() for it in past]})
    elif past:
        Terminal().table("history-columns", [_row(it) for it in past])
    else:
        Terminal().told("history-empty")
    return 0


def _row(it: Past) -> tuple[str, ...]:
    changes = (
        *(f"+{dist}" for dist in it.installed),
        *(f"-{dist}" for dist in it.removed),
        *it.changed,
    )
    typed = " ".join((it.front_door, *it.argv))
    return (it.id, it.time, TEXTS[_state(it)].format(by=it.undone_by), typed, " ".join(changes))


def _state(it: Past) -> str:
    return "state-undone" if it.undone_by else f"state-{it.state}"
