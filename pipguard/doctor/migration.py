"""`doctor --migrate`: what was adopted is taken from conda or converted, in its very version.

A guarded install like any other, of each dist alone: what depends on what was seen to by the
doctor. What pip plans holds for the repaired environment only, so this comes after the repair, as
further changes of the same operation. Start at `migrate`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from pipguard import guard
from pipguard.change import Change, Outcome
from pipguard.changes.open_operation import Within
from pipguard.doctor.adoption import ADOPTED, is_of_index
from pipguard.doctor.findings import Ask, Finding
from pipguard.errors import PlanError
from pipguard.names import CondaName
from pipguard.pip_tool import PipTool
from pipguard.prefix import Prefix
from pipguard.records import InstalledRecord
from pipguard.request import Install, understand
from pipguard.seams import Journal, Reporter
from pipguard.world import build

_PURL = "pkg:pypi/"


@dataclass(frozen=True, slots=True)
class Guarded:
    """Installs through the guard, on behalf of `pipguard doctor`, as part of its operation."""

    prefix: Prefix
    argv: tuple[str, ...]
    reporter: Reporter
    journal: Within

    def install(self, words: Sequence[str], asked: frozenset[str] | None = None) -> None:
        """Do what `pip install WORDS` does.

        Args:
            words: behind `install`.
            asked: the dists that a person had asked for, in any version; None where the words say.

        Raises:
            PipguardError: every error of `guard.install`.
        """
        pip = PipTool(self.prefix, ("install", *words))
        try:
            request = understand(pip.told(), str(self.prefix.path.resolve()))
            assert isinstance(request, Install)  # noqa: S101 # the first word says so
            with build(self.prefix, self.argv, "pipguard", self.reporter, pip) as world:
                engine = lambda: world.sources().engine  # noqa: E731 # made when first needed
                means = replace(self.journal.means, engine=engine, true_pip=pip)
                ours = replace(self.journal, means=means)
                journal = ours if asked is None else _Asking(ours, asked)
                guard.install(request, replace(world, journal=journal))
        finally:
            pip.stop()

    def is_planned(self, words: Sequence[str]) -> bool:
        """Say whether pip has a plan for `pip install WORDS`."""
        pip = PipTool(self.prefix, ("install", "--quiet", "--quiet", *words))
        try:
            pip.plan()
        except PlanError:
            return False
        finally:
            pip.stop()
        return True


@dataclass(frozen=True, slots=True)
class _Asking:
    """A journal that leaves requests as they were: nobody has asked for a version."""

    journal: Journal
    asked: frozenset[str]

    def begin(self) -> AbstractContextManager[None]:
        """See `seams.Journal.begin`."""
        return self.journal.begin()

    def commit(self, change: Change) -> Outcome:
        """See `seams.Journal.commit`."""
        names = {it.name: CondaName(it.conda_name) for it in change.decisions}
        requested = {name: str(name) for dist, name in names.items() if dist in self.asked}
        return self.journal.commit(replace(change, requested=requested))


def migrate(guarded: Guarded) -> tuple[str, ...]:
    """Replace every adopted dist of an index by a package of the same version.

    Returns:
        the requirements that no index can serve, as a project of one's own: they stay adopted.

    Raises:
        PipguardError: every error of `guard.install` but that pip has no plan.
    """
    items = {_pin(item): item for item in adopted(guarded.prefix)}
    served, left = _served(guarded, [*items], _alone)
    if served:
        asked = frozenset(pin.partition("==")[0] for pin, it in items.items() if it.requested)
        guarded.install(_alone(served), asked)
    return left


def install_missing(guarded: Guarded, findings: Iterable[Finding]) -> tuple[str, ...]:
    """Install what dists require and what could not be brought along.

    Returns:
        the requirements that no index can serve.

    Raises:
        PipguardError: every error of `guard.install` but that pip has no plan.
    """
    steps = (step for finding in findings for step in finding.steps)
    asked = list(dict.fromkeys(step.requirement for step in steps if isinstance(step, Ask)))
    served, left = _served(guarded, asked, tuple)
    if served:
        guarded.install(served)
    return left


def _served(
    guarded: Guarded, asked: Sequence[str], words: Callable[[Sequence[str]], tuple[str, ...]]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Part requirements into what pip has a plan for, and what it has none for."""
    if not asked or guarded.is_planned(words(asked)):
        return tuple(asked), ()
    served = tuple(it for it in asked if guarded.is_planned(words([it])))
    return served, tuple(it for it in asked if it not in served)


def _alone(pins: Sequence[str]) -> tuple[str, ...]:
    return ("--no-deps", "--force-reinstall", *pins)


def adopted(prefix: Prefix) -> Iterator[InstalledRecord]:
    """Find the records of what was adopted and came from an index."""
    for item in prefix.records():
        if item.pip.get("kind") == ADOPTED and is_of_index(item):
            yield item


def _pin(item: InstalledRecord) -> str:
    """Name the dist and its version as requirements do, by the purl of its record."""
    (purl, *_) = item.record.purls
    return purl.removeprefix(_PURL).replace("@", "==")
