"""Why a dist came from where it came from: the ledger replayed."""

from __future__ import annotations

from typing import Any

import pytest
from values import record

from pipguard.names import pypi_name
from pipguard.records import Origin
from pipguard.why import Installed, removed, why

ALPHA = pypi_name("alpha")


def operation(number: int, *installed: str, **fields: Any) -> dict[str, Any]:
    """One committed operation of a ledger, with a route for each `name-version` it installed."""
    routes = [
        {"name": it.rpartition("-")[0], "route": "converted", "reason": f"reason-{number}"}
        for it in installed
    ]
    defaults = {
        "id": str(number),
        "time": f"2026-01-0{number}",
        "front_door": "pip",
        "argv": ["install", str(number)],
        "state": "committed",
        "routes": routes,
    }
    return {**defaults, "installed": list(installed), **fields}


def there(version: str = "1.0", **fields: Any) -> Installed:
    defaults = {"origin": Origin.CONVERTED, "record": record("alpha", version)}
    return Installed(ALPHA, version, **(defaults | fields))


def test_the_newest_operation_that_brought_this_version_counts() -> None:
    ledger = [operation(1, "alpha-1.0"), operation(2, "beta-1.0"), operation(3, "alpha-1.0")]
    told = why(there(), ledger)
    assert (told.operation, told.reason, told.since) == ("3", "reason-3", "2026-01-03")
    assert told.command == "pip install 3"


def test_an_upgrade_counts_as_what_brought_this_version() -> None:
    ledger = [
        operation(1, "alpha-1.0"),
        operation(2, "alpha-2.0", replaced=["alpha-1.0"]),
    ]
    told = why(there("2.0"), ledger)
    assert (told.operation, told.reason) == ("2", "reason-2")


def test_a_repair_that_linked_it_again_has_not_brought_it() -> None:
    repair = {"front_door": "pipguard", "argv": ["doctor", "--fix"], "routes": []}
    ledger = [operation(1, "alpha-1.0"), operation(2, "alpha-1.0", renewed=["alpha-1.0"], **repair)]
    assert why(there(), ledger).operation == "1"


def test_a_library_is_told_apart_from_projects() -> None:
    told = why(there(is_dist=False, needed_by=("beta",)), [])
    assert (told.reason, told.needed_by) == ("no-dist", ("beta",))


def test_a_version_that_the_ledger_did_not_bring_came_without_us() -> None:
    told = why(there("2.0"), [operation(1, "alpha-1.0")])
    assert (told.operation, told.reason, told.route) == (None, "not-by-pipguard", None)


def test_a_failed_operation_brought_nothing() -> None:
    ledger = [operation(1, "alpha-1.0"), operation(2, "alpha-1.0", state="failed")]
    assert why(there(), ledger).operation == "1"


def test_what_was_taken_back_does_not_count_nor_does_the_taking_back() -> None:
    ledger = [
        operation(1, "alpha-1.0"),
        operation(2, "alpha-2.0", removed=["alpha-1.0"]),
        operation(3, "alpha-1.0", removed=["alpha-2.0"], undoes="2", routes=[]),
    ]
    told = why(there(), ledger)
    assert (told.operation, told.reason) == ("1", "reason-1")


def test_a_name_that_begins_like_another_is_not_taken_for_it() -> None:
    assert why(there(), [operation(1, "alpha-beta-1.0")]).operation is None


def test_condas_version_and_the_dists_are_the_same_thing() -> None:
    same = there("2024.2", record=record("alpha", "2024b"))
    assert why(same, [operation(1, "alpha-2024b")]).operation == "1"
    assert why(there("1.0.0"), [operation(1, "alpha-1.0")]).operation == "1"


def test_without_a_route_conda_brought_it_along() -> None:
    assert why(there(), [operation(1, "alpha-1.0", routes=[])]).reason == "brought-along"


def test_without_a_record_it_is_untracked() -> None:
    assert why(there(record=None, origin=Origin.UNTRACKED), []).reason == "untracked"


def test_who_took_away_what_is_not_there_is_found() -> None:
    ledger = [operation(1, "alpha-1.0"), operation(2, removed=["alpha-1.0"])]
    gone = removed(ALPHA, ledger)
    assert gone is not None
    assert gone.id == "2"
    assert removed(pypi_name("beta"), ledger) is None


@pytest.mark.parametrize(("recorded", "there_is"), [("1.0.0", "1.0"), ("1.odd!", "1.odd!")])
def test_a_version_is_the_same_however_it_is_written(recorded: str, there_is: str) -> None:
    renamed = there(there_is, record=record("py-alpha", "2020"))
    assert why(renamed, [operation(1, f"alpha-{recorded}")]).operation == "1"


def test_an_operation_without_routes_tells_when_and_not_why() -> None:
    told = why(there(), [operation(1, "alpha-1.0", routes=None)])
    assert (told.operation, told.since) == ("1", "2026-01-01")
    assert told.to_json()["operation"] == "1"
