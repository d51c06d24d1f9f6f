"""What of a plan is wanted once conda provides a part of it."""

from __future__ import annotations

from values import candidate, knowledge, plan, record

from pipguard.knowledge import Knowledge
from pipguard.names import pypi_name
from pipguard.plan import Plan
from pipguard.request import Install
from pipguard.rules import decide


def names(items: Plan, known: Knowledge) -> set[str]:
    return {str(route.candidate.name) for route in decide(items, Install(), known)}


def on_conda(*offered: str, **fields: object) -> Knowledge:
    return knowledge({name: [record(name)] for name in offered}, **fields)


def test_what_only_a_conda_package_needs_leaves_the_plan() -> None:
    items = plan(candidate("alpha", asked="alpha", requires=["nvidia"]), candidate("nvidia"))
    assert names(items, on_conda("alpha")) == {"alpha"}


def test_what_a_converted_package_needs_is_wanted_down_to_the_last() -> None:
    items = plan(
        candidate("alpha", asked="alpha", requires=["beta"]),
        candidate("beta", requires=["gamma"]),
        candidate("gamma"),
    )
    assert names(items, on_conda()) == {"alpha", "beta", "gamma"}


def test_a_request_is_wanted_although_a_conda_package_needs_it_too() -> None:
    items = plan(
        candidate("alpha", asked="alpha", requires=["beta"]), candidate("beta", asked="beta")
    )
    assert names(items, on_conda("alpha")) == {"alpha", "beta"}


def test_what_an_extra_of_a_conda_package_brings_is_wanted() -> None:
    items = plan(
        candidate(
            "alpha", asked="alpha", extras=["more"], requires=["beta; extra == 'more'", "gamma"]
        ),
        candidate("beta"),
        candidate("gamma"),
    )
    assert names(items, on_conda("alpha")) == {"alpha", "beta"}


def test_an_extra_that_asks_for_other_extras_of_itself_is_followed() -> None:
    requires = ["alpha[more]; extra == 'all'", "beta; extra == 'more'"]
    items = plan(
        candidate("alpha", asked="alpha", extras=["all"], requires=requires), candidate("beta")
    )
    assert names(items, on_conda("alpha")) == {"alpha", "beta"}


def test_what_a_converted_package_asks_in_brackets_of_a_conda_package_is_wanted() -> None:
    items = plan(
        candidate("alpha", asked="alpha", requires=["beta[more]"]),
        candidate("beta", requires=["gamma; extra == 'more'", "delta"]),
        candidate("gamma"),
        candidate("delta"),
    )
    assert names(items, on_conda("beta")) == {"alpha", "beta", "gamma"}


def test_with_only_deps_everything_in_the_plan_is_meant() -> None:
    assert names(plan(candidate("beta"), candidate("gamma")), on_conda()) == {"beta", "gamma"}


def test_a_circle_of_requirements_ends() -> None:
    items = plan(
        candidate("alpha", asked="alpha", requires=["beta"]),
        candidate("beta", requires=["alpha[x]"]),
    )
    assert names(items, on_conda()) == {"alpha", "beta"}


def test_what_turned_out_to_be_needed_is_wanted_with_what_it_needs() -> None:
    items = plan(
        candidate("alpha", asked="alpha"), candidate("beta", requires=["gamma"]), candidate("gamma")
    )
    known = on_conda("alpha", needed=frozenset({pypi_name("beta")}))
    assert names(items, known) == {"alpha", "beta", "gamma"}
