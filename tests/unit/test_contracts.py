"""The same promises, kept by the fakes and by the real implementations of `pipguard/seams.py`.

Each test is written once, over a stage that has either kind: `FakeStage` in memory, `RealStage`
with real packages in a real channel and a real environment.
Longer than a module should be: all promises are tried on the same two stages.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import builders
import pytest
from fakes import (
    FakeConverter,
    FakeEngine,
    FakeEnvironment,
    FakeJournal,
    FakeNameTable,
    FakeReporter,
    FakeTruePip,
    package,
)
from values import CONVERTED_BUILD, TARGET, candidate, dist, installed, record

from pipguard.change import Change
from pipguard.changes.open_operation import Command
from pipguard.engine.channels import Channel
from pipguard.engine.rattler import RattlerEngine
from pipguard.errors import ConversionError, EngineError, TransactionError, Unsolvable
from pipguard.names import (
    CondaName,
    Known,
    KnownAbsent,
    NameTable,
    Proposal,
    PyPIName,
    Seed,
    Unknown,
)
from pipguard.plan import Candidate
from pipguard.prefix import Prefix
from pipguard.records import Origin, Record, Shipped, owners, untracked
from pipguard.seams import CondaEngine, Converter, Environment, Journal, Problem
from pipguard.transaction import Transaction
from pipguard.wheels.channel import LocalChannel
from pipguard.wheels.converter import LocalConverter
from pipguard.wheels.dependencies import Naming

ALPHA = CondaName("alpha")


class Stage(Protocol):
    """A channel, an environment and everything that works on the two."""

    def offer(self, name: str, version: str = "1.0", **details: Any) -> None:
        """Put a package into the channel, by default one that ships the dist of its name."""

    def alter(self, name: str) -> None:
        """Make a package another one than its record describes."""

    def lose(self, name: str) -> None:
        """Make a package impossible to link."""

    def create(self, *specs: str) -> None:
        """Make the environment, of python and these specs."""

    @property
    def environment(self) -> Environment: ...

    def engine(self) -> CondaEngine: ...

    def journal(self, engine: CondaEngine) -> Journal: ...

    def converter(self) -> Converter: ...

    def wheel(self, it: Candidate, *, intact: bool = True) -> tuple[Path, Candidate]:
        """Make the wheel of a candidate, and the candidate as its index has it."""


class FakeStage:
    """Everything in memory."""

    def __init__(self) -> None:
        self.environment = FakeEnvironment(())
        self._engine = FakeEngine(self.environment)
        self._converter = FakeConverter()

    def offer(self, name: str, version: str = "1.0", **details: Any) -> None:
        ships = details.pop("ships", (name,)) or ("",)
        says = details.pop("says", ())
        self._engine.channel += (package(record(name, version, **details), *ships, requires=says),)

    def alter(self, name: str) -> None:
        self._engine.channel = tuple(
            replace(it, intact=it.record.name != name) for it in self._engine.channel
        )

    def lose(self, name: str) -> None:
        self._engine.breaks_on = CondaName(name)

    def create(self, *specs: str) -> None:
        python = record("python", TARGET.python, build="h_0", subdir="linux-64")
        self.environment.installed = (installed(python),)
        solved = self._engine.solve(Problem(specs, (), (), self.environment.installed))
        self._engine.apply(solved.records)

    def engine(self) -> FakeEngine:
        return self._engine

    def journal(self, engine: CondaEngine) -> FakeJournal:
        assert engine is self._engine
        return FakeJournal(self.environment, self._engine, FakeTruePip())

    def converter(self) -> FakeConverter:
        return self._converter

    def wheel(self, it: Candidate, *, intact: bool = True) -> tuple[Path, Candidate]:
        if not intact:
            self._converter.hostile |= {it.name}
        return Path(it.file_name), it


@dataclass
class RealStage:
    """Real packages in a folder, py-rattler, and a python that runs."""

    folder: Path
    make_environment: Callable[..., builders.Environment]
    thin_channel: Path

    def __post_init__(self) -> None:
        self.channel = self.folder / "channel"
        (self.channel / "noarch").mkdir(parents=True)
        builders.channel(self.channel)

    def offer(self, name: str, version: str = "1.0", **details: Any) -> None:
        ships: Sequence[str] = details.pop("ships", (name,))
        requires = "".join(f"Requires-Dist: {it}\n" for it in details.pop("says", ()))
        files = {
            f"site-packages/{it}-{version}.dist-info/METADATA": (
                f"Name: {it}\nVersion: {version}\n{requires}"
            )
            for it in ships
        }
        files[f"site-packages/{name}.txt"] = version
        builders.conda_package(self.channel, name, version, files, noarch="python", **details)
        builders.channel(self.channel)

    def alter(self, name: str) -> None:
        (path,) = self.channel.glob(f"noarch/{name}-*.conda")
        path.write_bytes(path.read_bytes() + b"x")

    def lose(self, name: str) -> None:
        (path,) = self.channel.glob(f"noarch/{name}-*.conda")
        path.unlink()

    def create(self, *specs: str) -> None:
        self.make_environment("env", ("python", *specs), self.channel.as_uri())

    @property
    def environment(self) -> Prefix:
        return Prefix(self.folder / "env")

    def engine(self) -> RattlerEngine:
        urls = [self.channel.as_uri(), self.thin_channel.as_uri()]
        channels = [Channel(url, url, url) for url in urls]
        return RattlerEngine(self.environment, channels, self.folder / "cache")

    def journal(self, engine: CondaEngine) -> Transaction:
        command = Command("pip", ("install", "alpha"))
        return Transaction(self.environment, lambda: engine, FakeTruePip(), command, FakeReporter())

    def converter(self) -> LocalConverter:
        return LocalConverter(LocalChannel(self.folder / "converted"), self.folder)

    def wheel(self, it: Candidate, *, intact: bool = True) -> tuple[Path, Candidate]:
        requires = it.metadata.requires_dist
        path = builders.wheel(self.folder, str(it.name), it.version, requires=requires)
        if not intact:
            path.write_bytes(b"no zip file")
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        return path, replace(it, sha256=digest, url=path.as_uri())


@pytest.fixture(params=["fake", "real"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    if request.param == "fake":
        yield FakeStage()
        return
    make = request.getfixturevalue("make_environment")
    yield RealStage(tmp_path, make, request.getfixturevalue("thin_channel"))
    # py-rattler's threads let go of what they hold a moment after the last call; an interpreter
    # that shuts down before that crashes.
    time.sleep(0.05)


def problem(stage: Stage, *specs: str, **details: Any) -> Problem:
    """Ask for specs beside what is installed, python pinned as every solve pins it."""
    present = stage.environment.records()
    python = f"python {stage.environment.target.minor}.*"
    constraints = (python, *details.pop("constraints", ()))
    defaults = {"extra": (), "installed": present}
    return Problem(specs, constraints, **(defaults | details))


def _made_here(name: str, version: str, **fields: Any) -> Record:
    made = {"build": CONVERTED_BUILD, "channel": "file:///converted", "sha256": None}
    return record(name, version, **(made | fields))


def versions(records: Sequence[Record]) -> dict[str, str]:
    return {str(it.name): it.version for it in records if it.name != "python"}


def present(stage: Stage) -> dict[str, str]:
    return versions([it.record for it in stage.environment.records()])


# CondaEngine: solving.


def test_the_newest_that_fits_is_chosen_with_what_it_needs(stage: Stage) -> None:
    for version in ("1.0", "1.5", "2.0"):
        stage.offer("alpha", version, depends=("python", f"beta >={version}"))
        stage.offer("beta", version)
    stage.create()
    solved = stage.engine().solve(problem(stage, "alpha <2dev0"))
    assert versions(solved.records) == {"alpha": "1.5", "beta": "2.0"}


def test_a_solution_holds_what_is_installed(stage: Stage) -> None:
    stage.offer("alpha", "1.0")
    stage.offer("beta", "1.0")
    stage.create("beta")
    solved = stage.engine().solve(problem(stage, "alpha"))
    assert versions(solved.records) == {"alpha": "1.0", "beta": "1.0"}
    assert "python" in solved.by_name()


def test_what_is_locked_stays_although_there_is_a_newer_one(stage: Stage) -> None:
    stage.offer("alpha")
    stage.offer("beta", "1.0")
    stage.create("beta ==1.0")
    stage.offer("beta", "2.0")
    solved = stage.engine().solve(problem(stage, "alpha"))
    assert versions(solved.records)["beta"] == "1.0"


def test_what_is_unlocked_may_become_newer(stage: Stage) -> None:
    stage.offer("beta", "1.0")
    stage.create("beta ==1.0")
    stage.offer("beta", "2.0")
    solved = stage.engine().solve(problem(stage, "beta", unlocked=frozenset({CondaName("beta")})))
    assert versions(solved.records) == {"beta": "2.0"}


def test_what_is_fixed_does_not_change_for_anybody(stage: Stage) -> None:
    stage.offer("beta", "1.0")
    stage.create("beta ==1.0")
    stage.offer("beta", "2.0")
    stage.offer("alpha", depends=("beta >=2",))
    free, fixed = problem(stage, "alpha"), frozenset({CondaName("beta")})
    assert versions(stage.engine().solve(free).records)["beta"] == "2.0"
    with pytest.raises(Unsolvable):
        stage.engine().solve(replace(free, fixed=fixed))


def test_what_leaves_the_installed_is_not_held_on_to(stage: Stage) -> None:
    stage.offer("beta")
    stage.create("beta")
    python = tuple(it for it in stage.environment.records() if it.record.name == "python")
    solved = stage.engine().solve(problem(stage, installed=python))
    assert versions(solved.records) == {}


def test_a_dist_that_has_no_record_is_held_on_to_by_its_stand_in(stage: Stage) -> None:
    stage.offer("alpha", depends=("python", "beta <2"))
    stage.offer("beta", "1.0")
    stage.offer("beta", "1.5")
    stage.create()
    present = (*stage.environment.records(), untracked(dist("beta", "1.0")))
    solved = stage.engine().solve(problem(stage, "alpha", installed=present))
    assert versions(solved.records) == {"alpha": "1.0", "beta": "1.0"}
    assert solved.by_name()[CondaName("beta")].origin is Origin.UNTRACKED


def test_a_record_that_no_channel_has_is_solved_like_any_other(stage: Stage) -> None:
    stage.offer("beta", "1.5")
    stage.create()
    made = _made_here("alpha", "2.0", depends=("python", "beta >=1"))
    solved = stage.engine().solve(problem(stage, "alpha", extra=(made,)))
    assert versions(solved.records) == {"alpha": "2.0", "beta": "1.5"}
    assert solved.by_name()[ALPHA].origin is Origin.CONVERTED


def test_a_record_made_here_hides_those_of_its_name_in_the_channels(stage: Stage) -> None:
    stage.offer("alpha", "3.0")
    stage.create()
    made = _made_here("alpha", "2.0")
    solved = stage.engine().solve(problem(stage, "alpha", extra=(made,)))
    assert versions(solved.records) == {"alpha": "2.0"}


@pytest.mark.parametrize(
    ("spec", "constraint"),
    [("alpha >=2", "alpha"), ("alpha", "alpha <1"), ("nothere", "alpha"), ("needy", "alpha")],
)
def test_where_there_is_no_solution_it_is_said_and_not_guessed(
    stage: Stage, spec: str, constraint: str
) -> None:
    stage.offer("alpha", "1.0")
    stage.offer("needy", depends=("alpha >=7",))
    stage.create()
    with pytest.raises(Unsolvable) as caught:
        stage.engine().solve(problem(stage, spec, constraints=(constraint,)))
    assert spec.partition(" ")[0] in caught.value.text.replace(",", " ").split()


def test_python_itself_is_never_changed_for_a_package(stage: Stage) -> None:
    stage.offer("alpha", depends=("python >=4",))
    stage.create()
    with pytest.raises(Unsolvable):
        stage.engine().solve(problem(stage, "alpha"))


# CondaEngine: looking.


def test_a_shelf_has_the_newest_first(stage: Stage) -> None:
    for version in ("1.9", "1.10", "1.2"):
        stage.offer("alpha", version)
    stage.create()
    shelf = stage.engine().shelves({ALPHA})[ALPHA]
    assert [it.version for it in shelf.records] == ["1.10", "1.9", "1.2"]


def test_what_is_for_another_python_is_there_but_not_for_us(stage: Stage) -> None:
    stage.offer("alpha", depends=("python 2.7.*",))
    stage.offer("alpha", "0.9", depends=("python 2.7.*",))
    stage.create()
    shelf = stage.engine().shelves({ALPHA})[ALPHA]
    assert shelf.records == ()
    assert shelf.elsewhere is not None
    assert shelf.elsewhere.version == "1.0"


def test_names_that_no_channel_has_are_left_out(stage: Stage) -> None:
    stage.offer("alpha")
    stage.create()
    assert set(stage.engine().shelves({ALPHA, CondaName("nothere")})) == {ALPHA}
    assert stage.engine().shelves(()) == {}


def test_a_package_tells_the_dists_in_it(stage: Stage) -> None:
    stage.offer("alpha", ships=("alpha", "other"))
    stage.offer("libx", ships=())
    stage.create()
    engine = stage.engine()
    shelves = engine.shelves({ALPHA, CondaName("libx")})
    found = {str(name): engine.ships(shelf.records[0]) for name, shelf in shelves.items()}
    named = {name: [(it.name, it.version) for it in dists] for name, dists in found.items()}
    assert named == {"alpha": [("alpha", "1.0"), ("other", "1.0")], "libx": []}


def test_what_this_machine_has_by_itself_is_named_as_conda_names_it(stage: Stage) -> None:
    stage.create()
    named = stage.engine().virtual_packages()
    assert named
    assert all(name.startswith("__") for name in named)


# CondaEngine: fetching and linking.


def test_what_is_fetched_tells_its_dists_and_changes_nothing(stage: Stage) -> None:
    stage.offer("alpha", ships=("alpha", "other"), says=("beta>=1",))
    stage.create()
    engine = stage.engine()
    (alpha,) = engine.shelves({ALPHA})[ALPHA].records
    named = (PyPIName("alpha"), PyPIName("other"))
    inside = tuple(Shipped(name, "1.0", ("beta>=1",)) for name in named)
    assert engine.fetch([alpha]) == {alpha.key: inside}
    assert engine.fetch([]) == {}
    assert present(stage) == {}


def test_an_altered_package_is_not_fetched(stage: Stage) -> None:
    stage.offer("alpha")
    stage.create()
    stage.alter("alpha")
    engine = stage.engine()
    (alpha,) = engine.shelves({ALPHA})[ALPHA].records
    with pytest.raises(EngineError) as caught:
        engine.fetch([alpha])
    assert caught.value.reference == "package-altered"


def test_the_environment_becomes_exactly_what_was_asked(stage: Stage) -> None:
    stage.offer("alpha")
    stage.offer("beta")
    stage.create("beta")
    engine = stage.engine()
    both = engine.solve(problem(stage, "alpha")).records
    engine.apply(both)
    assert present(stage) == {"alpha": "1.0", "beta": "1.0"}
    now = [it.record for it in stage.environment.records()]
    stage.engine().apply([it for it in now if it.name != "beta"])
    assert present(stage) == {"alpha": "1.0"}
    assert set(owners(stage.environment.records())) == {"alpha"}


def test_applying_what_is_there_changes_nothing(stage: Stage) -> None:
    stage.offer("alpha")
    stage.create("alpha")
    before = stage.environment.records()
    stage.engine().apply([it.record for it in before])
    assert stage.environment.records() == before


# Environment.


def test_an_environment_tells_its_dists_and_who_owns_them(stage: Stage) -> None:
    stage.offer("suite", "2.0", ships=("alpha", "beta"))
    stage.create("suite")
    dists = {it.name: it.version for it in stage.environment.dists()}
    assert dists == {"alpha": "2.0", "beta": "2.0"}
    owned = owners(stage.environment.records())
    assert {name: it.record.name for name, it in owned.items()} == {
        "alpha": "suite",
        "beta": "suite",
    }


# Journal.


def test_a_committed_change_is_there_and_told_as_pip_would(stage: Stage) -> None:
    stage.offer("suite", "2.0", ships=("alpha", "beta"))
    stage.offer("stays")
    stage.create("stays")
    engine = stage.engine()
    journal = stage.journal(engine)
    before = stage.environment.records()
    solved = engine.solve(problem(stage, "suite"))
    with journal.begin():
        outcome = journal.commit(Change(solved.records, before))
    assert outcome.installed == (("alpha", "2.0"), ("beta", "2.0"))
    assert present(stage) == {"stays": "1.0", "suite": "2.0"}


def test_a_change_of_nothing_installs_nothing(stage: Stage) -> None:
    stage.offer("stays")
    stage.create("stays")
    journal = stage.journal(stage.engine())
    before = stage.environment.records()
    with journal.begin():
        outcome = journal.commit(Change(tuple(it.record for it in before), before))
    assert outcome.installed == ()
    assert present(stage) == {"stays": "1.0"}


def test_what_is_not_in_a_change_any_more_is_removed(stage: Stage) -> None:
    stage.offer("goes")
    stage.create("goes")
    journal = stage.journal(stage.engine())
    before = stage.environment.records()
    with journal.begin():
        journal.commit(
            Change(tuple(it.record for it in before if it.record.name != "goes"), before)
        )
    assert present(stage) == {}
    assert "goes" not in {it.name for it in stage.environment.dists()}


def test_the_lock_is_free_again_whatever_happened(stage: Stage) -> None:
    stage.create()
    journal = stage.journal(stage.engine())
    with pytest.raises(ZeroDivisionError), journal.begin():
        raise ZeroDivisionError
    with journal.begin():
        assert present(stage) == {}


def test_a_package_that_cannot_be_linked_leaves_the_environment_as_it_was(stage: Stage) -> None:
    stage.offer("alpha")
    stage.create()
    engine = stage.engine()
    journal = stage.journal(engine)
    change = Change(engine.solve(problem(stage, "alpha")).records, stage.environment.records())
    stage.lose("alpha")
    before = stage.environment.records()
    with journal.begin(), pytest.raises((EngineError, TransactionError)) as caught:
        journal.commit(change)
    assert getattr(caught.value, "restored", True)
    assert stage.environment.records() == before


# Converter.


def _naming(**names: str) -> Naming:
    return Naming({PyPIName(name): CondaName(conda) for name, conda in names.items()})


def _demo(stage: Stage, version: str = "1.0") -> tuple[Path, Candidate]:
    requires = ["torch>=2", "never; python_version < '3'"]
    return stage.wheel(candidate("demo", version, requires=requires))


def test_a_record_is_foreseen_from_the_plan_alone(stage: Stage) -> None:
    _, demo = _demo(stage, "1.0+cu1")
    found = stage.converter().foresee(demo, TARGET, _naming(torch="pytorch", demo="pypi-demo"))
    assert (found.name, found.version) == ("pypi-demo", "1.0")
    assert "pytorch >=2" in found.depends
    assert "never" not in {depend.partition(" ")[0] for depend in found.depends}
    assert found.depends[0].partition(" ")[0] == "python"
    assert found.purls[0].startswith("pkg:pypi/demo@1.0")
    assert found.origin is Origin.CONVERTED
    assert found.sha256 is None


def test_a_converted_package_is_the_one_that_was_foreseen(stage: Stage) -> None:
    converter = stage.converter()
    wheel, demo = _demo(stage)
    foreseen = converter.foresee(demo, TARGET, _naming())
    (made,) = converter.convert([(wheel, demo)])
    assert made.key == foreseen.key
    assert made.depends == foreseen.depends
    assert made.sha256 is not None


def test_what_was_converted_is_stored_and_what_was_not_is_not(stage: Stage) -> None:
    converter = stage.converter()
    wheel, demo = _demo(stage)
    converter.foresee(demo, TARGET, _naming())
    assert converter.stored(demo) is None
    made = converter.convert([(wheel, demo)])
    assert converter.stored(demo) == made[0]


def test_every_wheel_that_is_refused_is_named(stage: Stage) -> None:
    converter = stage.converter()
    pairs = [stage.wheel(candidate(name), intact=False) for name in ("demo", "other")]
    for _, it in pairs:
        converter.foresee(it, TARGET, _naming())
    with pytest.raises(ConversionError) as caught:
        converter.convert(pairs)
    assert len({problem.wheel for problem in caught.value.problems}) == 2


# NameTable.

_ON_CHANNEL = frozenset({CondaName("plain"), CondaName("a_b"), CondaName("gone")})


@pytest.mark.parametrize(
    "table",
    [
        FakeNameTable({"torch": ["pytorch"]}, absent=frozenset({"gone"})),
        NameTable(
            Seed(
                renames={PyPIName("torch"): (Proposal(CondaName("pytorch"), "seed"),)},
                absent=("gone",),
                no_dist=frozenset({CondaName("gone")}),
            )
        ),
    ],
    ids=["fake", "real"],
)
def test_a_name_table_has_three_answers(table: FakeNameTable | NameTable) -> None:
    def conda_names(name: str) -> list[str]:
        answer = table.lookup(PyPIName(name), _ON_CHANNEL)
        assert isinstance(answer, Known)
        return [str(proposal.conda) for proposal in answer.proposals]

    assert conda_names("torch") == ["pytorch"]
    assert conda_names("plain") == ["plain"]
    assert conda_names("a-b") == ["a_b"]
    assert isinstance(table.lookup(PyPIName("gone"), _ON_CHANNEL), KnownAbsent)
    assert isinstance(table.lookup(PyPIName("nothere"), _ON_CHANNEL), Unknown)
    assert CondaName("plain") in table.guesses(PyPIName("plain"))
    assert table.guesses(PyPIName("gone")) == ()
