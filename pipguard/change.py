"""What an operation will do to an environment, and what it has done.

Pure. Start at `Change`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pipguard.changes.mending import Mending
    from pipguard.names import CondaName, PyPIName
    from pipguard.plan import Candidate
    from pipguard.records import InstalledRecord, Record
    from pipguard.routes import Decision


@dataclass(frozen=True)
class Change:
    """What an operation will do, complete before anything is touched.

    Attributes:
        records: the wanted records of the engine, all of them.
        before: what is installed now.
        true_pip: candidates for real pip, in order.
        uninstalls: dists that real pip removes.
        reinstall: conda names to link anew though nothing about them changes.
        requested: conda specs of what the person asked for, by conda name.
        removed: name and version of each dist that goes.
        adopted: of each that stays as it is, and gets a record.
        removed_specs: conda names the person asked to remove.
        decisions: the confirmed routes, for the ledger.
        versions: what pip calls the version of each planned dist.
        compile: whether bytecode is wanted.
        mending: what a repair does besides; None where nothing is repaired.
    """

    records: tuple[Record, ...]
    before: tuple[InstalledRecord, ...]
    true_pip: tuple[tuple[Candidate, Record], ...] = ()
    uninstalls: tuple[PyPIName, ...] = ()
    reinstall: frozenset[CondaName] = frozenset()
    requested: Mapping[CondaName, str] = field(default_factory=dict)
    removed: tuple[tuple[str, str], ...] = ()
    adopted: tuple[tuple[str, str], ...] = ()
    removed_specs: tuple[CondaName, ...] = ()
    decisions: tuple[Decision, ...] = ()
    versions: Mapping[PyPIName, str] = field(default_factory=dict)
    compile: bool = True
    mending: Mending | None = None

    @cached_property
    def coming(self) -> tuple[Record, ...]:
        """The records that the engine will link."""
        before = {(item.record.key, item.record.sha256) for item in self.before}
        return tuple(
            record
            for record in self.records
            if record.name in self.reinstall or (record.key, record.sha256) not in before
        )

    @cached_property
    def going(self) -> tuple[InstalledRecord, ...]:
        """The installed records that will not stay as they are linked now."""
        stay = {(record.key, record.sha256) for record in self.records}
        return tuple(
            item
            for item in self.before
            if item.record.name in self.reinstall
            or (item.record.key, item.record.sha256) not in stay
        )

    @cached_property
    def staying(self) -> tuple[InstalledRecord, ...]:
        """The installed records that are left as they are linked."""
        going = {item.record.key for item in self.going}
        return tuple(item for item in self.before if item.record.key not in going)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an operation did to the environment; each a tuple of `(name, version)` pairs."""

    installed: tuple[tuple[str, str], ...] = ()
    removed: tuple[tuple[str, str], ...] = ()
