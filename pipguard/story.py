"""How each route was found: which names were tried, what the channels have there, what was seen.

Pure. A `Story` is told of every candidate of a dry run, beside its `Decision`; start at `stories`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from packaging.specifiers import SpecifierSet

from pipguard.knowledge import Knowledge
from pipguard.learning import proposals
from pipguard.names import Answer, CondaName, KnownAbsent, Proposal, PyPIName, Unknown
from pipguard.plan import Candidate
from pipguard.question import Question
from pipguard.records import Record
from pipguard.wheels.specifiers import in_order


@dataclass(frozen=True, slots=True)
class Tried:
    """One conda name that may be the project; field names are those of the JSON.

    Attributes:
        conda: the name.
        source: who proposed it; a policy by its file.
        newest: what the channels prefer of it for this python, None where they have nothing.
        fits: what they prefer of that which satisfies every condition, None for nothing.
        elsewhere: what they have for another python or platform alone, None for nothing.
        verified: whether it was seen to ship the dist, None where nobody has looked.
    """

    conda: CondaName
    source: str
    newest: str | None
    fits: str | None
    elsewhere: str | None
    verified: bool | None


@dataclass(frozen=True, slots=True)
class Story:
    """What a decision about one candidate went by; field names are those of the JSON.

    Attributes:
        planned: the version that pip chose.
        conditions: what was said about its versions, by the person and by the plan.
        absent: who knows that conda has it under no name; None where nobody does.
        tried: the conda names, in the order of trust.
    """

    planned: str
    conditions: str
    absent: str | None
    tried: tuple[Tried, ...]

    def to_json(self) -> dict[str, Any]:
        """Make what `explain --json` adds to a route."""
        return asdict(self)


def stories(question: Question) -> dict[PyPIName, Story]:
    """Tell the story of everything that has a route."""
    conditions = question.conditions
    return {
        route.candidate.name: _story(
            route.candidate,
            conditions.get(route.candidate.name, SpecifierSet()),
            question.knowledge,
        )
        for route in question.routes
    }


def _story(candidate: Candidate, conditions: SpecifierSet, known: Knowledge) -> Story:
    answer = known.answers.get(candidate.name, Unknown())
    return Story(
        planned=candidate.version,
        conditions=in_order(conditions),
        absent=_absent(candidate.name, answer, known),
        tried=tuple(_tried(candidate, conditions, known, answer)),
    )


def _absent(name: PyPIName, answer: Answer, known: Knowledge) -> str | None:
    if not isinstance(answer, KnownAbsent):
        return None
    return _place(name, answer.source, known)


def _place(name: PyPIName, source: str, known: Knowledge) -> str:
    """Name the file where a policy has spoken."""
    override = known.policy.names.get(name)
    return override.source if override is not None and source == "policy" else source


def _tried(
    candidate: Candidate, conditions: SpecifierSet, known: Knowledge, answer: Answer
) -> Iterator[Tried]:
    name = candidate.name
    fitting = [offer.record for offer in known.allowed(candidate, conditions)]
    offered = [offer.record for offer in known.offers.get(name, ())]
    for proposal in proposals(answer):
        elsewhere = known.elsewhere.get(name)
        others = [elsewhere] if elsewhere is not None else []
        yield Tried(
            conda=proposal.conda,
            source=_place(name, proposal.source, known),
            newest=_first(proposal, offered),
            fits=_first(proposal, fitting),
            elsewhere=_first(proposal, others),
            verified=known.verified.get((name, proposal.conda)),
        )


def _first(proposal: Proposal, records: list[Record]) -> str | None:
    return next((it.version for it in records if it.name == proposal.conda), None)
