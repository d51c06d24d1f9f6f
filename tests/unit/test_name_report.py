"""What `pipguard names` tells: each answer, each source, and the channels' own names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import builders
import pytest
from builders import IndexServer

from pipguard import cli
from pipguard.mapping.seed import SEED
from pipguard.name_report import report
from pipguard.names import NameTable, pypi_name

TABLE = {"beta-python": ["beta"], "libgamma": None, "gamma": None, "two": ["one", "two"]}


def told(*arguments: str, capsys: pytest.CaptureFixture[str]) -> Mapping[str, Any]:
    """Run `pipguard names --json` and return its answers by name."""
    assert cli.run(["names", *arguments, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == 1
    return {entry.pop("pypi"): entry for entry in document["names"]}


@pytest.fixture(autouse=True)
def channel(tmp_path: Path, world: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A channel that knows `delta`, and a table of a few names; no environment is active."""
    folder = tmp_path / "channel"
    builders.dist_package(folder, "delta")
    builders.dist_package(folder, "gamma")
    builders.channel(folder)
    (world / ".condarc").write_text(f"channels: [{folder}]\n")
    (tmp_path / "table.json").write_text(json.dumps(TABLE))
    monkeypatch.setenv("PIPGUARD_MAPPING_URL", (tmp_path / "table.json").as_uri())
    return folder


def test_names_are_asked_once_each_in_the_order_they_were_typed() -> None:
    names = [pypi_name(name) for name in ("Zeta", "alpha", "zeta")]
    found = report(names, NameTable(seed=SEED), lambda _: frozenset())
    assert [it.pypi for it in found] == ["zeta", "alpha"]


def test_each_answer_and_each_source_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    answers = told("torch", "beta", "gamma", "Delta", "epsilon", capsys=capsys)
    assert answers["torch"]["answer"] == "known"
    assert answers["torch"]["candidates"] == [{"conda": "pytorch", "source": "seed"}]
    assert answers["beta"]["candidates"] == [{"conda": "beta-python", "source": "table"}]
    assert answers["delta"]["candidates"] == [{"conda": "delta", "source": "channel"}]
    assert answers["epsilon"] == {"answer": "unknown", "candidates": []}


def test_what_the_table_knows_to_ship_no_dist_is_absent_although_a_channel_has_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    answers = told("gamma", capsys=capsys)
    assert answers["gamma"] == {"answer": "known-absent", "candidates": []}


def test_an_environments_own_packages_and_policy_come_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prefix = tmp_path / "env"
    (prefix / "conda-meta").mkdir(parents=True)
    record = {
        "name": "beta-mine",
        "version": "1.0",
        "build": "0",
        "subdir": "noarch",
        "files": ["lib/python3.11/site-packages/beta-1.0.dist-info/METADATA"],
    }
    (prefix / "conda-meta/beta-mine-1.0-0.json").write_text(json.dumps(record))
    (prefix / "etc").mkdir()
    (prefix / "etc/pipguard.toml").write_text("[names]\ndelta = false\ntwo = 'deux'\n")
    answers = told("beta", "delta", "two", "-p", str(prefix), capsys=capsys)
    assert answers["beta"]["candidates"] == [
        {"conda": "beta-mine", "source": "installed"},
        {"conda": "beta-python", "source": "table"},
    ]
    assert answers["delta"] == {"answer": "known-absent", "candidates": []}
    assert answers["two"]["candidates"] == [{"conda": "deux", "source": "policy"}]


def test_a_channel_that_is_down_takes_only_its_own_names_away(
    world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (world / ".condarc").write_text("channels: ['http://127.0.0.1:9/private']\n")
    assert cli.run(["names", "--json", "torch", "delta"]) == 0
    said = capsys.readouterr()
    assert [it["answer"] for it in json.loads(said.out)["names"]] == ["known", "unknown"]
    assert "http://127.0.0.1:9/private" in said.err


def test_no_name_ever_leaves_the_machine(
    channel: Path, world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with IndexServer(channel) as server:
        (world / ".condarc").write_text(f"channels: ['{server.url}']\n")
        answers = told("acme-secret", "delta", capsys=capsys)
    assert answers["delta"]["answer"] == "known"
    assert not [path for path in server.requests if "acme" in path]


@pytest.mark.parametrize("word", ["a b", "-x", "ä", "../up"])
def test_what_cannot_be_a_name_is_a_usage_error(word: str) -> None:
    assert cli.run(["names", "--", word]) == 2


def test_a_person_sees_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["names", "pyqt5", "readline", "epsilon"]) == 0
    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
        ["PyPI", "conda,", "best", "first", "says"],
        ["pyqt5", "pyqt", "5.*", "seed"],
        ["readline", "under", "no", "name", "seed"],
        ["epsilon", "unknown"],
    ]
