"""The routes held against what the solver found: does the solution keep what was promised?

Pure. A confirmed route is a `Decision`, the line of every table, of the ledger and of `explain`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from packaging.specifiers import SpecifierSet

from pipguard.errors import RoutingError
from pipguard.gaps import Held
from pipguard.knowledge import Knowledge, pep440
from pipguard.names import PyPIName, pypi_name
from pipguard.plan import Candidate
from pipguard.present import Present
from pipguard.question import Question
from pipguard.records import Origin, Record, Solution
from pipguard.routes import Decision, Keep, Route, ToConda, ToConverted, ToPip, conda_name


def confirm(question: Question, solution: Solution) -> tuple[Decision, ...]:
    """Hold each route against the solution.

    Raises:
        RoutingError: a promised dist is not in the solution, or in a version that was excluded.
    """
    records, conditions = solution.by_name(), question.conditions
    routed = {route.candidate.name for route in question.routes}
    required_by = question.plan.required_by()
    decisions = []
    for route in question.routes:
        name, record = route.candidate.name, records.get(conda_name(route))
        if record is None:
            raise RoutingError("promised-dist-missing", name=name)
        version = _version(route, record, question.knowledge)
        allowed = conditions.get(name, SpecifierSet())
        if isinstance(route, ToConda) and not allowed.contains(version, prereleases=True):
            raise RoutingError("promised-version-missing", name=name, version=version)
        decision = _decision(route, record, version)
        others = tuple(it for it in required_by[name] if it in routed)
        decisions.append(replace(decision, required_by=others))
    return tuple(decisions)


def _version(route: Route, record: Record, knowledge: Knowledge) -> str:
    """Tell the version of the dist; conda's own where both are the same."""
    if not isinstance(route, (ToConda, Keep)):
        return route.candidate.version
    seen = knowledge.versions.get((route.candidate.name, record.key))
    if isinstance(route, Keep):
        seen = knowledge.installed[route.candidate.name].version
    same = seen is None or seen == pep440(record.version)
    return record.version if same else str(seen)


def _decision(route: Route, record: Record, version: str) -> Decision:
    words: dict[type[Route], str] = {
        ToConda: "conda",
        ToConverted: "converted",
        ToPip: "pip",
        Keep: "keep",
    }
    return Decision(
        name=route.candidate.name,
        version=version,
        route=words[type(route)],
        reason=route.because.value,
        conda_name=record.name,
        conda_version=record.version,
        channel=record.channel,
        requested=route.candidate.requested,
        source=route.source,
        planned=route.candidate.version,
        url=route.candidate.url,
        sha256=route.candidate.sha256 or "",
        index=_index(route.candidate),
        asked=route.candidate.asked or "",
    )


def _index(candidate: Candidate) -> str:
    """Name the index of a page that listed a candidate: `…/simple/` of `…/simple/alpha/`."""
    page = candidate.found_on or ""
    # An index that is a folder of this machine is read by its files.
    above, _, name = page.removesuffix("index.html").rstrip("/").rpartition("/")
    return f"{above}/" if pypi_name(name or "-") == candidate.name else page


def check_nothing_is_lost(
    present: Present, solution: Solution, held: Mapping[PyPIName, Held]
) -> None:
    """Make sure that no dist goes because another one of its package comes from PyPI now.

    Raises:
        RoutingError: it would.
    """
    for package, kept, lost in _broken_up(present, solution, held):
        raise RoutingError("dist-would-vanish", package=package, name=kept, lost=lost)


def _broken_up(
    present: Present, solution: Solution, held: Mapping[PyPIName, Held]
) -> Iterator[tuple[str, str, str]]:
    records = solution.by_name()
    for item in present.records:
        after = records.get(item.record.name)
        inside = {name for name, _ in present.contents[item.record.key]}
        replaced = after is None or after.origin is not Origin.CONDA
        if item.record.origin is Origin.CONDA and replaced and len(inside) > 1:
            kept, lost = inside & held.keys(), inside - held.keys()
            if lost:
                yield item.record.name, ", ".join(sorted(kept)), ", ".join(sorted(lost))
