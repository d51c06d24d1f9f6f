"""What `uv pip sync` takes away, and what it never touches."""

from __future__ import annotations

from dataclasses import replace

import pytest
import values
from fakes import Outside

from pipguard import guard
from pipguard.errors import RoutingError
from pipguard.leaving import superfluous
from pipguard.names import PyPIName
from pipguard.plan import Plan
from pipguard.present import Present
from pipguard.records import InstalledRecord, elsewhere, untracked
from pipguard.request import Install


def plan(*named: str) -> Plan:
    return replace(values.plan(), named=frozenset(map(PyPIName, named)))


def going(asked: Plan, *items: InstalledRecord) -> list[str]:
    return [name for name, _ in superfluous(asked, Present(items, ()), frozenset()).versions]


@pytest.mark.parametrize("item", [values.converted("alpha"), values.by_pip("alpha")])
def test_what_came_from_pypi_and_is_not_named_goes(item: InstalledRecord) -> None:
    assert going(plan(), item) == ["alpha"]
    assert going(plan("alpha"), item) == []


def test_what_conda_brought_stays_though_nobody_names_it() -> None:
    assert going(plan(), values.from_conda("alpha"), values.PYTHON) == []


def test_a_dist_that_conda_meta_does_not_know_goes_as_well() -> None:
    present = Present((), (untracked(values.dist("alpha", "2.0")),))

    assert superfluous(plan(), present, frozenset()).versions == (("alpha", "2.0"),)


def test_what_lies_outside_the_environment_is_not_its_to_remove() -> None:
    present = Present((), elsewhere=(elsewhere(PyPIName("alpha"), "2.0"),))

    assert superfluous(plan(), present, frozenset()).versions == ()


@pytest.mark.parametrize("name", ["pip", "setuptools", "uv", "wheel"])
def test_the_tools_that_uv_spares_stay(name: str) -> None:
    assert going(plan(), values.by_pip(name), values.converted(name)) == []


def test_what_pipguard_runs_on_stays() -> None:
    present, needed = Present((values.converted("alpha"),), ()), frozenset({PyPIName("alpha")})

    assert superfluous(plan(), present, needed).versions == ()


def test_what_is_planned_stays_under_its_name() -> None:
    asked = replace(values.plan(values.candidate("alpha", "2.0")), named=frozenset())

    assert going(asked, values.converted("alpha")) == []


def test_a_package_with_several_dists_stays_while_one_is_named() -> None:
    both = replace(
        values.converted("alpha"), files=values.installed(values.record("x"), "alpha", "beta").files
    )

    assert going(plan("beta"), both) == []
    assert going(plan(), both) == ["alpha", "beta"]


def test_where_pip_does_not_tell_the_names_nothing_goes() -> None:
    with pytest.raises(RoutingError) as caught:
        superfluous(values.plan(), Present((values.converted("alpha"),), ()), frozenset())

    assert caught.value.reference == "names-untold"


# Within an install


def outside(*named: str, **fields: object) -> Outside:
    made = Outside.of(values.candidate("new", asked="new"), **fields)  # type: ignore[arg-type]
    made.planner.made = replace(made.planner.made, named=frozenset(map(PyPIName, named)))
    return made


def test_what_goes_is_part_of_the_one_change() -> None:
    present = (values.converted("old"), values.by_pip("local"))
    world = outside("new", present=present)

    done = guard.install(Install(exactly=True), world.world())

    (change,) = world.journal.changes
    assert {record.name for record in change.records} == {"python", "new"}
    assert change.before == (values.PYTHON, *present)
    assert change.uninstalls == ("local",)
    assert change.removed == done.outcome.removed == (("local", "1.0"), ("old", "1.0"))
    assert change.removed_specs == ("local", "old")


def test_what_goes_does_not_stand_in_the_way_of_what_comes() -> None:
    old = values.converted("old", depends=("new <1",))
    world = outside("new", present=(old,))

    guard.install(Install(exactly=True), world.world())

    (change,) = world.journal.changes
    assert "new" in {record.name for record in change.records}


def test_any_other_install_removes_nothing() -> None:
    world = outside("new", present=(values.converted("old"),))

    assert guard.install(Install(), world.world()).outcome.removed == ()


def test_a_dry_run_tells_what_would_go_and_changes_nothing() -> None:
    world = outside("new", present=(values.converted("old"),))

    done = guard.install(Install(exactly=True, dry_run=True), world.world())

    assert done.outcome.removed == (("old", "1.0"),)
    assert world.journal.changes == []
