"""How much can be kept is found by asking, soundly, and without asking for ever."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipguard.conflicts import Kept, most

ITEMS = tuple(range(64))


class Solver:
    """Fails where any of these sets is whole, and counts how often it was asked."""

    def __init__(self, *forbidden: frozenset[int]) -> None:
        self.forbidden = forbidden
        self.asked: list[frozenset[int]] = []

    def __call__(self, kept: frozenset[int]) -> frozenset[int] | None:
        self.asked.append(kept)
        return None if any(each <= kept for each in self.forbidden) else kept


def found(
    solver: Solver, items: tuple[int, ...] = ITEMS, budget: int = 10_000
) -> Kept[int, object]:
    kept = most(items, solver, budget)
    assert kept is not None
    return kept


@pytest.mark.parametrize("culprit", [0, 1, 31, 32, 63])
def test_one_culprit_among_many_is_found_in_few_questions(culprit: int) -> None:
    solver = Solver(frozenset({culprit}))
    assert found(solver).items == set(ITEMS) - {culprit}
    assert len(solver.asked) <= 1 + 2 * 6


def test_of_two_that_exclude_one_another_the_first_is_kept() -> None:
    assert found(Solver(frozenset({3, 60}))).items == set(ITEMS) - {60}


def test_where_nothing_helps_it_is_said_after_one_question() -> None:
    solver = Solver(frozenset())
    assert most(ITEMS, solver, 99) is None
    assert len(solver.asked) == 1


def test_when_the_budget_is_spent_what_is_undecided_is_not_kept() -> None:
    solver = Solver(frozenset({0}), frozenset({40}))
    kept = found(solver, budget=4)
    assert len(solver.asked) == 4
    assert not kept.items & {0, 40}


Conflicts = st.lists(st.frozensets(st.integers(0, 15), min_size=1, max_size=3), max_size=4)


@given(forbidden=Conflicts, budget=st.integers(1, 40))
def test_what_is_kept_was_tried(forbidden: list[frozenset[int]], budget: int) -> None:
    solver = Solver(*forbidden)
    kept = found(solver, tuple(range(16)), budget)
    assert kept.items in solver.asked
    assert kept.answer == kept.items
    assert len(solver.asked) <= budget


@given(forbidden=Conflicts.filter(bool))
def test_nothing_more_could_be_kept(forbidden: list[frozenset[int]]) -> None:
    attempt: Callable[[frozenset[int]], object] = Solver(*forbidden)
    items = tuple(range(16))
    if Solver(*forbidden)(frozenset(items)) is not None:
        return
    kept = found(Solver(*forbidden), items)
    assert all(attempt(kept.items | {item}) is None for item in set(items) - kept.items)
