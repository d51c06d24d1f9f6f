"""One command line of `uv pip`, from uv's words to what the person is told.

Start at `serve`: uv's options become pip's (`uv_request.py`), pip's parser reads those, and the
story is that of any other install. Where pip has no word for an option, uv pins first.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipguard import session
from pipguard.names import PyPIName
from pipguard.pip_tool import PipTool
from pipguard.plan import Candidate, Plan
from pipguard.prefix import Prefix
from pipguard.request import Install, PassThrough, Request, Uninstall
from pipguard.uv_options import read
from pipguard.uv_request import Pin, Translation, parse_pins, translate, without_partial_hashes
from pipguard.uv_tool import become_uv, find_uv, is_configured, pin

_PINS = re.compile(r" \(from -r \S+pins\.txt \(line \d+\)\)")
_EXPLICIT = "pipguard uv"


def serve(prefix: Path, arguments: Sequence[str], front_door: str) -> int:
    """Serve one uv command line for an environment and return its exit code.

    Raises:
        UsageError: an option is unknown or refused, or there is no uv.
        PipguardError: every error of `session.run`.
    """
    words = tuple(arguments)
    asked = None if _is_bypassed() or _asks_for_help(words) else _understood(words, prefix)
    if asked is None:
        become_uv(find_uv(os.environ), words, _variables(prefix, front_door))
    if asked.directory:
        os.chdir(asked.directory)
        os.environ.pop("UV_WORKING_DIR", None)  # uv would go there from here
    os.environ.update(asked.variables)
    line = session.Line(front_door, _behind(words, front_door), lambda it: _adjusted(it, asked))
    with _pip(Prefix(prefix), asked) as pip:
        if session.answer(line, Prefix(prefix), pip) is session.Passed.ON:
            become_uv(find_uv(os.environ), words, _variables(prefix, front_door))
    return 0


def _is_bypassed() -> bool:
    return os.environ.get("PIPGUARD_BYPASS", "0") not in {"", "0"}


def _asks_for_help(words: tuple[str, ...]) -> bool:
    return bool({"-h", "--help", "-V", "--version"} & set(words))


def _understood(words: tuple[str, ...], prefix: Path) -> Translation | None:
    """Read and translate; None where it is real uv's."""
    command = read(words, os.environ)
    return translate(command, str(prefix)) if command else None


def _variables(prefix: Path, front_door: str) -> Mapping[str, str]:
    """Tell real uv which environment is meant, unless the shim has it from uv."""
    variables = {"UV_BREAK_SYSTEM_PACKAGES": "1"} if _is_bypassed() else {}
    return variables | ({"UV_PYTHON": str(prefix)} if front_door == _EXPLICIT else {})


def _behind(words: tuple[str, ...], front_door: str) -> tuple[str, ...]:
    """Leave out the word that the front door says already."""
    at = words.index("pip") if front_door == "uv pip" else len(words)
    return (*words[:at], *words[at + 1 :])


def _adjusted(request: Request, asked: Translation) -> Request:
    """Add what uv says and pip's options cannot."""
    match request:
        case Install():
            return replace(request, dependencies=asked.dependencies, exactly=asked.exactly)
        case Uninstall():
            return replace(request, dry_run=asked.dry_run)
        case PassThrough():
            return request


@contextmanager
def _pip(prefix: Prefix, asked: Translation) -> Iterator[PipTool]:
    """Yield pip with the command line in its words, or with the pins that uv made of it."""
    if not (asked.pins or (asked.verb == "install" and is_configured(asked, os.environ))):
        yield PipTool(prefix, asked.pip_arguments())
        return
    with tempfile.TemporaryDirectory(prefix="pipguard-") as folder:
        file = pin(find_uv(os.environ), prefix, asked, Path(folder))
        text = without_partial_hashes(file.read_text(encoding="utf-8"))
        file.write_text(text, encoding="utf-8")
        pins = parse_pins(text)
        yield PinnedTool(prefix, asked.pinned_arguments(str(file)), pins=pins)


@dataclass
class PinnedTool(PipTool):
    """pip planning what uv has pinned: only what a person asked for counts as requested.

    What was asked is the bare name: a pin is uv's answer, not a request to keep that version, nor
    that very file. (`--require-hashes` is an option of its own.)
    """

    pins: tuple[Pin, ...] = field(default=(), kw_only=True)

    def plan(self) -> Plan:
        """See `seams.Planner.plan`."""
        plan = super().plan()
        direct = {pin.name: pin.direct for pin in self.pins}
        return replace(plan, candidates=tuple(_as_asked(it, direct) for it in plan.candidates))

    def satisfied(self) -> tuple[str, ...]:
        """See `seams.Planner.satisfied`; nobody has seen the file of pins."""
        return tuple(_PINS.sub("", line) for line in super().satisfied())


def _as_asked(candidate: Candidate, direct: Mapping[PyPIName, bool]) -> Candidate:
    return replace(
        candidate,
        requested=direct.get(candidate.name, candidate.requested),
        asked=candidate.name if candidate.name in direct else candidate.asked,
        pinned=False,
    )
