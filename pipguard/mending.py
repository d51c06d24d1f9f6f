"""What the dists that will be linked ask for, beyond what conda's packages say.

Pure: what lies outside is asked through seams. `lacking` finds what would be missing, `mend` adds
it to what is known, so that one more solve brings it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from pipguard.gaps import Gap, Held, find
from pipguard.inquiry import Settled
from pipguard.knowledge import Knowledge, pep440
from pipguard.learning import ask, proposals
from pipguard.names import CondaName, KnownAbsent, PyPIName
from pipguard.question import Sources
from pipguard.records import Origin, RecordKey, Shipped
from pipguard.routes import ToConverted, ToPip, conda_name
from pipguard.wheels.specifiers import match_spec


def held(
    settled: Settled, contents: Mapping[RecordKey, tuple[Shipped, ...]]
) -> dict[PyPIName, Held]:
    """Tell which dists the environment will hold.

    Args:
        settled: the solution.
        contents: the dists of the packages that were opened.
    """
    question = settled.question
    before = {item.record.key for item in question.present.inside}
    records = settled.solution.by_name()
    found = dict(_staying(settled))
    for record in records.values():
        if record.origin is Origin.CONDA and record.key not in before:
            for dist in contents.get(record.key, ()):
                found[dist.name] = Held(dist.version or record.version, dist.requires, is_new=True)
    for route in question.routes:
        if isinstance(route, (ToConverted, ToPip)):
            candidate, record = route.candidate, records[conda_name(route)]
            requires = candidate.metadata.requires_dist
            found[candidate.name] = Held(candidate.version, requires, record.key not in before)
    return found


def _staying(settled: Settled) -> Iterator[tuple[PyPIName, Held]]:
    """Yield the dists that are there and stay as they are."""
    present = settled.question.present
    keys = {record.key for record in settled.solution.records}
    known = {dist.name: dist for dist in present.dists}
    for name, item in present.owners.items():
        dist = known.get(name)
        if item.record.key in keys:
            version = dist.version if dist else item.record.version
            yield name, Held(version, dist.requires if dist else None, is_new=False)


def lacking(settled: Settled, contents: Mapping[RecordKey, tuple[Shipped, ...]]) -> tuple[Gap, ...]:
    """Find the requirements that would not be satisfied; none with `--no-deps`, as with pip."""
    question = settled.question
    if not question.request.dependencies:
        return ()
    there = held(settled, contents)
    gone = question.present.owners.keys() - there.keys()
    return find(there, gone, question.plan.markers)


@dataclass(frozen=True, slots=True)
class Mending:
    """What one more solve is asked for."""

    knowledge: Knowledge
    company: tuple[str, ...] = ()


def mend(gaps: Iterable[Gap], settled: Settled, sources: Sources) -> Mending | None:
    """Ask for what is lacking: of the plan, else of conda; None where nothing can be done.

    What conda is known to have under no name, it brings in another form: NVIDIA's libraries.
    """
    question = settled.question
    knowledge, planned = question.knowledge, question.plan.by_name()
    company: list[str] = []
    for gap in gaps:
        specifier = gap.requirement.specifier
        if gap.name in planned and not isinstance(knowledge.answers[gap.name], KnownAbsent):
            knowledge = _wanting(gap.name, specifier, knowledge)
        elif gap.name not in planned:
            company.extend(_from_conda(gap, settled, sources))
    mending = Mending(knowledge, tuple(dict.fromkeys(company)))
    return None if mending == Mending(question.knowledge) else mending


def _wanting(name: PyPIName, specifier: SpecifierSet, knowledge: Knowledge) -> Knowledge:
    asked = knowledge.conditions.get(name, SpecifierSet()) & specifier
    return replace(
        knowledge,
        needed=knowledge.needed | {name},
        conditions={**knowledge.conditions, name: asked},
    )


def _from_conda(gap: Gap, settled: Settled, sources: Sources) -> Iterator[str]:
    """Yield the spec of a conda package that has what is lacking."""
    owner = settled.question.present.owners.get(gap.name)
    if owner is not None:
        names: tuple[CondaName, ...] = (owner.record.name,)
    else:
        answers, shelves = ask([gap.name], sources)
        names = tuple(
            proposal.conda
            for proposal in proposals(answers[gap.name])
            if proposal.conda in shelves
            and any(_fits(gap, it.version) for it in shelves[proposal.conda].records)
        )
    try:
        yield from (match_spec(name, str(gap.requirement.specifier)) for name in names[:1])
    except InvalidSpecifier:
        return


def _fits(gap: Gap, version: str) -> bool:
    return gap.requirement.specifier.contains(str(pep440(version)))
