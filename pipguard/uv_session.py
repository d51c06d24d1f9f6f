"""One command line of `uv pip`, once the imports are done: the story is that of any install.

`uv_intercept.py` has made pip's words of uv's. What pip's have no place for is added here to what
pip understood of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipguard import session
from pipguard.names import PyPIName
from pipguard.pip_process import PipChild
from pipguard.pip_tool import PipTool
from pipguard.plan import Candidate, Plan
from pipguard.prefix import Prefix
from pipguard.request import Install, PassThrough, Request, Uninstall
from pipguard.uv_pins import Pin, parse_pins
from pipguard.uv_request import Translation

_PINS = re.compile(r" \(from -r \S+pins\.txt \(line \d+\)\)")


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed, what is asked for by it, and uv's pins as text where uv has pinned."""

    words: tuple[str, ...]
    front_door: str
    asked: Translation
    pins: str = ""

    @property
    def recorded(self) -> tuple[str, ...]:
        """The words without the one that the front door says already."""
        at = self.words.index("pip") if self.front_door == "uv pip" else len(self.words)
        return (*self.words[:at], *self.words[at + 1 :])


def run(path: Path, typed: Typed, told: Sequence[str], child: PipChild | None) -> bool:
    """Serve one change of an environment; false where pip's configuration leads elsewhere.

    Args:
        path: the environment.
        typed: the command line.
        told: the same in pip's words, with which the child was started.
        child: the conversation with pip, if it could be started.

    Raises:
        PipguardError: every error of `session.run`.
    """
    prefix = Prefix(path)
    pins, reinstall = parse_pins(typed.pins), frozenset(typed.asked.reinstall)
    pip = PinnedTool(prefix, told, child, pins=pins, reinstall=reinstall)
    line = session.Line(typed.front_door, typed.recorded, lambda it: _adjusted(it, typed.asked))
    return session.answer(line, prefix, pip) is session.Passed.HERE


def _adjusted(request: Request, asked: Translation) -> Request:
    """Add what uv says and pip's options cannot."""
    match request:
        case Install():
            return replace(request, dependencies=asked.dependencies, exactly=asked.exactly)
        case Uninstall():
            return replace(request, dry_run=asked.dry_run)
        case PassThrough():
            return request


@dataclass
class PinnedTool(PipTool):
    """pip planning what uv may have pinned: what a person asked for alone counts as requested.

    Where single names are to be installed anew, pip has planned everything anew.

    What was asked is the bare name: a pin is uv's answer, not a request to keep that version, nor
    that very file. (`--require-hashes` is an option of its own.)
    """

    pins: tuple[Pin, ...] = field(default=(), kw_only=True)
    reinstall: frozenset[PyPIName] = field(default=frozenset(), kw_only=True)

    def plan(self) -> Plan:
        """See `seams.Planner.plan`."""
        plan = super().plan()
        direct = {pin.name: pin.direct for pin in self.pins}
        here = {it.name: it.version for it in self.prefix.dists()} if self.reinstall else {}
        candidates = (
            _as_asked(it, direct)
            for it in plan.candidates
            if it.name in self.reinstall or here.get(it.name) != it.version
        )
        return replace(
            plan,
            candidates=tuple(candidates),
            requests={name: said for name, said in plan.requests.items() if name not in direct},
        )

    def satisfied(self) -> tuple[str, ...]:
        """See `seams.Planner.satisfied`; nobody has seen the file of pins."""
        return tuple(_PINS.sub("", line) for line in super().satisfied())


def _as_asked(candidate: Candidate, direct: Mapping[PyPIName, bool]) -> Candidate:
    if candidate.name not in direct:
        return candidate
    return replace(candidate, requested=direct[candidate.name], asked=candidate.name, pinned=False)
