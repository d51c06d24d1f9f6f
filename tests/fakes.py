"""Fakes of everything in `pipguard/seams.py`: the outside world in memory.

They keep the promises of the protocols, and `unit/test_contracts.py` holds them to the same
assertions as the real implementations. Start at `Outside`, which puts one of each together.
What they were asked is kept in plain lists, so that a test can say what was never touched.
Longer than a module should be: a world is put together out of all of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Container, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path

from packaging.specifiers import Specifier
from packaging.version import InvalidVersion, Version
from values import CONVERTED_BUILD, PYTHON, TARGET, installed

from pipguard.change import Change, Outcome
from pipguard.errors import (
    ConversionError,
    EngineError,
    PlanError,
    TransactionError,
    Unsolvable,
)
from pipguard.guard import World
from pipguard.names import Answer, CondaName, Known, KnownAbsent, Proposal, PyPIName, Unknown
from pipguard.plan import Candidate, Plan, active_requirements
from pipguard.policy import Policy
from pipguard.problems import Problem
from pipguard.question import Sources
from pipguard.records import Dist, InstalledRecord, Origin, Record, Shipped, Solution, shipped
from pipguard.request import Told
from pipguard.routes import Beside, Decision, LeftOut
from pipguard.seams import Problem as Question
from pipguard.seams import Reporter, Shelf
from pipguard.sourced import Sourced
from pipguard.target import Target
from pipguard.wheels.dependencies import Naming
from pipguard.wheels.specifiers import conda_version, match_spec

_OFFICE = "https://channel.example/converted"


@dataclass
class FakePlanner:
    """pip that has made its plan already; `failure` is raised where it would have failed."""

    made: Plan
    asked: Told | None = None
    already: tuple[str, ...] = ()
    failure: PlanError | None = None
    unfetchable: frozenset[PyPIName] = frozenset()
    fetched: list[PyPIName] = field(default_factory=list)

    def told(self) -> Told:
        assert self.asked is not None
        return self.asked

    def plan(self) -> Plan:
        if self.failure:
            raise self.failure
        return self.made

    def satisfied(self) -> tuple[str, ...]:
        return self.already

    def report(self) -> str:
        return "{}"

    def fetch(self, candidates: Sequence[Candidate], folder: Path) -> dict[PyPIName, Path]:
        if self.unfetchable & {candidate.name for candidate in candidates}:
            raise PlanError("pip-fetch-failed", status=1, text="")
        self.fetched.extend(candidate.name for candidate in candidates)
        return {candidate.name: folder / candidate.file_name for candidate in candidates}


@dataclass
class FakeEnvironment:
    """A prefix in memory; `others` are dists that conda-meta does not know."""

    installed: tuple[InstalledRecord, ...] = (PYTHON,)
    others: tuple[Dist, ...] = ()
    specs: tuple[str, ...] = ()
    target: Target = TARGET

    def records(self) -> tuple[InstalledRecord, ...]:
        return self.installed

    def dists(self) -> tuple[Dist, ...]:
        owned = [
            Dist(name, item.record.version, path.rpartition("/")[0])
            for item in self.installed
            for path in item.files
            for name in shipped([path])
        ]
        return tuple(sorted([*owned, *self.others], key=lambda dist: dist.name))

    def pinned(self) -> tuple[Sourced[str], ...]:
        return tuple(Sourced(spec, "conda-meta/pinned") for spec in self.specs)


@dataclass(frozen=True)
class Package:
    """A package of a channel: its record, and the dists that are really in it.

    `intact` is false for a package that is not the one its record describes.
    """

    record: Record
    ships: tuple[Shipped, ...]
    intact: bool = True


def package(
    record: Record, *ships: str, intact: bool = True, requires: Sequence[str] = ()
) -> Package:
    """A package that ships the dist of its own name, unless others are named; `""` for none.

    `"alpha 2024.1"` ships it in another version than the package's; `requires` is what the
    metadata of every dist in it says.
    """
    parts = (name.partition(" ") for name in ships or (str(record.name),) if name)
    found = (
        Shipped(PyPIName(name), version or record.version, tuple(requires))
        for name, _, version in parts
    )
    return Package(record, tuple(found), intact)


@dataclass
class FakeEngine:
    """A channel and a solver in memory, and the environment it links into.

    The solver takes the installed version of what is locked, else the highest that fits, and goes
    back where that leads nowhere. It knows only the specs that pipguard makes.
    """

    environment: FakeEnvironment
    channel: tuple[Package, ...] = ()
    virtual: frozenset[CondaName] = frozenset({CondaName("__glibc")})
    unreadable: bool = False
    breaks_on: CondaName | None = None
    problems: list[Question] = field(default_factory=list)
    looked_into: list[CondaName] = field(default_factory=list)
    fetched: list[CondaName] = field(default_factory=list)
    applied: list[tuple[Record, ...]] = field(default_factory=list)
    reinstalled: list[CondaName] = field(default_factory=list)

    def shelves(self, names: Collection[CondaName]) -> dict[CondaName, Shelf]:
        if self.unreadable:
            raise EngineError("channel-unreadable", channels="main", text="")
        found = {}
        for name in names:
            records = [item.record for item in self.channel if item.record.name == name]
            records.sort(key=_newness, reverse=True)
            fit = [record for record in records if self._admits_python(record)]
            if records:
                found[name] = Shelf(tuple(fit), None if fit else records[0])
        return found

    def virtual_packages(self) -> frozenset[CondaName]:
        return self.virtual

    def _admits_python(self, record: Record) -> bool:
        present = [item.record for item in self.environment.installed]
        pythons = [it for it in present if it.name == "python"]
        conditions = [depend for depend in record.depends if _name(depend) == "python"]
        return all(_matches(depend, python) for python in pythons for depend in conditions)

    def ships(self, record: Record) -> tuple[Shipped, ...]:
        self.looked_into.append(record.name)
        named = tuple(Shipped(name) for name in _purls(record))
        return named or self._package(record).ships

    def _package(self, record: Record) -> Package:
        return next(item for item in self.channel if item.record.key == record.key)

    def solve(self, problem: Question) -> Solution:
        self.problems.append(problem)
        names = (str(item.record.name) for item in problem.installed)
        search = _Search(self._offered(problem), problem.constraints)
        found = search.complete([_Demand(spec) for spec in (*problem.specs, *names)], {})
        if found is None:
            raise Unsolvable("\n".join(dict.fromkeys(search.conflicts)))
        return Solution(tuple(sorted(found.values(), key=lambda record: record.name)))

    def _offered(self, problem: Question) -> dict[CondaName, list[Record]]:
        """What each name may become, best first; a record made here hides the channel's."""
        made = {record.name for record in problem.extra}
        listed = [item.record for item in self.channel if item.record.name not in made]
        listed.sort(key=_newness, reverse=True)
        locked = [
            item.record for item in problem.installed if item.record.name not in problem.unlocked
        ]
        found: dict[CondaName, list[Record]] = {}
        for record in (*locked, *problem.extra, *listed):
            here = found.setdefault(record.name, [])
            if record not in here and not (here and record.name in problem.fixed):
                here.append(record)
        return found

    def fetch(
        self, records: Sequence[Record]
    ) -> dict[tuple[str, str, str, str], tuple[Shipped, ...]]:
        for record in records:
            if not self._package(record).intact:
                raise EngineError("package-altered", path=record.file_name)
        self.fetched.extend(record.name for record in records)
        return {record.key: self._package(record).ships for record in records}

    def apply(
        self,
        records: Sequence[Record],
        reinstall: Collection[CondaName] = (),
        apart: Collection[CondaName] = (),
    ) -> None:
        here = {item.record.name: item.record for item in self.environment.installed}
        assert {here[name] for name in apart} <= {*records}
        if self.breaks_on in {record.name for record in records}:
            raise EngineError("link-failed", text="the disk is full")
        here = {item.record.key: item for item in self.environment.installed}
        self.applied.append(tuple(records))
        self.reinstalled.extend(reinstall)
        self.environment.installed = tuple(
            here.get(record.key) or self._linked(record) for record in records
        )

    def _linked(self, record: Record) -> InstalledRecord:
        dists = _purls(record) or {dist.name for dist in self._package(record).ships}
        return installed(record, *sorted(dists))


def _newness(record: Record) -> Version:
    """Order versions as PEP 440 does; what it cannot read comes last."""
    try:
        return Version(record.version)
    except InvalidVersion:
        return Version("0.dev0")


def _purls(record: Record) -> frozenset[PyPIName]:
    names = (purl.removeprefix("pkg:pypi/").partition("@")[0] for purl in record.purls)
    return frozenset(map(PyPIName, names))


@dataclass(frozen=True)
class _Demand:
    """A spec, and the package that has it among its dependencies; nobody for a request."""

    spec: str
    by: Record | None = None

    def __str__(self) -> str:
        who = f"{self.by.name} {self.by.version} would require " if self.by else ""
        return f"{who}{self.spec}"


@dataclass
class _Search:
    """Backtracking over names; `conflicts` says what stood in the way."""

    offered: Mapping[CondaName, Sequence[Record]]
    constraints: Sequence[str]
    conflicts: list[str] = field(default_factory=list)

    def complete(
        self, demands: Sequence[_Demand], chosen: Mapping[CondaName, Record]
    ) -> dict[CondaName, Record] | None:
        """Find a record for each demand and for what these depend on."""
        if not demands:
            return dict(chosen)
        demand, *rest = demands
        name = CondaName(_name(demand.spec))
        if name.startswith("__") or (name in chosen and _matches(demand.spec, chosen[name])):
            return self.complete(rest, chosen)
        fitting = () if name in chosen else tuple(self._fitting(demand.spec))
        if not fitting:
            self.conflicts.append(f"{demand}, for which no candidates were found.")
        for record in fitting:
            more = [_Demand(depend, record) for depend in record.depends]
            found = self.complete([*rest, *more], {**chosen, name: record})
            if found is not None:
                return found
        return None

    def _fitting(self, spec: str) -> Iterator[Record]:
        for record in self.offered.get(CondaName(_name(spec)), ()):
            about = [rule for rule in self.constraints if _name(rule) == record.name]
            if all(_matches(rule, record) for rule in (spec, *about)):
                yield record


def _name(spec: str) -> str:
    return spec.partition(" ")[0]


def _matches(spec: str, record: Record) -> bool:
    """Match the specs that `match_spec` makes: a name, versions with commas, a build."""
    name, versions, build = (*spec.split(" "), "*", "*")[:3]
    fits = all(_fits(clause, record.version) for clause in versions.split(","))
    return record.name == name and fits and fnmatchcase(record.build, build)


def _fits(clause: str, version: str) -> bool:
    if clause == "*":
        return True
    if clause.endswith(".*"):
        sign, stem = re.fullmatch(r"(==|!=|)(.+)\.\*", clause).groups()  # type: ignore[union-attr]
        return f"{version}.".startswith(f"{stem}.") is (sign != "!=")
    return Specifier(clause).contains(version, prereleases=True)


@dataclass(frozen=True)
class FakeNameTable:
    """Knows some conda names (`"pyqt 5.*"` implies a version), some absences, and no strangers."""

    known: Mapping[str, Sequence[str]] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()
    families: Mapping[str, str] = field(default_factory=dict)

    def family(self, name: PyPIName) -> str | None:
        return self.families.get(name)

    def lookup(self, name: PyPIName, channel_names: Container[str]) -> Answer:
        if name in self.absent:
            return KnownAbsent("table")
        proposals = [_proposal(conda) for conda in self.known.get(name, ())]
        if not proposals:
            own = [conda for conda in self.guesses(name) if conda in channel_names]
            proposals = [Proposal(conda, "channel") for conda in own]
        return Known(tuple(proposals)) if proposals else Unknown()

    def is_public(self, name: PyPIName) -> bool:
        return name in self.known or name in self.absent

    def guesses(self, name: PyPIName) -> tuple[CondaName, ...]:
        if name in self.absent:
            return ()
        return tuple(CondaName(it) for it in dict.fromkeys([name, name.replace("-", "_")]))


def _proposal(text: str) -> Proposal:
    conda, _, version = text.partition(" ")
    return Proposal(CondaName(conda), "table", version)


@dataclass
class FakeConverter:
    """Makes records of converted packages; wheels in `hostile` are refused."""

    hostile: frozenset[PyPIName] = frozenset()
    surprising: Mapping[PyPIName, tuple[str, ...]] = field(default_factory=dict)
    foreseen: dict[PyPIName, Record] = field(default_factory=dict)
    made: dict[PyPIName, Record] = field(default_factory=dict)

    def foresee(self, candidate: Candidate, target: Target, naming: Naming) -> Record:
        version = conda_version(candidate.version)
        name = naming.conda(candidate.name)
        needed = active_requirements(candidate, target.markers, ())
        depends = [match_spec(naming.conda(it.name), str(it.specifier)) for it in needed]
        record = Record(
            name=name,
            version=version,
            build=CONVERTED_BUILD,
            subdir="noarch",
            channel=_OFFICE,
            url=f"{_OFFICE}/noarch/{name}-{version}-{CONVERTED_BUILD}.conda",
            file_name=f"{name}-{version}-{CONVERTED_BUILD}.conda",
            depends=tuple(dict.fromkeys(["python", *depends])),
            purls=(f"pkg:pypi/{candidate.name}@{candidate.version}",),
        )
        self.foreseen[candidate.name] = record
        return record

    def stored(self, candidate: Candidate) -> Record | None:
        record = self.made.get(candidate.name)
        same = record is not None and record.key == self.foreseen[candidate.name].key
        return record if same else None

    def convert(self, wheels: Sequence[tuple[Path, Candidate]]) -> tuple[Record, ...]:
        refused = [wheel for wheel, candidate in wheels if candidate.name in self.hostile]
        if refused:
            raise ConversionError(tuple(Problem(it.name, "wheel-unreadable") for it in refused))
        for _, candidate in wheels:
            record = replace(self.foreseen[candidate.name], sha256="cd" * 32)
            more = self.surprising.get(candidate.name, ())
            self.made[candidate.name] = replace(record, depends=(*record.depends, *more))
        return tuple(self.made[candidate.name] for _, candidate in wheels)


@dataclass
class FakeTruePip:
    """True pip that always succeeds."""

    installed: list[PyPIName] = field(default_factory=list)
    uninstalled: list[PyPIName] = field(default_factory=list)

    def install(self, candidate: Candidate, folder: Path) -> None:
        assert folder.name
        self.installed.append(candidate.name)

    def uninstall(self, names: Sequence[PyPIName]) -> None:
        self.uninstalled.extend(names)


@dataclass
class FakeJournal:
    """Applies changes to the environment in memory; `locked` says whether one holds the lock."""

    environment: FakeEnvironment
    engine: FakeEngine
    true_pip: FakeTruePip
    locked: bool = False
    begun: int = 0
    changes: list[Change] = field(default_factory=list)

    @contextmanager
    def begin(self) -> Iterator[None]:
        assert not self.locked
        self.locked = True
        self.begun += 1
        try:
            yield
        finally:
            self.locked = False

    def commit(self, change: Change) -> Outcome:
        assert self.locked
        self.changes.append(change)
        before = {item.record.key for item in change.before}
        try:
            self.true_pip.uninstall(change.uninstalls)
            self.engine.apply(change.records, change.reinstall)
        except (EngineError, PlanError) as error:
            raise TransactionError("apply-failed", restored=True, prefix="", error="") from error
        for candidate, record in change.true_pip:
            self.true_pip.install(candidate, Path("staging"))
            self.environment.installed += (installed(record, candidate.name),)
        going = set(change.uninstalls)
        self.environment.others = tuple(
            dist for dist in self.environment.others if dist.name not in going
        )
        new = [
            item
            for item in self.environment.installed
            if item.record.key not in before or item.record.name in change.reinstall
        ]
        return Outcome(installed=_versions(new, change))


def _versions(records: Sequence[InstalledRecord], change: Change) -> tuple[tuple[str, str], ...]:
    found = {}
    for item in records:
        for name in shipped(item.files):
            from_conda = item.record.origin is Origin.CONDA
            planned = None if from_conda else change.versions.get(name)
            found[str(name)] = planned or item.record.version
    return tuple(sorted(found.items()))


@dataclass
class FakeReporter(Reporter):
    """Writes down what it was told, in order."""

    told: list[str] = field(default_factory=list)
    routes: tuple[Decision, ...] = ()
    beside: tuple[Beside, ...] = ()
    out: tuple[str, ...] = ()
    notices: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    downloads: list[int] = field(default_factory=list)

    def planning(self) -> None:
        self.told.append("planning")

    def fetching(self, names: Sequence[str]) -> None:
        self.told.append(f"fetching {' '.join(names)}")

    def converting(self, names: Sequence[str]) -> None:
        self.told.append(f"converting {' '.join(names)}")

    def routed(self, decisions: Sequence[Decision], beside: Sequence[Beside]) -> None:
        self.told.append("routed")
        self.routes, self.beside = tuple(decisions), tuple(beside)

    def left_out(self, items: Sequence[LeftOut]) -> None:
        self.out = tuple(item.name for item in items)

    def downloading(self) -> AbstractContextManager[Callable[[int], None]]:
        return nullcontext(self.downloads.append)

    def waiting(self, process: str) -> None:
        self.told.append(f"waiting {process}")

    def noticed(self, reference: str, **facts: object) -> None:
        self.told.append(reference)
        self.notices.append((reference, facts))


@dataclass
class Outside:
    """One whole outside world in memory, and what a test wants to know of it afterwards."""

    environment: FakeEnvironment
    engine: FakeEngine
    planner: FakePlanner
    names: FakeNameTable
    converter: FakeConverter
    true_pip: FakeTruePip
    journal: FakeJournal
    reporter: FakeReporter
    policy: Policy = field(default_factory=Policy)
    pinned: tuple[str, ...] = ()
    protected: frozenset[PyPIName] = frozenset()
    cuda_settled: bool = False

    @classmethod
    def of(
        cls,
        *candidates: Candidate,
        channel: Sequence[Package | Record] = (),
        present: Sequence[InstalledRecord] = (),
        **fields: object,
    ) -> Outside:
        """Put a world together: what pip plans, what the channel has, what is installed.

        A bare record in the channel ships the dist of its name. `others` are dists that conda-meta
        does not know; `names`, `policy`, `converter` and `pinned` replace the usual ones.
        """
        environment = FakeEnvironment(
            (PYTHON, *present),
            others=tuple(fields.pop("others", ())),  # type: ignore[arg-type]
        )
        packages = tuple(it if isinstance(it, Package) else package(it) for it in channel)
        engine = FakeEngine(environment, packages)
        true_pip = FakeTruePip()
        defaults: dict[str, object] = {
            "planner": FakePlanner(Plan(candidates, TARGET.markers)),
            "names": FakeNameTable(),
            "converter": FakeConverter(),
            "reporter": FakeReporter(),
        }
        return cls(
            environment=environment,
            engine=engine,
            true_pip=true_pip,
            journal=FakeJournal(environment, engine, true_pip),
            **(defaults | fields),  # type: ignore[arg-type]
        )

    def sources(self) -> Sources:
        return Sources(
            engine=self.engine,
            names=self.names,
            converter=self.converter,
            environment=self.environment,
            policy=self.policy,
            pinned=tuple(Sourced(spec, "~/.condarc") for spec in self.pinned),
            protected=self.protected,
            cuda_settled=self.cuda_settled,
        )

    def world(self) -> World:
        return World(
            planner=self.planner,
            environment=self.environment,
            sources=self.sources,
            journal=self.journal,
            reporter=self.reporter,
            workshop=lambda: Path("workshop"),
            protected=lambda: self.protected,
        )

    @property
    def untouched(self) -> bool:
        """Whether nothing that would change a prefix was ever asked for."""
        return not (
            self.engine.applied
            or self.journal.changes
            or self.true_pip.installed
            or self.true_pip.uninstalled
        )

    def versions(self) -> dict[str, str]:
        """Version by conda name of what is installed, python aside."""
        found = {str(item.record.name): item.record.version for item in self.environment.installed}
        del found["python"]
        return found
