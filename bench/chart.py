"""Draws the chart of the docs out of the JSON of a run, and writes the table beside it.

    python -m bench.chart [JSON]      build/bench.json by default

takes that run into the docs: `docs/speed.json`, `docs/speed.svg` and the table of `docs/speed.md`.
A test holds the latter two against the first. Take a run of a quiet machine.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path

from bench import ROOT
from bench.frame.results import TIMES, Report, Result, read, shown

JSON, SVG, PAGE = (ROOT / f"docs/speed.{ending}" for ending in ("json", "svg", "md"))
BEGIN, END = "<!-- drawn from speed.json -->\n", "<!-- end -->\n"
_WIDTH, _LABEL, _BAR, _TOP, _ROW = 900, 420, 300, 70, 34
_WIDEST = 2.5  # times the other side: what is longer is cut off, and an arrow says so
_NAMESPACE = 'xmlns="http://www.w3.org/2000/svg"'
_TITLE = "What pipguard takes, beside what it is compared with"
_STYLE = """
    text { font: 13px system-ui, sans-serif; fill: #24292f; }
    .small { font-size: 11px; fill: #57606a; }
    .kept { fill: #2f7d4f; } .missed { fill: #b35900; }
    .one { stroke: #57606a; stroke-dasharray: 3 3; } .goal { stroke: #24292f; stroke-width: 2; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3; } .small { fill: #9da7b1; }
      .kept { fill: #4fae78; } .missed { fill: #e08a3c; }
      .one { stroke: #9da7b1; } .goal { stroke: #e6edf3; }
    }
"""


def share(result: Result) -> tuple[float, float | None]:
    """Tell how many times the other side ours is, and how many times it may be at most."""
    if result.unit == TIMES or result.theirs is None or result.ours is None:
        return result.figure, result.goal
    ours, theirs, unit = result.ours.clock, result.theirs.clock, {"ms": 1000.0}.get(result.unit, 1)
    if result.unit == "MB":
        ours, theirs = result.ours.memory, result.theirs.memory
    return ours / theirs, None if result.goal is None else (theirs + result.goal / unit) / theirs


def draw(report: Report) -> str:
    """Draw a bar for each result, as a part of what the other side takes."""
    machine, _, when = report.machine.lines()
    height = _TOP + _ROW * len(report.results) + 40
    return "\n".join(
        [
            f'<svg {_NAMESPACE} viewBox="0 0 {_WIDTH} {height}" role="img">',
            f"  <title>{_TITLE}</title>",
            f"  <style>{_STYLE}  </style>",
            _text(0, 18, _TITLE),
            _text(0, 36, machine, "small"),
            _text(0, 50, when, "small"),
            _text(_x(1), _TOP - 12, "1 = the other side", "small", anchor="middle"),
            _line(_x(1), _TOP - 8, _TOP + _ROW * len(report.results), "one"),
            *(line for at, it in enumerate(report.results) for line in _row(it, _TOP + at * _ROW)),
            _text(0, height - 14, "Upright line: the goal. Left of it is better.", "small"),
            "</svg>",
            "",
        ]
    )


def _row(result: Result, top: int) -> Iterator[str]:
    ours, goal = share(result)
    kind = "missed" if result.verdict == "NO" else "kept"
    yield _text(0, top + 15, result.title)
    yield _text(0, top + 28, f"against {result.against}", "small")
    width = _x(ours) - _LABEL
    yield f'  <rect class="{kind}" x="{_LABEL}" y="{top + 4}" width="{width:.1f}" height="18" />'
    if goal is not None and goal <= _WIDEST:
        yield _line(_x(goal), top + 1, top + 25, "goal")
    said = "→ " if ours > _WIDEST else ""
    said += shown(result.figure, result.unit)
    if result.goal is not None:
        said += f", goal {shown(result.goal, result.unit)}"
    yield _text(_LABEL + _BAR + 10, top + 18, said)


def _x(times: float) -> float:
    return _LABEL + _BAR * min(times, _WIDEST) / _WIDEST


def _text(x: float, y: float, words: str, kind: str = "", *, anchor: str = "") -> str:
    more = f' class="{kind}"' if kind else ""
    more += f' text-anchor="{anchor}"' if anchor else ""
    return f'  <text x="{x:.1f}" y="{y}"{more}>{escape(words)}</text>'


def _line(x: float, top: int, bottom: int, kind: str) -> str:
    return f'  <line class="{kind}" x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{bottom}" />'


def table(report: Report) -> str:
    """Write the table of the page, with what must be known of it."""
    head = ("case", "against", "ours", "theirs", "figure", "of processors", "goal", "reached")
    rows = [head, ("---",) * len(head), *(result.row() for result in report.results)]
    about = "\n".join(f"- {line}" for line in (*report.machine.lines(), *report.remarks()))
    lines = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return f"{BEGIN}{lines}\n\n{about}\n{END}"


def page(text: str, report: Report) -> str:
    """Put the table into the page."""
    before, _, rest = text.partition(BEGIN)
    return before + table(report) + rest.partition(END)[2]


def main(path: Path) -> None:
    """Take a run into the docs."""
    report = read(path)
    report.write(JSON)
    SVG.write_text(draw(report), encoding="utf-8")
    PAGE.write_text(page(PAGE.read_text("utf-8"), report), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else ROOT / "build/bench.json")
