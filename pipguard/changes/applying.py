"""The steps of a change, in their order; what fails in one is taken back by whoever called.

What pip had installed goes, the engine links, what true pip has laid out is put into place, and
records and bytecode are brought to what conda would have written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pipguard import conda_meta
from pipguard.bytecode import sweep
from pipguard.change import Change, Outcome
from pipguard.changes.files import Files
from pipguard.changes.forecast import (
    HISTORY,
    Parts,
    pip_records,
    unlinked,
)
from pipguard.changes.hidden import HIDDEN
from pipguard.changes.mending import Mending
from pipguard.changes.staging import place
from pipguard.changes.summary import specs
from pipguard.conda_history import Revision
from pipguard.errors import TransactionError
from pipguard.kept_bytecode import KeptBytecode, Sources, provide
from pipguard.names import PyPIName
from pipguard.plan import Candidate
from pipguard.prefix import Prefix
from pipguard.records import InstalledRecord, Origin, Record, shipped
from pipguard.seams import CondaEngine, Reporter, TruePip


@dataclass(frozen=True, slots=True)
class Means:
    """What does the work of a change.

    Attributes:
        engine: makes the engine when it is first needed.
        true_pip: real pip.
        bytecode: says where compiled files are kept for other environments, None for nowhere.
        reporter: is told of what takes long.
    """

    engine: Callable[[], CondaEngine]
    true_pip: TruePip
    bytecode: Callable[[], KeptBytecode | None] = lambda: None
    reporter: Reporter = field(default_factory=Reporter)


@dataclass(frozen=True)
class Application:
    """Applies the parts of a change to a prefix."""

    prefix: Prefix
    means: Means
    files: Files

    def apply(self, parts: Parts) -> Outcome:
        """Take every step.

        Raises:
            EngineError, PlanError, TransactionError, PrefixError, OSError: the prefix is anything.
        """
        change = parts.change
        self._remove_pips(parts)
        if change.mending:
            self._clear_away(change.mending)
        for item in unlinked(parts):
            conda_meta.spell_out(self.prefix, item.record)
        if not change.mending or change.coming:
            self.means.engine().apply(change.records, change.reinstall, parts.apart)
        for item in change.staying:
            if item.record.name not in parts.apart:
                conda_meta.readable(self.prefix, item.record)
        for item in change.going:
            sweep(self.prefix.path, item.files)
        linked = self._complete(change)
        place(parts.staged, self.prefix.path, self.files)
        by_pip = self._account_for_pips(change)
        if change.mending:
            self._mend(change.mending)
        return Outcome(installed=_versions([*linked, *by_pip], change))

    def _clear_away(self, mending: Mending) -> None:
        """Delete what no longer holds, so that the engine does not see it."""
        for path in mending.deletes:
            self.files.delete(self.prefix.path / path)
        sweep(self.prefix.path, mending.deletes)

    def _mend(self, mending: Mending) -> None:
        """Put into place what was laid out, and let records say what they said."""
        for path, source in mending.puts:
            self.files.put(source, self.prefix.path / path, shared=False)
        for record, fields in mending.stamps:
            conda_meta.stamp(self.prefix, record, fields)
        mending.place()

    def _remove_pips(self, parts: Parts) -> None:
        """Delete what pip had installed and what accounts for it."""
        if parts.leaving.by_pip:
            self.means.true_pip.uninstall(parts.leaving.by_pip)
        for path in parts.leaving.paths:
            self.files.delete(self.prefix.path / path)
        sweep(self.prefix.path, parts.leaving.paths)
        for item in pip_records(parts.change):
            self.files.delete(conda_meta.path_of(self.prefix, item.record))
            sweep(self.prefix.path, item.files)

    def _complete(self, change: Change) -> list[InstalledRecord]:
        """Bring the engine's new records to what conda would have written."""
        new = change.coming
        sources = [self._sources(record) for record in new]
        kept, reporter = self.means.bytecode, self.means.reporter
        compiled = (
            provide(self.prefix, sources, kept(), reporter.compiling) if change.compile else {}
        )
        reporter.recording()
        linked = [
            conda_meta.complete(self.prefix, record, compiled, change.requested.get(record.name))
            for record in new
        ]
        named = {record.name for record in new}
        for record in change.records:
            if record.name in change.requested and record.name not in named:
                conda_meta.set_requested(self.prefix, record, change.requested[record.name])
        return linked

    def _sources(self, record: Record) -> Sources:
        """Name the files conda would compile: those of noarch python packages."""
        data = conda_meta.read(self.prefix, record)
        if data.data.get("noarch") != "python":
            return Sources(record, ())
        ours = (path for path in data.files if not path.startswith(HIDDEN))
        files = tuple(path for path in ours if path.endswith(".py"))
        entries = data.data["paths_data"]["paths"]
        return Sources(record, files, {it["_path"]: it.get("sha256") or "" for it in entries})

    def _account_for_pips(self, change: Change) -> list[InstalledRecord]:
        dists = {dist.name: dist for dist in self.prefix.dists()} if change.true_pip else {}
        found = []
        for candidate, record in change.true_pip:
            if candidate.name not in dists:
                raise _installed_nothing(candidate)
            requested = change.requested.get(record.name)
            dist = dists[candidate.name]
            found.append(
                conda_meta.write_pip_record(self.prefix, record, candidate, dist, requested)
            )
        return found


def write_history(prefix: Prefix, command: str, changes: Sequence[Change]) -> None:
    """Add to conda's history what these changes came to, as one revision."""
    update_specs, remove_specs = specs(changes)
    revision = Revision(
        time=datetime.now().astimezone(),
        command=command,
        before=tuple(item.record for item in changes[0].before),
        after=tuple(item.record for item in prefix.records()),
        update_specs=update_specs,
        remove_specs=remove_specs,
    )
    append_history(prefix, revision)


def append_history(prefix: Prefix, revision: Revision) -> None:
    """Add a revision to conda's history of an environment."""
    with (prefix.path / HISTORY).open("a", encoding="utf-8") as file:
        file.write(revision.lines())


def _installed_nothing(candidate: Candidate) -> TransactionError:
    return TransactionError("pip-installed-nothing", restored=True, name=candidate.name)


def _versions(records: Sequence[InstalledRecord], change: Change) -> tuple[tuple[str, str], ...]:
    """List the dists that came or changed, with the versions pip would name."""
    found: dict[PyPIName, str] = {}
    for item in records:
        for name in shipped(item.files):
            planned = change.versions.get(name)
            from_plan = planned is not None and item.record.origin is not Origin.CONDA
            found[name] = planned if planned and from_plan else item.record.version
    return tuple(sorted(found.items()))
