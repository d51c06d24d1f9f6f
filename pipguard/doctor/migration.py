"""`doctor --migrate`: what was adopted is taken from conda or converted, in its very version.

A guarded install like any other, of each dist alone: what depends on what was seen to by the
doctor. It is an operation of its own, after the repair, for it needs index and channels. Start at
`migrate`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from pipguard import guard
from pipguard.doctor.adoption import ADOPTED, is_of_index
from pipguard.doctor.findings import Ask, Finding
from pipguard.errors import PlanError
from pipguard.names import CondaName
from pipguard.pip_tool import PipTool
from pipguard.prefix import Prefix
from pipguard.records import InstalledRecord
from pipguard.request import Install, understand
from pipguard.seams import Change, Journal, Outcome, Reporter
from pipguard.world import build

_PURL = "pkg:pypi/"


@dataclass(frozen=True, slots=True)
class Guarded:
    """Installs through the guard, on behalf of `pipguard doctor`, with its argv."""

    prefix: Prefix
    argv: tuple[str, ...]
    reporter: Reporter

    def install(self, words: Sequence[str], asked: frozenset[str] | None = None) -> Outcome:
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
                journal = world.journal if asked is None else _Asking(world.journal, asked)
                return guard.install(request, replace(world, journal=journal)).outcome
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


@dataclass(frozen=True, slots=True)
class Migrated:
    """What came of it; `left` are the requirements that no index could serve."""

    outcome: Outcome
    left: tuple[str, ...] = ()


def migrate(guarded: Guarded) -> Migrated:
    """Replace every adopted dist of an index by a package of the same version.

    What no index has, as a project of one's own, stays adopted.

    Raises:
        PipguardError: every error of `guard.install` but that pip has no plan.
    """
    adopted = {_pin(item): item for item in _adopted(guarded.prefix)}
    if not adopted:
        return Migrated(Outcome())
    served = [*adopted]
    if not guarded.is_planned(_alone(served)):
        served = [pin for pin in adopted if guarded.is_planned(_alone([pin]))]
    left = tuple(pin for pin in adopted if pin not in served)
    if not served:
        return Migrated(Outcome(), left)
    asked = frozenset(pin.partition("==")[0] for pin, item in adopted.items() if item.requested)
    return Migrated(guarded.install(_alone(served), asked), left)


def install_missing(guarded: Guarded, findings: Iterable[Finding]) -> Outcome:
    """Install what dists require and what could not be brought along.

    Raises:
        PipguardError: every error of `guard.install`.
    """
    steps = (step for finding in findings for step in finding.steps)
    asked = list(dict.fromkeys(step.requirement for step in steps if isinstance(step, Ask)))
    return guarded.install(asked) if asked else Outcome()


def _alone(pins: Sequence[str]) -> tuple[str, ...]:
    return ("--no-deps", "--force-reinstall", *pins)


def _adopted(prefix: Prefix) -> Iterator[InstalledRecord]:
    for item in prefix.records():
        if item.pip.get("kind") == ADOPTED and is_of_index(item):
            yield item


def _pin(item: InstalledRecord) -> str:
    """Name the dist and its version as requirements do, by the purl of its record."""
    (purl, *_) = item.record.purls
    return purl.removeprefix(_PURL).replace("@", "==")
