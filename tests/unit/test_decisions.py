"""Golden decisions: plan, shelves and policy in, routes with their reasons out."""

from __future__ import annotations

import pytest
from cases import Case, cases

from pipguard.reasons import Reason

_CASES = cases()


@pytest.mark.parametrize("case", _CASES, ids=lambda it: it.name.replace(" ", "-"))
def test_golden(case: Case) -> None:
    assert case.outcome() == case


def test_each_reason_has_a_case() -> None:
    told = " ".join(line for case in _CASES for line in case.routes).split()
    left = {Reason.NOT_NEEDED.value} if any(case.left for case in _CASES) else set()
    words = {word.strip(",") for word in told} | left
    assert {it.value for it in Reason} - words == set()


def test_no_two_cases_bear_one_name() -> None:
    names = [case.name for case in _CASES]
    assert len(names) == len(set(names))
