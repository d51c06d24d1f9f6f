"""Names of converted packages: after their dist where that is honest, never after a stranger."""

from __future__ import annotations

import pytest
from values import candidate, converted, dist, from_conda, installed, knowledge, plan, record

from pipguard.converted_names import converted_name
from pipguard.knowledge import Knowledge
from pipguard.names import CondaName, Known, KnownAbsent, Proposal, pypi_name
from pipguard.plan import Candidate
from pipguard.records import untracked
from pipguard.request import Install
from pipguard.routes import conda_name
from pipguard.rules import decide

ALPHA = pypi_name("alpha")


def proposed(*names: str, **seen: bool) -> Knowledge:
    """Somebody proposes these names for alpha, and this was seen of them."""
    return knowledge(
        answers={ALPHA: Known(tuple(Proposal(CondaName(name), "table") for name in names))},
        verified={(ALPHA, CondaName(name.replace("_", "-"))): it for name, it in seen.items()},
        taken=frozenset(map(CondaName, names)),
    )


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (knowledge(), "alpha"),
        (proposed("alpha", alpha=True), "alpha"),
        (proposed("alpha", alpha=False), "pypi-alpha"),
        (proposed("alpha"), "pypi-alpha"),
        (proposed("python-alpha", python_alpha=True), "python-alpha"),
        (proposed("alpha", "python-alpha", alpha=False, python_alpha=True), "python-alpha"),
        (proposed("python-alpha"), "alpha"),
        (knowledge(answers={ALPHA: KnownAbsent("table")}), "alpha"),
        (knowledge({}, from_conda("alpha")), "alpha"),
        (knowledge({}, installed(record("alpha-base"), "alpha")), "alpha-base"),
        (knowledge({}, converted("pypi-alpha"), installed(record("x"), "alpha")), "x"),
    ],
)
def test_a_converted_package_is_called_after_who_provably_ships_its_dist(
    known: Knowledge, expected: str
) -> None:
    assert converted_name(ALPHA, known) == expected


def test_a_package_of_several_dists_lends_its_name_to_the_one_that_bears_it() -> None:
    known = knowledge({}, installed(record("suite"), "suite", "alpha"))
    assert converted_name(pypi_name("suite"), known) == "suite"
    assert converted_name(ALPHA, known) == "alpha"


def test_what_nobody_accounts_for_lends_no_name() -> None:
    known = knowledge({}, untracked(dist("alpha")), taken=frozenset({CondaName("alpha")}))
    assert converted_name(ALPHA, known) == "pypi-alpha"


def bearing(known: Knowledge, *items: Candidate) -> list[str]:
    return [str(conda_name(it)) for it in decide(plan(*items), Install(), known)]


def test_two_converted_dists_of_one_conda_package_bear_two_names() -> None:
    dists = ("opencv-python", "opencv-python-headless")
    known = knowledge(
        answers={pypi_name(it): Known((Proposal(CondaName("py-opencv"), "seed"),)) for it in dists},
        verified={(pypi_name(it), CondaName("py-opencv")): True for it in dists},
        taken=frozenset({CondaName("py-opencv")}),
    )
    assert bearing(known, *(candidate(it, asked=it) for it in dists)) == [
        "py-opencv",
        "opencv-python-headless",
    ]


def test_a_converted_dist_leaves_condas_package_its_name() -> None:
    known = knowledge(
        {"beta": [record("suite")]},
        answers={ALPHA: Known((Proposal(CondaName("suite"), "table"),))},
        verified={(ALPHA, CondaName("suite")): True},
    )
    items = (candidate("alpha", asked="alpha"), candidate("beta", asked="beta"))
    assert bearing(known, *items) == ["alpha", "suite"]
