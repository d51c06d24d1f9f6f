"""Who installs a candidate, and why: the four routes.

Pure, and only types. `rules.py` decides by them, `confirmation.py` holds them against what the
solver found; `messages/` words each `Reason`, the ledger stores it and tests match on it.
"""

from __future__ import annotations

from dataclasses import dataclass

from packaging.version import Version

from pipguard.knowledge import pep440
from pipguard.names import CondaName
from pipguard.plan import Candidate
from pipguard.reasons import Reason
from pipguard.records import Record

__all__ = [
    "Beside",
    "Decision",
    "Keep",
    "LeftOut",
    "Reason",
    "Route",
    "ToConda",
    "ToConverted",
    "ToPip",
    "conda_name",
]


@dataclass(frozen=True, slots=True)
class ToConda:
    """conda has it.

    `record` is the best that every condition allows. The solver may take an older one, but none
    below `least`, and none below `same_major` as long as there is any other way.
    """

    candidate: Candidate
    record: Record
    because: Reason
    source: str
    least: Version | None = None
    same_major: Version | None = None


@dataclass(frozen=True, slots=True)
class ToConverted:
    """Its wheel becomes a conda package called `conda_name`."""

    candidate: Candidate
    conda_name: CondaName
    because: Reason
    source: str = ""


@dataclass(frozen=True, slots=True)
class ToPip:
    """True pip installs it, after its dependencies; its record is called `conda_name`."""

    candidate: Candidate
    conda_name: CondaName
    because: Reason
    source: str = ""


@dataclass(frozen=True, slots=True)
class Keep:
    """What is installed stays, although pip would replace it."""

    candidate: Candidate
    record: Record
    because: Reason
    source: str = ""


Route = ToConda | ToConverted | ToPip | Keep


@dataclass(frozen=True, slots=True)
class Decision:
    """One confirmed route with the version that will really be there; a line of every table.

    Attributes:
        version: the dist's own.
        conda_version: its package's.
        planned: what pip would have taken.
        url: of the artifact that pip chose, credentials taken away.
        sha256: of that artifact, "" where pip does not know it.
        index: the index or folder of links that listed it, "" where it was named itself.
        asked: the requirement it was chosen for.
        required_by: what else is routed and requires it.
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
    planned: str = ""
    url: str = ""
    sha256: str = ""
    index: str = ""
    asked: str = ""
    required_by: tuple[str, ...] = ()

    @property
    def is_behind(self) -> bool:
        """Whether PyPI has a newer one, which was not taken."""
        return bool(self.planned) and pep440(self.planned) > pep440(self.version)


@dataclass(frozen=True, slots=True)
class Beside:
    """What a person should see beside the routes.

    A conda package that comes, or that changes and `was` of another version until now; or a dist
    that somebody else's pip has brought and that others now depend on.
    """

    name: str
    version: str
    was: str = ""
    is_untracked: bool = False


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What pip would install and nobody needs: it is neither fetched nor installed."""

    name: str
    version: str
    reason: str


def conda_name(route: Route) -> CondaName:
    """Give the conda name under which the environment will hold the candidate."""
    if isinstance(route, (ToConda, Keep)):
        return route.record.name
    return route.conda_name
