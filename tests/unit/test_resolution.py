"""From a plan to a solution that keeps every promise, over fakes of all seams.

Longer than a module should be: it is the table of all that may come in between.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes import FakeNameTable, Outside, package
from packaging.specifiers import SpecifierSet
from values import (
    PYTHON,
    by_pip,
    candidate,
    converted,
    dist,
    from_conda,
    installed,
    record,
)

from pipguard.errors import EngineError, RoutingError, Unsolvable
from pipguard.names import CondaName, pypi_name
from pipguard.plan import Candidate, Source
from pipguard.policy import parse
from pipguard.present import look_at
from pipguard.records import InstalledRecord, Origin, untracked
from pipguard.request import Install
from pipguard.resolution import Resolution, resolve


def resolved(outside: Outside, request: Install | None = None) -> Resolution:
    present = look_at(outside.environment, outside.planner.made)
    return resolve(request or Install(), outside.planner.made, present, outside.sources())


def typed(name: str, version: str = "1.0", **fields: object) -> Candidate:
    return candidate(name, version, **({"asked": name} | fields))


def reasons(resolution: Resolution) -> dict[str, str]:
    return {it.name: it.reason for it in resolution.decisions}


def limit(outside: Outside, **specifiers: str) -> None:
    """Put constraints on the command line."""
    limits = {pypi_name(name): SpecifierSet(text) for name, text in specifiers.items()}
    outside.planner.made = replace(outside.planner.made, limits=limits)


def versions(resolution: Resolution) -> dict[str, str]:
    """Version by conda name of what will be there, python aside."""
    found = {str(it.name): it.version for it in resolution.solution.records}
    del found["python"]
    return found


# One solve.


def test_one_solve_serves_conda_and_converted_packages_together() -> None:
    outside = Outside.of(
        typed("alpha", requires=["beta>=1", "gamma"]),
        candidate("beta", "1.6"),
        candidate("gamma"),
        channel=[record("beta", "1.5", depends=["libbeta"]), record("libbeta", "3.0")],
    )
    resolution = resolved(outside)
    assert reasons(resolution) == {
        "alpha": "not-on-conda",
        "beta": "conda-has-it",
        "gamma": "not-on-conda",
    }
    assert versions(resolution) == {"alpha": "1.0", "beta": "1.5", "gamma": "1.0", "libbeta": "3.0"}
    assert len(outside.engine.problems) == 1


def test_every_solve_pins_python_and_respects_all_pins() -> None:
    outside = Outside.of(typed("alpha"), channel=[record("alpha", "1.0"), record("alpha", "0.9")])
    outside.environment.specs = ("alpha <1",)
    outside.pinned = ("openssl 3.*",)
    assert versions(resolved(outside)) == {"alpha": "0.9"}
    for problem in outside.engine.problems:
        assert {"python 3.11.*", "alpha <1", "openssl 3.*"} <= set(problem.constraints)


def test_a_pin_that_stands_in_the_way_is_named_with_the_place_where_it_stands() -> None:
    outside = Outside.of(typed("alpha"), channel=[record("alpha")])
    outside.environment.specs = ("openssl 3.*",)
    outside.pinned = ("alpha <1",)
    with pytest.raises(Unsolvable) as caught:
        resolved(outside)
    assert [(it.name, it.detail) for it in caught.value.obstacles] == [("alpha <1", "~/.condarc")]


def test_nothing_unrelated_changes() -> None:
    outside = Outside.of(
        typed("alpha"),
        channel=[record("alpha"), record("beta", "2.0")],
        present=[from_conda("beta", "1.0"), converted("gamma"), by_pip("delta")],
    )
    resolution = resolved(outside)
    assert versions(resolution) == {"alpha": "1.0", "beta": "1.0", "delta": "1.0", "gamma": "1.0"}


def test_a_prerelease_of_the_channel_is_not_slipped_in_by_the_solver() -> None:
    outside = Outside.of(
        typed("alpha"), channel=[record("alpha", "2.0rc1"), record("alpha", "1.0")]
    )
    assert versions(resolved(outside)) == {"alpha": "1.0"}


def test_what_is_converted_is_solved_in_exactly_the_planned_version() -> None:
    outside = Outside.of(typed("alpha", "1.5"), present=[converted("alpha", "1.0")])
    resolution = resolved(outside)
    assert versions(resolution) == {"alpha": "1.5"}
    assert outside.engine.problems[0].unlocked == {CondaName("alpha")}


# Conflicts.


def test_a_conda_package_in_conflict_is_given_back_to_pypi() -> None:
    outside = Outside.of(
        typed("alpha", "2.0"),
        channel=[record("alpha", "2.0", depends=["libx >=2"]), record("libx", "2.0")],
        present=[from_conda("uses-x", depends=["libx <2"]), from_conda("libx", "1.0")],
    )
    resolution = resolved(outside)
    assert reasons(resolution) == {"alpha": "conda-conflicts"}
    assert versions(resolution)["libx"] == "1.0"
    assert len(outside.engine.problems) == 2


def test_only_the_names_in_conflict_are_given_back() -> None:
    outside = Outside.of(
        typed("alpha", "2.0"),
        typed("beta"),
        channel=[record("alpha", "2.0", depends=["libx >=2"]), record("beta")],
    )
    outside.engine.channel += (package(record("alphabet")),)
    assert reasons(resolved(outside)) == {"alpha": "conda-conflicts", "beta": "conda-has-it"}


def test_a_conflict_that_pypi_cannot_solve_either_is_told_as_it_is() -> None:
    outside = Outside.of(
        typed("alpha", requires=["libx>=2"]),
        candidate("libx", "2.0"),
        present=[from_conda("uses-x", depends=["libx <2"]), from_conda("libx", "1.0")],
    )
    with pytest.raises(Unsolvable) as caught:
        resolved(outside)
    assert caught.value.facts["asked"] == "alpha"
    (obstacle,) = caught.value.obstacles
    assert (obstacle.name, obstacle.version, obstacle.detail) == ("uses-x", "1.0", "libx <2")


def test_the_number_of_solves_is_bounded() -> None:
    chain = [f"a{number}" for number in range(9)]
    outside = Outside.of(
        *(typed(name) for name in chain),
        channel=[record(name) for name in chain],
    )
    outside.pinned = tuple(f"{name} <0" for name in chain)
    with pytest.raises(Unsolvable):
        resolved(outside)
    assert len(outside.engine.problems) <= 2 * (1 + 16) + 3 * 8


# Providers.


def test_a_provider_that_ships_another_thing_makes_way_for_the_next() -> None:
    outside = Outside.of(
        typed("alpha"),
        channel=[package(record("alpha"), "other"), package(record("python-alpha"), "alpha")],
        names=FakeNameTable({"alpha": ["alpha", "python-alpha"]}),
    )
    resolution = resolved(outside)
    assert versions(resolution) == {"python-alpha": "1.0"}
    assert reasons(resolution) == {"alpha": "conda-has-it"}


def test_a_metapackage_is_believed_for_what_it_brings_along() -> None:
    base = package(record("alpha-base"), "alpha")
    meta = package(record("alpha", depends=["alpha-base"]), "")
    resolution = resolved(Outside.of(typed("alpha"), channel=[meta, base]))
    assert reasons(resolution) == {"alpha": "conda-has-it"}


def test_without_a_true_provider_the_wheel_is_converted_under_a_free_name() -> None:
    outside = Outside.of(typed("alpha"), channel=[package(record("alpha"), "")])
    resolution = resolved(outside)
    assert reasons(resolution) == {"alpha": "provider-not-verified"}
    assert versions(resolution) == {"pypi-alpha": "1.0"}


def test_what_will_be_linked_is_looked_into_before_it_is_believed() -> None:
    """The purl of a record is a claim; the fetched package is the proof."""
    claims = record("alpha", purls=("pkg:pypi/alpha",))
    outside = Outside.of(typed("alpha"), channel=[package(claims, "other")])
    assert reasons(resolved(outside)) == {"alpha": "provider-not-verified"}


def test_a_dry_run_fetches_nothing() -> None:
    outside = Outside.of(typed("alpha"), channel=[record("alpha")])
    assert reasons(resolved(outside, Install(dry_run=True))) == {"alpha": "conda-has-it"}
    assert outside.engine.fetched == []
    assert outside.engine.looked_into == [CondaName("alpha")]


def test_a_package_that_was_altered_stops_the_install() -> None:
    outside = Outside.of(typed("alpha"), channel=[package(record("alpha"), "alpha", intact=False)])
    with pytest.raises(EngineError) as caught:
        resolved(outside)
    assert caught.value.reference == "package-altered"


def test_a_dist_that_conda_names_otherwise_is_converted_under_condas_name() -> None:
    """So that conda's packages that depend on it are satisfied."""
    outside = Outside.of(
        typed("torch", "2.5", asked="torch>=2.5"),
        channel=[package(record("pytorch", "2.1"), "torch")],
        names=FakeNameTable({"torch": ["pytorch"]}),
    )
    resolution = resolved(outside)
    assert reasons(resolution) == {"torch": "version-not-on-conda"}
    assert versions(resolution) == {"pytorch": "2.5"}


def test_a_version_in_the_name_holds_for_the_conda_package() -> None:
    outside = Outside.of(
        typed("pyqt5", "5.15"),
        channel=[package(record("pyqt", version), "pyqt5") for version in ("6.1", "5.14", "9e")],
        names=FakeNameTable({"pyqt5": ["pyqt 5.*"]}),
    )
    assert versions(resolved(outside)) == {"pyqt": "5.14"}


def test_a_conda_package_for_another_python_is_passed_over() -> None:
    outside = Outside.of(typed("alpha"), channel=[record("alpha", depends=["python 3.12.*"])])
    assert reasons(resolved(outside)) == {"alpha": "not-for-this-python"}


def test_what_a_policy_denies_is_never_solved_for() -> None:
    outside = Outside.of(typed("alpha"), policy=parse('[packages]\nalpha = "deny"', "file"))
    with pytest.raises(RoutingError):
        resolved(outside)
    assert outside.engine.problems == []


# What is there already.


def test_a_dist_that_moves_to_another_conda_package_leaves_the_old_one() -> None:
    outside = Outside.of(
        typed("alpha", "2.0"),
        channel=[package(record("python-alpha", "2.0"), "alpha")],
        present=[converted("alpha", "1.0")],
        names=FakeNameTable({"alpha": ["python-alpha"]}),
    )
    assert versions(resolved(outside)) == {"python-alpha": "2.0"}


def test_drift_satisfies_those_who_depend_on_it() -> None:
    outside = Outside.of(typed("alpha", requires=["beta>=1"]), others=[dist("beta", "1.2")])
    resolution = resolved(outside)
    (beta,) = [it for it in resolution.solution.records if it.name == "beta"]
    assert beta.origin is Origin.UNTRACKED
    assert resolution.replaced == ()


def test_what_pip_found_elsewhere_satisfies_those_who_depend_on_it() -> None:
    outside = Outside.of(typed("alpha", requires=["beta>=1"]))
    outside.planner.made = replace(outside.planner.made, elsewhere={pypi_name("beta"): "1.2"})
    resolution = resolved(outside)
    assert versions(resolution) == {"alpha": "1.0", "beta": "1.2"}
    assert resolution.solution.by_name()[CondaName("beta")].origin is Origin.UNTRACKED


def test_what_lies_elsewhere_is_replaced_here_and_not_removed_there() -> None:
    outside = Outside.of(typed("beta", "2.0"))
    outside.planner.made = replace(outside.planner.made, elsewhere={pypi_name("beta"): "1.2"})
    resolution = resolved(outside)
    assert versions(resolution) == {"beta": "2.0"}
    assert resolution.replaced == ()


@pytest.mark.parametrize("here", [from_conda("beta", "2.0"), untracked(dist("beta", "2.0"))])
def test_of_a_name_that_is_also_elsewhere_the_environments_own_counts(
    here: InstalledRecord,
) -> None:
    drift = here.record.origin is Origin.UNTRACKED
    outside = Outside.of(
        present=[] if drift else [here], others=[dist("beta", "2.0")] if drift else []
    )
    outside.planner.made = replace(outside.planner.made, elsewhere={pypi_name("beta"): "1.2"})
    assert look_at(outside.environment, outside.planner.made).all == (PYTHON, here)


def test_drift_with_a_version_that_nobody_can_read_stops_nothing() -> None:
    outside = Outside.of(typed("alpha"), others=[dist("beta", "unknown"), dist("gamma", "1.0-x")])
    assert versions(resolved(outside))["alpha"] == "1.0"


def test_drift_that_the_plan_replaces_must_go_first() -> None:
    outside = Outside.of(typed("beta", "2.0"), others=[dist("beta", "1.0")])
    resolution = resolved(outside)
    assert resolution.replaced == (pypi_name("beta"),)
    assert versions(resolution) == {"beta": "2.0"}


def test_a_dist_of_true_pip_that_conda_takes_over_must_go_first() -> None:
    outside = Outside.of(
        typed("alpha", "2.0"), channel=[record("alpha", "2.0")], present=[by_pip("alpha", "1.0")]
    )
    resolution = resolved(outside)
    assert resolution.replaced == (pypi_name("alpha"),)
    assert versions(resolution) == {"alpha": "2.0"}


def test_conda_meta_wins_over_a_stray_dist_of_the_same_name() -> None:
    present = installed(record("beta", "1.0"))
    outside = Outside.of(present=[present], others=[dist("beta", "0.9")])
    assert look_at(outside.environment).all == (PYTHON, present)


# Options.


def test_with_no_deps_nothing_else_is_demanded() -> None:
    outside = Outside.of(typed("alpha", requires=["beta"]))
    resolution = resolved(outside, Install(dependencies=False))
    (alpha,) = [it for it in resolution.solution.records if it.name == "alpha"]
    assert alpha.depends == ("python",)
    assert versions(resolution) == {"alpha": "1.0"}


def test_what_was_asked_is_worded_for_conda_and_extras_become_requests() -> None:
    outside = Outside.of(
        typed(
            "alpha",
            "1.2",
            asked="alpha[more]>=1",
            extras=["more"],
            requires=["beta; extra == 'more'", "gamma"],
        ),
        candidate("beta"),
        candidate("gamma"),
        channel=[record("beta")],
    )
    assert resolved(outside).requested == {"alpha": "alpha >=1", "beta": "beta"}


def test_with_only_deps_the_dependencies_are_solved_and_nobody_asked_for_them() -> None:
    outside = Outside.of(candidate("beta"), candidate("gamma"), channel=[record("beta")])
    resolution = resolved(outside)
    assert reasons(resolution) == {"beta": "conda-has-it", "gamma": "not-on-conda"}
    assert resolution.requested == {}


def test_a_repository_is_solved_as_what_true_pip_will_leave() -> None:
    outside = Outside.of(
        typed(
            "alpha",
            source=Source.VCS,
            url="https://git.example/alpha.git",
            vcs="git",
            commit="0f1e",
            requires=["beta"],
        ),
        candidate("beta"),
    )
    (alpha,) = [it for it in resolved(outside).solution.records if it.name == "alpha"]
    assert alpha.origin is Origin.PIP
    assert alpha.url == "git+https://git.example/alpha.git@0f1e"
    assert alpha.depends == ("python", "beta")


def test_a_constraint_of_the_command_line_holds_for_conda() -> None:
    outside = Outside.of(
        candidate("beta", "1.5"),
        channel=[record("beta", "2.0"), record("beta", "1.5")],
    )
    limit(outside, beta="<2")
    assert versions(resolved(outside)) == {"beta": "1.5"}


def test_a_constraint_holds_for_what_conda_brings_along() -> None:
    outside = Outside.of(
        typed("alpha"),
        channel=[record("alpha", depends=["beta"]), record("beta", "2.0"), record("beta", "1.5")],
    )
    limit(outside, beta="<2")
    assert versions(resolved(outside)) == {"alpha": "1.0", "beta": "1.5"}


def test_a_constraint_on_what_is_there_changes_nothing() -> None:
    """Pip leaves alone what it was not asked to install."""
    outside = Outside.of(
        typed("alpha"),
        channel=[record("alpha"), record("beta", "1.5")],
        present=[from_conda("beta", "2.0")],
    )
    limit(outside, beta="<2")
    assert versions(resolved(outside)) == {"alpha": "1.0", "beta": "2.0"}


def test_a_spelling_that_only_the_channel_knows_is_found() -> None:
    """A private channel is in no table, and conda spells with underscores and dots as well."""
    outside = Outside.of(typed("acme-tool"), channel=[package(record("acme_tool"), "acme-tool")])
    assert reasons(resolved(outside)) == {"acme-tool": "conda-has-it"}
