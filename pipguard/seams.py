"""The outside world as protocols, on one page.

Pure. `guard.py` tells its story in these terms alone; each protocol has the real implementation
and a fake in `tests/fakes.py`, and the same contract tests run over both.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

TYPE_CHECKING = False
if TYPE_CHECKING:  # nothing here acts, and what only looks at seams shall not load the whole story
    from pipguard.change import Change, Outcome
    from pipguard.changes.states import Expected
    from pipguard.names import Answer, CondaName, PyPIName
    from pipguard.plan import Candidate, Plan
    from pipguard.problems import Problem as Flaw
    from pipguard.records import Dist, InstalledRecord, Record, Shipped, Solution
    from pipguard.request import Told
    from pipguard.routes import Beside, Decision, LeftOut
    from pipguard.sourced import Sourced
    from pipguard.target import Target
    from pipguard.wheels.dependencies import Naming


class Planner(Protocol):
    """Real pip, which reads the options and makes the plan."""

    def told(self) -> Told:
        """Return what pip's parser made of the command line.

        Raises:
            PlanError: pip refused the command line, and has said so.
        """

    def plan(self) -> Plan:
        """Resolve the request.

        Raises:
            PlanError: pip found no solution, and has said so.
        """

    def satisfied(self) -> tuple[str, ...]:
        """Return pip's own lines about requirements that are already satisfied."""

    def report(self) -> str:
        """Return pip's installation report as JSON text, after `plan`."""

    def fetch(self, candidates: Sequence[Candidate], folder: Path) -> Mapping[PyPIName, Path]:
        """Download or build the wheel of each candidate into a folder.

        Raises:
            PlanError: pip could not, and has said why.
        """


@dataclass(frozen=True, slots=True)
class Shelf:
    """What the channels have under one conda name.

    `records` are those for the environment's python and platform in the order of preference: by
    channel where priority counts, the newest first. `elsewhere` is the newest of the others, for
    another python.
    """

    records: tuple[Record, ...] = ()
    elsewhere: Record | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """What the solver is asked.

    Attributes:
        specs: what must be in the environment; every installed package is there by itself.
        constraints: what must hold for packages if they are there.
        extra: records that no channel has: converted packages and pip-routed dists.
        installed: what is in the prefix now, whatever leaves it taken out.
        unlocked: names that may change freely; every other one changes only where it must.
        fixed: installed names that may not change at all.
    """

    specs: tuple[str, ...]
    constraints: tuple[str, ...]
    extra: tuple[Record, ...]
    installed: tuple[InstalledRecord, ...]
    unlocked: frozenset[CondaName] = frozenset()
    fixed: frozenset[CondaName] = frozenset()


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths of a package in one environment, relative to it.

    `compiled` says whether its python files are to be compiled when it is linked: those of a
    noarch package are, others bring what they want compiled.
    """

    paths: Mapping[str, Expected]
    compiled: bool


class CondaEngine(Protocol):
    """The solver over the channels, and the hand that links packages."""

    def shelves(self, names: Collection[CondaName]) -> Mapping[CondaName, Shelf]:
        """Look up conda names in the channels.

        Raises:
            EngineError: a channel cannot be read.
        """

    def virtual_packages(self) -> frozenset[CondaName]:
        """Name what this machine has by itself: `__glibc`, perhaps `__cuda`."""

    def ships(self, record: Record) -> tuple[Shipped, ...]:
        """Say which dists a package really holds, by looking into it where nothing else tells.

        Raises:
            EngineError: the package cannot be had.
        """

    def solve(self, problem: Problem) -> Solution:
        """Find the records of the environment afterwards.

        Raises:
            Unsolvable: there is no such set.
        """

    def fetch(
        self, records: Sequence[Record]
    ) -> Mapping[tuple[str, str, str, str], tuple[Shipped, ...]]:
        """Bring packages into the cache, verified, without touching the prefix.

        Returns:
            by record key, the dists that each package really ships, with what they require.

        Raises:
            EngineError: a package cannot be had, or is not what its record says.
        """

    def layouts(self, records: Sequence[Record]) -> Mapping[tuple[str, str, str, str], Layout]:
        """Say which paths packages will have when they are linked, by record key.

        Raises:
            EngineError: a package cannot be had, or read.
        """

    def apply(
        self,
        records: Sequence[Record],
        reinstall: Collection[CondaName] = (),
        apart: Collection[CondaName] = (),
    ) -> None:
        """Make the prefix hold exactly these records, linking some of them anew if asked.

        Args:
            records: all that there shall be.
            reinstall: names to link anew though nothing about them changes.
            apart: names of what stays as it is and has no path in common with what comes or goes;
                linking is quicker without them.

        Raises:
            EngineError: linking failed; the prefix may have been changed.
        """


class NameTable(Protocol):
    """Who knows a PyPI project under which conda names."""

    def lookup(self, name: PyPIName, channel_names: Container[str]) -> Answer:
        """Give one of the three answers, `channel_names` being what exists in the channels."""

    def is_public(self, name: PyPIName) -> bool:
        """Say whether this is known as a public project; any other may be private."""

    def family(self, name: PyPIName) -> str | None:
        """Name the group that a project belongs to, whose members come from one side."""

    def guesses(self, name: PyPIName) -> tuple[CondaName, ...]:
        """Return the project's own name in conda's spellings, to be looked for in the channels."""


class Converter(Protocol):
    """From wheels to conda packages in the local channel."""

    def foresee(self, candidate: Candidate, target: Target, naming: Naming) -> Record:
        """Make the record of a converted package from the plan alone."""

    def stored(self, candidate: Candidate) -> Record | None:
        """Return the package of a foreseen candidate, if it was converted before."""

    def convert(self, wheels: Sequence[tuple[Path, Candidate]]) -> tuple[Record, ...]:
        """Convert wheels of foreseen candidates into the local channel.

        Raises:
            ConversionError: wheels are refused; every problem of every one.
        """


class TruePip(Protocol):
    """The environment's real pip, for what only it can do."""

    def install(self, candidate: Candidate, folder: Path) -> None:
        """Install one editable or VCS candidate, without its dependencies, into a folder.

        The folder gets the layout of the environment; nothing outside it is touched.

        Raises:
            PlanError: pip failed; it has said why.
        """

    def uninstall(self, names: Sequence[PyPIName]) -> None:
        """Remove dists that pip installed and that have no RECORD to go by."""


class Environment(Protocol):
    """The prefix: what is in it, read anew at each call."""

    def records(self) -> tuple[InstalledRecord, ...]:
        """Read conda-meta."""

    def dists(self) -> tuple[Dist, ...]:
        """Find the dists."""

    def pinned(self) -> tuple[Sourced[str], ...]:
        """Read the specs that every solve must respect, with where they stand."""

    @property
    def target(self) -> Target:
        """Tell the python."""


class Journal(Protocol):
    """The lock, the change itself, and the account of it."""

    def begin(self) -> AbstractContextManager[None]:
        """Take the prefix lock for the length of the block, and repair what was left undone."""

    def commit(self, change: Change) -> Outcome:
        """Apply a change and record it; what fails half-way is taken back.

        Raises:
            TransactionError: it failed; `.restored` says whether the prefix is as it was.
        """


def _nobody(done: int) -> None:
    """Hear what nobody is shown."""


class Reporter:
    """Told what happens as it happens; the base class says nothing."""

    @property
    def moves(self) -> bool:
        """Whether it shows how far a phase has come, and wants to hear of that."""
        return False

    def watched(self) -> AbstractContextManager[None]:
        """Be told of one whole command, with phases that follow each other."""
        return nullcontext()

    def planning(self) -> None:
        """Say that pip is resolving."""

    def seen(self, packages: int) -> None:
        """Say how many packages pip has looked at so far."""

    def resolving(self, packages: int) -> None:
        """Say that it is being decided where so many packages come from."""

    def fetching(self, names: Sequence[str]) -> None:
        """Say which wheels are being fetched."""

    def fetched(self, size: int) -> None:
        """Say how many bytes of them are here."""

    def converting(self, names: Sequence[str]) -> None:
        """Say which wheels are being converted."""

    def downloading(self) -> AbstractContextManager[Callable[[int], None]]:
        """Be told how many bytes of packages of channels are here, if any are to be fetched.

        What the block is given may be called from another thread.
        """
        return nullcontext(_nobody)

    def progress(self, total: int) -> AbstractContextManager[Callable[[int], None]]:
        """Show how far a long step has come; call what the block is given with what is done.

        Both numbers are bytes.
        """
        del total
        return nullcontext(_nobody)

    def warned(self, problems: Sequence[Flaw]) -> None:
        """Say what a person should know of wheels that were accepted."""

    def routed(self, decisions: Sequence[Decision], beside: Sequence[Beside]) -> None:
        """Show each package with where it comes from and why, and what comes beside them."""

    def left_out(self, items: Sequence[LeftOut]) -> None:
        """Say what pip would install and nobody needs."""

    def leaving(self, versions: Sequence[tuple[str, str]]) -> None:
        """Say which dists go because they were not asked for."""

    def linking(self, installed: int, removed: int) -> None:
        """Say how many packages come and how many go."""

    def linked(self, packages: int) -> None:
        """Say how many packages are in place."""

    def compiling(self, files: int) -> None:
        """Say that so many python files are being compiled."""

    def recording(self) -> None:
        """Say that all is in place and accounts follow."""

    def repaired(self, restored: int, foreign: Sequence[str]) -> None:
        """Say that an operation which had been killed was taken back, and what was left alone."""

    def waiting(self, process: str) -> None:
        """Say that another operation holds the prefix, and which process runs it."""

    def noticed(self, reference: str, **facts: object) -> None:
        """Say something that does not stop the work, an old name table for instance."""
