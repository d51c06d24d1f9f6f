"""The change of a prefix: under its lock, with a journal that takes back what fails or is killed.

`Transaction` implements `seams.Journal`. Everything was fetched, converted and verified before
`commit` is called. It lets true pip lay out its part, foresees every path, keeps what will be
replaced, applies (`changes/applying.py`), and marks the operation as done by one rename. Where one
change can only be planned once another is in place, both are `together` one operation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from pipguard.change import Change, Outcome
from pipguard.changes.applying import Means
from pipguard.changes.files import Files
from pipguard.changes.journal import JournalFolder
from pipguard.changes.lock import locked
from pipguard.changes.open_operation import Command, OpenOperation, Within
from pipguard.changes.repair import Repair, roll_back
from pipguard.changes.retention import trim
from pipguard.errors import TransactionError
from pipguard.kept_bytecode import KeptBytecode
from pipguard.prefix import Prefix
from pipguard.seams import CondaEngine, Reporter, TruePip


@dataclass(frozen=True)
class Transaction:
    """Changes one prefix (`seams.Journal`).

    Attributes:
        prefix: the environment.
        engine, true_pip, bytecode: what does the work, see `Means`.
        command: what was typed.
        reporter: told what happens.
        files: the changes to files.
        keep: how many operations keep their files for `undo`, None for the usual number.
    """

    prefix: Prefix
    engine: Callable[[], CondaEngine]
    true_pip: TruePip
    command: Command
    reporter: Reporter
    files: Files = field(default_factory=Files)
    keep: Callable[[], int | None] = lambda: None
    bytecode: Callable[[], KeptBytecode | None] = lambda: None

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
        with self.together() as journal:
            return journal.commit(change)

    @contextmanager
    def together(self) -> Iterator[Within]:
        """Make one operation of all that the block commits; if the block fails, nothing is done.

        Raises:
            TransactionError: a step failed; `.restored` says whether the prefix is as it was.
        """
        operation = OpenOperation(self.prefix, self.command, self.reporter, self.files)
        try:
            yield Within(operation, Means(self.engine, self.true_pip, self.bytecode, self.reporter))
            operation.finish()
        except BaseException as error:
            operation.take_back(error)
            raise
        trim(self.journal, self.keep())
        self.prefix.keep_reading()


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
    # What was linked or laid out there was to be moved by whoever was killed.
    journal.files.clear(prefix.own_folder / "staging")
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
