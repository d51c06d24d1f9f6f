"""The routes held against the solution, and the decisions that come of it."""

from __future__ import annotations

import pytest
from packaging.specifiers import SpecifierSet
from packaging.version import Version
from values import candidate, from_conda, knowledge, plan, record, solution

from pipguard.confirmation import confirm
from pipguard.errors import RoutingError
from pipguard.knowledge import Knowledge
from pipguard.names import pypi_name
from pipguard.plan import Candidate
from pipguard.present import Present
from pipguard.question import Question
from pipguard.records import Record
from pipguard.request import Install
from pipguard.routes import Decision
from pipguard.rules import decide

ALPHA = pypi_name("alpha")


def confirmed(it: Candidate, known: Knowledge, *records: Record) -> Decision:
    made = plan(it)
    routes = decide(made, Install(), known)
    (decision,) = confirm(Question(Install(), made, Present(()), routes, known), solution(*records))
    return decision


def typed(version: str = "1.0", asked: str = "alpha") -> Candidate:
    return candidate("alpha", version, asked=asked)


OFFERED = knowledge({"alpha": [record("alpha")]})


def test_a_confirmed_route_tells_the_version_that_will_be_there() -> None:
    decision = confirmed(typed("1.1"), OFFERED, record("alpha", "1.0.post1"))
    assert (decision.version, decision.conda_version) == ("1.0.post1", "1.0.post1")
    assert (decision.route, decision.reason) == ("conda", "conda-has-it")
    assert decision.requested


def test_a_decision_names_what_else_is_routed_and_requires_it() -> None:
    made = plan(
        candidate(
            "alpha", requires=["beta; extra == 'x'", "gamma"], asked="alpha[x]", extras=("x",)
        ),
        candidate("beta", requires=["gamma"]),
        candidate("gamma"),
    )
    routes = decide(made, Install(), knowledge())
    question = Question(Install(), made, Present(()), routes, knowledge())
    decided = confirm(question, solution(record("alpha"), record("beta"), record("gamma")))
    assert {it.name: it.required_by for it in decided} == {
        "alpha": (),
        "beta": ("alpha",),
        "gamma": ("alpha", "beta"),
    }


@pytest.mark.parametrize(
    ("page", "index"),
    [
        ("https://pypi.org/simple/alpha/", "https://pypi.org/simple/"),
        ("https://pypi.example/simple/Alpha", "https://pypi.example/simple/"),
        ("file:///srv/simple/alpha/index.html", "file:///srv/simple/"),
        ("https://acme.example/wheels.html", "https://acme.example/wheels.html"),
        (None, ""),
    ],
)
def test_a_decision_names_the_index_of_the_page_that_listed_it(
    page: str | None, index: str
) -> None:
    made = plan(candidate("alpha", asked="alpha", found_on=page))
    question = Question(
        Install(), made, Present(()), decide(made, Install(), knowledge()), knowledge()
    )
    (decision,) = confirm(question, solution(record("alpha")))
    assert decision.index == index


def test_the_version_is_the_dists_where_condas_is_another() -> None:
    there = record("alpha", "2024b_1")
    seen = {(ALPHA, there.key): Version("2024.2")}
    decision = confirmed(typed("2024.2"), knowledge({"alpha": [there]}, versions=seen), there)
    assert (decision.version, decision.conda_version) == ("2024.2", "2024b_1")


def test_a_converted_package_keeps_pips_version_beside_condas() -> None:
    decision = confirmed(typed("1.0+cu121"), knowledge(), record("alpha", build="cu121_0"))
    assert (decision.version, decision.conda_version) == ("1.0+cu121", "1.0")


@pytest.mark.parametrize(
    ("planned", "behind"), [("1.0", False), ("1.1", True), ("1.0.post1", True), ("0.9", False)]
)
def test_a_decision_knows_whether_pypi_is_ahead(planned: str, *, behind: bool) -> None:
    decision = confirmed(typed(planned), OFFERED, record("alpha"))
    assert (decision.planned, decision.is_behind) == (planned, behind)


def test_what_is_kept_knows_what_pypi_has() -> None:
    known = knowledge({"alpha": [record("alpha")]}, from_conda("alpha"))
    decision = confirmed(typed("1.1"), known, record("alpha"))
    assert (decision.route, decision.version, decision.planned) == ("keep", "1.0", "1.1")
    assert decision.is_behind


def test_a_promised_dist_that_the_solution_lacks_is_an_error() -> None:
    with pytest.raises(RoutingError) as caught:
        confirmed(typed(), OFFERED, record("beta"))
    assert caught.value.reference == "promised-dist-missing"


def test_a_version_that_was_excluded_is_an_error() -> None:
    with pytest.raises(RoutingError) as caught:
        confirmed(typed("1.0", "alpha>=1"), OFFERED, record("alpha", "0.9"))
    assert caught.value.reference == "promised-version-missing"


def test_a_condition_that_came_up_later_counts() -> None:
    known = knowledge({"alpha": [record("alpha")]}, conditions={ALPHA: SpecifierSet(">=1")})
    with pytest.raises(RoutingError):
        confirmed(typed(), known, record("alpha", "0.9"))
