"""Golden decisions: who installs a candidate, and why."""

from __future__ import annotations

import pytest
from packaging.specifiers import SpecifierSet
from values import (
    by_pip,
    candidate,
    converted,
    from_conda,
    installed,
    knowledge,
    plan,
    record,
    solution,
)

from pipguard.confirmation import confirm
from pipguard.errors import RoutingError
from pipguard.names import CondaName, Known, KnownAbsent, Proposal, pypi_name
from pipguard.plan import Candidate, Source
from pipguard.policy import Policy, parse
from pipguard.records import InstalledRecord, Record
from pipguard.request import Install
from pipguard.routes import (
    Keep,
    Knowledge,
    Reason,
    Route,
    ToConda,
    ToConverted,
    ToPip,
    conda_name,
    converted_name,
    decide,
    wanted,
)

ALPHA = pypi_name("alpha")


def the_route(it: Candidate, known: Knowledge, request: Install | None = None) -> Route:
    (route,) = decide(plan(it), request or Install(), known)
    return route


def offered(*versions: str, name: str = "alpha") -> dict[str, list[Record]]:
    return {"alpha": [record(name, version) for version in versions]}


def typed(version: str = "1.0", asked: str = "alpha", **fields: object) -> Candidate:
    return candidate("alpha", version, asked=asked, **fields)


def policy(line: str) -> Policy:
    return parse(line, "policy.toml")


# One row for each reason.


@pytest.mark.parametrize(
    ("it", "known", "request_", "kind", "reason"),
    [
        (typed(), knowledge(offered("1.0")), Install(), ToConda, Reason.CONDA_HAS_IT),
        (
            candidate("pip", "26.3", asked="pip"),
            knowledge({"pip": [record("pip", "24.0")]}),
            Install(),
            ToConda,
            Reason.CONDA_HAS_THE_TOOL,
        ),
        (
            typed("1.1"),
            knowledge(offered("1.0"), from_conda("alpha", "1.0")),
            Install(),
            Keep,
            Reason.CONDA_NEWEST,
        ),
        (
            typed(),
            knowledge(offered("1.0"), policy=policy('[packages]\nalpha = "pypi"')),
            Install(),
            ToConverted,
            Reason.POLICY,
        ),
        (typed(source=Source.EDITABLE), knowledge(), Install(), ToPip, Reason.EDITABLE),
        (typed(source=Source.VCS), knowledge(offered("1.0")), Install(), ToPip, Reason.VCS),
        (
            typed(source=Source.ARCHIVE),
            knowledge(offered("1.0")),
            Install(),
            ToConverted,
            Reason.DIRECT_ARTIFACT,
        ),
        (
            typed(source=Source.FOLDER),
            knowledge(offered("1.0")),
            Install(),
            ToConverted,
            Reason.LOCAL_FOLDER,
        ),
        (
            typed(pinned=True),
            knowledge(offered("1.0")),
            Install(),
            ToConverted,
            Reason.HASH_PINNED,
        ),
        (
            typed(),
            knowledge(offered("1.0")),
            Install(hash_pinned=True),
            ToConverted,
            Reason.HASH_PINNED,
        ),
        (
            typed(),
            knowledge(offered("1.0")),
            Install(no_binary=frozenset({"alpha"})),
            ToConverted,
            Reason.NO_BINARY,
        ),
        (
            typed(),
            knowledge(offered("1.0")),
            Install(own_indexes=True),
            ToConverted,
            Reason.NAMED_INDEX,
        ),
        (
            candidate("alpha", on_other_index=True),
            knowledge(offered("1.0")),
            Install(),
            ToConverted,
            Reason.NAMED_INDEX,
        ),
        (typed(), knowledge(), Install(), ToConverted, Reason.NOT_ON_CONDA),
        (
            typed("1.2", "alpha>=1.1"),
            knowledge(offered("1.0")),
            Install(),
            ToConverted,
            Reason.VERSION_NOT_ON_CONDA,
        ),
        (
            typed(),
            knowledge(inadmissible=frozenset({ALPHA})),
            Install(),
            ToConverted,
            Reason.NOT_FOR_THIS_PYTHON,
        ),
        (
            typed(),
            knowledge(offered("1.0"), verified={(ALPHA, CondaName("alpha")): False}),
            Install(),
            ToConverted,
            Reason.PROVIDER_NOT_VERIFIED,
        ),
        (typed("2.0"), knowledge(offered("1.9")), Install(), ToConverted, Reason.CONDA_TOO_OLD),
        (
            typed("1.5"),
            knowledge(offered("1.1"), converted("alpha", "1.4")),
            Install(),
            ToConverted,
            Reason.CONDA_OLDER_THAN_INSTALLED,
        ),
        (
            typed(),
            knowledge(offered("1.0"), given_back=frozenset({ALPHA})),
            Install(),
            ToConverted,
            Reason.CONDA_CONFLICTS,
        ),
    ],
    ids=lambda it: it.value if isinstance(it, Reason) else "",
)
def test_each_reason_has_its_case(
    it: Candidate, known: Knowledge, request_: Install, kind: type[Route], reason: Reason
) -> None:
    route = the_route(it, known, request_)
    assert type(route) is kind
    assert route.because is reason


# The order of the rules.


def test_a_tool_comes_from_conda_even_when_pips_choice_is_a_major_ahead() -> None:
    known = knowledge({"setuptools": [record("setuptools", "69.0")]})
    route = the_route(candidate("setuptools", "80.1", asked="setuptools"), known)
    assert route.because is Reason.CONDA_HAS_THE_TOOL


def test_a_tool_that_was_named_by_its_url_is_that_artifact() -> None:
    known = knowledge({"pip": [record("pip", "24.0")]})
    route = the_route(candidate("pip", "26.3", asked="pip", source=Source.ARCHIVE), known)
    assert route.because is Reason.DIRECT_ARTIFACT


def test_policy_stands_above_what_the_command_line_names() -> None:
    known = knowledge(offered("1.0"), policy=policy('[packages]\nalpha = "conda"'))
    route = the_route(typed(), known, Install(own_indexes=True))
    assert (type(route), route.because) == (ToConda, Reason.POLICY)


def test_policy_conda_falls_through_where_conda_has_nothing_that_fits() -> None:
    known = knowledge(offered("1.0"), policy=policy('[packages]\nalpha = "conda"'))
    route = the_route(typed("2.0", "alpha>=2"), known)
    assert (type(route), route.because) == (ToConverted, Reason.VERSION_NOT_ON_CONDA)


def test_policy_pip_goes_to_true_pip() -> None:
    known = knowledge(offered("1.0"), policy=policy('[packages]\nalpha = "pip"'))
    assert type(the_route(typed(), known)) is ToPip


@pytest.mark.parametrize("choice", ["conda", "pypi"])
def test_an_editable_item_has_no_other_form_whatever_the_policy_prefers(choice: str) -> None:
    known = knowledge(offered("1.0"), policy=policy(f'[packages]\nalpha = "{choice}"'))
    route = the_route(typed(source=Source.EDITABLE), known)
    assert (type(route), route.because) == (ToPip, Reason.EDITABLE)


def test_what_the_policy_denies_is_refused_in_every_form() -> None:
    known = knowledge(policy=policy('[packages]\nalpha = "deny"'))
    with pytest.raises(RoutingError):
        the_route(typed(source=Source.EDITABLE), known)


def test_a_decision_of_the_policy_names_its_file() -> None:
    known = knowledge(policy=policy('prefer = "pypi-only"'))
    route = the_route(candidate("alpha"), known)
    assert (route.because, route.source) == (Reason.POLICY, "policy.toml")


def test_what_the_policy_denies_is_refused_with_its_source() -> None:
    known = knowledge(offered("1.0"), policy=policy('[packages]\n"al*" = "deny"'))
    with pytest.raises(RoutingError) as caught:
        the_route(typed(), known)
    assert caught.value.reference == "denied-by-policy"
    assert caught.value.facts == {"name": "alpha", "source": "policy.toml"}


def test_prefer_pypi_is_for_requests_alone() -> None:
    known = knowledge(
        {"alpha": [record("alpha")], "beta": [record("beta")]}, policy=policy('prefer = "pypi"')
    )
    routes = decide(plan(typed(requires=["beta"]), candidate("beta")), Install(), known)
    assert [it.because for it in routes] == [Reason.POLICY, Reason.CONDA_HAS_IT]


# Versions.


def test_every_condition_of_the_plan_counts_for_what_conda_may_offer() -> None:
    known = knowledge({"beta": [record("beta", version) for version in ("3.0", "2.5", "1.9")]})
    routes = decide(
        plan(typed(requires=["beta>=2"]), candidate("beta", "2.6", asked="beta<3")),
        Install(),
        known,
    )
    (beta,) = [it for it in routes if it.candidate.name == "beta"]
    assert isinstance(beta, ToConda)
    assert beta.record.version == "2.5"


def test_an_older_major_is_good_enough_for_a_dependency() -> None:
    route = the_route(candidate("alpha", "2024.1"), knowledge(offered("2023.9")))
    assert route.because is Reason.CONDA_HAS_IT


def test_an_older_minor_is_good_enough_for_a_request() -> None:
    assert the_route(typed("1.9"), knowledge(offered("1.0"))).because is Reason.CONDA_HAS_IT


def test_going_back_is_for_those_who_ask_for_it() -> None:
    known = knowledge(offered("1.1", "1.0"), from_conda("alpha", "1.4"))
    route = the_route(typed("1.0", "alpha<1.1"), known)
    assert isinstance(route, ToConda)
    assert route.record.version == "1.0"


def test_prereleases_of_conda_are_taken_only_where_pip_takes_one() -> None:
    known = knowledge(offered("2.0rc1", "1.0"))
    stable = the_route(typed("1.0"), known)
    early = the_route(typed("2.0rc1", "alpha"), known)
    assert isinstance(stable, ToConda)
    assert isinstance(early, ToConda)
    assert (stable.record.version, early.record.version) == ("1.0", "2.0rc1")


def test_a_conda_version_that_pep_440_cannot_read_never_breaks_the_decision() -> None:
    route = the_route(typed("2024.1", "alpha>=1"), knowledge(offered("9e")))
    assert route.because is Reason.VERSION_NOT_ON_CONDA


def test_a_better_proposal_wins_over_a_newer_version_of_another() -> None:
    known = knowledge({"alpha": [record("alpha-base", "1.0"), record("alpha-suite", "1.5")]})
    assert conda_name(the_route(typed(), known)) == "alpha-base"


def test_the_next_proposal_serves_when_the_first_is_another_thing() -> None:
    known = knowledge(
        {"alpha": [record("alpha"), record("python-alpha")]},
        verified={(ALPHA, CondaName("alpha")): False},
    )
    route = the_route(typed(), known)
    assert (conda_name(route), route.because) == ("python-alpha", Reason.CONDA_HAS_IT)


# Upgrades and what is installed.


@pytest.mark.parametrize(
    ("present", "request_", "asked", "kind"),
    [
        (from_conda("alpha", "1.0"), Install(), "alpha", Keep),
        (from_conda("alpha", "0.9"), Install(), "alpha", ToConda),
        (from_conda("alpha", "1.0"), Install(reinstall=True), "alpha", ToConda),
        (from_conda("alpha", "1.5"), Install(), "alpha<1.2", ToConda),
        (converted("alpha", "1.0"), Install(), "alpha", ToConda),
        (by_pip("alpha", "1.0"), Install(), "alpha", ToConda),
        (installed(record("alpha-base", "1.0"), "alpha"), Install(), "alpha", ToConda),
    ],
)
def test_only_condas_own_newest_is_kept(
    present: InstalledRecord, request_: Install, asked: str, kind: type[Route]
) -> None:
    route = the_route(typed("1.1", asked), knowledge(offered("1.0"), present), request_)
    assert type(route) is kind


# Names of converted packages.


def test_a_converted_package_bears_the_pypi_name_where_that_is_free() -> None:
    assert converted_name(pypi_name("acme-tool"), knowledge()) == "acme-tool"


def test_a_converted_package_never_impersonates_another_project() -> None:
    known = knowledge(offered("1.0"), verified={(ALPHA, CondaName("alpha")): False})
    assert conda_name(the_route(typed(), known)) == "pypi-alpha"


def test_a_converted_package_takes_the_name_that_provably_ships_the_dist() -> None:
    """So that conda's packages that depend on it are satisfied."""
    known = knowledge(
        answers={ALPHA: Known((Proposal(CondaName("python-alpha"), "table"),))},
        verified={(ALPHA, CondaName("python-alpha")): True},
    )
    assert converted_name(ALPHA, known) == "python-alpha"


@pytest.mark.parametrize("answer", [KnownAbsent("table"), None])
def test_a_proposed_name_that_nobody_verified_is_not_taken(answer: KnownAbsent | None) -> None:
    known = knowledge(answers={ALPHA: answer} if answer else {})
    assert converted_name(ALPHA, known) == "alpha"


def test_a_converted_package_stays_under_the_name_of_its_owner() -> None:
    present = installed(record("alpha-base", "1.0"), "alpha")
    assert converted_name(ALPHA, knowledge({}, present)) == "alpha-base"


# What is wanted.


def names(routes: tuple[Route, ...]) -> set[str]:
    return {str(route.candidate.name) for route in routes}


def test_what_only_a_conda_package_needs_leaves_the_plan() -> None:
    items = plan(typed(requires=["nvidia"]), candidate("nvidia"))
    routes = decide(items, Install(), knowledge(offered("1.0")))
    assert names(wanted(routes, items)) == {"alpha"}


def test_what_a_converted_package_needs_is_wanted_down_to_the_last() -> None:
    items = plan(
        typed(requires=["beta"]), candidate("beta", requires=["gamma"]), candidate("gamma")
    )
    routes = decide(items, Install(), knowledge())
    assert names(wanted(routes, items)) == {"alpha", "beta", "gamma"}


def test_a_request_is_wanted_although_a_conda_package_needs_it_too() -> None:
    items = plan(typed(requires=["beta"]), candidate("beta", asked="beta"))
    assert names(wanted(decide(items, Install(), knowledge(offered("1.0"))), items)) == {
        "alpha",
        "beta",
    }


def test_what_an_extra_of_a_conda_package_brings_is_wanted() -> None:
    items = plan(
        typed(extras=["more"], requires=["beta; extra == 'more'", "gamma"]),
        candidate("beta"),
        candidate("gamma"),
    )
    routes = decide(items, Install(), knowledge(offered("1.0")))
    assert names(wanted(routes, items)) == {"alpha", "beta"}


def test_an_extra_that_asks_for_other_extras_of_itself_is_followed() -> None:
    items = plan(
        typed(extras=["all"], requires=["alpha[more]; extra == 'all'", "beta; extra == 'more'"]),
        candidate("beta"),
    )
    routes = decide(items, Install(), knowledge(offered("1.0")))
    assert names(wanted(routes, items)) == {"alpha", "beta"}


def test_what_a_converted_package_asks_in_brackets_of_a_conda_package_is_wanted() -> None:
    items = plan(
        typed(requires=["beta[more]"]),
        candidate("beta", requires=["gamma; extra == 'more'", "delta"]),
        candidate("gamma"),
        candidate("delta"),
    )
    routes = decide(items, Install(), knowledge({"beta": [record("beta")]}))
    assert names(wanted(routes, items)) == {"alpha", "beta", "gamma"}


def test_with_only_deps_everything_in_the_plan_is_meant() -> None:
    items = plan(candidate("beta"), candidate("gamma"))
    assert names(wanted(decide(items, Install(), knowledge()), items)) == {"beta", "gamma"}


def test_a_circle_of_requirements_ends() -> None:
    items = plan(typed(requires=["beta"]), candidate("beta", requires=["alpha[x]"]))
    assert names(wanted(decide(items, Install(), knowledge()), items)) == {"alpha", "beta"}


# Confirmation.


def test_a_confirmed_route_tells_the_version_that_will_be_there() -> None:
    route = the_route(typed("1.1"), knowledge(offered("1.0")))
    (decision,) = confirm([route], solution(record("alpha", "1.0.post1")), {})
    assert (decision.version, decision.conda_version) == ("1.0.post1", "1.0.post1")
    assert (decision.route, decision.reason) == ("conda", "conda-has-it")
    assert decision.requested


def test_a_converted_package_keeps_pips_version_beside_condas() -> None:
    route = the_route(typed("1.0+cu121"), knowledge())
    (decision,) = confirm([route], solution(record("alpha", "1.0", build="cu121_0")), {})
    assert (decision.version, decision.conda_version) == ("1.0+cu121", "1.0")


def test_a_promised_dist_that_the_solution_lacks_is_an_error() -> None:
    route = the_route(typed(), knowledge(offered("1.0")))
    with pytest.raises(RoutingError) as caught:
        confirm([route], solution(record("beta")), {})
    assert caught.value.reference == "promised-dist-missing"


def test_a_version_that_was_excluded_is_an_error() -> None:
    route = the_route(typed(), knowledge(offered("1.0")))
    with pytest.raises(RoutingError) as caught:
        confirm([route], solution(record("alpha", "0.9")), {ALPHA: SpecifierSet(">=1")})
    assert caught.value.reference == "promised-version-missing"
