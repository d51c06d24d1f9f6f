"""The ways past the guard that leave their line in the ledger from here."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipguard import bypass, ledger


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "conda-meta/pipguard"
    made.mkdir(parents=True)
    return made


@pytest.mark.parametrize(
    ("environ", "asked"),
    [
        ({}, False),
        ({"PIPGUARD_BYPASS": "1"}, True),
        ({"PIPGUARD_BYPASS": "0", "CONDA_BUILD": ""}, False),
        ({"PIPGUARD_BYPASS": "False", "CONDA_BUILD": "no"}, False),
        ({"CONDA_BUILD": "1"}, True),
    ],
)
def test_a_person_or_conda_build_asks_for_real_pip(environ: dict[str, str], *, asked: bool) -> None:
    assert bypass.is_asked_for(environ) == asked


def test_the_line_has_what_was_typed_and_no_password(tmp_path: Path, folder: Path) -> None:
    bypass.record(tmp_path, "pip", ["install", "https://me:secret@host/x.whl"])

    (entry,) = ledger.read(folder)
    assert (entry["front_door"], entry["state"]) == ("pip", "bypassed")
    assert entry["argv"] == ["install", "https://host/x.whl"]


def test_an_environment_without_guard_gets_no_ledger(tmp_path: Path) -> None:
    bypass.record(tmp_path, "pip", ["install", "x"])

    assert list(tmp_path.iterdir()) == []


def test_the_way_stays_open_where_no_line_can_be_written(tmp_path: Path, folder: Path) -> None:
    (folder / "ledger.jsonl").mkdir()

    bypass.record(tmp_path, "pip", ["install", "x"])
