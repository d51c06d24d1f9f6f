"""What the tour shows: commands before their output, what was proved, and the closing table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TextIO

from pipguard.messages import TOUR

_FLAWS = 10
"""How many are shown of a step; where one file is wrong, a thousand may be."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is not as a step says; `reference` is worded in `messages.TOUR`."""

    reference: str
    subject: str = ""
    expected: str = ""
    found: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one step: no flaws is good."""

    step: str
    flaws: tuple[Flaw, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Narrator:
    """Speaks on one stream, line by line, so that a log can be followed."""

    out: TextIO

    def tell(self, key: str, **facts: object) -> None:
        """Say one sentence of the catalogue."""
        self._line(TOUR[key].format(**facts))

    def pass_on(self, line: str) -> None:
        """Show a line that a command has written."""
        self._line(line)

    def result(self, result: Result) -> None:
        """Say right after a step whether it did what it says."""
        for flaw in result.flaws[:_FLAWS]:
            what = TOUR[f"flaw-{flaw.reference}"].format(
                subject=flaw.subject, expected=flaw.expected, found=flaw.found
            )
            self.tell("flaw", what=what)
        if len(result.flaws) > _FLAWS:
            self.tell("more-flaws", count=len(result.flaws) - _FLAWS)
        if not result.flaws:
            self.tell("proved", what=TOUR[f"proof-{result.step}"])

    def summary(self, results: Iterable[Result], seconds: float) -> None:
        """Close with a line per step, and name the steps that failed."""
        results = tuple(results)
        self.tell("summary")
        for result in results:
            verdict = TOUR["failed" if result.flaws else "ok"]
            title = TOUR[f"step-{result.step}"]
            self.tell("summary-row", title=title, verdict=verdict, seconds=result.seconds)
        failed = [TOUR[f"step-{result.step}"] for result in results if result.flaws]
        closing = "closing-failed" if failed else "closing"
        self.tell(closing, failed="; ".join(failed), seconds=seconds)

    def _line(self, text: str) -> None:
        encoding = self.out.encoding or "utf-8"  # not every locale can say everything
        self.out.write(text.encode(encoding, "replace").decode(encoding) + "\n")
        self.out.flush()
