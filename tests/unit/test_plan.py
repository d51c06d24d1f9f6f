"""pip's installation report, versions "0" and "1", becomes a plan."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from packaging.specifiers import SpecifierSet
from values import candidate, plan

from pipguard.errors import RoutingError
from pipguard.names import pypi_name
from pipguard.plan import Plan, Source, active_requirements, parse_report
from pipguard.provenance import Listing, Places

_REPORTS = Path(__file__).parent.parent / "data/reports"


def report(version: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((_REPORTS / f"version-{version}.json").read_text())
    return document


@pytest.fixture(scope="module")
def recent() -> Plan:
    return parse_report(report("1"))


def test_each_kind_of_source_is_told_from_its_download_info(recent: Plan) -> None:
    assert {str(it.name): it.source for it in recent.candidates} == {
        "alpha": Source.INDEX,
        "beta-lib": Source.ARCHIVE,
        "folder": Source.FOLDER,
        "tree": Source.EDITABLE,
        "repo": Source.VCS,
        "delta": Source.INDEX,
    }


def test_only_editable_and_vcs_are_for_true_pip(recent: Plan) -> None:
    assert {str(it.name) for it in recent.candidates if it.by_true_pip} == {"tree", "repo"}


def test_no_credential_of_any_url_is_in_a_plan(recent: Plan) -> None:
    shown = repr(recent)
    assert "hunter2" not in shown
    assert "token" not in shown
    assert recent.by_name()[pypi_name("repo")].url == "https://git.example/acme/repo.git"


def test_names_are_normalised_and_the_metadata_keeps_its_own(recent: Plan) -> None:
    beta = recent.by_name()[pypi_name("beta-lib")]
    assert beta.name == "beta-lib"
    assert beta.metadata.name == "beta_lib"


@pytest.mark.parametrize(
    ("version", "name", "sha256"),
    [
        ("1", "alpha", "1" * 64),
        ("1", "beta-lib", "2" * 64),
        ("1", "delta", None),
        ("1", "tree", None),
        ("0", "alpha", "5a0fcd6ea5afc2a0f1e1ae8b3c6b7a4c4b2b71c9d3e4f5a6b7c8d9e0f1a2b3c4"),
        ("0", "beta-lib", None),
    ],
)
def test_the_sha256_is_found_in_both_forms_and_other_hashes_do_not_count(
    version: str, name: str, sha256: str | None
) -> None:
    parsed = parse_report(report(version)).by_name()[pypi_name(name)]
    assert parsed.sha256 == sha256


def test_a_repository_keeps_tool_commit_and_subdirectory(recent: Plan) -> None:
    repo = recent.by_name()[pypi_name("repo")]
    assert (repo.vcs, repo.subdirectory) == ("git", "python")
    assert repo.commit == "0f1e2d3c4b5a69788796a5b4c3d2e1f001122334"


def test_a_wheel_is_told_from_what_must_be_built(recent: Plan) -> None:
    wheels = {str(it.name) for it in recent.candidates if it.is_wheel}
    assert wheels == {"alpha", "beta-lib"}


def test_the_oldest_report_is_read_as_well() -> None:
    parsed = parse_report(report("0"))
    assert parsed.pip_version == "22.2.2"
    assert [(it.name, it.version, it.requested) for it in parsed.candidates] == [
        ("alpha", "1.2", True),
        ("beta-lib", "1.5", False),
    ]
    assert parsed.candidates[0].extras == {"more"}


@pytest.mark.parametrize("version", ["2", None, 1.5])
def test_a_report_of_an_unknown_version_is_refused(version: object) -> None:
    with pytest.raises(RoutingError) as caught:
        parse_report({**report("1"), "version": version})
    assert caught.value.reference == "report-version-unknown"


def test_what_the_child_adds_belongs_to_the_items_in_their_order() -> None:
    document = report("0")
    origins = [
        {"asked": "Alpha[more]>=1", "found_on": "https://me:pw@a.example/alpha/", "pinned": True},
        {"asked": "beta-lib (>=1)", "found_on": None, "pinned": False},
    ]
    alpha, beta = parse_report(document, {"origins": origins}).candidates
    assert (alpha.found_on, alpha.pinned) == ("https://a.example/alpha/", True)
    assert alpha.specifier == SpecifierSet(">=1")
    assert (beta.found_on, beta.pinned) == (None, False)


def test_origins_that_do_not_fit_the_report_are_not_believed() -> None:
    parsed = parse_report(report("0"), {"origins": [{"asked": "other==9", "pinned": True}]})
    assert [it.asked for it in parsed.candidates] == [None, None]


def test_a_pin_that_pip_made_of_a_url_is_nobodys_wish() -> None:
    named = candidate("alpha", asked="alpha==1.0", source=Source.ARCHIVE)
    assert named.specifier == SpecifierSet()


@pytest.mark.parametrize("asked", [None, "./alpha", "not a requirement"])
def test_without_a_readable_requirement_any_version_was_asked_for(asked: str | None) -> None:
    assert candidate("alpha", asked=asked).specifier == SpecifierSet()


def test_conditions_join_what_was_asked_with_what_the_plan_requires() -> None:
    conditions = plan(
        candidate("alpha", asked="alpha>=1", requires=["beta<3", "gamma>1; extra == 'x'"]),
        candidate("beta", asked="beta>=2", requires=["alpha!=1.5"]),
        candidate("gamma"),
    ).conditions()
    assert conditions[pypi_name("alpha")] == SpecifierSet(">=1,!=1.5")
    assert conditions[pypi_name("beta")] == SpecifierSet(">=2,<3")
    assert conditions[pypi_name("gamma")] == SpecifierSet()


def test_requirements_of_an_extra_that_was_asked_for_count() -> None:
    alpha = candidate("alpha", extras=["more"], requires=["gamma>1; extra == 'More'"])
    assert plan(alpha, candidate("gamma")).conditions()[pypi_name("gamma")] == SpecifierSet(">1")


def test_requirements_of_an_extra_that_only_another_candidate_asks_for_count() -> None:
    """The report tells the extras of one requirement, and another may have had more."""
    conditions = plan(
        candidate("alpha", requires=["beta"]),
        candidate("beta", requires=["delta<2; extra == 'more'"]),
        candidate("gamma", requires=["beta[more]"]),
        candidate("delta"),
    ).conditions()
    assert conditions[pypi_name("delta")] == SpecifierSet("<2")


def test_markers_are_those_of_the_environment_not_of_this_python() -> None:
    alpha = candidate(
        "alpha",
        requires=["a; python_version < '3.9'", "w; sys_platform == 'win32'", "b; os_name != ''"],
    )
    active = active_requirements(alpha, {**plan().markers, "python_version": "3.8"}, ())
    assert [it.name for it in active] == ["a", "b"]


def test_each_item_knows_whose_list_it_was_found_on() -> None:
    origins = [{"found_on": "https://me:pw@a.example/alpha/"}, {"found_on": None}]
    looked_at = Places(extras=("https://a.example",))
    alpha, beta = parse_report(report("0"), {"origins": origins}, looked_at).candidates
    assert (alpha.listing, beta.listing) == (Listing.EXTRA, Listing.PYPI)


def test_requests_are_told_from_constraints() -> None:
    watched = {"limits": {"Alpha": ">=1,<3"}, "requests": {"Alpha": ">=1"}}
    parsed = parse_report(report("0"), watched)
    assert parsed.limits == {"alpha": SpecifierSet(">=1,<3")}
    assert parsed.requests == {"alpha": SpecifierSet(">=1")}
