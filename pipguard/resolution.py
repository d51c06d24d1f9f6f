"""From a plan to a confirmed solution: names, offers, routes, the one solve, verification.

Pure: what lies outside is asked through seams. Start at `resolve`; `guard.py` tells what comes
before and after it. One solve serves a whole install; it is repeated only when a conflict or a
provider that ships another thing sends single names back to PyPI, a bounded number of times.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from packaging.specifiers import SpecifierSet

from pipguard.errors import EngineError, Unsolvable
from pipguard.names import Answer, CondaName, Known, Proposal, PyPIName, pypi_name
from pipguard.plan import Candidate, Plan, brought_by_extras
from pipguard.policy import Policy
from pipguard.records import (
    InstalledRecord,
    Origin,
    Record,
    Solution,
    by_pip,
    owners,
    untracked,
)
from pipguard.request import Install
from pipguard.routes import (
    Decision,
    Knowledge,
    Offer,
    Route,
    ToConda,
    ToConverted,
    ToPip,
    conda_name,
    confirm,
    decide,
    wanted,
)
from pipguard.seams import CondaEngine, Converter, Environment, NameTable, Problem, Shelf
from pipguard.verification import Witness
from pipguard.wheels.dependencies import Naming
from pipguard.wheels.specifiers import match_spec

_ATTEMPTS = 5


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

    `records` are those of conda-meta, `drift` stands for dists that conda-meta does not know.
    """

    records: tuple[InstalledRecord, ...]
    drift: tuple[InstalledRecord, ...]

    @property
    def all(self) -> tuple[InstalledRecord, ...]:
        """Everything the solver must hear of."""
        return self.records + self.drift


@dataclass(frozen=True, slots=True)
class Resolution:
    """A solution that keeps every promise.

    Attributes:
        routes: the wanted ones.
        solution: all records of the environment afterwards, foreseen ones included.
        decisions: the confirmed routes, in the order of the plan.
        requested: conda specs of what the person asked for.
        replaced: pip-routed and untracked dists that must go before the engine links.
    """

    routes: tuple[Route, ...]
    solution: Solution
    decisions: tuple[Decision, ...]
    requested: Mapping[CondaName, str]
    replaced: tuple[PyPIName, ...]


def look_at(environment: Environment) -> Present:
    """Read the prefix: its records, and a stand-in for each dist that none of them owns."""
    records = environment.records()
    owned = owners(records)
    drift = tuple(untracked(dist) for dist in environment.dists() if dist.name not in owned)
    taken = {item.record.name for item in records}
    return Present(records, tuple(item for item in drift if item.record.name not in taken))


def resolve(request: Install, plan: Plan, present: Present, sources: Sources) -> Resolution:
    """Route a plan and solve it.

    Raises:
        RoutingError: a promise cannot be kept, or policy denies a package.
        Unsolvable: there is no solution even with everything from PyPI.
        ConversionError: a wheel's tags or metadata cannot become a conda package.
        EngineError: a channel cannot be read.
    """
    knowledge = _learn(plan, present, sources)
    for attempt in range(_ATTEMPTS):
        routes, knowledge = _route(request, plan, knowledge, sources.engine)
        question = _Question(request, plan, present, routes, knowledge)
        try:
            solution = sources.engine.solve(_pose(question, sources))
        except Unsolvable as error:
            if attempt == _ATTEMPTS - 1:
                raise
            knowledge = _give_back(error, routes, knowledge)
            continue
        witness = Witness(solution, present.records, sources.engine, fetch=not request.dry_run)
        strangers = witness.strangers(routes)
        if not strangers:
            return _confirmed(question, solution)
        knowledge = replace(knowledge, verified={**knowledge.verified, **strangers})
    raise EngineError("too-many-attempts", attempts=_ATTEMPTS)


# What is known


def _learn(plan: Plan, present: Present, sources: Sources) -> Knowledge:
    """Ask the name table and the channels about every candidate."""
    names = [candidate.name for candidate in plan.candidates]
    first = {name: sources.names.lookup(name, frozenset()) for name in names}
    asked = {proposal.conda for answer in first.values() for proposal in _proposals(answer)}
    guessed = {conda for name in names for conda in sources.names.guesses(name)}
    # The plain name is looked for in any case: a converted package must not take it from another.
    shelves = sources.engine.shelves(asked | guessed | {CondaName(name) for name in names})
    answers = {name: sources.names.lookup(name, shelves.keys()) for name in names}
    offers = {name: _offers(answer, shelves) for name, answer in answers.items()}
    held = {name: item.record for name, item in owners(present.records).items()}
    return Knowledge(
        answers=answers,
        offers={name: found for name, found in offers.items() if found},
        inadmissible=frozenset(_inadmissible(answers, shelves, offers)),
        verified={(name, record.name): True for name, record in held.items()},
        taken=frozenset(shelves) | {item.record.name for item in present.records},
        owners=held,
        policy=sources.policy,
    )


def _proposals(answer: Answer) -> tuple[Proposal, ...]:
    return answer.proposals if isinstance(answer, Known) else ()


def _offers(answer: Answer, shelves: Mapping[CondaName, Shelf]) -> tuple[Offer, ...]:
    return tuple(
        Offer(record, proposal.source)
        for proposal in _proposals(answer)
        for record in shelves.get(proposal.conda, Shelf()).records
        if _implied(proposal, record)
    )


def _implied(proposal: Proposal, record: Record) -> bool:
    """Whether a record has the version that its name in the table implies."""
    if not proposal.version:
        return True
    try:
        return SpecifierSet(f"=={proposal.version}").contains(record.version, prereleases=True)
    except ValueError:
        # The seed's spec or conda's version is not PEP 440.
        return False


def _inadmissible(
    answers: Mapping[PyPIName, Answer],
    shelves: Mapping[CondaName, Shelf],
    offers: Mapping[PyPIName, tuple[Offer, ...]],
) -> Iterable[PyPIName]:
    for name, answer in answers.items():
        there = any(shelves.get(proposal.conda, Shelf()).exists for proposal in _proposals(answer))
        if there and not offers[name]:
            yield name


def _route(
    request: Install, plan: Plan, knowledge: Knowledge, engine: CondaEngine
) -> tuple[tuple[Route, ...], Knowledge]:
    """Decide, then look into the packages whose names converted dists would take, and decide anew.

    A dist may go under a conda name only if the package of that name provably ships it.
    """
    routes = wanted(decide(plan, request, knowledge), plan)
    witnessed = dict(knowledge.verified)
    for route in routes:
        if isinstance(route, (ToConverted, ToPip)):
            for offer in knowledge.offers.get(route.candidate.name, ()):
                key = (route.candidate.name, offer.record.name)
                if key not in witnessed:
                    witnessed[key] = route.candidate.name in engine.ships(offer.record)
    informed = replace(knowledge, verified=witnessed)
    return wanted(decide(plan, request, informed), plan), informed


# The question


@dataclass(frozen=True, slots=True)
class _Question:
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


def _pose(question: _Question, sources: Sources) -> Problem:
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


def _limits(question: _Question) -> tuple[str, ...]:
    """Word the conditions of the command line for what conda may bring along beside the plan."""
    planned, here = question.plan.by_name(), owners(question.present.all)
    return tuple(
        match_spec(question.naming.conda(name), str(specifier))
        for name, specifier in question.plan.limits.items()
        if name not in planned and name not in here
    )


def _foreseen(question: _Question, sources: Sources) -> dict[CondaName, Record]:
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
    question: _Question, foreseen: Mapping[CondaName, Record]
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


# What came of it


def _give_back(error: Unsolvable, routes: Iterable[Route], knowledge: Knowledge) -> Knowledge:
    """Send the conda-routed names of a conflict back to PyPI; all of them if none is named."""
    from_conda = {route.candidate.name: conda_name(route) for route in routes if _can_return(route)}
    if not from_conda:
        raise error
    blamed = {name for name, conda in from_conda.items() if _mentions(error.text, conda)}
    return replace(knowledge, given_back=knowledge.given_back | (blamed or from_conda.keys()))


def _can_return(route: Route) -> bool:
    return isinstance(route, ToConda) and route.because.value == "conda-has-it"


def _mentions(text: str, name: CondaName) -> bool:
    words = text.replace(",", " ").replace("(", " ").split()
    return name in words


def _confirmed(question: _Question, solution: Solution) -> Resolution:
    owner = owners(question.present.all)
    replaced = tuple(
        route.candidate.name
        for route in question.routes
        if isinstance(route, (ToConda, ToConverted))
        and route.candidate.name in owner
        and owner[route.candidate.name].record.origin in {Origin.PIP, Origin.UNTRACKED}
    )
    return Resolution(
        routes=question.routes,
        solution=solution,
        decisions=confirm(question.routes, solution, question.plan.conditions()),
        requested=_requested(question),
        replaced=replaced,
    )


def _requested(question: _Question) -> dict[CondaName, str]:
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
