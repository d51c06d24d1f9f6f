"""What one install asks of the solver, and what it requests, in conda's terms.

Pure. Core type is `Question`; `pose` makes the solver's `Problem` of it, `without_company` takes
from the answer what `--no-deps` leaves out, `requested` words what the person asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from pipguard.names import CondaName, PyPIName, pypi_name
from pipguard.plan import Candidate, Plan, brought_by_extras
from pipguard.policy import Policy
from pipguard.records import InstalledRecord, Origin, Record, Solution, by_pip, owners
from pipguard.request import Install
from pipguard.routes import Knowledge, Route, ToConda, ToConverted, ToPip, conda_name
from pipguard.seams import CondaEngine, Converter, Environment, NameTable, Problem
from pipguard.wheels.dependencies import Naming
from pipguard.wheels.specifiers import match_spec


@dataclass(frozen=True, slots=True)
class Sources:
    """The seams that a resolution asks; `pinned` are specs that every solve must respect."""

    engine: CondaEngine
    names: NameTable
    converter: Converter
    environment: Environment
    policy: Policy = field(default_factory=Policy)
    pinned: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Present:
    """What is in the prefix when the operation starts.

    `records` are those of conda-meta, `drift` stands for dists that conda-meta does not know,
    `elsewhere` for dists outside the prefix that pip counts as installed (`Plan.elsewhere`).
    """

    records: tuple[InstalledRecord, ...]
    drift: tuple[InstalledRecord, ...] = ()
    elsewhere: tuple[InstalledRecord, ...] = ()

    @property
    def inside(self) -> tuple[InstalledRecord, ...]:
        """Everything in the prefix."""
        return self.records + self.drift

    @property
    def all(self) -> tuple[InstalledRecord, ...]:
        """Everything the solver must hear of."""
        return self.inside + self.elsewhere


@dataclass(frozen=True, slots=True)
class Question:
    """One attempt: the request, its plan, what is present, and the routes that were decided."""

    request: Install
    plan: Plan
    present: Present
    routes: tuple[Route, ...]
    knowledge: Knowledge

    @property
    def naming(self) -> Naming:
        """Conda names of this run: of what is routed, and of what is in the prefix already."""
        here = {name: item.record.name for name, item in owners(self.present.all).items()}
        routed = {route.candidate.name: conda_name(route) for route in self.routes}
        return Naming(
            names={**here, **routed},
            versions={item.name: item.version for item in self.plan.candidates},
            extras={item.name: item.metadata for item in self.plan.candidates},
        )

    @property
    def displaced(self) -> frozenset[CondaName]:
        """Conda names whose dist will be held under another name, or by another owner."""
        owner = owners(self.present.all)
        names = set()
        for route in self.routes:
            held = owner.get(route.candidate.name)
            if held is not None and held.record.name != conda_name(route):
                names.add(held.record.name)
            if held is not None and held.record.origin is Origin.UNTRACKED:
                names.add(held.record.name)
        return frozenset(names)


def pose(question: Question, sources: Sources) -> Problem:
    """Put the one question to the solver."""
    foreseen = _foreseen(question, sources)
    specs, exact = _specs(question, foreseen)
    displaced = question.displaced
    stay = tuple(item for item in question.present.all if item.record.name not in displaced)
    return Problem(
        specs=specs,
        constraints=(
            f"python {sources.environment.target.minor}.*",
            *exact,
            *_limits(question),
            *sources.environment.pinned(),
            *sources.pinned,
        ),
        extra=tuple(foreseen.values()),
        installed=stay,
        unlocked=frozenset(
            conda_name(route)
            for route in question.routes
            if isinstance(route, (ToConda, ToConverted, ToPip))
        ),
    )


def _limits(question: Question) -> tuple[str, ...]:
    """Word the conditions of the command line for what conda may bring along beside the plan."""
    planned, here = question.plan.by_name(), owners(question.present.all)
    return tuple(
        match_spec(question.naming.conda(name), str(specifier))
        for name, specifier in question.plan.limits.items()
        if name not in planned and name not in here
    )


def _foreseen(question: Question, sources: Sources) -> dict[CondaName, Record]:
    """Make the records of what no channel has, before any wheel is fetched."""
    naming, target = question.naming, sources.environment.target
    found = {}
    for route in question.routes:
        if isinstance(route, (ToConverted, ToPip)):
            record = sources.converter.foresee(route.candidate, target, naming)
            if isinstance(route, ToPip):
                record = by_pip(record, _shown_url(route.candidate))
            if not question.request.dependencies:
                record = replace(record, depends=_python_only(record.depends))
            found[record.name] = record
    return found


def _shown_url(candidate: Candidate) -> str:
    if candidate.vcs and candidate.commit:
        return f"{candidate.vcs}+{candidate.url}@{candidate.commit}"
    return candidate.url


def _python_only(depends: Iterable[str]) -> tuple[str, ...]:
    """With --no-deps nothing else may be demanded from the environment."""
    return tuple(
        depend for depend in depends if depend.startswith(("python ", "__")) or depend == "python"
    )


def _specs(
    question: Question, foreseen: Mapping[CondaName, Record]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what must be there, and what the routed names must be where they are."""
    conditions = question.plan.conditions()
    specs: list[str] = []
    exact: list[str] = []
    for route in question.routes:
        name = conda_name(route)
        if name in foreseen:
            record = foreseen[name]
            specs.append(name)
            exact.append(f"{name} =={record.version} {record.build}")
        elif isinstance(route, ToConda):
            specs.append(match_spec(name, str(conditions[route.candidate.name])))
            # conda has no notion of pre-releases, which were left out when this was decided.
            exact.append(f"{name} <={route.record.version}")
    return tuple(specs), tuple(exact)


def without_company(solution: Solution, question: Question) -> Solution:
    """Leave as they were, or away, the python packages that conda would bring along.

    That is what `--no-deps` asks for. Libraries of other kinds stay: pip's wheels hold theirs, and
    conda's packages do not load without them.
    """
    routed = {conda_name(route) for route in question.routes}
    here = {item.record.name: item.record for item in question.present.all}
    kept = (
        record if record.name in routed or not _needs_python(record) else here.get(record.name)
        for record in solution.records
    )
    return Solution(tuple(record for record in kept if record is not None))


def _needs_python(record: Record) -> bool:
    return any(depend.split(" ")[0] == "python" for depend in record.depends)


def requested(question: Question) -> dict[CondaName, str]:
    """Word what the person asked for in conda's terms; extras become requests of their own."""
    by_name = {route.candidate.name: route for route in question.routes}
    found: dict[CondaName, str] = {}
    for route in question.routes:
        candidate = route.candidate
        if not candidate.requested:
            continue
        name = conda_name(route)
        found[name] = match_spec(name, str(candidate.specifier))
        for extra in _extra_names(candidate, question.plan):
            if extra in by_name:
                other = conda_name(by_name[extra])
                found.setdefault(other, match_spec(other))
    return found


def _extra_names(candidate: Candidate, plan: Plan) -> set[PyPIName]:
    """Name the dependencies that only the extras in brackets bring."""
    brought = brought_by_extras(candidate, plan.markers, plan.extras()[candidate.name])
    return {pypi_name(requirement.name) for requirement in brought}
