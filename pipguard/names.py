"""PyPI names and conda names: two alphabets that must never be mixed.

Pure. A `NameTable` gives one of three answers about a PyPI name: `Known` under some conda names,
`KnownAbsent` from the channels, or `Unknown`. Every source only proposes; a package is accepted
when a record of the solved set really ships the dist. How proposals are put in order is in
`rank`.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import translate
from functools import cached_property, lru_cache
from typing import NewType, Protocol

from packaging.utils import canonicalize_name

from pipguard.sourced import Sourced

PyPIName = NewType("PyPIName", str)
CondaName = NewType("CondaName", str)


def pypi_name(name: str) -> PyPIName:
    """Normalise a project name as PyPI does (PEP 503)."""
    return PyPIName(canonicalize_name(name))


@dataclass(frozen=True, slots=True)
class Proposal:
    """One conda name that may ship a dist, and who says so.

    `source` is `policy`, `installed`, `verified`, `seed`, `table` or `channel`. `version` is a
    conda version spec that the name implies (`pyqt5` is `pyqt` in `5.*`), empty for any.
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
    """No conda package ships this project, says `source`."""

    source: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing is known about this project."""


Answer = Known | KnownAbsent | Unknown


@dataclass(frozen=True, slots=True)
class Family:
    """Projects that must come from one side, conda or PyPI, all of them.

    Their members are built against one another or install into the same folder. `patterns` are
    normalised PyPI names, with `*` and `?` as in a shell.
    """

    name: str
    patterns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Seed:
    """What is known without any download; the data are in `mapping/seed.py`.

    Attributes:
        renames: proposals for projects whose conda name is another, best first.
        no_dist: conda names that ship no dist of that name.
        vendors: conda names that ship copies of other projects; good for their own name alone.
        absent: patterns of PyPI names that conda has under no name.
        families: groups that come from one side.
        public: names of PyPI that need no other word said about them.
    """

    renames: Mapping[PyPIName, tuple[Proposal, ...]] = field(default_factory=dict)
    no_dist: frozenset[CondaName] = frozenset()
    vendors: frozenset[CondaName] = frozenset()
    absent: tuple[str, ...] = ()
    families: tuple[Family, ...] = ()
    public: frozenset[PyPIName] = frozenset()

    def is_public(self, name: PyPIName) -> bool:
        """Say whether this is known as a project of PyPI.

        What a pattern of a family covers is not: `opencv-acme` may be anybody's.
        """
        if name in self.public or name in self.renames or self.is_absent(name):
            return True
        return any(name in family.patterns for family in self.families)

    def family(self, name: PyPIName) -> Family | None:
        """Return the family a project belongs to."""
        return next((each for each in self.families if _matches(name, each.patterns)), None)

    def is_absent(self, name: PyPIName) -> bool:
        """Say whether conda is known to have the project under no name."""
        return _matches(name, self.absent)


def _matches(name: PyPIName, patterns: tuple[str, ...]) -> bool:
    return _expression(patterns).match(name) is not None


@lru_cache
def _expression(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """Join patterns of a shell; every installed dist is held against all there are."""
    return re.compile("|".join(map(translate, patterns)) or "(?!)")


class DistTable(Protocol):
    """Which conda package ships which dists: one channel's table of files."""

    def providers(self, name: PyPIName) -> Sequence[CondaName]:
        """Return every conda name that ever shipped this dist, in any order."""

    def ships(self, conda: CondaName) -> Sequence[PyPIName] | None:
        """Return the dists of a conda name, empty for none, None for a name not in the table."""


# More than this and a package that does not bear the project's name merely carries a copy of it.
_MOST_DISTS_OF_A_STRANGER = 3


def rank(name: PyPIName, table: DistTable, vendors: Container[CondaName]) -> tuple[CondaName, ...]:
    """Put the conda names that ship a dist in order, and drop those that only vendor it.

    The table is a union over all builds there ever were. Where both `x` and `python-x` or
    `x-base` shipped the dist of x, the plain name has since become the library, the tool or a
    metapackage, so the longer one comes first. Then by likeness of the name, and by how few
    other dists come along.
    """
    shipped = {conda: len(table.ships(conda) or ()) for conda in table.providers(name)}
    ranked = sorted(
        (_likeness(name, conda), dists, len(conda), _dressed(conda), conda)
        for conda, dists in shipped.items()
        if _is_honest(name, conda, dists, vendors)
    )
    return tuple(conda for *_, conda in ranked)


def _dressed(conda: CondaName) -> bool:
    """Tell a spelling apart from PyPI's normal form, which conda-forge has come to prefer."""
    return str(conda) != str(pypi_name(conda))


def _is_honest(name: PyPIName, conda: CondaName, dists: int, vendors: Container[CondaName]) -> bool:
    """Say whether a conda package may be the project, as against carrying a copy of it."""
    likeness = _likeness(name, conda)
    if conda in vendors:
        return likeness <= _SAME
    of_the_project = likeness < _UNLIKE or name.startswith(f"{pypi_name(conda)}-")
    return of_the_project or dists <= _MOST_DISTS_OF_A_STRANGER


_SAME = 1
_UNLIKE = 4


def _likeness(name: PyPIName, conda: CondaName) -> int:
    """Tell how much a conda name looks like the project's, 0 best."""
    plain = pypi_name(conda)
    if plain in {f"python-{name}", f"{name}-python", f"{name}-base", f"{name}-core", f"py-{name}"}:
        return 0
    if plain == name:
        return _SAME
    if plain in {f"py{name}", f"{name}-py"}:
        return 2
    return 3 if plain.startswith(f"{name}-") else _UNLIKE


@dataclass(frozen=True)
class NameTable:
    """All that is known about names, asked in the order of trust.

    Attributes:
        seed: the built-in knowledge.
        tables: downloaded tables, that of the first channel first.
        overrides: `[names]` of the policy, None for never on conda.
        owners: the conda package that owns a dist already in the prefix.
        seen: what was seen inside packages in earlier operations.
    """

    seed: Seed = field(default_factory=Seed)
    tables: tuple[DistTable, ...] = ()
    overrides: Mapping[PyPIName, Sourced[CondaName | None]] = field(default_factory=dict)
    owners: Mapping[PyPIName, CondaName] = field(default_factory=dict)
    seen: DistTable | None = None

    def lookup(self, name: PyPIName, channel_names: Container[str] = ()) -> Answer:
        """Give one of the three answers.

        Args:
            name: the project.
            channel_names: the conda names that the channels have, as far as they are known; with
                them, the project's own name is proposed when nothing speaks against it.
        """
        override = self.overrides.get(name)
        if override is not None:
            chosen = override.value
            return Known((Proposal(chosen, "policy"),)) if chosen else KnownAbsent("policy")
        proposals: dict[CondaName, Proposal] = {}
        for proposal in (*self._proposals(name), *self._own(name, channel_names)):
            proposals.setdefault(proposal.conda, proposal)
        if proposals:
            return Known(tuple(proposals.values()))
        source = self._who_excludes(name)
        return KnownAbsent(source) if source else Unknown()

    def guesses(self, name: PyPIName) -> tuple[CondaName, ...]:
        """Return the project's own name in conda's spellings, where it may be the project.

        Left out is what the seed or a table knows to ship no dist, or another one. The caller
        looks in the channels which of them exist, and may pass those to `lookup`.
        """
        return tuple(conda for conda in _spellings(name) if not self._who_denies(name, conda))

    def likeliest(self, name: PyPIName) -> CondaName:
        """Choose one conda name where no channel is asked, so that nothing can be verified.

        A project whose own name is a stranger's on conda is called `pypi-<name>`.
        """
        answer = self.lookup(name)
        if isinstance(answer, Known):
            return answer.proposals[0].conda
        plain = CondaName(name)
        return plain if plain in self.guesses(name) else CondaName(f"pypi-{name}")

    def is_public(self, name: PyPIName) -> bool:
        """Say whether the person, the seed or a table knows this as a public project.

        A name that is known to none may be private, and must not be swapped for a stranger.
        """
        override = self.overrides.get(name)
        if self.seed.is_public(name) or (override is not None and override.value):
            return True
        return any(table.providers(name) for table in self.tables)

    def family(self, name: PyPIName) -> str | None:
        """Name the group that a project belongs to, whose members come from one side."""
        found = self.seed.family(name)
        return found.name if found else None

    def _proposals(self, name: PyPIName) -> Iterator[Proposal]:
        if name in self.owners:
            yield Proposal(self.owners[name], "installed")
        for conda in rank(name, self.seen, self.seed.vendors) if self.seen else ():
            yield Proposal(conda, "verified")
        yield from self.seed.renames.get(name, ())
        for table in self.tables:
            for conda in rank(name, table, self.seed.vendors):
                yield Proposal(conda, "table")

    def _own(self, name: PyPIName, channel_names: Container[str]) -> Iterator[Proposal]:
        for conda in _spellings(name):
            if conda in channel_names and not self._who_denies(name, conda):
                yield Proposal(conda, "channel")

    def _who_excludes(self, name: PyPIName) -> str:
        """Tell who knows that conda has the project under no name; empty when nobody does."""
        if self.seed.is_absent(name):
            return "seed"
        denials = (self._who_denies(name, conda) for conda in _spellings(name))
        return next((source for source in denials if source), "")

    def _who_denies(self, name: PyPIName, conda: CondaName) -> str:
        """Tell who knows that a conda name is not this project; empty when nobody does."""
        if conda in self.seed.no_dist or name not in self._renamed.get(conda, {name}):
            return "seed"
        shipped = (table.ships(conda) for table in self.tables)
        return "table" if any(dists is not None and name not in dists for dists in shipped) else ""

    @cached_property
    def _renamed(self) -> Mapping[CondaName, set[PyPIName]]:
        """The projects for which the seed names each conda package."""
        found: dict[CondaName, set[PyPIName]] = {}
        for name, proposals in self.seed.renames.items():
            for proposal in proposals:
                found.setdefault(proposal.conda, set()).add(name)
        return found


def _spellings(name: PyPIName) -> tuple[CondaName, ...]:
    """Return the spellings under which conda packages are found: `a-b`, `a_b`, `a.b`, `a.b-c`."""
    namespace, dot, rest = name.replace("-", ".", 1).partition(".")
    spellings = (
        name,
        name.replace("-", "_"),
        name.replace("-", "."),
        f"{namespace}{dot}{rest}",
        f"{namespace}{dot}{rest.replace('-', '_')}",
    )
    return tuple(CondaName(each) for each in dict.fromkeys(spellings))
