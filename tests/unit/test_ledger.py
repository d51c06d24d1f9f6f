"""The account of operations: appended, readable after a crash, free of credentials."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from pipguard import ledger
from pipguard.credentials import channel_url, redacted_arguments
from pipguard.errors import LedgerError
from pipguard.routes import Decision


def entry(*argv: str, **fields: Any) -> ledger.Entry:
    return ledger.Entry("pip", argv or ("install", "alpha"), "committed", **fields)


DECISION = Decision(
    name="alpha",
    version="1.0",
    route="converted",
    reason="not-on-conda",
    conda_name="alpha",
    conda_version="1.0",
    channel="file:///converted",
    requested=True,
    source="",
)


def test_an_entry_comes_back_with_its_routes_and_reasons(tmp_path: Path) -> None:
    ledger.append(tmp_path, entry(installed=("alpha-1.0",), routes=(DECISION,)))
    (found,) = ledger.read(tmp_path)
    assert found["schema"] == 1
    assert (found["front_door"], found["argv"]) == ("pip", ["install", "alpha"])
    assert (found["state"], found["installed"]) == ("committed", ["alpha-1.0"])
    assert found["routes"][0]["reason"] == "not-on-conda"


def test_entries_are_kept_in_the_order_they_came(tmp_path: Path) -> None:
    for name in ("alpha", "beta", "gamma"):
        ledger.append(tmp_path, entry("install", name))
    assert [it["argv"][1] for it in ledger.read(tmp_path)] == ["alpha", "beta", "gamma"]


def test_a_ledger_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert list(ledger.read(tmp_path)) == []


def test_the_folder_is_made_when_it_is_needed(tmp_path: Path) -> None:
    ledger.append(tmp_path / "conda-meta/pipguard", entry())
    assert len(list(ledger.read(tmp_path / "conda-meta/pipguard"))) == 1


@pytest.mark.parametrize(
    "line", [b"not json", b'{"schema": 1, "arg', b"[1]", b"\xff\xfe", b"", b"null"]
)
def test_a_line_that_cannot_be_read_costs_only_itself(tmp_path: Path, line: bytes) -> None:
    ledger.append(tmp_path, entry("install", "before"))
    with (tmp_path / "ledger.jsonl").open("ab") as file:
        file.write(line + b"\n")
    ledger.append(tmp_path, entry("install", "after"))
    assert [it["argv"][1] for it in ledger.read(tmp_path)] == ["before", "after"]


def test_a_line_torn_by_a_crash_does_not_take_the_next_one_along(tmp_path: Path) -> None:
    ledger.append(tmp_path, entry("install", "before"))
    with (tmp_path / "ledger.jsonl").open("ab") as file:
        file.write(b'{"schema": 1, "argv": ["ins')
    ledger.append(tmp_path, entry("install", "after"))
    assert [it["argv"][1] for it in ledger.read(tmp_path)] == ["before", "after"]


def test_lines_of_several_writers_never_mix(tmp_path: Path) -> None:
    long = "x" * 20_000
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: ledger.append(tmp_path, entry("install", long)), range(40)))
    # Counted, not compared: a difference of this length takes minutes to print.
    assert sum(found["argv"][1] == long for found in ledger.read(tmp_path)) == 40


def test_an_odd_character_of_the_command_line_does_not_split_an_entry(tmp_path: Path) -> None:
    ledger.append(tmp_path, entry("install", "alpha\u2028\n\x85"))
    (found,) = ledger.read(tmp_path)
    assert found["argv"] == ["install", "alpha\u2028\n\x85"]


def test_ids_sort_by_time_and_are_unique() -> None:
    ids = [entry().id for _ in range(50)]
    assert len(set(ids)) == 50
    assert [it[:15] for it in ids] == sorted(it[:15] for it in ids)


def test_a_ledger_that_cannot_be_written_is_an_error_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "ledger.jsonl").mkdir()
    with pytest.raises(LedgerError) as caught:
        ledger.append(tmp_path, entry())
    assert caught.value.reference == "ledger-unwritable"


def test_a_ledger_that_cannot_be_read_is_an_error_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "ledger.jsonl").mkdir()
    with pytest.raises(LedgerError) as caught:
        list(ledger.read(tmp_path))
    assert caught.value.reference == "ledger-unreadable"


# What is kept has gone through these.


@pytest.mark.parametrize(
    ("argument", "kept"),
    [
        ("https://me:hunter2@a.example/simple", "https://a.example/simple"),
        ("--index-url=https://hunter2@a.example/simple", "--index-url=https://a.example/simple"),
        (
            "alpha @ git+ssh://git:hunter2@a.example/r.git@main",
            "alpha @ git+ssh://a.example/r.git@main",
        ),
        ("https://me:hunter2%40@a.example", "https://a.example"),
        ("https://me:hun@ter2@a.example/x", "https://a.example/x"),
        ("https://conda.example/t/hunter2/main", "https://conda.example/t/<TOKEN>/main"),
        ("https://a.example/simple?user=a@b", "https://a.example/simple?user=a@b"),
        ("git@a.example:r.git", "git@a.example:r.git"),
        ("/src/t/demo/alpha.whl", "/src/t/demo/alpha.whl"),
        ("alpha>=1", "alpha>=1"),
    ],
)
def test_no_password_of_a_command_line_is_kept(argument: str, kept: str) -> None:
    assert redacted_arguments([argument]) == (kept,)


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://me:hunter2@a.example/main", "https://a.example/main"),
        ("https://conda.example/t/hunter2/main", "https://conda.example/main"),
        ("https://me:pw@conda.example/t/hunter2/main/noarch", "https://conda.example/main/noarch"),
        ("file:///src/t/demo/main", "file:///src/t/demo/main"),
        ("https://a.example/x@1", "https://a.example/x@1"),
        ("pypi", "pypi"),
    ],
)
def test_the_url_of_a_channel_is_kept_without_password_and_token(url: str, kept: str) -> None:
    assert channel_url(url) == kept
