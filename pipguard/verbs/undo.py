"""`pipguard undo [ID]`: back to the state before an operation, offline."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from pipguard.changes.lock import locked
from pipguard.changes.undoing import Undoing
from pipguard.messages import HELP
from pipguard.prefix import Prefix
from pipguard.terminal import Terminal
from pipguard.transaction import recover
from pipguard.verbs.arguments import chosen_prefix, parser_of


def parser() -> argparse.ArgumentParser:
    """See `Verb.parser`."""
    made = parser_of("undo")
    made.add_argument("id", nargs="?", metavar="ID", help=HELP["undo ID"])
    made.add_argument("--with-later", action="store_true", help=HELP["--with-later"])
    return made


def run(arguments: Sequence[str]) -> int:
    """See `Verb.run`."""
    parsed = parser().parse_args(arguments)
    prefix, terminal = Prefix(chosen_prefix(parsed)), Terminal()
    undoing = Undoing(prefix, ("undo", *arguments))
    with locked(prefix, terminal.waiting):
        recover(prefix, undoing.journal, terminal)
        for past in undoing.chosen(parsed.id, with_later=parsed.with_later):
            undoing.undo(past)
            terminal.undone(past)
    return 0
