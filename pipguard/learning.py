"""What there is to know before routes are decided, gathered from name table, channels and prefix.

Pure: what lies outside is asked through seams. `learn` asks about a whole plan at once; `look`
opens the few packages on which a decision turns.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from pipguard.knowledge import UNREADABLE, Installed, Knowledge, Offer, pep440
from pipguard.names import Answer, CondaName, Known, Proposal, PyPIName, Unknown
from pipguard.plan import Plan
from pipguard.present import Present
from pipguard.question import Sources
from pipguard.reasons import Reason
from pipguard.records import Record
from pipguard.routes import Route, ToConverted, ToPip, conda_name
from pipguard.seams import CondaEngine, NameTable, Shelf

# Of the names that a table proposes, so many are tried before the wheel is taken.
_PROPOSALS = 3


def learn(plan: Plan, present: Present, sources: Sources) -> Knowledge:
    """Ask the name table and the channels about every candidate, and about what is limited.

    Raises:
        EngineError: a channel cannot be read.
    """
    names = [candidate.name for candidate in plan.candidates]
    asked = [*names, *(name for name in plan.limits if name not in names)]
    answers, shelves = ask(asked, sources)
    offers = {name: _offers(answers[name], shelves) for name in asked}
    installed = dict(_installed(present))
    return Knowledge(
        answers=answers,
        offers={name: found for name, found in offers.items() if found},
        elsewhere=dict(_elsewhere(answers, shelves, offers)),
        verified=dict.fromkeys(_proven(present), True),
        taken=frozenset(shelves) | {item.record.name for item in present.records},
        installed=installed,
        public=frozenset(name for name in names if sources.names.is_public(name)),
        families=_families([*names, *installed], sources.names),
        protected=sources.protected,
        lacks_cuda=not sources.cuda_settled and "__cuda" not in sources.engine.virtual_packages(),
        policy=sources.policy,
    )


def ask(
    names: Iterable[PyPIName], sources: Sources
) -> tuple[dict[PyPIName, Answer], Mapping[CondaName, Shelf]]:
    """Ask who has these projects under which names, and what the channels have there."""
    listed = tuple(names)
    first = [sources.names.lookup(name, frozenset()) for name in listed]
    proposed = {proposal.conda for answer in first for proposal in proposals(answer)}
    guessed = {conda for name in listed for conda in sources.names.guesses(name)}
    # The plain name is looked for in any case: a converted package must not take it from another.
    shelves = sources.engine.shelves(proposed | guessed | {CondaName(name) for name in listed})
    return {name: sources.names.lookup(name, shelves.keys()) for name in listed}, shelves


def proposals(answer: Answer) -> tuple[Proposal, ...]:
    """Return the conda names of an answer, best first."""
    return answer.proposals[:_PROPOSALS] if isinstance(answer, Known) else ()


def _offers(answer: Answer, shelves: Mapping[CondaName, Shelf]) -> tuple[Offer, ...]:
    return tuple(
        Offer(record, proposal.source)
        for proposal in proposals(answer)
        for record in shelves.get(proposal.conda, Shelf()).records
        if _implied(proposal, record)
    )


def _implied(proposal: Proposal, record: Record) -> bool:
    """Whether a record has the version that its name in the table implies."""
    if not proposal.version:
        return True
    try:
        return SpecifierSet(f"=={proposal.version}").contains(record.version, prereleases=True)
    except InvalidSpecifier:
        return False


def _elsewhere(
    answers: Mapping[PyPIName, Answer],
    shelves: Mapping[CondaName, Shelf],
    offers: Mapping[PyPIName, tuple[Offer, ...]],
) -> Iterator[tuple[PyPIName, Record]]:
    """Find what the channels have, but for no such python or platform."""
    for name, answer in answers.items():
        shelved = (shelves.get(proposal.conda, Shelf()) for proposal in proposals(answer))
        others = [shelf.elsewhere for shelf in shelved if shelf.elsewhere is not None]
        if others and not offers[name]:
            yield name, others[0]


def _installed(present: Present) -> Iterator[tuple[PyPIName, Installed]]:
    for item in present.inside:
        for name, version in present.contents[item.record.key]:
            yield name, Installed(pep440(version or item.record.version), item)


def _proven(present: Present) -> Iterator[tuple[PyPIName, CondaName]]:
    """Yield which package ships which dist, for both are here."""
    for item in present.records:
        for name, _ in present.contents[item.record.key]:
            yield name, item.record.name


def _families(names: Iterable[PyPIName], table: NameTable) -> dict[PyPIName, str]:
    found = ((name, table.family(name)) for name in names)
    return {name: family for name, family in found if family is not None}


# Opening packages


def look(routes: Iterable[Route], knowledge: Knowledge, engine: CondaEngine) -> Knowledge:
    """Open the packages whose content decides, unless that has been done.

    A converted dist may bear a conda name only if the package of that name provably ships it; a
    newer twin may win only if it is no stranger; and a version that is not PEP 440 says nothing
    about the dist's.

    Raises:
        EngineError: a package cannot be had.
    """
    verified, seen = dict(knowledge.verified), dict(knowledge.versions)
    for route in routes:
        name = route.candidate.name
        for record in _in_question(route, knowledge):
            inside = {dist.name: dist for dist in engine.ships(record)}
            if inside or not _is_umbrella(name, record, knowledge):
                verified[(name, record.name)] = name in inside
            found = inside[name].version if name in inside else None
            seen[(name, record.key)] = pep440(found or record.version)
    return replace(knowledge, verified=verified, versions=seen)


def _in_question(route: Route, knowledge: Knowledge) -> Iterator[Record]:
    name = route.candidate.name
    firsts: dict[CondaName, Record] = {}
    for offer in knowledge.offers.get(name, ()):
        firsts.setdefault(offer.record.name, offer.record)
    is_converted = isinstance(route, (ToConverted, ToPip))
    for conda, record in firsts.items():
        unknown = (name, conda) not in knowledge.verified
        seen = (name, record.key) in knowledge.versions
        too_old = route.because is Reason.VERSION_NOT_ON_CONDA
        unread = too_old and _is_unreadable(record) and not seen
        if unread or (unknown and (is_converted or _is_ahead(record, route, knowledge))):
            yield record
    there = knowledge.elsewhere.get(name)
    if is_converted and there is not None and (name, there.name) not in knowledge.verified:
        yield there


def _is_unreadable(record: Record) -> bool:
    return pep440(record.version) == UNREADABLE


def _is_ahead(record: Record, route: Route, knowledge: Knowledge) -> bool:
    """Say whether a package of another name is newer than what a conda route takes."""
    if record.name == conda_name(route) or isinstance(route, (ToConverted, ToPip)):
        return False
    taken = knowledge.version(route.candidate.name, route.record)
    return pep440(record.version) > taken


def _is_umbrella(name: PyPIName, record: Record, knowledge: Knowledge) -> bool:
    """Say whether a package without any dist brings another one that is proposed as well."""
    others = {it.conda for it in proposals(knowledge.answers.get(name, Unknown()))} - {record.name}
    return any(depend.split(" ", 1)[0] in others for depend in record.depends)
