"""Whatever the graph: what gets installed satisfies everything, and pip's choice stays pip's.

The real solver over repodata made on the spot; packages are known by what they would hold. The last
test holds the plain resolver of `graphs.py`, and the whole way from index to solution, against real
pip.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import bare
import builders
import pytest
from graphs import EXTRA, Graph, Held, graphs
from hypothesis import HealthCheck, Phase, assume, given, settings
from packaging.requirements import Requirement
from values import installed

from pipguard.errors import Unsolvable
from pipguard.mapping.seed import SEED
from pipguard.names import NameTable
from pipguard.pip_tool import PipTool
from pipguard.plan import Plan, brought_by_extras
from pipguard.prefix import Prefix
from pipguard.present import look_at
from pipguard.question import Sources
from pipguard.records import InstalledRecord, Origin, Record
from pipguard.request import Install
from pipguard.resolution import Resolution, resolve
from pipguard.wheels.channel import LocalChannel
from pipguard.wheels.converter import LocalConverter

_MANY = settings(
    max_examples=int(os.environ.get("EXAMPLES", "25")),
    deadline=None,
    derandomize=True,
    # A failure is told by its first example: shrinking takes minutes.
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@dataclass(frozen=True)
class World:
    """A folder in which a graph is installed from."""

    graph: Graph
    folder: Path

    def install(self, plan: Plan, present: Collection[InstalledRecord] = ()) -> Done:
        """Resolve a plan in an environment that holds this."""
        where = Path(tempfile.mkdtemp(dir=self.folder))
        prefix = bare.prefix(where / "env", present)
        for item in present:
            self._write_metadata(prefix, item)
        channel = bare.channel(where / "channel", [it.record for it in self.graph.channel])
        engine = bare.engine(prefix, channel)
        engine.contents = self.graph.contents
        converter = LocalConverter(LocalChannel(where / "local"), where)
        sources = Sources(engine, NameTable(SEED), converter, prefix)
        resolution = resolve(Install(), plan, look_at(prefix), sources)
        return Done(self, resolution, engine.solves)

    def _write_metadata(self, prefix: Prefix, item: InstalledRecord) -> None:
        path = prefix.path / item.files[0]
        path.parent.mkdir(parents=True)
        lines = [f"Requires-Dist: {text}" for text in self.requires(item.record.name, item.record)]
        head = [f"Name: {item.record.name}", f"Version: {item.record.version}"]
        path.write_text("\n".join([*head, *lines, ""]))

    def requires(self, dist: str, record: Record) -> tuple[str, ...]:
        """What the metadata says of the dist in a package."""
        if record.origin is Origin.CONDA:
            return next(it.says for it in self.graph.channel if it.record.key == record.key)
        return self.graph.index[dist][record.version]


@dataclass(frozen=True)
class Done:
    """What came of it."""

    world: World
    resolution: Resolution
    solves: int

    @property
    def records(self) -> tuple[Record, ...]:
        return tuple(it for it in self.resolution.solution.records if it.name != "python")

    @property
    def dists(self) -> dict[str, Record]:
        """The dists that are there, whatever their packages are called."""
        strangers = self.world.graph.strangers
        honest = (
            it for it in self.records if it.origin is not Origin.CONDA or it.name not in strangers
        )
        return {str(it.name).removeprefix("pypi-"): it for it in honest}

    @property
    def versions(self) -> dict[str, str]:
        return {name: it.version for name, it in self.dists.items()}

    @property
    def present(self) -> tuple[InstalledRecord, ...]:
        return tuple(installed(record, str(record.name)) for record in self.records)

    def complaints(self) -> list[str]:
        """What `pip check` would say, but for what was said before."""
        held = {
            name: (it.version, self.world.requires(name, it)) for name, it in self.dists.items()
        }
        told = {f"{gap.dist}: {gap.requirement}" for gap in self.resolution.gaps}
        return [text for text in Held(held).complaints() if text not in told]

    def satisfies(self, requirement: Requirement) -> bool:
        version = self.versions.get(requirement.name)
        return version is not None and requirement.specifier.contains(version, prereleases=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    yield tmp_path_factory.mktemp("graphs")
    # py-rattler's threads let go of what they hold a moment after the last call.
    time.sleep(0.05)


@given(graph=graphs())
@_MANY
def test_what_gets_installed_satisfies_the_request_and_every_requirement(
    folder: Path, graph: Graph
) -> None:
    plan = graph.plan()
    assume(plan)
    assert plan is not None
    done = World(graph, folder).install(plan)
    assert all(done.satisfies(Requirement(text)) for text in graph.typed)
    assert all(done.satisfies(it) for it in _brought_by_extras(plan))
    assert done.complaints() == []


def _brought_by_extras(plan: Plan) -> list[Requirement]:
    """Name what was asked for in brackets; conda knows no extras, so it comes in any case."""
    asked = (it for it in plan.candidates if it.requested)
    return [need for it in asked for need in brought_by_extras(it, plan.markers, it.extras)]


@given(graph=graphs())
@_MANY
def test_no_conda_package_is_taken_for_a_dist_that_it_does_not_ship(
    folder: Path, graph: Graph
) -> None:
    plan = graph.plan()
    assume(plan)
    assert plan is not None
    done = World(graph.with_strangers(), folder).install(plan)
    conda = {it.conda_name for it in done.resolution.decisions if it.route == "conda"}
    assert conda.isdisjoint(done.world.graph.strangers)
    assert all(done.satisfies(Requirement(text)) for text in graph.typed)
    assert done.complaints() == []


@given(graph=graphs())
@_MANY
def test_where_everything_is_from_pypi_pips_choice_stays_and_one_solve_does(
    folder: Path, graph: Graph
) -> None:
    plan = graph.plan()
    assume(plan)
    assert plan is not None
    done = World(graph.without_channel(), folder).install(plan)
    assert done.versions == {str(it.name): it.version for it in plan.candidates}
    assert done.solves == 1


@given(graph=graphs(), second=graphs())
@_MANY
def test_a_second_install_changes_nothing_that_pip_leaves_alone(
    folder: Path, graph: Graph, second: Graph
) -> None:
    first_plan = graph.plan()
    assume(first_plan)
    assert first_plan is not None
    first = World(graph, folder).install(first_plan)
    assume(first.complaints() == [] and not first.resolution.gaps)
    later = Graph(_joined(graph, first), graph.channel, second.typed)
    plan = later.plan(first.versions)
    assume(plan and plan.candidates)
    assert plan is not None
    try:
        done = World(later, folder).install(plan, first.present)
    except Unsolvable as error:
        # A recipe may demand what no metadata does; then somebody is told which.
        assert error.obstacles  # noqa: PT017 # either outcome is right
        return
    planned = {str(it.name) for it in plan.candidates}
    told = {it.name for it in done.resolution.beside}
    untouched = first.versions.keys() - planned - told
    assert {name: done.versions[name] for name in untouched} == {
        name: first.versions[name] for name in untouched
    }
    assert done.complaints() == []


def _joined(graph: Graph, first: Done) -> dict[str, dict[str, tuple[str, ...]]]:
    """Let pip know the metadata of what is installed, be it conda's."""
    index = {name: dict(versions) for name, versions in graph.index.items()}
    for record in first.records:
        name = str(record.name)
        index[name].setdefault(record.version, first.world.requires(name, record))
    return index


# Real pip


@pytest.fixture(scope="module")
def environment(thin_channel: Path, tmp_path_factory: pytest.TempPathFactory) -> Prefix:
    folder = tmp_path_factory.mktemp("real")
    return Prefix(builders.environment(folder / "env", [thin_channel.as_uri()]).prefix)


@given(graph=graphs())
@settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    suppress_health_check=[*HealthCheck],
)
def test_real_pip_would_have_picked_the_same(
    environment: Prefix, folder: Path, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = graph.plan()
    assume(plan and len(plan.candidates) > 2)
    assert plan is not None
    where = Path(tempfile.mkdtemp(dir=folder))
    monkeypatch.setenv("PIP_INDEX_URL", _published(graph, where))

    pip = PipTool(environment, ["install", *graph.typed])
    try:
        real = pip.plan()
    finally:
        pip.stop()
    engine = bare.Engine(environment, [], where / "cache")
    converter = LocalConverter(LocalChannel(where / "local"), where)
    sources = Sources(engine, NameTable(SEED), converter, environment)
    resolution = resolve(Install(), real, look_at(environment), sources)

    picked = {str(it.name): it.version for it in real.candidates}
    assert picked == {str(it.name): it.version for it in plan.candidates}
    solved = {str(it.name): it.version for it in resolution.solution.records}
    assert {name: solved[name] for name in picked} == picked
    assert engine.solves == 1


def _published(graph: Graph, folder: Path) -> str:
    """Put the whole index on disk, as wheels."""
    wheels = [
        builders.wheel(folder / "wheels", name, version, requires=requires, extras={EXTRA: ()})
        for name, versions in graph.index.items()
        for version, requires in versions.items()
    ]
    return builders.simple_index(folder / "index", wheels)
