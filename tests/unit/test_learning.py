"""Which packages are opened before anything is solved: those on which a decision turns."""

from __future__ import annotations

from fakes import FakeNameTable, Outside, package
from values import candidate, installed, record

from pipguard.knowledge import Knowledge
from pipguard.learning import learn, look
from pipguard.names import CondaName
from pipguard.present import look_at
from pipguard.request import Install
from pipguard.rules import decide


def opened(outside: Outside) -> list[str]:
    """Which packages are looked into when it comes to deciding."""
    known = learn(outside.planner.made, look_at(outside.environment), outside.sources())
    routes = decide(outside.planner.made, Install(), known)
    again: Knowledge = look(routes, known, outside.engine)
    seen = [str(name) for name in outside.engine.looked_into]
    assert look(routes, again, outside.engine) == again
    assert [str(name) for name in outside.engine.looked_into] == seen
    return seen


def test_where_conda_has_it_nothing_is_opened_before_the_solve() -> None:
    assert opened(Outside.of(candidate("alpha", asked="alpha"), channel=[record("alpha")])) == []


def test_whose_name_a_converted_package_would_take_is_opened_once() -> None:
    channel = [record("alpha", "0.9"), record("alpha", "0.8")]
    assert opened(Outside.of(candidate("alpha", asked="alpha>=1"), channel=channel)) == ["alpha"]


def test_a_newer_twin_is_opened_and_an_older_one_is_not() -> None:
    names = FakeNameTable({"alpha": ["alpha", "alpha-new", "alpha_old"]})
    channel = [record("alpha", "1.0"), record("alpha-new", "1.1"), record("alpha_old", "0.9")]
    outside = Outside.of(candidate("alpha", "1.1", asked="alpha"), channel=channel, names=names)
    assert opened(outside) == ["alpha-new"]


def test_of_many_proposals_three_are_tried() -> None:
    names = FakeNameTable({"alpha": [f"alpha-{number}" for number in range(9)]})
    channel = [record(f"alpha-{number}", "0.9") for number in range(9)]
    outside = Outside.of(candidate("alpha", asked="alpha>=1"), channel=channel, names=names)
    assert opened(outside) == ["alpha-0", "alpha-1", "alpha-2"]


def test_a_version_that_says_nothing_is_looked_up() -> None:
    channel = [package(record("alpha", "9e"), "alpha 1.5")]
    outside = Outside.of(candidate("alpha", "1.5", asked="alpha>=1"), channel=channel)
    assert opened(outside) == ["alpha"]


def test_who_owns_it_already_needs_no_look() -> None:
    outside = Outside.of(
        candidate("alpha", "2.0", asked="alpha>=2"),
        channel=[record("alpha-base", "1.0")],
        present=[installed(record("alpha-base", "1.0"), "alpha")],
        names=FakeNameTable({"alpha": ["alpha-base"]}),
    )
    assert opened(outside) == []


def test_an_umbrella_without_a_dist_disproves_nothing() -> None:
    names = FakeNameTable({"alpha": ["alpha", "alpha-base"]})
    channel = [
        package(record("alpha", "0.9", depends=["alpha-base"]), ""),
        package(record("alpha-base", "0.9"), "alpha"),
    ]
    outside = Outside.of(candidate("alpha", asked="alpha>=1"), channel=channel, names=names)
    known = learn(outside.planner.made, look_at(outside.environment), outside.sources())
    seen = look(decide(outside.planner.made, Install(), known), known, outside.engine)
    alpha = outside.planner.made.candidates[0].name
    assert seen.verified == {(alpha, CondaName("alpha-base")): True}
