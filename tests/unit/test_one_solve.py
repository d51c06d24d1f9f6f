"""How often the solver is asked, where everything outside is real but the packages."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import bare
import builders
import pytest
from values import candidate, plan, record

from pipguard.engine.channels import Channel
from pipguard.engine.rattler import RattlerEngine
from pipguard.mapping.seed import Seed
from pipguard.names import CondaName, NameTable
from pipguard.network import Network
from pipguard.plan import Candidate
from pipguard.present import look_at
from pipguard.question import Sources
from pipguard.records import Record
from pipguard.request import Install
from pipguard.resolution import Resolution, resolve
from pipguard.wheels.channel import LocalChannel
from pipguard.wheels.converter import LocalConverter


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    yield
    # py-rattler's threads let go of what they hold a moment after the last call.
    time.sleep(0.05)


def resolved(folder: Path, items: list[Candidate], *records: Record) -> tuple[Resolution, int]:
    prefix = bare.prefix(folder / "env")
    engine = bare.engine(prefix, bare.channel(folder / "channel", records))
    converter = LocalConverter(LocalChannel(folder / "local"), folder)
    sources = Sources(engine, NameTable(Seed()), converter, prefix)
    return resolve(Install(), plan(*items), look_at(prefix), sources), engine.solves


def test_a_closure_of_120_dists_from_pypi_costs_one_solve(tmp_path: Path) -> None:
    resolution, solves = resolved(tmp_path, bare.closure(120))
    assert len(resolution.solution.records) == 121
    assert {it.route for it in resolution.decisions} == {"converted"}
    assert solves == 1


def test_a_closure_half_of_which_conda_has_costs_one_solve(tmp_path: Path) -> None:
    half = [record(f"dist-{number}", depends=["python"]) for number in range(0, 120, 2)]
    resolution, solves = resolved(tmp_path, bare.closure(120), *half)
    assert {it.route for it in resolution.decisions} == {"conda"}
    assert solves == 1


@pytest.mark.parametrize("culprit", [0, 37, 63])
def test_one_name_in_conflict_among_64_is_found_in_few_solves(tmp_path: Path, culprit: int) -> None:
    items = [candidate(f"dist-{number}", asked=f"dist-{number}") for number in range(64)]
    channel = [
        record(f"dist-{number}", depends=["nowhere"] if number == culprit else [])
        for number in range(64)
    ]
    resolution, solves = resolved(tmp_path, items, *channel)
    converted = [it.name for it in resolution.decisions if it.route == "converted"]
    assert converted == [f"dist-{culprit}"]
    assert solves <= 1 + 1 + 2 * 6


def test_offline_pips_candidate_takes_the_place_of_what_cannot_be_fetched(tmp_path: Path) -> None:
    served, cache, prefix = tmp_path / "served", tmp_path / "cache", bare.prefix(tmp_path / "env")
    for name in ("alpha", "beta"):
        builders.dist_package(served, name)
    builders.channel(served)
    with builders.IndexServer(served) as server:
        channels = [Channel(server.url, server.url, server.url)]
        online = RattlerEngine(prefix, channels, cache)
        online.fetch(online.shelves({CondaName("alpha")})[CondaName("alpha")].records)
        offline = RattlerEngine(prefix, channels, cache, network=Network(offline=True))
        converter = LocalConverter(LocalChannel(tmp_path / "local"), tmp_path)
        made = plan(candidate("alpha", asked="alpha"), candidate("beta", asked="beta"))

        sources = Sources(offline, NameTable(Seed()), converter, prefix)
        resolution = resolve(Install(), made, look_at(prefix), sources)

    assert {it.name: (it.route, it.conda_name) for it in resolution.decisions} == {
        "alpha": ("conda", "alpha"),
        "beta": ("converted", "pypi-beta"),
    }
