"""The page about speed holds against the figures it was drawn from."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import nullcontext

import pytest

from bench import chart
from bench.frame.cases import Case, chosen, run
from bench.frame.results import Report, Result, read, shown
from bench.frame.stage import Stage
from bench.frame.timing import Series, Taken, in_turn, ran


@pytest.fixture(scope="module")
def report() -> Report:
    return read(chart.JSON)


def test_the_chart_is_drawn_from_the_figures(report: Report) -> None:
    assert chart.SVG.read_text("utf-8") == chart.draw(report)


def test_the_table_of_the_page_is_made_of_the_figures(report: Report) -> None:
    text = chart.PAGE.read_text("utf-8")
    assert chart.page(text, report) == text
    assert all(shown(result.figure, result.unit) in text for result in report.results)


def test_every_goal_of_the_table_has_a_result(report: Report) -> None:
    from bench.__main__ import PROMISED  # noqa: PLC0415 # beside the tests of the frame alone

    promised = [name for case in PROMISED for name in case.names]
    assert [result.case for result in report.results] == promised


def test_sides_alternate_and_the_first_round_does_not_count() -> None:
    order: list[str] = []

    def side(name: str) -> Taken:
        order.append(name)
        return Taken(float(len(order)), 0.0)

    found = in_turn(2, {name: lambda it=name: side(it) for name in ("ours", "theirs")})  # type: ignore[misc]
    assert order == ["theirs", "ours", "ours", "theirs", "theirs", "ours"]
    assert found["ours"] == Series((Taken(3.0, 0.0), Taken(6.0, 0.0)))


def test_a_case_that_fails_says_why_and_the_others_are_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fails(_stage: Stage, _rounds: int) -> Iterator[Result]:
        yield Result("first", "before", "-", 1.0, "s", goal=2.0)
        ran([sys.executable, "-c", "raise SystemExit('no index')"])

    def works(_stage: Stage, rounds: int) -> Iterator[Result]:
        yield Result("second", "after", "-", 1.0, "s", goal=0.5, rounds=rounds)

    told: list[Report] = []
    cases = [Case(("first",), fails), Case(("second",), works, rounds=3)]
    # Neither case looks at the stage.
    assert run(cases, told.append, place=nullcontext) is False
    assert [(it.case, it.verdict, it.rounds) for it in told[0].results] == [
        ("first", "yes", 1),
        ("second", "NO", 3),
    ]
    assert "no index" in capsys.readouterr().err


def test_a_case_that_is_not_known_is_refused_by_name() -> None:
    with pytest.raises(SystemExit, match="no case frist; there are first, second"):
        chosen([Case(("first", "second"), lambda _stage, _rounds: iter(()))], "frist")
