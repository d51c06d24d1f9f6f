"""PyPI names and conda names: two alphabets that must never be mixed.

Pure. A name table gives one of three answers about a PyPI name: `Known` under some conda names,
`KnownAbsent` from the channels, or `Unknown`. Every table only proposes; a package is accepted
when a record of the solved set really ships the dist.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NewType

from packaging.utils import canonicalize_name

PyPIName = NewType("PyPIName", str)
CondaName = NewType("CondaName", str)


def pypi_name(name: str) -> PyPIName:
    """Normalise a project name as PyPI does (PEP 503)."""
    return PyPIName(canonicalize_name(name))


@dataclass(frozen=True, slots=True)
class Proposal:
    """One conda name that may ship a dist, and who says so.

    `version` is a conda version spec that the name implies (`pyqt5` is `pyqt` in `5.*`).
    """

    conda: CondaName
    source: str
    version: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """The table knows conda names for this project, best first."""

    proposals: tuple[Proposal, ...]


@dataclass(frozen=True, slots=True)
class KnownAbsent:
    """The table knows that no conda package ships this project."""

    source: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing is known about this project."""


Answer = Known | KnownAbsent | Unknown
