"""From a plan to a confirmed solution: names, offers, routes, the one solve, verification.

Pure: what lies outside is asked through seams. Start at `resolve`; `guard.py` tells what comes
before and after it. One solve serves a whole install; it is repeated only when a conflict or a
provider that ships another thing sends single names back to PyPI, a bounded number of times.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import starmap

from packaging.specifiers import SpecifierSet

from pipguard.confirmation import Decision, confirm
from pipguard.errors import EngineError, Unsolvable
from pipguard.names import Answer, CondaName, Known, Proposal, PyPIName
from pipguard.plan import Plan
from pipguard.question import Present, Question, Sources, pose, requested, without_company
from pipguard.records import (
    InstalledRecord,
    Origin,
    Record,
    Solution,
    elsewhere,
    owners,
    shipped,
    untracked,
)
from pipguard.request import Install
from pipguard.routes import (
    Knowledge,
    Offer,
    Route,
    ToConda,
    ToConverted,
    ToPip,
    conda_name,
    decide,
    wanted,
)
from pipguard.seams import CondaEngine, Environment, Shelf
from pipguard.verification import Witness

_ATTEMPTS = 5


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


def look_at(environment: Environment, plan: Plan | None = None) -> Present:
    """Read the prefix: its records, and a stand-in for each dist that none of them owns.

    Of a name that is also outside, where pip saw it while it planned, that of the prefix counts.
    """
    records = environment.records()
    present = Present(records, _new(map(untracked, environment.dists()), records))
    outside = plan.elsewhere.items() if plan else ()
    return replace(present, elsewhere=_new(starmap(elsewhere, outside), present.inside))


def _new(
    found: Iterable[InstalledRecord], known: tuple[InstalledRecord, ...]
) -> tuple[InstalledRecord, ...]:
    """Leave out what is known already, be it as a dist or as a conda package."""
    owned, taken = owners(known).keys(), {item.record.name for item in known}
    return tuple(
        item
        for item in found
        if item.record.name not in taken and owned.isdisjoint(shipped(item.files))
    )


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
        question = Question(request, plan, present, routes, knowledge)
        try:
            solution = sources.engine.solve(pose(question, sources))
        except Unsolvable as error:
            if attempt == _ATTEMPTS - 1:
                raise
            knowledge = _give_back(error, routes, knowledge)
            continue
        if not request.dependencies:
            solution = without_company(solution, question)
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
        public=frozenset(name for name in names if sources.names.is_public(name)),
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


def _confirmed(question: Question, solution: Solution) -> Resolution:
    owner = owners(question.present.inside)
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
        requested=requested(question),
        replaced=replaced,
    )
