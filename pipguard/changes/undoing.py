"""`undo`: back to the state before an operation, from its saved files alone.

An undo is an operation like any other, with a journal of its own: it can be killed, and it can be
undone. It is refused where somebody else has changed what the operation left, and where later
operations rest on it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pipguard import ledger
from pipguard.changes.applying import append_history
from pipguard.changes.contested import shown
from pipguard.changes.files import Files
from pipguard.changes.forecast import HISTORY
from pipguard.changes.journal import JournalFolder, Operation, Touched, is_shared
from pipguard.changes.repair import altered, clean_folders, differing, taken_back
from pipguard.changes.states import Absent, Entry, Expected, File, Folder, Kind, Link, inverse
from pipguard.conda_history import Revision
from pipguard.errors import TransactionError, UsageError
from pipguard.operations import Past, effective, named, operations
from pipguard.prefix import Prefix
from pipguard.records import InstalledRecord

_RECORDS = "conda-meta"


@dataclass(frozen=True)
class Undoing:
    """Undoes operations of one environment, under its lock.

    Attributes:
        prefix: the environment.
        argv: what was typed behind `pipguard`, for history and ledger.
        files: the changes to files.
    """

    prefix: Prefix
    argv: tuple[str, ...]
    files: Files = field(default_factory=Files)

    @property
    def journal(self) -> JournalFolder:
        """What is kept of operations."""
        return JournalFolder(self.prefix.path, self.files)

    def chosen(self, operation_id: str | None, *, with_later: bool) -> tuple[Past, ...]:
        """Say which operations are to be undone, in that order.

        Raises:
            UsageError: there is none, or none of that id that could be undone.
            TransactionError: later ones rest on it, and were not to be undone as well.
        """
        past = operations(ledger.read(self.prefix.own_folder))
        standing = effective(past)
        target = _target(past, standing, operation_id)
        after = past[past.index(target) + 1 :]
        # An undo of something later only takes that out of the way.
        cancelled = {it.id for it in after}
        later = [it for it in after if it in standing and it.undoes not in cancelled]
        if with_later:
            return (*reversed(later), target)
        resting = self._resting(target, later)
        if resting:
            raise TransactionError(
                "undo-rested-on",
                restored=True,
                id=target.id,
                later=", ".join(it.id for it in resting),
            )
        return (target,)

    def _resting(self, target: Past, later: Sequence[Past]) -> list[Past]:
        """Name the later operations that have changed the same paths."""
        paths = {entry.path for entry in self._operation(target.id).entries} - {HISTORY}
        return [
            it
            for it in later
            if it.id in self.journal.done()
            and paths & {entry.path for entry in self._operation(it.id).entries if _counts(entry)}
        ]

    def _operation(self, operation_id: str) -> Operation:
        if operation_id not in self.journal.done():
            raise TransactionError("undo-too-old", restored=True, id=operation_id)
        return self.journal.read(operation_id)

    def undo(self, past: Past) -> None:
        """Undo one operation.

        Raises:
            TransactionError: what it left was changed, a saved file was, or it is not kept any
                more; or putting back failed, and `.restored` says what became of that.
        """
        operation = self._operation(past.id)
        self._refuse_if_changed(operation)
        before = self.prefix.records()
        self._refuse_if_breaking(operation, before)
        entry = self._entry(past)
        entries = [it for it in inverse(operation.entries) if it.path != HISTORY]
        touched = [Touched(it.path, it.expected, _owned(it)) for it in entries]
        touched.append(Touched(HISTORY, Expected(Kind.OURS)))
        opened = self.journal.open(entry.id, touched, undoes=past.id)
        try:
            self._put_back(operation)
            self._write_history(before)
            self.journal.commit(opened, entry.to_json())
        except BaseException as error:
            raise taken_back(error, "undo-failed", self.journal, opened) from error
        self.journal.account(entry.id, entry.to_json())

    def _refuse_if_changed(self, operation: Operation) -> None:
        facts = {"id": operation.id, "prefix": str(self.prefix.path)}
        changed = [path for path in differing(self.journal, operation) if path != HISTORY]
        if changed:
            raise TransactionError(
                "undo-changed-since", restored=True, paths=shown(changed), **facts
            )
        spoiled = [path for path in altered(self.journal, operation) if path != HISTORY]
        if spoiled:
            raise TransactionError(
                "undo-saved-altered", restored=True, paths=shown(spoiled), **facts
            )

    def _refuse_if_breaking(self, operation: Operation, before: Sequence[InstalledRecord]) -> None:
        """Refuse what would take from packages that stay what they depend on."""
        from pipguard.engine.conditions import broken  # noqa: PLC0415 # rattler, only when needed

        after = self._records_after(operation)
        now = [dict(item.data) for item in before]
        hurt = sorted(set(broken(after)) - set(broken(now)))
        if hurt:
            needs = ", ".join(f"{name} needs {condition}" for name, condition in hurt)
            raise TransactionError("undo-breaks", restored=True, id=operation.id, needs=needs)

    def _records_after(self, operation: Operation) -> list[Mapping[str, Any]]:
        """Read the records there will be, from conda-meta and from what was saved."""
        found = {path.name: path for path in self.prefix.conda_meta.glob("*.json")}
        for entry in operation.entries:
            folder, _, name = entry.path.rpartition("/")
            if folder == _RECORDS and name.endswith(".json"):
                found.pop(name, None)
                if isinstance(entry.before, File):
                    found[name] = self.journal.saved(operation, entry)
        return [json.loads(path.read_bytes()) for path in found.values()]

    def _put_back(self, operation: Operation) -> None:
        for entry in operation.entries:
            path = self.prefix.path / entry.path
            match entry.before:
                case _ if entry.path == HISTORY or entry.after == entry.before:
                    pass
                case Absent():
                    self.files.delete(path)
                case File() | Link():
                    saved = self.journal.saved(operation, entry)
                    self.files.put(saved, path, shared=is_shared(entry))
                case Folder(mode=mode):
                    self.files.make_folder(path, mode)
        self.files.clear_empty(self.prefix.path / path for path in operation.made)
        clean_folders(self.files, self.prefix.path, operation.entries)

    def _write_history(self, before: Sequence[InstalledRecord]) -> None:
        after = self.prefix.records()
        wanted, unwanted = _requests(after), _requests(before)
        revision = Revision(
            time=datetime.now().astimezone(),
            command=" ".join(("pipguard", *self.argv)),
            before=tuple(item.record for item in before),
            after=tuple(item.record for item in after),
            update_specs=tuple(spec for name, spec in wanted.items() if unwanted.get(name) != spec),
            remove_specs=tuple(sorted(unwanted.keys() - wanted.keys())),
        )
        append_history(self.prefix, revision)

    def _entry(self, past: Past) -> ledger.Entry:
        return ledger.Entry(
            front_door="pipguard",
            argv=self.argv,
            state="committed",
            installed=past.went,
            removed=past.installed,
            replaced=tuple(dist.partition(" -> ")[2] for dist in past.changed),
            renewed=(*past.renewed, *past.adopted),
            undoes=past.id,
        )


def _target(past: Sequence[Past], standing: Sequence[Past], operation_id: str | None) -> Past:
    if operation_id is None:
        newest = [it for it in standing if not it.undoes]
        if not newest:
            raise UsageError("undo-nothing")
        return newest[-1]
    found = named(past, operation_id)
    if found not in standing:
        raise UsageError("undo-not-standing", id=found.id, state=found.state)
    return found


def _counts(entry: Entry) -> bool:
    return entry.after != entry.before and entry.expected.kind is not Kind.BYTECODE


def _owned(entry: Entry) -> str:
    """Give the hash by which a file is known as a package's: then a link keeps it."""
    linked = isinstance(entry.before, File) and entry.before.sha256
    return entry.before.sha256 if isinstance(entry.before, File) and linked else ""


def _requests(records: Sequence[InstalledRecord]) -> dict[str, str]:
    """Map names to the specs a person asked for; of what conda takes for pip's, nothing."""
    return {
        item.record.name: item.requested[-1]
        for item in records
        if item.requested and not item.record.is_pypi_by_name
    }
