"""Why there is no solution, in terms of what was typed and what is there.

Pure: what lies outside is asked through seams. The solver is asked again with single conditions
taken away: what then works has found the culprit. Its own explanation is added as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from pipguard.conflicts import most
from pipguard.errors import Unsolvable
from pipguard.inquiry import Inquiry, Settled
from pipguard.knowledge import Knowledge
from pipguard.names import CondaName, PyPIName
from pipguard.plan import Candidate, Source
from pipguard.problems import Obstacle
from pipguard.question import pose
from pipguard.reasons import Reason
from pipguard.records import InstalledRecord, Origin, Solution, shipped
from pipguard.seams import CondaEngine, Problem

_QUESTIONS = 8


def explained(inquiry: Inquiry, knowledge: Knowledge) -> Unsolvable:
    """Find out what stands in the way of an install that has no solution.

    Raises:
        EngineError: a channel cannot be read.
    """
    text = inquiry.refusal.text if inquiry.refusal else ""
    asked = [candidate for candidate in inquiry.plan.candidates if candidate.requested]
    names = (candidate.name for candidate in inquiry.plan.candidates)
    free = knowledge.without(dict.fromkeys(names, Reason.CONDA_CONFLICTS))
    problem = _problem(inquiry, free)
    pins = tuple(_pins(inquiry, problem))
    obstacles = (
        *_requests(inquiry, asked, free),
        *(pins or _installed(problem, inquiry.sources.engine)),
    )
    return Unsolvable(text, ", ".join(map(_typed, asked)), obstacles)


def _typed(candidate: Candidate) -> str:
    if candidate.source is not Source.INDEX:
        return str(candidate.name)
    return f"{candidate.name}{candidate.specifier}"


def _problem(inquiry: Inquiry, free: Knowledge) -> Problem:
    """Put the question with the best prospects: all from PyPI, whatever is there free to change."""
    return pose(inquiry.question(free, strictly=False), inquiry.sources)


def _requests(inquiry: Inquiry, asked: Sequence[Candidate], free: Knowledge) -> Iterator[Obstacle]:
    """Name those of several requests without which the rest could be installed."""

    def attempt(kept: frozenset[PyPIName]) -> Settled | frozenset[PyPIName] | None:
        return _only(inquiry, kept).attempt(free, strictly=False) if kept else kept

    if len(asked) > 1:
        found = most([candidate.name for candidate in asked], attempt, _QUESTIONS)
        for candidate in asked:
            if found and found.items and candidate.name not in found.items:
                yield Obstacle("obstacle-request", _typed(candidate))


def _only(inquiry: Inquiry, kept: frozenset[PyPIName]) -> Inquiry:
    """Ask about a part of what was typed."""
    candidates = tuple(
        replace(candidate, requested=candidate.requested and candidate.name in kept)
        for candidate in inquiry.plan.candidates
    )
    plan = replace(inquiry.plan, candidates=candidates)
    return Inquiry(inquiry.request, plan, inquiry.present, inquiry.sources)


def _pins(inquiry: Inquiry, problem: Problem) -> Iterator[Obstacle]:
    """Name the person's pins that cannot hold."""
    engine = inquiry.sources.engine
    pins = (*inquiry.sources.environment.pinned(), *inquiry.sources.pinned)
    specs = tuple(dict.fromkeys(pin.value for pin in pins))
    others = tuple(spec for spec in problem.constraints if spec not in specs)

    def attempt(kept: frozenset[str]) -> Solution | None:
        return _solved(replace(problem, constraints=(*others, *kept)), engine)

    found = most(specs, attempt, _QUESTIONS) if specs else None
    for pin in pins if found else ():
        if found and pin.value not in found.items:
            yield Obstacle("obstacle-pin", pin.value, detail=pin.source)


def _installed(problem: Problem, engine: CondaEngine) -> Iterator[Obstacle]:
    """Name what is installed and would have to go or to change, which the solver cannot do.

    What is taken away in trial may be what another one needs, and in no channel.
    """
    free = problem.unlocked | {"python"}
    items = {it.record.name: it for it in problem.installed if it.record.name not in free}

    def attempt(kept: frozenset[CondaName]) -> Solution | None:
        without = items.keys() - kept
        here = tuple(it for it in problem.installed if it.record.name not in without)
        trial = replace(problem, installed=here)
        others = tuple(items[name].record for name in without)
        return _solved(trial, engine) or _solved(
            replace(trial, extra=(*problem.extra, *others)), engine
        )

    found = most(tuple(items), attempt, _QUESTIONS) if items else None
    for name, item in items.items() if found else ():
        if found and name not in found.items:
            yield _in_the_way(item, ", ".join(_demands(item, problem)) or "otherwise")


def _in_the_way(item: InstalledRecord, demands: str) -> Obstacle:
    """Name it so that the person can have another version of it: from conda, or by pip."""
    version = item.record.version
    if item.record.origin is Origin.CONDA:
        return Obstacle("obstacle-installed", item.record.name, version, demands)
    name = min(shipped(item.files), default=item.record.name)
    return Obstacle("obstacle-from-pypi", name, version, demands)


def _solved(problem: Problem, engine: CondaEngine) -> Solution | None:
    try:
        return engine.solve(problem)
    except Unsolvable:
        return None


def _demands(item: InstalledRecord, problem: Problem) -> Iterator[str]:
    """Yield what an installed package demands of the names that the request is about."""
    needs = [depend for record in problem.extra for depend in record.depends]
    about = {text.split(" ", 1)[0] for text in (*problem.specs, *needs)} - {"python"}
    for depend in item.record.depends:
        if depend.split(" ", 1)[0] in about:
            yield depend
