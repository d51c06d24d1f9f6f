"""Solving one install: from conda as far as possible, changing as little as possible.

Pure: what lies outside is asked through seams. Start at `Inquiry.settle`. In the usual case it is
one solve; only without a solution is more asked, a bounded number of times.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from pipguard.conflicts import most
from pipguard.errors import Unsolvable
from pipguard.knowledge import Knowledge
from pipguard.learning import look
from pipguard.names import PyPIName
from pipguard.plan import Plan
from pipguard.present import Present
from pipguard.question import Question, Sources, pose, without_company
from pipguard.reasons import Reason
from pipguard.records import Solution
from pipguard.request import Install
from pipguard.routes import Route
from pipguard.rules import decide
from pipguard.seams import Problem

# One culprit among a hundred names is found by some fourteen questions at most.
_QUESTIONS = 16


@dataclass(frozen=True, slots=True)
class Settled:
    """A question and its answer."""

    question: Question
    solution: Solution


@dataclass
class Inquiry:
    """All that is asked of the solver for one install.

    `refusal` is its last explanation of why there is no solution.
    """

    request: Install
    plan: Plan
    present: Present
    sources: Sources
    refusal: Unsolvable | None = None
    _asked: dict[tuple[object, ...], Solution | None] = field(default_factory=dict, init=False)

    def settle(self, knowledge: Knowledge) -> Settled | None:
        """Find a solution; None where there is none even with everything from PyPI.

        In this order: with every conda route, and no installed dist changed that pip leaves
        alone; with as few names as possible given back to PyPI; and last with changes beyond the
        request, which nothing could avoid.

        Raises:
            RoutingError: policy denies a package.
            ConversionError: a wheel's tags or metadata cannot become a conda package.
            EngineError: a channel or a package cannot be read.
        """
        groups = self._returnable(knowledge)
        for strictly in (True, False):
            settled = self.attempt(knowledge, strictly=strictly)
            if settled is None:
                settled = self._from_both_sides(groups, knowledge, strictly=strictly)
            if settled is not None:
                return settled
        return None

    def _returnable(self, knowledge: Knowledge) -> tuple[frozenset[PyPIName], ...]:
        """Name what may go back to PyPI, families as a whole; the first are kept before others."""
        groups: dict[str, set[PyPIName]] = {}
        for candidate in sorted(self.plan.candidates, key=lambda item: not item.requested):
            if knowledge.offers.get(candidate.name):
                group = knowledge.families.get(candidate.name, f"the only {candidate.name}")
                groups.setdefault(group, set()).add(candidate.name)
        return tuple(map(frozenset, groups.values()))

    def _from_both_sides(
        self, groups: tuple[frozenset[PyPIName], ...], knowledge: Knowledge, *, strictly: bool
    ) -> Settled | None:
        def attempt(kept: frozenset[frozenset[PyPIName]]) -> Settled | None:
            back = (name for group in groups if group not in kept for name in group)
            returned = knowledge.without(dict.fromkeys(back, Reason.CONDA_CONFLICTS))
            return self.attempt(returned, strictly=strictly)

        found = most(groups, attempt, _QUESTIONS)
        return found.answer if found else None

    def attempt(
        self, knowledge: Knowledge, *, strictly: bool, company: tuple[str, ...] = ()
    ) -> Settled | None:
        """Decide, and ask the solver, unless that very question was put before."""
        question = replace(self.question(knowledge, strictly=strictly), company=company)
        problem = pose(question, self.sources)
        installed = tuple(item.record.name for item in problem.installed)
        key = (problem.specs, problem.constraints, problem.extra, installed, problem.fixed)
        if key not in self._asked:
            self._asked[key] = self._solved(problem)
        solution = self._asked[key]
        if solution is None:
            return None
        if not self.request.dependencies:
            solution = without_company(solution, question)
        return Settled(question, solution)

    def _solved(self, problem: Problem) -> Solution | None:
        try:
            return self.sources.engine.solve(problem)
        except Unsolvable as error:
            self.refusal = error
            return None

    def question(self, knowledge: Knowledge, *, strictly: bool) -> Question:
        """Decide about every candidate, and make a question of it."""
        routes, informed = self._decided(knowledge)
        return Question(self.request, self.plan, self.present, routes, informed, strictly)

    def _decided(self, knowledge: Knowledge) -> tuple[tuple[Route, ...], Knowledge]:
        """Decide, look into the packages on which the decision turns, and decide anew."""
        while True:
            routes = decide(self.plan, self.request, knowledge)
            informed = look(routes, knowledge, self.sources.engine)
            if informed == knowledge:
                return routes, knowledge
            knowledge = informed
