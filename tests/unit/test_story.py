"""What a decision went by: names that were tried, what there is under them, what was seen."""

from __future__ import annotations

from typing import Any

from cases import Case

from pipguard.names import pypi_name
from pipguard.story import Story, Tried, stories

ALPHA = pypi_name("alpha")


def story(*plan: str, **world: Any) -> Story:
    """The story of alpha."""
    case = Case("", plan=plan or ("alpha 1.1 | asked: alpha>=1",), **world)
    return stories(case.resolved(case.world()).question)[ALPHA]


def test_what_conda_has_is_told_with_who_proposed_it_and_that_it_was_seen() -> None:
    told = story(channel=("alpha 1.0", "alpha 0.9"))
    assert told.planned == "1.1"
    assert told.conditions == ">=1"
    assert told.tried == (Tried("alpha", "channel", "1.0", "1.0", None, verified=True),)


def test_the_newest_and_what_fits_are_told_apart() -> None:
    dependant = "beta 1.0 | asked: beta | needs: alpha>=1 & alpha<2"
    told = story("alpha 1.1", dependant, channel=("alpha 2.0", "alpha 1.0"))
    assert told.conditions == ">=1,<2"
    assert (told.tried[0].newest, told.tried[0].fits) == ("2.0", "1.0")


def test_where_nothing_fits_that_is_told() -> None:
    (tried,) = story(channel=("alpha 0.9",)).tried
    assert (tried.newest, tried.fits) == ("0.9", None)


def test_what_is_there_for_another_python_alone_is_told() -> None:
    (tried,) = story(channel=("alpha 1.0 | needs: python <3.9",)).tried
    assert (tried.newest, tried.fits, tried.elsewhere) == (None, None, "1.0")


def test_every_name_is_told_with_what_was_seen_in_it() -> None:
    told = story(
        table={"py-alpha": "alpha", "alpha-other": "alpha"},
        channel=("py-alpha 1.0 | ships: gamma", "alpha-other 1.0 | ships: alpha"),
    )
    assert [(it.conda, it.source, it.verified) for it in told.tried] == [
        ("py-alpha", "table", False),
        ("alpha-other", "table", True),
    ]


def test_what_nobody_knows_has_no_names_and_is_not_said_to_be_absent() -> None:
    told = story()
    assert (told.tried, told.absent) == ((), None)


def test_who_says_that_conda_has_it_under_no_name_is_named() -> None:
    assert story(table={"alpha": []}, channel=("alpha 1.0 | ships:",)).absent == "table"


def test_a_policy_is_named_by_its_file() -> None:
    never = story(policy="[names]\nalpha = false")
    other = story(policy='[names]\nalpha = "omega"', channel=("omega 1.0 | ships: alpha",))
    assert never.absent == "policy.toml"
    assert [(it.conda, it.source) for it in other.tried] == [("omega", "policy.toml")]
