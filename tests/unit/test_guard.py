"""The story of an install and of an uninstall, over fakes of everything outside."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes import FakeConverter, Outside, package
from values import by_pip, candidate, converted, dist, from_conda, installed, record

from pipguard import guard
from pipguard.change import Outcome
from pipguard.errors import (
    ConversionError,
    EngineError,
    PipguardError,
    PlanError,
    PrefixError,
    RoutingError,
    TransactionError,
    Unsolvable,
)
from pipguard.guard import Done
from pipguard.names import CondaName, PyPIName, pypi_name
from pipguard.plan import Candidate, Source
from pipguard.policy import parse
from pipguard.records import InstalledRecord
from pipguard.removal import Removal, plan_removal, uninstall
from pipguard.request import Install, Uninstall

ALPHA = pypi_name("alpha")


def typed(name: str, version: str = "1.0", **fields: object) -> Candidate:
    return candidate(name, version, **({"asked": name} | fields))


def installs(outside: Outside, request: Install | None = None) -> Done:
    return guard.install(request or Install(), outside.world())


def leaves(*names: str) -> Uninstall:
    return Uninstall(tuple(pypi_name(name) for name in names), confirmed=True)


def removal_of(outside: Outside, *names: str) -> Removal:
    return plan_removal(leaves(*names), outside.world())


def uninstalls(outside: Outside, *names: str) -> Outcome:
    return uninstall(leaves(*names), removal_of(outside, *names), outside.world())


# Install.


def test_conda_and_converted_packages_arrive_in_one_change() -> None:
    outside = Outside.of(
        typed("alpha", requires=["beta"]), candidate("beta"), channel=[record("beta", "0.9")]
    )
    done = installs(outside)
    assert done.outcome.installed == (("alpha", "1.0"), ("beta", "0.9"))
    assert outside.versions() == {"alpha": "1.0", "beta": "0.9"}
    assert len(outside.journal.changes) == 1


def test_only_what_is_converted_is_fetched_by_pip() -> None:
    outside = Outside.of(
        typed("alpha", requires=["beta"]), candidate("beta"), channel=[record("beta")]
    )
    installs(outside)
    assert outside.planner.fetched == [ALPHA]


def test_what_was_converted_before_is_not_fetched_again() -> None:
    converter = FakeConverter()
    first = Outside.of(typed("alpha"), converter=converter)
    installs(first)
    second = Outside.of(typed("alpha"), converter=converter)
    installs(second)
    assert second.planner.fetched == []
    assert second.versions() == {"alpha": "1.0"}


def test_the_routes_are_told_before_anything_is_fetched() -> None:
    outside = Outside.of(typed("alpha"))
    installs(outside)
    assert outside.reporter.told == ["planning", "routed", "fetching alpha", "converting alpha"]


def test_what_conda_brings_along_is_told() -> None:
    outside = Outside.of(
        typed("alpha"), channel=[record("alpha", depends=["libx"]), record("libx", "3.0")]
    )
    installs(outside)
    assert [it.name for it in outside.reporter.beside] == ["libx"]


def test_what_condas_packages_do_not_need_is_told_and_never_fetched() -> None:
    outside = Outside.of(
        typed("alpha", requires=["beta"]), candidate("beta"), channel=[record("alpha")]
    )
    installs(outside)
    assert outside.reporter.out == ("beta",)
    assert outside.planner.fetched == []
    assert outside.versions() == {"alpha": "1.0"}


def test_what_metadata_asks_for_and_nobody_has_is_told() -> None:
    asks = package(record("alpha"), requires=["beta>=2", "python-thing"])
    outside = Outside.of(
        typed("alpha"), channel=[asks, record("beta", "1.0")], present=[from_conda("beta", "1.0")]
    )
    installs(outside)
    assert outside.reporter.notices == [
        ("requirement-unmet", {"dist": "alpha", "requirement": "beta>=2", "found": "1.0"}),
        ("requirement-missing", {"dist": "alpha", "requirement": "python-thing", "found": None}),
    ]


def test_where_all_is_satisfied_nothing_but_pip_is_asked() -> None:
    outside = Outside.of()
    outside.planner.already = ("Requirement already satisfied: alpha in /env",)
    world = guard.World(
        outside.planner,
        outside.environment,
        sources=lambda: pytest.fail("no name table, no channel and no engine are needed"),
        journal=outside.journal,
        reporter=outside.reporter,
        workshop=outside.world().workshop,
        protected=frozenset,
    )
    done = guard.install(Install(), world)
    assert done == Done(Outcome(), satisfied=outside.planner.already)
    assert outside.untouched


def test_a_dry_run_touches_nothing_and_tells_the_same_routes() -> None:
    candidates = (typed("alpha", requires=["beta"]), candidate("beta"))
    dry, wet = (Outside.of(*candidates, channel=[record("beta")]) for _ in range(2))
    done = installs(dry, Install(dry_run=True))
    assert done.decisions == installs(wet).decisions
    assert done.outcome == Outcome()
    assert dry.untouched
    assert (dry.journal.begun, dry.engine.fetched, dry.planner.fetched) == (0, [], [])
    assert dry.converter.made == {}


def test_an_editable_comes_last_and_its_dependencies_through_conda() -> None:
    tree = typed("tree", source=Source.EDITABLE, url="file:///src/tree", requires=["beta"])
    outside = Outside.of(tree, candidate("beta"), channel=[record("beta")])
    done = installs(outside)
    (change,) = outside.journal.changes
    assert outside.true_pip.installed == [pypi_name("tree")]
    assert "tree" not in {record.name for record in change.records}
    assert done.outcome.installed == (("beta", "1.0"), ("tree", "1.0"))


def test_a_dist_that_pip_had_brought_is_taken_out_before_the_engine_links() -> None:
    outside = Outside.of(
        typed("alpha", "2.0"), channel=[record("alpha", "2.0")], others=[dist("alpha", "1.0")]
    )
    installs(outside)
    assert outside.true_pip.uninstalled == [ALPHA]
    assert outside.environment.others == ()


def test_drift_is_nothing_that_the_engine_could_link() -> None:
    outside = Outside.of(typed("alpha", requires=["beta"]), others=[dist("beta")])
    installs(outside)
    assert outside.versions() == {"alpha": "1.0"}


@pytest.mark.parametrize(
    ("request_", "source", "anew"),
    [
        (Install(), Source.INDEX, []),
        (Install(reinstall=True), Source.INDEX, ["alpha"]),
        (Install(), Source.FOLDER, ["alpha"]),
        (Install(), Source.ARCHIVE, ["alpha"]),
    ],
)
def test_what_is_there_is_linked_anew_where_that_was_asked_or_may_differ(
    request_: Install, source: Source, anew: list[str]
) -> None:
    outside = Outside.of(typed("alpha", source=source), present=[converted("alpha")])
    installs(outside, request_)
    assert outside.engine.reinstalled == anew


def test_bytecode_is_made_unless_it_was_refused() -> None:
    outside = Outside.of(typed("alpha"))
    installs(outside, Install(compile=False))
    assert not outside.journal.changes[0].compile


def test_the_version_that_pip_names_is_kept_where_conda_has_no_word_for_it() -> None:
    outside = Outside.of(typed("alpha", "1.0+cu121"))
    assert installs(outside).outcome.installed == (("alpha", "1.0+cu121"),)


# Failures: whatever happens before the change, the prefix is as it was.


def _no_plan(outside: Outside) -> None:
    outside.planner.failure = PlanError("pip-failed", status=1, text="")


def _no_channel(outside: Outside) -> None:
    outside.engine.unreadable = True


def _altered_package(outside: Outside) -> None:
    outside.engine.channel = (package(record("beta"), intact=False),)


def _no_solution(outside: Outside) -> None:
    outside.pinned = ("alpha <1",)


def _no_wheel(outside: Outside) -> None:
    outside.planner.unfetchable = frozenset({ALPHA})


def _hostile_wheel(outside: Outside) -> None:
    outside.converter.hostile = frozenset({ALPHA})


def _denied(outside: Outside) -> None:
    outside.policy = parse('[packages]\nalpha = "deny"', "file")


@pytest.mark.parametrize(
    ("breaks", "error"),
    [
        (_no_plan, PlanError),
        (_no_channel, EngineError),
        (_altered_package, EngineError),
        (_no_solution, Unsolvable),
        (_no_wheel, PlanError),
        (_hostile_wheel, ConversionError),
        (_denied, RoutingError),
    ],
)
def test_a_failure_before_the_change_leaves_everything_as_it_was(
    breaks: object, error: type[PipguardError]
) -> None:
    outside = Outside.of(
        typed("alpha", requires=["beta"]), candidate("beta"), channel=[record("beta")]
    )
    before = outside.environment.installed
    breaks(outside)  # type: ignore[operator]
    with pytest.raises(error):
        installs(outside)
    assert outside.untouched
    assert outside.environment.installed == before
    assert not outside.journal.locked


def test_a_failure_of_the_change_itself_is_told_as_one() -> None:
    outside = Outside.of(typed("alpha"))
    outside.engine.breaks_on = CondaName("alpha")
    with pytest.raises(TransactionError) as caught:
        installs(outside)
    assert caught.value.restored
    assert not outside.journal.locked


@pytest.mark.parametrize("surprise", ["gamma", "beta-lib >=2"])
def test_a_wheel_that_needs_more_than_its_index_said_is_not_linked(surprise: str) -> None:
    converter = FakeConverter(surprising={ALPHA: (surprise,)})
    outside = Outside.of(typed("alpha"), converter=converter)
    with pytest.raises(RoutingError) as caught:
        installs(outside)
    assert caught.value.reference == "wheel-differs-from-plan"
    assert outside.untouched


def test_a_wheel_that_needs_what_is_there_anyway_is_linked() -> None:
    converter = FakeConverter(surprising={ALPHA: ("python 3.11.*", "beta", "__unix")})
    outside = Outside.of(typed("alpha"), converter=converter, present=[from_conda("beta")])
    assert installs(outside).outcome.installed == (("alpha", "1.0"),)


def test_with_no_deps_a_wheel_may_need_what_it_likes() -> None:
    converter = FakeConverter(surprising={ALPHA: ("gamma",)})
    outside = Outside.of(typed("alpha"), converter=converter)
    done = installs(outside, Install(dependencies=False))
    assert done.outcome.installed == (("alpha", "1.0"),)


# Uninstall.


def test_each_dist_is_removed_by_whom_it_belongs_to() -> None:
    outside = Outside.of(
        present=[from_conda("alpha"), converted("beta"), by_pip("gamma")], others=[dist("delta")]
    )
    removal = removal_of(outside, "alpha", "beta", "gamma", "delta", "epsilon")
    assert [it.record.name for it in removal.by_engine] == ["alpha", "beta"]
    assert removal.by_pip == ("gamma", "delta")
    assert removal.unknown == ("epsilon",)
    assert removal.versions == tuple((it, "1.0") for it in ("alpha", "beta", "delta", "gamma"))


def test_finding_out_touches_nothing() -> None:
    outside = Outside.of(present=[from_conda("alpha")])
    removal_of(outside, "alpha")
    assert outside.untouched
    assert outside.journal.begun == 0


def test_all_that_was_named_goes_and_nothing_else() -> None:
    outside = Outside.of(
        present=[from_conda("alpha"), converted("beta"), by_pip("gamma"), from_conda("stays")],
        others=[dist("delta")],
    )
    outcome = uninstalls(outside, "alpha", "beta", "gamma", "delta")
    assert outside.versions() == {"stays": "1.0"}
    assert outside.environment.others == ()
    assert outcome.removed == tuple((it, "1.0") for it in ("alpha", "beta", "delta", "gamma"))
    (change,) = outside.journal.changes
    assert change.removed_specs == ("alpha", "beta", "gamma")


def test_what_shares_a_package_goes_with_it_and_is_told() -> None:
    outside = Outside.of(present=[installed(record("suite"), "alpha", "beta")])
    removal = removal_of(outside, "alpha")
    assert removal.also == (PyPIName("beta"),)
    assert [name for name, _ in removal.versions] == ["alpha", "beta"]


def test_who_depends_on_it_is_told() -> None:
    outside = Outside.of(
        present=[
            from_conda("alpha"),
            by_pip("gamma"),
            from_conda("user", depends=["alpha >=1", "gamma", "python"]),
        ]
    )
    removal = removal_of(outside, "alpha", "gamma")
    assert removal.dependants == (("user", "alpha"), ("user", "gamma"))


@pytest.mark.parametrize("present", [[], [from_conda("alpha", "0.9")]])
def test_what_pipguard_runs_on_is_not_replaced_under_it(present: list[InstalledRecord]) -> None:
    outside = Outside.of(typed("alpha"), present=present, protected=frozenset({ALPHA}))
    with pytest.raises(RoutingError, match="pipguard-itself"):
        installs(outside)
    assert outside.untouched


def test_pipguard_does_not_saw_off_what_it_runs_on() -> None:
    """Its own modules were gone in the middle of the operation, which ended as unexpected."""
    outside = Outside.of(present=[from_conda("alpha")], protected=frozenset({ALPHA}))
    with pytest.raises(RoutingError, match="pipguard-at-work"):
        removal_of(outside, "alpha")
    assert outside.untouched


def test_two_dists_of_one_package_are_one_removal() -> None:
    outside = Outside.of(present=[installed(record("suite"), "alpha", "beta")])
    removal = removal_of(outside, "alpha", "beta")
    assert len(removal.by_engine) == 1
    assert removal.also == ()


def test_the_remains_of_a_dist_that_pip_has_overwritten_go_through_pip() -> None:
    """Its package goes through the engine; the metadata folder that pip left is in no record."""
    outside = Outside.of(present=[from_conda("alpha", "1.0")], others=[dist("alpha", "2.0")])
    uninstalls(outside, "alpha")
    assert outside.versions() == {}
    assert outside.true_pip.uninstalled == [ALPHA]


def test_an_uninstall_that_was_agreed_to_on_other_facts_is_not_carried_out() -> None:
    outside = Outside.of(present=[converted("alpha")])
    agreed = replace(removal_of(outside, "alpha"), versions=(("alpha", "0.9"),))
    with pytest.raises(PrefixError) as caught:
        uninstall(leaves("alpha"), agreed, outside.world())
    assert caught.value.reference == "changed-meanwhile"
    assert outside.journal.changes == []
