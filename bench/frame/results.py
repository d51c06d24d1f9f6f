"""What was found and whether it is good enough: as a table, and as JSON.

A `Result` is one line of the table, a `Report` all of them with the machine. Pure but for reading
and writing the JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.frame.machine import Machine
from bench.frame.timing import Series, Taken

SCHEMA = 1
TIMES = "×"  # noqa: RUF001 # the sign for it
_HEAD = ("case", "against", "ours", "theirs", "figure", "cpu", "goal", "ok")


@dataclass(frozen=True, slots=True)
class Result:
    """One claim, measured.

    Attributes:
        case: its name, for choosing it.
        title: what was done.
        against: what it is compared with.
        figure: what was found, in `unit`; of the clock, and in `processor` of processors.
        goal: the most it may be; None where nothing is promised.
        caches: which caches are warm.
        ours: the medians of our side, and `theirs` of the other; seconds.
        rounds: how many runs of each count.
        note: what else must be known to judge it.
    """

    case: str
    title: str
    against: str
    figure: float
    unit: str
    goal: float | None
    caches: str = ""
    processor: float | None = None
    ours: Taken | None = None
    theirs: Taken | None = None
    rounds: int = 1
    note: str = ""

    @property
    def verdict(self) -> str:
        if self.goal is None:
            return "-"
        return "yes" if self.figure <= self.goal else "NO"

    def row(self) -> tuple[str, ...]:
        return (
            self.title,
            self.against,
            _seconds(self.ours),
            _seconds(self.theirs),
            shown(self.figure, self.unit),
            "-" if self.processor is None else shown(self.processor, self.unit),
            "-" if self.goal is None else "≤ " + shown(self.goal, self.unit),
            self.verdict,
        )


def ratio(ours: Series, theirs: Series) -> dict[str, Any]:
    """Compare by dividing the medians: the fields of a result that say so."""
    our, their = ours.middle, theirs.middle
    return {
        **_both(ours, theirs),
        "figure": our.clock / their.clock,
        "processor": our.processor / their.processor,
        "unit": TIMES,
    }


def more(ours: Series, theirs: Series, *, unit: str = "s") -> dict[str, Any]:
    """Compare by subtracting, pair by pair, and take the median: for what a fixed cost adds."""
    factor = {"s": 1.0, "ms": 1000.0}[unit]
    pairs = list(zip(ours.runs, theirs.runs, strict=True))
    clock = Series(tuple(Taken(a.clock - b.clock, a.processor - b.processor) for a, b in pairs))
    return {
        **_both(ours, theirs),
        "figure": clock.middle.clock * factor,
        "processor": clock.middle.processor * factor,
        "unit": unit,
    }


def absolute(found: Series) -> dict[str, Any]:
    """Compare with nothing: the seconds themselves."""
    middle = found.middle
    return {
        "figure": middle.clock,
        "processor": middle.processor,
        "unit": "s",
        "ours": middle,
        "rounds": len(found.runs),
    }


def _both(ours: Series, theirs: Series) -> dict[str, Any]:
    return {"ours": ours.middle, "theirs": theirs.middle, "rounds": len(ours.runs)}


def shown(value: float, unit: str) -> str:
    """Write a figure with as many digits as mean something."""
    digits = {TIMES: 2, "s": 2, "ms": 1}.get(unit, 0)
    return f"{value:.{digits}f} {unit}"


def _seconds(taken: Taken | None) -> str:
    return "-" if taken is None else f"{taken.clock:.2f} [{taken.processor:.2f}] s"


@dataclass(frozen=True, slots=True)
class Report:
    """All that one run of the bench has found."""

    machine: Machine
    results: tuple[Result, ...]

    def text(self) -> str:
        """Write the table, with what is said once above and below it."""
        return "\n".join(
            [
                *self.machine.lines(),
                "Medians; seconds of the clock, and of processors in brackets and under cpu.",
                "",
                *table([_HEAD, *(result.row() for result in self.results)]),
                "",
                *self.remarks(),
            ]
        )

    def remarks(self) -> Iterator[str]:
        """Say what holds of several results, once, with their cases."""
        for kind in ("caches", "note"):
            said: dict[str, list[str]] = {}
            for result in self.results:
                if text := getattr(result, kind):
                    said.setdefault(text, []).append(result.case)
            for text, cases in said.items():
                yield f"{kind}, {', '.join(dict.fromkeys(cases))}: {text}"

    def document(self) -> dict[str, Any]:
        results = [{**asdict(it), "ok": it.verdict != "NO"} for it in self.results]
        return {"schema": SCHEMA, "machine": asdict(self.machine), "results": results}

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(_rounded(self.document()), indent=2, ensure_ascii=False)
        path.write_text(text + "\n", encoding="utf-8")


def read(path: Path) -> Report:
    """Read what `Report.write` has written."""
    document = json.loads(path.read_text("utf-8"))
    return Report(Machine(**document["machine"]), tuple(map(_result, document["results"])))


def _result(fields: Mapping[str, Any]) -> Result:
    sides = {side: _taken(fields[side]) for side in ("ours", "theirs")}
    return Result(**{key: value for key, value in fields.items() if key != "ok"} | sides)


def _taken(fields: Mapping[str, float] | None) -> Taken | None:
    return None if fields is None else Taken(**fields)


def _rounded(value: Any) -> Any:
    """Leave out the digits that mean nothing."""
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    return [_rounded(each) for each in value] if isinstance(value, list) else value


def table(rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """Align columns."""
    lines = list(rows)
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        yield "  ".join(
            cell.ljust(width) for cell, width in zip(line, widths, strict=True)
        ).rstrip()
