"""The page about speed holds against the figures it was drawn from."""

from __future__ import annotations

import pytest

from bench import chart
from bench.frame.cases import Case, chosen
from bench.frame.results import Report, read, shown
from bench.frame.timing import Series, Taken, in_turn


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


def test_a_case_that_is_not_known_is_refused_by_name() -> None:
    with pytest.raises(SystemExit, match="no case frist; there are first, second"):
        chosen([Case(("first", "second"), lambda _stage, _rounds: iter(()))], "frist")
