"""What py-rattler makes of channels: their priority, their platforms, this machine."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import bare
import builders
import pytest
from fakes import FakeReporter
from values import record

from pipguard.engine.channels import Channel
from pipguard.engine.condarc import Priority
from pipguard.engine.rattler import RattlerEngine
from pipguard.errors import Unsolvable
from pipguard.names import CondaName
from pipguard.network import Network
from pipguard.records import Record
from pipguard.seams import Problem, Shelf

ALPHA, BETA = CondaName("alpha"), CondaName("beta")


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    yield
    # py-rattler's threads let go of what they hold a moment after the last call.
    time.sleep(0.05)


def two_channels(folder: Path, priority: Priority) -> RattlerEngine:
    """The second channel has a newer alpha, and is the only one with an alpha above 2."""
    first = bare.channel(folder / "first", [record("alpha", "1.0"), record("alpha", "1.1")])
    second = bare.channel(folder / "second", [record("alpha", "2.5"), record("alpha", "1.0")])
    return bare.engine(bare.prefix(folder / "env"), first, second, priority=priority)


def on_shelf(engine: RattlerEngine) -> list[str]:
    return [it.version for it in engine.shelves({ALPHA})[ALPHA].records]


def solved(engine: RattlerEngine, spec: str) -> str:
    installed = engine._prefix.records()
    return engine.solve(Problem((spec,), (), (), installed)).by_name()[ALPHA].version


@pytest.mark.parametrize(
    ("priority", "shelf", "any_alpha"),
    [
        (Priority.STRICT, ["1.1", "1.0"], "1.1"),
        (Priority.FLEXIBLE, ["1.1", "1.0", "2.5", "1.0"], "1.1"),
        (Priority.DISABLED, ["2.5", "1.1", "1.0", "1.0"], "2.5"),
    ],
)
def test_shelf_and_solver_follow_the_channel_priority_that_is_configured(
    tmp_path: Path, priority: Priority, shelf: list[str], any_alpha: str
) -> None:
    engine = two_channels(tmp_path, priority)
    assert on_shelf(engine) == shelf
    assert solved(engine, "alpha") == any_alpha


def test_only_strict_priority_hides_what_a_later_channel_alone_has(tmp_path: Path) -> None:
    flexible = two_channels(tmp_path / "flexible", Priority.FLEXIBLE)
    strict = two_channels(tmp_path / "strict", Priority.STRICT)
    assert solved(flexible, "alpha >=2") == "2.5"
    with pytest.raises(Unsolvable):
        solved(strict, "alpha >=2")


@pytest.mark.parametrize("priority", Priority)
def test_a_record_made_here_stands_above_every_channel(tmp_path: Path, priority: Priority) -> None:
    engine = two_channels(tmp_path, priority)
    made = record("alpha", "0.9", build="pypi_h0123abcd_0", channel="file:///made")
    exact = (f"alpha =={made.version} {made.build}",)
    problem = Problem(("alpha",), exact, (made,), engine._prefix.records())
    assert engine.solve(problem).by_name()[ALPHA] == made


@pytest.mark.parametrize("priority", Priority)
def test_what_became_noarch_does_not_hide_behind_its_compiled_past(
    tmp_path: Path, priority: Priority
) -> None:
    """A channel is both of its platforms; strict priority once left the second one out."""
    old: Record = record("alpha", "1.0", subdir="linux-64", build="py311_0")
    both = bare.channel(tmp_path / "one", [old, record("alpha", "2.0")])
    engine = bare.engine(bare.prefix(tmp_path / "env"), both, priority=priority)
    assert on_shelf(engine) == ["2.0", "1.0"]


@pytest.mark.parametrize(("variable", "build"), [("12.4", "cuda_0"), ("", "cpu_0")])
def test_condas_variable_says_whether_there_is_cuda(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, build: str
) -> None:
    monkeypatch.setenv("CONDA_OVERRIDE_CUDA", variable)
    builds = [
        record("alpha", "2.0", build="cuda_0", depends=["__cuda"]),
        record("alpha", "1.0", build="cpu_0"),
    ]
    engine = bare.engine(bare.prefix(tmp_path / "env"), bare.channel(tmp_path / "one", builds))
    problem = Problem(("alpha",), (), (), engine._prefix.records())
    assert engine.solve(problem).by_name()[ALPHA].build == build


def test_an_empty_channel_has_nothing_and_stops_nothing(tmp_path: Path) -> None:
    engine = bare.engine(bare.prefix(tmp_path / "env"), bare.channel(tmp_path / "none", []))
    assert engine.shelves({ALPHA}) == {}
    made = record("alpha", "1.0", build="pypi_h0123abcd_0", channel="file:///made")
    problem = Problem(("alpha",), (), (made,), engine._prefix.records())
    assert engine.solve(problem).by_name()[ALPHA] == made


def test_it_is_told_how_many_bytes_of_a_channel_are_here_and_once_only(tmp_path: Path) -> None:
    package = builders.dist_package(tmp_path / "served", "alpha")
    builders.channel(tmp_path / "served")
    reporter, again, prefix = FakeReporter(), FakeReporter(), bare.prefix(tmp_path / "env")
    with builders.IndexServer(tmp_path / "served") as server:
        channel = [Channel(server.url, server.url, server.url)]
        for it in (reporter, again):
            engine = RattlerEngine(prefix, channel, tmp_path / "cache", reporter=it)
            engine.fetch(engine.shelves({ALPHA})[ALPHA].records)

    assert reporter.downloads[-1] == package.stat().st_size
    assert again.downloads == []


def test_offline_only_what_was_fetched_earlier_is_on_offer_but_every_name_is_known(
    tmp_path: Path,
) -> None:
    served, cache = tmp_path / "served", tmp_path / "cache"
    for name in ("alpha", "beta"):
        builders.dist_package(served, name)
    builders.channel(served)
    prefix = bare.prefix(tmp_path / "env")
    with builders.IndexServer(served) as server:
        channel = [Channel(server.url, server.url, server.url)]
        online = RattlerEngine(prefix, channel, cache)
        online.fetch(online.shelves({ALPHA})[ALPHA].records)
        server.requests.clear()

        reporter = FakeReporter()
        offline = RattlerEngine(
            prefix, channel, cache, network=Network(offline=True), reporter=reporter
        )
        shelves = offline.shelves({ALPHA, BETA})

        assert shelves[BETA] == Shelf()
        assert [dist.name for dist in offline.ships(shelves[ALPHA].records[0])] == ["alpha"]
        assert {key[0] for key in offline.fetch(shelves[ALPHA].records)} == {"alpha"}
        assert solved(offline, "alpha") == "1.0"
        with pytest.raises(Unsolvable):
            solved(offline, "beta")
        assert server.requests == []
    assert reporter.told == ["packages-unfetched"]
