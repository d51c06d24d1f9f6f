"""`pipguard explain ARGS…`: what `pip install ARGS…` would do and why, nothing changed."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from pipguard.change import Outcome
from pipguard.copies import refuse_copy
from pipguard.guard import Done
from pipguard.messages import HELP, REASONS, TEXTS
from pipguard.names import pypi_name
from pipguard.prefix import Prefix
from pipguard.request import PassThrough
from pipguard.routes import Beside, Decision, LeftOut
from pipguard.session import explain
from pipguard.settings_report import SettingTold, report
from pipguard.sources import settle
from pipguard.story import Story, Tried
from pipguard.terminal import Terminal
from pipguard.verbs.arguments import add_json, parser_of
from pipguard.verbs.front_door import split

_FIELDS = (
    *("name", "version", "route", "reason", "conda_name", "conda_version", "channel"),
    *("requested", "source", "asked", "required_by", "index"),
)


def parser() -> argparse.ArgumentParser:
    """Make what tells of the verb; its words are read by `split` and by pip."""
    made = parser_of("explain")
    add_json(made)
    made.add_argument("arguments", nargs=argparse.REMAINDER, metavar="ARGS", help=HELP["ARGS"])
    return made


def run(arguments: Sequence[str]) -> int:
    """See `Verb.run`; `--json` may stand anywhere, all else behind the environment is pip's."""
    if {"-h", "--help"} & {*arguments}:
        parser().parse_args(["--help"])
    words = [word for word in arguments if word != "--json"]
    wanted_json = len(words) != len(arguments)
    prefix, typed = split(words, anywhere=("-p", "-n"))
    refuse_copy(prefix)  # as the install would be
    terminal = _Held()
    told = explain(prefix, _without_command(typed), terminal)
    if isinstance(told, PassThrough):
        terminal.noticed("passes-through", because=told.because.value)
    settings = report(settle(Prefix(prefix)), Prefix(prefix), os.environ)
    if wanted_json:
        terminal.json({**_document(told, terminal), "settings": [asdict(it) for it in settings]})
    elif isinstance(told, Done):
        show(told, settings, terminal)
    return 0


def _without_command(words: list[str]) -> list[str]:
    """Take away what people put before the words of an install out of habit."""
    return words[2:] if words[:2] == ["pip", "install"] else words


@dataclass(frozen=True)
class _Held(Terminal):
    """Keeps the table and what is left out, which are not talk here but the answer."""

    tables: list[tuple[Sequence[Decision], Sequence[Beside]]] = field(default_factory=list)
    unneeded: list[LeftOut] = field(default_factory=list)

    def routed(self, decisions: Sequence[Decision], beside: Sequence[Beside]) -> None:
        """See `seams.Reporter`."""
        self.tables.append((decisions, beside))

    def left_out(self, items: Sequence[LeftOut]) -> None:
        """See `seams.Reporter`."""
        self.unneeded.extend(items)


def _document(told: Done | PassThrough, held: _Held) -> dict[str, Any]:
    done = told if isinstance(told, Done) else Done(Outcome())
    return {
        "routes": [_route(it, done.stories[pypi_name(it.name)]) for it in done.decisions],
        "beside": [asdict(it) for _, beside in held.tables for it in beside],
        "left_out": [asdict(it) for it in held.unneeded],
    }


def _route(decision: Decision, story: Story) -> dict[str, Any]:
    return {**{name: getattr(decision, name) for name in _FIELDS}, **story.to_json()}


def show(told: Done, settings: Sequence[SettingTold], held: _Held) -> None:
    """Show it to a person as a dry run does, with what it went by, all on standard output."""
    terminal = Terminal(held.talk, held.out, sys.stdout)
    terminal.satisfied(told.satisfied)
    for decisions, beside in held.tables:
        terminal.routed(decisions, beside)
    for decision in told.decisions:
        _tell(decision, told.stories[pypi_name(decision.name)], terminal)
    if told.decisions:
        terminal.told("settings-head")
        terminal.table("settings-columns", [(it.setting, it.value, it.source) for it in settings])
    terminal.left_out(held.unneeded)
    terminal.would_install(told)


def _tell(decision: Decision, story: Story, terminal: Terminal) -> None:
    reason = REASONS[decision.reason].format(**asdict(decision))
    facts = {"name": decision.name, "version": decision.version, "code": decision.reason}
    terminal.told("story-head", **facts, reason=reason)
    lines = {
        "story-asked": decision.asked if decision.requested else "",
        "story-required-by": ", ".join(decision.required_by),
        "story-conditions": story.conditions,
        "story-planned": story.planned if story.planned != decision.version else "",
        "story-index": decision.index,
        "story-absent": story.absent,
    }
    for key, value in lines.items():
        if value:
            terminal.told(key, value=value)
    for tried in story.tried:
        terminal.told("story-tried", **asdict(tried), finding=_finding(tried))
    if not (story.tried or story.absent):
        terminal.told("story-unknown")


def _finding(tried: Tried) -> str:
    facts = asdict(tried)
    if tried.newest is None:
        key = "story-elsewhere" if tried.elsewhere else "story-nothing"
    elif tried.fits is None:
        key = "story-none-fits"
    else:
        key = "story-newest-fits" if tried.fits == tried.newest else "story-older-fits"
    seen = {True: "story-verified", False: "story-disproved", None: "story-unseen"}
    return (TEXTS[key] + TEXTS[seen[tried.verified]]).format(**facts)
