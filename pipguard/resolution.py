"""From a plan to a confirmed solution: names, offers, routes, the one solve, verification.

Pure: what lies outside is asked through seams. Start at `resolve`; `guard.py` tells what comes
before and after it. One solve serves a whole install. It is repeated, a bounded number of times,
when a conflict sends names back to PyPI, when a provider ships another thing, and once when what
will be linked asks for more than conda knows.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from packaging.specifiers import SpecifierSet

from pipguard.confirmation import check_nothing_is_lost, confirm
from pipguard.errors import EngineError
from pipguard.explanation import explained
from pipguard.families import split_off
from pipguard.gaps import Gap
from pipguard.inquiry import Inquiry, Settled
from pipguard.knowledge import Knowledge
from pipguard.learning import learn
from pipguard.mending import held, lacking, mend
from pipguard.names import CondaName, PyPIName
from pipguard.plan import Plan
from pipguard.present import Present
from pipguard.question import Question, Sources, requested
from pipguard.reasons import Reason
from pipguard.records import Origin, Solution
from pipguard.request import Install
from pipguard.routes import Beside, Decision, LeftOut, Route, ToConda, ToPip, conda_name
from pipguard.verification import Testimony, Witness

# A name has three proposals at most; what a conversion then needs may have them again.
_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class Resolution:
    """A solution that keeps every promise.

    Attributes:
        question: what was asked last, with all that is known by now.
        routes: the wanted ones.
        solution: all records of the environment afterwards, foreseen ones included.
        decisions: the confirmed routes, in the order of the plan.
        requested: conda specs of what the person asked for.
        replaced: pip-routed and untracked dists that must go before the engine links.
        beside: what conda adds or changes beyond the routes.
        left_out: what pip would install and conda's packages do not need.
        splits: pairs of a family of which one comes from PyPI now and the other stays conda's.
        gaps: requirements that conda's packages leave unsatisfied, which nothing could be done for.
    """

    question: Question
    routes: tuple[Route, ...]
    solution: Solution
    decisions: tuple[Decision, ...]
    requested: Mapping[CondaName, str]
    replaced: tuple[PyPIName, ...]
    beside: tuple[Beside, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    splits: tuple[tuple[PyPIName, PyPIName], ...] = ()
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class _Proven:
    """A solution whose packages were looked into, and what it leaves unsatisfied."""

    settled: Settled
    testimony: Testimony
    gaps: tuple[Gap, ...]


def resolve(request: Install, plan: Plan, present: Present, sources: Sources) -> Resolution:
    """Route a plan and solve it.

    Raises:
        RoutingError: a promise cannot be kept, or policy denies a package.
        Unsolvable: there is no solution even with everything from PyPI.
        ConversionError: a wheel's tags or metadata cannot become a conda package.
        EngineError: a channel cannot be read.
    """
    inquiry = Inquiry(request, plan, present, sources)
    proven = _proven(inquiry, learn(plan, present, sources))
    return _confirmed(_mended(proven, inquiry) if proven.gaps else proven)


def _proven(inquiry: Inquiry, knowledge: Knowledge) -> _Proven:
    """Solve until every package is what it was taken for."""
    for _ in range(_ROUNDS):
        settled = inquiry.settle(knowledge)
        if settled is None:
            raise explained(inquiry, knowledge)
        proven = _looked_into(settled, inquiry)
        knowledge, disproven = _learned(proven, knowledge)
        if not disproven:
            return proven
    raise EngineError("too-many-attempts", attempts=_ROUNDS)


def _looked_into(settled: Settled, inquiry: Inquiry) -> _Proven:
    engine, installed = inquiry.sources.engine, inquiry.present.contents
    witness = Witness(settled.solution, installed, engine, fetch=not inquiry.request.dry_run)
    testimony = witness.testify(settled.question.routes)
    known = settled.question.knowledge
    informed = replace(
        known,
        verified={**known.verified, **testimony.verified},
        versions={**known.versions, **testimony.versions},
    )
    question = replace(settled.question, knowledge=informed)
    informed_now = replace(settled, question=question)
    return _Proven(informed_now, testimony, lacking(informed_now, testimony.contents))


def _learned(proven: _Proven, knowledge: Knowledge) -> tuple[Knowledge, bool]:
    """Take to heart what was seen; say whether it disproves the solution."""
    question, testimony = proven.settled.question, proven.testimony
    conditions, records = question.conditions, proven.settled.solution.by_name()
    excluded = {}
    for route in question.routes:
        if isinstance(route, ToConda):
            name, record = route.candidate.name, records[route.record.name]
            version = testimony.versions.get((name, record.key))
            allowed = conditions.get(name, SpecifierSet())
            if version is not None and not allowed.contains(str(version), prereleases=True):
                excluded[name] = Reason.VERSION_NOT_ON_CONDA
    informed = replace(
        knowledge.without(excluded),
        verified=question.knowledge.verified,
        versions=question.knowledge.versions,
    )
    return informed, testimony.strangers or bool(excluded)


def _mended(proven: _Proven, inquiry: Inquiry) -> _Proven:
    """Bring what is lacking by one more solve; where that does not help, all stays as it was."""
    mending = mend(proven.gaps, proven.settled, inquiry.sources)
    if mending is None:
        return proven
    strictly, company = proven.settled.question.strictly, mending.company
    settled = inquiry.attempt(mending.knowledge, strictly=strictly, company=company)
    if settled is None:
        return proven
    better = _looked_into(settled, inquiry)
    _, disproven = _learned(better, mending.knowledge)
    return proven if disproven or len(better.gaps) >= len(proven.gaps) else better


def _confirmed(proven: _Proven) -> Resolution:
    question, solution = proven.settled.question, proven.settled.solution
    check_nothing_is_lost(
        question.present, solution, held(proven.settled, proven.testimony.contents)
    )
    routed = {route.candidate.name for route in question.routes}
    return Resolution(
        question=question,
        routes=question.routes,
        solution=solution,
        decisions=confirm(question, solution),
        requested=requested(question),
        replaced=_replaced(question.present, question.routes, solution),
        beside=_beside(question, solution),
        left_out=tuple(
            LeftOut(candidate.name, candidate.version, Reason.NOT_NEEDED.value)
            for candidate in question.plan.candidates
            if candidate.name not in routed
        ),
        splits=tuple(split_off(question.routes, question.knowledge)),
        gaps=proven.gaps,
    )


def _beside(question: Question, solution: Solution) -> tuple[Beside, ...]:
    routed = {conda_name(route) for route in question.routes}
    before = {item.record.name: item.record for item in question.present.all}
    used = _used(solution, routed)
    found = []
    for record in solution.records:
        was = before.get(record.name)
        if record.origin is Origin.UNTRACKED and record.name in used:
            found.append(Beside(record.name, record.version, is_untracked=True))
        elif record.name not in routed and (was is None or was.key != record.key):
            found.append(Beside(record.name, record.version, was.version if was else ""))
    return tuple(found)


def _used(solution: Solution, routed: Collection[CondaName]) -> frozenset[str]:
    """Name what the packages of these routes depend on."""
    records = (record for record in solution.records if record.name in routed)
    return frozenset(depend.split(" ", 1)[0] for record in records for depend in record.depends)


def _replaced(
    present: Present, routes: tuple[Route, ...], solution: Solution
) -> tuple[PyPIName, ...]:
    """Name what pip or nobody accounts for and something else takes the place of.

    True pip replaces by itself what it installs anew.
    """
    again = {route.candidate.name for route in routes if isinstance(route, ToPip)}
    kept = {record.key for record in solution.records}
    return tuple(
        name
        for item in present.inside
        if item.record.origin in {Origin.PIP, Origin.UNTRACKED} and item.record.key not in kept
        for name, _ in present.contents[item.record.key]
        if name not in again
    )
