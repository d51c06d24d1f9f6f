"""`pipguard explain ARGS…`: the routes of `pip install ARGS…`, nothing changed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pipguard.guard import Done
from pipguard.messages import HELP
from pipguard.request import PassThrough
from pipguard.routes import Decision
from pipguard.session import explain
from pipguard.terminal import Terminal
from pipguard.verbs.arguments import add_json, parser_of
from pipguard.verbs.front_door import split

_FIELDS = (
    *("name", "version", "route", "reason", "conda_name", "conda_version", "channel"),
    *("requested", "source"),
)


def run(arguments: Sequence[str]) -> int:
    """See `Verb.run`; `--json` may stand anywhere, all else behind the environment is pip's."""
    if {"-h", "--help"} & {*arguments}:
        _parser().parse_args(["--help"])
    words = [word for word in arguments if word != "--json"]
    wanted_json = len(words) != len(arguments)
    prefix, typed = split(words, anywhere=("-p", "-n"))
    terminal = _Held()
    told = explain(prefix, _without_command(typed), terminal)
    if isinstance(told, PassThrough):
        terminal.noticed("passes-through", because=told.because.value)
    if wanted_json:
        terminal.json({"routes": _routes(told)})
    elif isinstance(told, Done):
        show(told, terminal)
    return 0


def _parser() -> argparse.ArgumentParser:
    """Make what tells of the verb; its words are read by `split` and by pip."""
    parser = parser_of("explain")
    add_json(parser)
    parser.add_argument("arguments", nargs=argparse.REMAINDER, metavar="ARGS", help=HELP["ARGS"])
    return parser


def _without_command(words: list[str]) -> list[str]:
    """Take away what people put before the words of an install out of habit."""
    return words[2:] if words[:2] == ["pip", "install"] else words


@dataclass(frozen=True)
class _Held(Terminal):
    """Keeps the table, which is not talk here but the answer."""

    tables: list[tuple[Any, Any]] = field(default_factory=list)

    def routed(self, decisions: Sequence[Decision], beside: Any) -> None:
        """See `seams.Reporter`."""
        self.tables.append((decisions, beside))


def _routes(told: Done | PassThrough) -> list[dict[str, Any]]:
    decisions = told.decisions if isinstance(told, Done) else ()
    return [{name: getattr(decision, name) for name in _FIELDS} for decision in decisions]


def show(told: Done, held: _Held) -> None:
    """Show it to a person as a dry run does, all of it on standard output."""
    terminal = Terminal(held.talk, held.out, sys.stdout)
    terminal.satisfied(told.satisfied)
    for decisions, beside in held.tables:
        terminal.routed(decisions, beside)
    terminal.would_install(told)
