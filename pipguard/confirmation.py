"""The routes held against what the solver found: does the solution keep what was promised?

Pure. A confirmed route is a `Decision`, the line of every table, of the ledger and of `explain`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from packaging.specifiers import SpecifierSet

from pipguard.errors import RoutingError
from pipguard.names import PyPIName, pypi_name
from pipguard.plan import Candidate
from pipguard.records import Record, Solution
from pipguard.routes import Keep, Route, ToConda, ToConverted, ToPip, conda_name, pep440


@dataclass(frozen=True, slots=True)
class Decision:
    """One confirmed route with the version that will really be there; a line of every table.

    Attributes:
        url: of the artifact that pip chose, credentials taken away.
        sha256: of that artifact, "" where pip does not know it.
        index: the index or folder of links that listed it, "" where it was named itself.
        asked: the requirement it was chosen for.
    """

    name: str
    version: str
    route: str
    reason: str
    conda_name: str
    conda_version: str
    channel: str
    requested: bool
    source: str
    url: str = ""
    sha256: str = ""
    index: str = ""
    asked: str = ""


def confirm(
    routes: Iterable[Route], solution: Solution, conditions: Mapping[PyPIName, SpecifierSet]
) -> tuple[Decision, ...]:
    """Hold each wanted route against the solution.

    Raises:
        RoutingError: a promised dist is not in the solution, or in a version that was excluded.
    """
    records = solution.by_name()
    decisions = []
    for route in routes:
        record = records.get(conda_name(route))
        if record is None:
            raise RoutingError("promised-dist-missing", name=route.candidate.name)
        allowed = conditions.get(route.candidate.name, SpecifierSet())
        if isinstance(route, ToConda) and not allowed.contains(
            str(pep440(record)), prereleases=True
        ):
            raise RoutingError(
                "promised-version-missing", name=route.candidate.name, version=record.version
            )
        decisions.append(_decision(route, record))
    return tuple(decisions)


def _decision(route: Route, record: Record) -> Decision:
    words: dict[type[Route], str] = {
        ToConda: "conda",
        ToConverted: "converted",
        ToPip: "pip",
        Keep: "keep",
    }
    from_conda = isinstance(route, (ToConda, Keep))
    return Decision(
        name=route.candidate.name,
        version=record.version if from_conda else route.candidate.version,
        route=words[type(route)],
        reason=route.because.value,
        conda_name=record.name,
        conda_version=record.version,
        channel=record.channel,
        requested=route.candidate.requested,
        source=route.source,
        url=route.candidate.url,
        sha256=route.candidate.sha256 or "",
        index=_index(route.candidate),
        asked=route.candidate.asked or "",
    )


def _index(candidate: Candidate) -> str:
    """Name the index of a page that listed a candidate: `…/simple/` of `…/simple/alpha/`."""
    page = candidate.found_on or ""
    above, _, name = page.rstrip("/").rpartition("/")
    return f"{above}/" if pypi_name(name or "-") == candidate.name else page
