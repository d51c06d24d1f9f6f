"""What `pip check` would complain of."""

from __future__ import annotations

import pytest
from values import MARKERS

from pipguard.gaps import Held, find
from pipguard.names import PyPIName

ALPHA, BETA = PyPIName("alpha"), PyPIName("beta")


def gaps(alpha: str, beta: Held | None, *, is_new: bool = True, gone: bool = False) -> list[str]:
    """What would be lacking where alpha says this."""
    held = {ALPHA: Held("1.0", (alpha,), is_new), **({BETA: beta} if beta else {})}
    found = find(held, {BETA} if gone else set(), MARKERS)
    return [f"{it.dist}: {it.requirement} ({it.found})" for it in found]


def there(version: str, *, is_new: bool = False) -> Held:
    return Held(version, (), is_new)


@pytest.mark.parametrize(
    ("requirement", "beta", "expected"),
    [
        ("beta", None, ["alpha: beta (None)"]),
        ("beta>=2", there("1.0"), ["alpha: beta>=2 (1.0)"]),
        ("beta>=2", there("2.0"), []),
        ("beta>=2", there("2.1rc1"), []),
        ("beta==2.5.1", there("2.5.1+cu121"), []),
        ("Beta", there("1.0"), []),
        ("beta; python_version < '3'", None, []),
        ("beta; extra == 'more'", None, []),
        ("this is not a requirement", None, []),
        ("beta @ https://files.example/beta.whl", there("1.0"), []),
        ("beta>=1", there("of yesterday"), ["alpha: beta>=1 (of yesterday)"]),
    ],
)
def test_what_a_new_dist_requires_must_be_there(
    requirement: str, beta: Held | None, expected: list[str]
) -> None:
    assert gaps(requirement, beta) == expected


def test_what_lacked_before_is_nobodys_fault_now() -> None:
    assert gaps("beta", None, is_new=False) == []
    assert gaps("beta>=2", there("1.0"), is_new=False) == []


def test_what_changes_must_still_be_good_enough_for_what_stays() -> None:
    changed = gaps("beta<2", there("2.0", is_new=True), is_new=False)
    assert changed == ["alpha: beta<2 (2.0)"]
    assert gaps("beta", None, is_new=False, gone=True) == ["alpha: beta (None)"]


def test_of_what_nobody_has_opened_nothing_is_said() -> None:
    assert find({ALPHA: Held("1.0", None, is_new=True)}, set(), MARKERS) == ()
