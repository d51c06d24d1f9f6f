"""What a person sees while the work goes on: a line that moves, or one line for each phase.

On a terminal the phases share its last line; elsewhere, and with `-v`, each leaves a line. With
`-v` a closing line tells what each has taken. Core type is `Progress`, of which `terminal.Terminal`
is the rest.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from typing import TextIO

from pipguard.messages import TEXTS
from pipguard.request import Talk
from pipguard.seams import Reporter

# Erase in line, and back to its beginning (ECMA-48).
_WIPE = "\r\x1b[K"
_WIDTH = 80
_BAR = 30
_MEGABYTE = 1_000_000
_WORTH_A_WORD = 0.05  # seconds; they are shown with one digit


class Phase(Enum):
    """What an install goes through; the value is the key of its sentence."""

    PLANNING = "planning"
    RESOLVING = "resolving"
    DOWNLOADING = "downloading"
    FETCHING = "fetching"
    CONVERTING = "converting"
    LINKING = "linking"
    COMPILING = "compiling"
    RECORDING = "recording"


# Another line has said it already, or there is not the time to read one.
_BRIEF = frozenset({Phase.RESOLVING, Phase.RECORDING})


@dataclass
class Times:
    """What each phase has taken; one ends where the next begins."""

    clock: Callable[[], float] = time.monotonic
    _begun: list[tuple[Phase, float]] = field(default_factory=list)

    def enter(self, phase: Phase) -> None:
        """Begin a phase."""
        self._begun.append((phase, self.clock()))

    @property
    def now(self) -> Phase | None:
        """The phase under way."""
        return self._begun[-1][0] if self._begun else None

    def taken(self) -> dict[Phase, float]:
        """Tell the seconds of every phase up to now, in their order."""
        found: dict[Phase, float] = {}
        ends = [*(since for _, since in self._begun[1:]), self.clock()]
        for (phase, since), end in zip(self._begun, ends, strict=True):
            found[phase] = found.get(phase, 0.0) + end - since
        return found


@dataclass
class MovingLine:
    """The last line of a terminal, written over as the work goes on.

    The cursor waits at its beginning, so that whatever else writes there is not appended to it. Who
    prints on either stream wipes it first.
    """

    stream: TextIO
    is_shown: bool = False

    def show(self, text: str) -> None:
        """Write it anew, cut off where the terminal ends: of a wrapped line only a part moves."""
        self._write(f"{_WIPE}{text[: self._width() - 1]}\r")
        self.is_shown = True

    def wipe(self) -> None:
        """Take it away, if it is there."""
        if self.is_shown:
            self._write(_WIPE)
            self.is_shown = False

    def _write(self, text: str) -> None:
        from colorama import just_fix_windows_console  # noqa: PLC0415 # mostly nothing moves

        just_fix_windows_console()
        self.stream.write(text)
        self.stream.flush()

    def _width(self) -> int:
        with suppress(OSError, ValueError):
            return os.get_terminal_size(self.stream.fileno()).columns or _WIDTH
        return _WIDTH


def can_move(stream: TextIO) -> bool:
    """Say whether what is written there can be written over (`TERM=dumb`: it cannot)."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


@dataclass(frozen=True)
class Progress(Reporter):
    """The part of a terminal that is told of phases.

    Attributes:
        talk: how much pip's `-q` and `-v` ask for.
        out: for data.
        err: for talk.
    """

    talk: Talk = field(default_factory=Talk)
    out: TextIO = field(default_factory=lambda: sys.stdout)
    err: TextIO = field(default_factory=lambda: sys.stderr)
    _line: MovingLine = field(init=False, repr=False)
    _times: Times = field(default_factory=Times, init=False, repr=False)
    _shares: bool = field(default=False, init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_line", MovingLine(self.err))

    @property
    def moves(self) -> bool:
        """See `seams.Reporter`; with `-v` everything that is said stays."""
        return self.talk.bars and not self.talk.verbosity and can_move(self.err)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """See `seams.Reporter`; phases share the last line of a terminal."""
        object.__setattr__(self, "_shares", self.moves)
        try:
            yield
        finally:
            self._line.wipe()
            object.__setattr__(self, "_shares", False)

    def planning(self) -> None:
        """See `seams.Reporter`."""
        self._enter(Phase.PLANNING)

    def seen(self, packages: int) -> None:
        """See `seams.Reporter`."""
        self._move("seen", packages=counted(packages))

    def resolving(self, packages: int) -> None:
        """See `seams.Reporter`; the line of planning has said it, where lines stay."""
        self._enter(Phase.RESOLVING, packages=counted(packages))

    def fetching(self, names: Sequence[str]) -> None:
        """See `seams.Reporter`."""
        self._enter(Phase.FETCHING, **_listed(names))

    def fetched(self, size: int) -> None:
        """See `seams.Reporter`."""
        self._move("fetched", done=size / _MEGABYTE)

    def converting(self, names: Sequence[str]) -> None:
        """See `seams.Reporter`."""
        self._enter(Phase.CONVERTING, **_listed(names))

    @contextmanager
    def downloading(self) -> Iterator[Callable[[int], None]]:
        """See `seams.Reporter`; a phase inside another, if anything is downloaded at all."""
        before = self._times.now

        def downloaded(size: int) -> None:
            if self._times.now is not Phase.DOWNLOADING:
                self._enter(Phase.DOWNLOADING)
            self._move("downloaded", done=size / _MEGABYTE)

        yield downloaded
        if before and self._times.now is Phase.DOWNLOADING:
            self._times.enter(before)

    def linked(self, packages: int) -> None:
        """See `seams.Reporter`."""
        self._move("linked", packages=counted(packages))

    def compiling(self, files: int) -> None:
        """See `seams.Reporter`."""
        self._enter(Phase.COMPILING, files=counted(files, "file"))

    def recording(self) -> None:
        """See `seams.Reporter`; too short for a line that stays."""
        self._enter(Phase.RECORDING)

    @contextmanager
    def progress(self, total: int) -> Iterator[Callable[[int], None]]:
        """See `seams.Reporter`; a bar, on a terminal that is not asked to be quiet."""
        if not self.moves:
            yield lambda _: None
            return
        try:
            yield lambda done: self._line.show(_bar(done, total))
        finally:
            self._line.wipe()

    def _enter(self, phase: Phase, **facts: object) -> None:
        """Begin a phase: move the line on, or say it in one that stays."""
        self._times.enter(phase)
        if self._shares:
            self._move(phase.value, **facts)
        elif phase not in _BRIEF:
            self._say(phase.value, **facts)

    def _move(self, key: str, **facts: object) -> None:
        if self._shares:
            self._line.show(TEXTS[key].format(**facts))

    def took(self) -> None:
        """Close with what took how long, with `-v`."""
        found = self._times.taken().items()
        taken = [(phase.value, each) for phase, each in found if each >= _WORTH_A_WORD]
        if self.talk.verbosity > 0 and taken:
            phases = (TEXTS["took-one"].format(phase=it, seconds=seconds) for it, seconds in taken)
            total = sum(seconds for _, seconds in taken)
            self._say("took", total=total, phases=", ".join(phases))

    def _say(self, key: str, **facts: object) -> None:
        if not self.talk.silent:
            self._print(TEXTS[key].format(**facts), self.err)

    def _print(self, text: str, stream: TextIO) -> None:
        self._line.wipe()
        # Written in one piece, so lines of two streams do not mix.
        stream.write(text + "\n")


def counted(count: int, what: str = "package") -> str:
    """Count packages, or python files (`file`), in words."""
    return TEXTS[f"one-{what}"] if count == 1 else TEXTS[f"{what}s"].format(count=count)


def _bar(done: int, total: int) -> str:
    share = min(done / total, 1) if total else 1
    full = "#" * round(share * _BAR)
    return TEXTS["progress"].format(
        bar=full.ljust(_BAR, "."), done=done / _MEGABYTE, total=total / _MEGABYTE
    )


def _listed(names: Sequence[str]) -> dict[str, str]:
    return {"packages": counted(len(names)), "names": ", ".join(names)}
