"""An operation under way: changes that follow each other, done or taken back together.

Mostly there is one. A repair that goes on to install has more, for what comes later can only be
planned once the earlier is in place (docs/decisions/0011). All of them are in one journal, one
revision of conda's history and one line of the ledger. Start at `OpenOperation.take`.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from itertools import zip_longest

from pipguard import ledger
from pipguard.change import Change, Outcome
from pipguard.changes.applying import Application, Means, write_history
from pipguard.changes.contested import (
    ASIDE,
    Stray,
    move_aside,
    refuse_hidden,
    shown,
    unaccounted,
)
from pipguard.changes.files import Files
from pipguard.changes.forecast import (
    Parts,
    forecast,
)
from pipguard.changes.journal import JournalFolder, Operation, Touched
from pipguard.changes.repair import reason, taken_back
from pipguard.changes.staging import leaving, stage
from pipguard.changes.states import Expected, Kind
from pipguard.changes.summary import Dists, Summary, summed
from pipguard.errors import LedgerError, PipguardError, TransactionError
from pipguard.prefix import Prefix
from pipguard.seams import Reporter


@dataclass(frozen=True, slots=True)
class Command:
    """What was typed, as history and ledger keep it: free of credentials."""

    front_door: str
    argv: tuple[str, ...]

    @property
    def line(self) -> str:
        """The command line in one string."""
        return " ".join((self.front_door, *self.argv))


@dataclass
class OpenOperation:
    """One operation of a prefix, whose lock is held.

    Attributes:
        prefix: the environment.
        command: what was typed.
        reporter: is told.
        files: the changes to files.
        id: of the operation.
        operation: as it stands in the journal; None until something is to be touched.
        parts: of every change so far, that under way included.
        outcomes: of those that were applied.
        strays: files nobody accounts for, that were moved aside.
    """

    prefix: Prefix
    command: Command
    reporter: Reporter
    files: Files
    id: str = field(default_factory=ledger.new_id)
    operation: Operation | None = None
    parts: list[Parts] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    strays: list[Stray] = field(default_factory=list)

    @property
    def journal(self) -> JournalFolder:
        """What is kept of operations."""
        return JournalFolder(self.prefix.path, self.files)

    @property
    def summary(self) -> Summary:
        """What the changes so far come to."""
        return summed(list(zip_longest([it.change for it in self.parts], self.outcomes)))

    # One change

    def take(self, change: Change, means: Means) -> Outcome:
        """Apply a change.

        Raises:
            TransactionError: a step failed; `take_back` says what became of that.
            EngineError, PlanError, OSError: nothing of this change has been touched.
        """
        parts = self._prepared(change, means)
        try:
            touched, strays = self._foreseen(parts)
            self._announce(change)
            self._keep(touched)
            self.parts.append(parts)
            self.strays.extend(strays)
            application = Application(self.prefix, means, self.files)
            self.outcomes.append(self._applied(application, parts, strays))
        finally:
            self.files.clear(parts.staged.folder)
        return self.outcomes[-1]

    def _prepared(self, change: Change, means: Means) -> Parts:
        """Do all that can fail without touching the prefix."""
        names = {*change.uninstalls, *(candidate.name for candidate, _ in change.true_pip)}
        going = leaving(names, self.prefix, change.before)
        coming = change.coming
        layouts = means.engine().layouts(coming) if coming else {}
        folder = self.prefix.own_folder / "staging"
        self.files.clear(folder)
        staged = stage([candidate for candidate, _ in change.true_pip], folder, means.true_pip)
        return Parts(change, layouts, going, staged)

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

    def _announce(self, change: Change) -> None:
        """Say how much is linked and removed; in a repair, what goes makes room for a record."""
        coming, records = change.coming, {record.name for record in change.records}
        going = [item for item in change.going if item.record.name not in records]
        removed = 0 if change.mending else len(going)
        self.reporter.linking(len(coming) + len(change.true_pip), removed)

    def _keep(self, touched: tuple[Touched, ...]) -> None:
        """Keep in the journal what will be touched."""
        if self.operation is None:
            self.operation = self.journal.open(self.id, touched)
        else:
            self.operation = self.journal.extend(self.operation, touched)

    def _applied(
        self, application: Application, parts: Parts, strays: tuple[Stray, ...]
    ) -> Outcome:
        try:
            move_aside(self.prefix, strays, self.files)
            return application.apply(parts)
        except TransactionError:
            raise
        except (PipguardError, OSError) as error:
            facts = {"prefix": str(self.prefix.path), "error": reason(error)}
            raise TransactionError("apply-failed", restored=False, **facts) from error

    # The end

    def finish(self) -> None:
        """Mark as done what was changed, if anything was, and account for it.

        Raises:
            OSError: history or journal cannot be written; the operation is still open.
            TransactionError: it is done, and the ledger cannot be written.
        """
        if self.operation is None:
            return
        write_history(self.prefix, self.command.line, [it.change for it in self.parts])
        account = self._entry("committed").to_json()
        self.journal.commit(self.operation, account)
        self.operation = None
        self.journal.account(self.id, account)
        for parts in self.parts:
            self._tell_of_copies(parts)
        if self.strays:
            paths, folder = shown([it.path for it in self.strays]), str(self.prefix.path / ASIDE)
            self.reporter.noticed("moved-aside", paths=paths, folder=folder)

    def take_back(self, error: BaseException) -> None:
        """Take back all that was changed, after something failed; the caller raises `error` again.

        Raises:
            TransactionError: what there is to say instead of `error`, with the state of things.
        """
        if self.operation is None:
            return
        failure = taken_back(error, "apply-failed", self.journal, self.operation)
        with suppress(LedgerError):
            ledger.append(self.prefix.own_folder, self._entry("failed"))
        if failure is error or (failure.restored and isinstance(error, PipguardError)):
            return
        raise failure from error

    def _entry(self, state: str) -> ledger.Entry:
        summary = self.summary
        return ledger.Entry(
            front_door=self.command.front_door,
            argv=self.command.argv,
            state=state,
            installed=_words(summary.installed),
            removed=_words(summary.removed),
            replaced=_words(summary.replaced),
            renewed=_words(summary.renewed),
            adopted=_words(summary.adopted),
            routes=summary.decisions,
            id=self.id,
        )

    def _tell_of_copies(self, parts: Parts) -> None:
        """Warn where what came brings other content for a path than what is there."""
        names = {record.name for record in parts.change.records}
        copies = [it for it in parts.shared if it.differ and it.hashes.keys() <= names]
        if copies:
            owners = ", ".join(sorted({name for it in copies for name in it.hashes}))
            self.reporter.noticed(
                "paths-shared", owners=owners, paths=shown([it.path for it in copies])
            )


def _words(dists: Dists) -> tuple[str, ...]:
    return tuple(f"{name}-{version}" for name, version in dists)


@dataclass(frozen=True, slots=True)
class Within:
    """A `seams.Journal` whose changes become parts of one operation that is under way."""

    operation: OpenOperation
    means: Means

    def begin(self) -> AbstractContextManager[None]:
        """See `seams.Journal.begin`; whoever has opened the operation holds the lock."""
        return nullcontext()

    def commit(self, change: Change) -> Outcome:
        """See `seams.Journal.commit`; it lasts only once the operation is finished."""
        return self.operation.take(change, self.means)
