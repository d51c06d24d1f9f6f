"""The change of a prefix: under its lock, with a journal that takes back what fails or is killed.

`Transaction` implements `seams.Journal`. Everything was fetched, converted and verified before
`commit` is called. It lets true pip lay out its part, foresees every path, keeps what will be
replaced, applies (`changes/applying.py`), and marks the operation as done by one rename.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from pipguard import ledger
from pipguard.changes.applying import Application
from pipguard.changes.contested import (
    ASIDE,
    Stray,
    move_aside,
    refuse_hidden,
    shown,
    unaccounted,
)
from pipguard.changes.files import Files
from pipguard.changes.forecast import Parts, forecast, new_records, old_records, shared
from pipguard.changes.journal import JournalFolder, Touched
from pipguard.changes.lock import locked
from pipguard.changes.repair import Repair, roll_back, taken_back
from pipguard.changes.retention import trim
from pipguard.changes.staging import leaving, stage
from pipguard.changes.states import Expected, Kind
from pipguard.errors import (
    LedgerError,
    TransactionError,
)
from pipguard.prefix import Prefix
from pipguard.records import owners
from pipguard.seams import Change, CondaEngine, Outcome, Reporter, TruePip


@dataclass(frozen=True, slots=True)
class Command:
    """What was typed, as history and ledger keep it: free of credentials."""

    front_door: str
    argv: tuple[str, ...]

    @property
    def line(self) -> str:
        """The command line in one string."""
        return " ".join((self.front_door, *self.argv))


@dataclass(frozen=True)
class Transaction:
    """Changes one prefix (`seams.Journal`).

    `engine` makes the engine when it is first needed; `keep` is how many operations keep their
    files for `undo`, None for the usual number.
    """

    prefix: Prefix
    engine: Callable[[], CondaEngine]
    true_pip: TruePip
    command: Command
    reporter: Reporter
    files: Files = field(default_factory=Files)
    keep: Callable[[], int | None] = lambda: None

    @property
    def journal(self) -> JournalFolder:
        """What is kept of operations."""
        return JournalFolder(self.prefix.path, self.files)

    @contextmanager
    def begin(self) -> Iterator[None]:
        """See `seams.Journal.begin`; waits for another operation and says for whom.

        Raises:
            PrefixError: the prefix cannot be written.
            TransactionError: what an earlier operation left cannot be repaired.
        """
        with locked(self.prefix, self.reporter.waiting):
            recover(self.prefix, self.journal, self.reporter)
            yield

    def commit(self, change: Change) -> Outcome:
        """See `seams.Journal.commit`."""
        parts = self._prepared(change)
        touched, strays = self._foreseen(parts)
        coming, records = new_records(change), {record.name for record in change.records}
        going = [item for item in old_records(change) if item.record.name not in records]
        self.reporter.linking(len(coming) + len(change.true_pip), len(going))
        entry = self._entry(change)
        operation = self.journal.open(entry.id, touched)
        try:
            move_aside(self.prefix, strays, self.files)
            outcome = self._application().apply(parts)
            done = self._entry(change, outcome, entry.id)
            self.journal.commit(operation, done.to_json())
        except BaseException as error:
            failure = taken_back(error, "apply-failed", self.journal, operation)
            with suppress(LedgerError):
                ledger.append(self.prefix.own_folder, self._entry(change, state="failed"))
            raise failure from error
        finally:
            self.files.clear(parts.staged.folder)
        self.journal.account(done.id, done.to_json())
        self._tell_of_copies(parts)
        if strays:
            paths, folder = shown([it.path for it in strays]), str(self.prefix.path / ASIDE)
            self.reporter.noticed("moved-aside", paths=paths, folder=folder)
        trim(self.journal, self.keep())
        return outcome

    def _foreseen(self, parts: Parts) -> tuple[tuple[Touched, ...], tuple[Stray, ...]]:
        """Foresee every path, and those of them that are not ours to write.

        Raises:
            TransactionError: a package of a channel would lose a file.
        """
        refuse_hidden(parts)
        touched = forecast(self.prefix, parts)
        strays = unaccounted(self.prefix, parts, touched)
        aside = (Touched(it.aside, Expected(Kind.FILE, it.sha256)) for it in strays)
        return (*touched, *aside), strays

    def _tell_of_copies(self, parts: Parts) -> None:
        """Warn where what came brings other content for a path than what is there."""
        names = {record.name for record in parts.change.records}
        copies = [it for it in shared(parts) if it.differ and it.hashes.keys() <= names]
        if copies:
            owners = ", ".join(sorted({name for it in copies for name in it.hashes}))
            self.reporter.noticed(
                "paths-shared", owners=owners, paths=shown([it.path for it in copies])
            )

    def _application(self) -> Application:
        return Application(self.prefix, self.engine, self.true_pip, self.files, self.command.line)

    def _prepared(self, change: Change) -> Parts:
        """Do all that can fail without touching the prefix."""
        names = {*change.uninstalls, *(candidate.name for candidate, _ in change.true_pip)}
        going = leaving(names, self.prefix, change.before)
        coming = new_records(change)
        layouts = self.engine().layouts(coming) if coming else {}
        folder = self.prefix.own_folder / "staging"
        self.files.clear(folder)
        staged = stage([candidate for candidate, _ in change.true_pip], folder, self.true_pip)
        return Parts(change, layouts, going, staged)

    def _entry(
        self,
        change: Change,
        outcome: Outcome | None = None,
        entry_id: str | None = None,
        state: str = "committed",
    ) -> ledger.Entry:
        installed = outcome.installed if outcome else ()
        return ledger.Entry(
            front_door=self.command.front_door,
            argv=self.command.argv,
            state=state,
            installed=tuple(f"{name}-{version}" for name, version in installed),
            removed=tuple(f"{name}-{version}" for name, version in change.removed),
            replaced=_replaced(change, dict(installed)),
            routes=change.decisions,
            id=entry_id or ledger.new_id(),
        )


def recover_now(prefix: Prefix, reporter: Reporter) -> tuple[Repair, ...]:
    """Take the lock and repair, if an operation is under way or was killed.

    Raises:
        PrefixError, TransactionError: see `Transaction.begin`.
    """
    journal = JournalFolder(prefix.path, Files())
    if not journal.is_cut_off():
        return ()
    with locked(prefix, reporter.waiting):
        return recover(prefix, journal, reporter)


def recover(prefix: Prefix, journal: JournalFolder, reporter: Reporter) -> tuple[Repair, ...]:
    """Take back what killed operations have left, and account for those that were done.

    To be called under the lock.

    Raises:
        TransactionError: a journal cannot be read, or a path cannot be put back.
    """
    if not journal.path.is_dir():
        return ()
    journal.sweep()
    repairs = []
    for operation in journal.unfinished():
        try:
            repair = roll_back(journal, operation)
            journal.forget(operation)
        except OSError as error:
            raise TransactionError(
                "repair-failed", restored=False, prefix=str(prefix.path), error=error
            ) from error
        repairs.append(repair)
        reporter.repaired(len(repair.restored), repair.foreign)
    journal.account_late()
    return tuple(repairs)


def _replaced(change: Change, installed: Mapping[str, str]) -> tuple[str, ...]:
    """Name the dists that were there before in another version than now."""
    held = {str(name): item.record.version for name, item in owners(change.before).items()}
    return tuple(
        f"{name}-{held[name]}"
        for name, version in installed.items()
        if held.get(name, version) != version
    )
