"""What the ledger tells of operations."""

from __future__ import annotations

from typing import Any

import pytest

from pipguard.errors import UsageError
from pipguard.operations import effective, named, operations


def entry(name: str, **fields: Any) -> dict[str, Any]:
    return {"id": name, "state": "committed", "front_door": "pip", "argv": ["install"], **fields}


def standing(*entries: dict[str, Any]) -> list[str]:
    return [it.id for it in effective(operations(entries))]


def test_an_upgrade_is_told_as_a_change() -> None:
    (it,) = operations([entry("1", installed=["a-2.0", "b-c-1.0"], replaced=["a-1.0"])])
    assert it.installed == ("b-c-1.0",)
    assert it.changed == ("a-1.0 -> a-2.0",)
    assert (it.came, it.went) == (("b-c-1.0", "a-2.0"), ("a-1.0",))


def test_what_is_linked_again_in_its_version_is_told_apart_from_what_came() -> None:
    (it,) = operations([entry("1", installed=["a-1.0", "b-2.0"], renewed=["a-1.0"])])
    assert (it.installed, it.renewed) == (("b-2.0",), ("a-1.0",))
    assert it.came == ("b-2.0", "a-1.0")


def test_what_is_undone_names_what_undid_it() -> None:
    first, second = operations([entry("1"), entry("2", undoes="1")])
    assert (first.undone_by, second.undoes) == ("2", "1")
    assert first.to_json()["undone_by"] == "2"
    assert first.to_json()["undoes"] is None


def test_what_stands_is_what_no_standing_undo_took_back() -> None:
    assert standing(entry("1"), entry("2")) == ["1", "2"]
    assert standing(entry("1"), entry("2", undoes="1")) == ["2"]
    redone = (entry("1"), entry("2", undoes="1"), entry("3", undoes="2"))
    assert standing(*redone) == ["1", "3"]


def test_what_failed_or_went_past_the_guard_cannot_be_undone() -> None:
    assert standing(entry("1", state="failed"), entry("2", state="bypassed")) == []


def test_a_line_without_an_id_is_no_operation() -> None:
    assert operations([{"schema": 1}]) == ()


@pytest.mark.parametrize(("typed", "found"), [("1", "1"), ("12", "12"), ("2", "20")])
def test_an_operation_is_named_by_its_id_or_the_beginning_of_it(typed: str, found: str) -> None:
    assert named(operations([entry("1"), entry("12"), entry("20")]), typed).id == found


@pytest.mark.parametrize("typed", ["3", "2"])
def test_what_names_no_operation_or_several_names_none(typed: str) -> None:
    with pytest.raises(UsageError, match="undo-unknown"):
        named(operations([entry("20"), entry("21")]), typed)
