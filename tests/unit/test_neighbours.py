"""A solve that hears of part of an environment answers as one that hears of all of it.

The real solver over repodata made on the spot, in environments of every kind: with conditions that
are broken, packages that no channel has, and packages that refuse others. Longer than a module
should be: half of it makes these environments.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import bare
import pytest
import rattler
from values import PYTHON, converted, record

from pipguard.engine.channels import Channel
from pipguard.engine.condarc import Priority
from pipguard.engine.exchange import Memory, foreign_record
from pipguard.engine.neighbours import Neighbours
from pipguard.errors import Unsolvable
from pipguard.names import CondaName
from pipguard.prefix import Prefix
from pipguard.records import InstalledRecord, Record
from pipguard.seams import Problem

# What a record refuses, by its key; our own records do not say.
Refusals = Mapping[tuple[str, str, str, str], Sequence[str]]

WORLDS, QUESTIONS = 25, 4
NAMES = tuple(f"lib-{letter}" for letter in "abcdefghij")
VERSIONS = ("1.0", "2.0", "3.0")
CONDITIONS = ("", "", "", " >=2", " <3", " 2.*", " >=3", " <2")


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    yield
    # py-rattler's threads let go of what they hold a moment after the last call.
    time.sleep(0.05)


def names(*some: str) -> frozenset[CondaName]:
    return frozenset(map(CondaName, some))


# Neighbours alone


def found(of: Record, *refuses: str) -> rattler.RepoDataRecord:
    """What the solver has found."""
    made = foreign_record(of)
    made.constrains = list(refuses)
    return made


def here(of: Record, *refuses: str) -> InstalledRecord:
    return InstalledRecord(of, (), data={"constrains": list(refuses)})


def environment(*items: InstalledRecord) -> Neighbours:
    return Neighbours({item.record.name: item for item in items}, foreign_record)


CHAIN = environment(
    here(record("top", depends=["middle >=1"])),
    here(record("middle", depends=["bottom[version='>=1']", "__glibc >=2"])),
    here(record("bottom")),
    here(record("beside", depends=["bottom"])),
    here(record("apart")),
)


@pytest.mark.parametrize(
    ("asked", "heard"),
    [
        ("top", {"top", "middle", "bottom"}),
        ("middle", {"top", "middle", "bottom"}),
        ("bottom", {"middle", "bottom", "beside"}),
        ("apart", {"apart"}),
        ("new", set()),
    ],
)
def test_around_a_name_is_who_asks_for_it_and_what_all_of_these_need(
    asked: str, heard: set[str]
) -> None:
    assert CHAIN.around({asked}) == heard


def test_what_needs_each_other_is_named_once() -> None:
    circle = environment(
        here(record("one", depends=["two"])), here(record("two", depends=["one", "absent"]))
    )
    assert circle.with_needs(["one", "nobody"]) == {"one", "two"}


@pytest.mark.parametrize(
    ("left_out", "solved", "objects"),
    [
        (here(record("old", depends=["alpha <2"])), found(record("alpha", "2.0")), True),
        (here(record("old", depends=["alpha"])), found(record("alpha", "2.0")), False),
        (here(record("old", depends=["alpha =1.0=py_0"])), found(record("alpha")), False),
        (
            here(record("old", depends=["alpha =1.0=py_0"])),
            found(record("alpha", build="py_1")),
            True,
        ),
        (here(record("old", depends=["alpha >=3"])), found(record("alpha", "2.0")), False),
        (here(record("old"), "alpha <2"), found(record("alpha", "2.0")), True),
        (here(record("old"), "alpha >=3"), found(record("alpha", "2.0")), False),
        (here(record("old"), "new <2"), found(record("new", "2.0")), True),
        (here(record("old"), "new <2"), found(record("new", "1.0")), False),
        (here(record("old", "1.0")), found(record("new"), "old >=2"), True),
        (here(record("old", "1.0")), found(record("new"), "old <2"), False),
        (here(record("old", "1.0")), found(record("alpha"), "old >=2"), False),
        (here(record("old", "1.0")), found(record("old", "2.0")), True),
        (here(record("old", "1.0")), found(record("beside", "2.0")), False),
    ],
    ids=[
        "what it depends on moves away",
        "what it depends on moves within its condition",
        "what it depends on stays",
        "another build of what it depends on comes",
        "its condition was broken before",
        "what it constrains moves away",
        "its constraint was broken before",
        "a newcomer is refused by it",
        "a newcomer is welcome to it",
        "a newcomer refuses it",
        "a newcomer welcomes it",
        "what stays has always refused it",
        "the solve has brought it in another version",
        "something else moves",
    ],
)
def test_who_was_left_out_objects_where_the_answer_breaks_something_anew(
    left_out: InstalledRecord, solved: rattler.RepoDataRecord, *, objects: bool
) -> None:
    around = environment(here(record("alpha")), left_out, here(record("beside")))
    heard = names("alpha", "beside")
    assert around.objecting(heard, [solved]) == ({"old"} if objects else set())


def test_who_was_heard_objects_no_more() -> None:
    around = environment(here(record("alpha")), here(record("old", depends=["alpha <2"])))
    assert around.objecting(names("alpha", "old"), [found(record("alpha", "2.0"))]) == set()


# The real solver


class Whole(bare.Engine):
    """The engine that hears of everything."""

    def _concerned(self, _: Problem, neighbours: Neighbours) -> frozenset[CondaName]:
        return frozenset(neighbours.installed)


@dataclass(frozen=True)
class World:
    """An environment, and the channels around it; `refusals` are the constrains of its records."""

    installed: tuple[InstalledRecord, ...]
    channels: tuple[tuple[Record, ...], ...]
    refusals: Refusals
    priority: Priority = Priority.STRICT

    def engines(self, folder: Path) -> tuple[bare.Engine, Whole]:
        """Make the engine that is used, and the one that hears of everything."""
        prefix = self._prefix(folder)
        channels = [
            self._channel(folder / f"channel-{number}", records)
            for number, records in enumerate(self.channels)
        ]
        cache = folder / "cache"
        return (
            bare.Engine(prefix, channels, cache, priority=self.priority),
            Whole(prefix, channels, cache, priority=self.priority),
        )

    def _prefix(self, folder: Path) -> Prefix:
        prefix = bare.prefix(folder / "env", self.installed)
        for item in self.installed:
            path = prefix.conda_meta / f"{item.record.dist_name}.json"
            refused = list(self.refusals.get(item.record.key, ()))
            path.write_text(json.dumps({**json.loads(path.read_bytes()), "constrains": refused}))
        return prefix

    def _channel(self, folder: Path, records: Iterable[Record]) -> Channel:
        listed = tuple(records)
        made = bare.channel(folder, listed)
        path = folder / "noarch" / "repodata.json"
        document = json.loads(path.read_bytes())
        for it in listed:
            if it.key in self.refusals:
                document["packages.conda"][it.file_name]["constrains"] = list(self.refusals[it.key])
        path.write_text(json.dumps(document))
        return made


def answer(engine: bare.Engine, problem: Problem) -> list[tuple[str, str, str, str]] | None:
    """The records that are there afterwards; None where there is no answer."""
    # Whoever asks has looked up what is asked for.
    engine.shelves(names(*problem.specs))
    try:
        return sorted(it.key for it in engine.solve(problem).records)
    except Unsolvable:
        return None


ALPHA = record("alpha", "1.0", depends=["beta"])
BETA = record("beta", depends=["gamma"])
GAMMA = record("gamma")
OWNER = record("owner")


@dataclass(frozen=True)
class Case:
    """alpha is asked for: what is here, what a channel has, and the versions afterwards."""

    here: tuple[Record, ...]
    channel: tuple[Record, ...]
    after: Mapping[str, str] | None
    refusals: Refusals = field(default_factory=dict)
    pin: str = "alpha"


@pytest.mark.parametrize(
    "case",
    [
        Case((GAMMA,), (ALPHA, BETA, GAMMA), {"alpha": "1.0", "beta": "1.0", "gamma": "1.0"}),
        Case((GAMMA,), (ALPHA, BETA), {"alpha": "1.0", "beta": "1.0", "gamma": "1.0"}),
        Case(
            (GAMMA,),
            (record("alpha", "0.9"), ALPHA, BETA),
            {"alpha": "1.0", "beta": "1.0", "gamma": "1.0"},
        ),
        Case(
            (GAMMA,),
            (record("alpha", "2.0"), record("alpha", "1.0", depends=["gamma"])),
            {"alpha": "1.0", "gamma": "1.0"},
            pin="alpha <2",
        ),
        Case(
            (record("gamma", depends=["delta"]), record("delta")),
            (
                *(ALPHA, BETA, record("gamma", depends=["delta >=2"])),
                *(record("delta", "2.0"), record("delta")),
            ),
            {"alpha": "1.0", "beta": "1.0", "gamma": "1.0", "delta": "1.0"},
        ),
        Case(
            (OWNER, GAMMA),
            (ALPHA, BETA, record("gamma", "2.0")),
            {"alpha": "1.0", "beta": "1.0", "gamma": "1.0", "owner": "1.0"},
            {OWNER.key: ["gamma <2"]},
        ),
        Case((OWNER,), (ALPHA, BETA, record("gamma", "2.0")), None, {OWNER.key: ["gamma <2"]}),
        Case((OWNER,), (ALPHA, BETA, GAMMA), None, {GAMMA.key: ["owner >=2"]}),
        Case(
            (GAMMA,),
            (record("alpha"), record("gamma", "2.0")),
            {"alpha": "1.0", "gamma": "2.0"},
            pin="Gamma >=2",
        ),
        Case(
            (GAMMA,),
            (record("alpha"), record("gamma", "2.0")),
            {"alpha": "1.0", "gamma": "2.0"},
            pin="conda-forge::gamma >=2",
        ),
    ],
    ids=[
        "what the answer needs is in it once",
        "what is needed is in no channel",
        "the newest needs what is in no channel",
        "another version than the best needs what is in no channel",
        "the channel says of an installed package something else than its record",
        "what stays refuses the newest of what is needed",
        "what stays refuses all there is of what is needed",
        "what is needed refuses what stays",
        "a pin is written in capitals",
        "a pin names a channel",
    ],
)
def test_what_is_left_out_is_what_makes_no_difference(tmp_path: Path, case: Case) -> None:
    items = tuple(InstalledRecord(it, ()) for it in case.here)
    narrow, whole = World(items, (case.channel,), case.refusals).engines(tmp_path)
    present = narrow._prefix.records()
    problem = Problem(("alpha",), ("python 3.11.*", case.pin), (), present, names("alpha"))
    for engine in (whole, narrow):
        found = answer(engine, problem)
        versions = [key[:2] for key in found or () if key[0] != "python"]
        assert versions == sorted((case.after or {}).items())
        assert (found is None) == (case.after is None)


def test_who_was_refused_before_is_not_moved_for_somebody_elses_sake(tmp_path: Path) -> None:
    items = (InstalledRecord(OWNER, ()), InstalledRecord(GAMMA, ()))
    channel = (record("alpha"), record("gamma", "2.0"))
    engine, _ = World(items, (channel,), {OWNER.key: ["gamma >=2"]}).engines(tmp_path)
    present = engine._prefix.records()
    after = engine.solve(Problem(("alpha",), ("python 3.11.*",), (), present, names("alpha")))
    assert after.by_name()[GAMMA.name].version == "1.0"


def test_one_package_beside_300_others_is_a_question_about_few_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up: set[str] = set()
    fetch = Memory.fetch_package_records

    async def counted(
        self: Memory, platform: rattler.Subdir, name: rattler.PackageName
    ) -> list[rattler.RepoDataRecord]:
        looked_up.add(name.normalized)
        return await fetch(self, platform, name)

    others = [record(f"other-{number}", depends=["python"]) for number in range(300)]
    items = tuple(InstalledRecord(it, ()) for it in others)
    channel = (ALPHA, BETA, record("gamma", depends=["other-0"]), *others)
    engine, _ = World(items, (channel,), {}).engines(tmp_path)
    present = engine._prefix.records()
    monkeypatch.setattr(Memory, "fetch_package_records", counted)
    after = answer(engine, Problem(("alpha",), ("python 3.11.*",), (), present, names("alpha")))

    assert after is not None
    assert len(after) == len(others) + len(("python", "alpha", "beta", "gamma"))
    assert looked_up == {"python", "alpha", "beta", "gamma", "other-0"}


@pytest.mark.parametrize("broken", [False, True])
def test_whatever_the_environment_the_answer_is_that_of_a_solve_of_all_of_it(
    tmp_path: Path, *, broken: bool
) -> None:
    answered = 0
    for seed in range(WORLDS):
        chosen = Random(seed)  # noqa: S311 # no secret
        narrow, whole = random_world(chosen, broken=broken).engines(tmp_path / str(seed))
        present = narrow._prefix.records()
        for number in range(QUESTIONS):
            problem = random_problem(present, chosen)
            expected = answer(whole, problem)
            assert answer(narrow, problem) == expected, (seed, number)
            answered += expected is not None
    # Else there would be little to compare.
    assert answered > WORLDS * QUESTIONS / 3


def random_world(chosen: Random, *, broken: bool) -> World:
    """Make an environment, in which some conditions may be broken, and channels around it."""
    offered = [_package(name, version, chosen) for name in NAMES for version in VERSIONS]
    refusals = {it.key: [_condition(chosen)] for it in offered if _chance(chosen, 6)}
    installed: dict[CondaName, Record] = {}
    for name in chosen.sample(NAMES, chosen.randint(3, 8)):
        _add(name, offered, installed, chosen)
    listed = [it for it in offered if not _chance(chosen, 6)]
    split = [_chance(chosen, 5) for _ in listed]
    channels = (
        tuple(it for it, second in zip(listed, split, strict=True) if not second),
        tuple(it for it, second in zip(listed, split, strict=True) if second),
    )
    if not broken:
        installed = _consistent(installed, refusals)
    # Who was refused before may stay where it is, or not: there is a test of its own.
    refusals = {
        it.key: refusals[it.key]
        for it in offered
        if it.key in refusals
        and (installed.get(it.name) != it or _welcomes(it, installed, refusals))
    }
    items = tuple(InstalledRecord(it, ()) for it in installed.values())
    return World(items, channels, refusals, chosen.choice(tuple(Priority)))


def _add(
    wish: str, offered: Sequence[Record], installed: dict[CondaName, Record], chosen: Random
) -> None:
    """Install what satisfies a wish and, as a rule, what it needs."""
    spec = rattler.MatchSpec(wish)
    fits = [it for it in offered if spec.matches(foreign_record(it))]
    if not fits or fits[0].name in installed:
        return
    picked = chosen.choice(fits)
    installed[picked.name] = picked
    for depend in picked.depends[1:]:
        if not _chance(chosen, 12):
            _add(depend, offered, installed, chosen)


def _consistent(
    installed: Mapping[CondaName, Record], refusals: Refusals
) -> dict[CondaName, Record]:
    """Leave out what lacks something, or refuses something that is there."""
    held = dict(installed)
    while unhappy := [it.name for it in held.values() if not _holds(it, held, refusals)]:
        del held[unhappy[0]]
    return held


def _holds(of: Record, held: Mapping[CondaName, Record], refusals: Refusals) -> bool:
    about = {**held, CondaName("python"): PYTHON.record}
    return all(holds(it, about) for it in of.depends) and _welcomes(of, held, refusals)


def _welcomes(of: Record, held: Mapping[CondaName, Record], refusals: Refusals) -> bool:
    return all(holds(it, held) for it in refusals.get(of.key, ()) if it.split()[0] in held)


def holds(spec: str, held: Mapping[CondaName, Record]) -> bool:
    there = held.get(CondaName(spec.split(maxsplit=1)[0]))
    return there is not None and rattler.MatchSpec(spec).matches(foreign_record(there))


def _package(name: str, version: str, chosen: Random) -> Record:
    # Only what comes later: there are circles on which rattler thinks without end.
    later = NAMES[NAMES.index(name) + 1 :]
    needed = chosen.sample(later, min(len(later), chosen.choice((0, 1, 1, 2, 2))))
    depends = ["python", *(f"{other}{chosen.choice(CONDITIONS)}" for other in needed)]
    return record(name, version, depends=depends)


def _condition(chosen: Random) -> str:
    return f"{chosen.choice(NAMES)}{chosen.choice((' >=2', ' <3', ' <2', ' >=3'))}"


def _chance(chosen: Random, one_in: int) -> bool:
    return chosen.randrange(one_in) == 0


def random_problem(installed: Sequence[InstalledRecord], chosen: Random) -> Problem:
    """Pose a question as `question.pose` does: some names, free to change, and what must hold."""
    asked = chosen.sample(NAMES, chosen.randint(1, 2))
    constraints = ["python 3.11.*", f"{asked[0]}{chosen.choice(CONDITIONS)}"]
    extra = []
    if _chance(chosen, 4):
        needs = [_condition(chosen) for _ in range(chosen.randint(0, 2))]
        needs = [it for it in needs if it.split()[0] > asked[-1]]
        made = converted(asked[-1], "2.5", depends=["python", *needs]).record
        extra.append(made)
        constraints.append(f"{made.name} =={made.version} {made.build}")
    if _chance(chosen, 4):
        constraints.append(_condition(chosen))
    gone = chosen.choice(NAMES) if _chance(chosen, 5) else ""
    stay = tuple(item for item in installed if item.record.name != gone)
    free = names(*asked)
    fixed = {it.record.name for it in stay if _chance(chosen, 3)} if _chance(chosen, 2) else set()
    return Problem(
        tuple(asked), tuple(constraints), tuple(extra), stay, free, frozenset(fixed - free)
    )
