"""The change of a prefix: the lock, the steps in their order, and the account of it.

`Transaction` implements `seams.Journal`. Everything was fetched, converted and verified before
`commit` is called; what is left to do is linking, true pip's part, records and history.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from pipguard import conda_meta, ledger
from pipguard.bytecode import compile_files, sweep
from pipguard.conda_history import Revision
from pipguard.errors import (
    EngineError,
    InterruptedChange,
    LedgerError,
    PipguardError,
    PlanError,
    PrefixError,
    TransactionError,
)
from pipguard.names import CondaName, PyPIName
from pipguard.plan import Candidate
from pipguard.prefix import Prefix
from pipguard.records import InstalledRecord, Origin, Record, shipped
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
    """Changes one prefix (`seams.Journal`); `engine` makes the engine when it is first needed."""

    prefix: Prefix
    engine: Callable[[], CondaEngine]
    true_pip: TruePip
    command: Command
    reporter: Reporter

    @contextmanager
    def begin(self) -> Iterator[None]:
        """See `seams.Journal.begin`; waits for another operation and says for whom.

        Raises:
            PrefixError: the prefix cannot be written.
        """
        lock = FileLock(self._lock_file())
        try:
            lock.acquire(timeout=0)
        except Timeout:
            self.reporter.waiting(_holder(lock.lock_file))
            lock.acquire()
        try:
            Path(f"{lock.lock_file}.holder").write_text(f"{os.getpid()}\n", encoding="utf-8")
            yield
        finally:
            lock.release()

    def _lock_file(self) -> Path:
        folder = self.prefix.own_folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise PrefixError(
                "prefix-read-only", prefix=str(self.prefix.path), error=error
            ) from error
        changed = (folder, self.prefix.conda_meta, self.prefix.path)
        if not all(os.access(place, os.W_OK) for place in changed):
            raise PrefixError("prefix-read-only", prefix=str(self.prefix.path), error="")
        return folder / "lock"

    def commit(self, change: Change) -> Outcome:
        """See `seams.Journal.commit`."""
        wanted = {record.name for record in change.records}
        going = [item for item in change.before if item.record.name not in wanted]
        self.reporter.linking(len(_new(change)) + len(change.true_pip), len(going))
        try:
            outcome = self._apply(change)
        except KeyboardInterrupt as error:
            self._account_for_failure(change)
            raise InterruptedChange(
                "change-interrupted", restored=False, prefix=str(self.prefix.path)
            ) from error
        except TransactionError:
            self._account_for_failure(change)
            raise
        except (EngineError, PlanError, PrefixError, OSError) as error:
            self._account_for_failure(change)
            raise TransactionError(
                "apply-failed", restored=False, prefix=str(self.prefix.path), error=_reason(error)
            ) from error
        try:
            self._write_history(change)
            self._account(change, outcome, "committed")
        except (LedgerError, OSError) as error:
            raise TransactionError(
                "change-unrecorded",
                restored=False,
                prefix=str(self.prefix.path),
                error=_reason(error),
            ) from error
        return outcome

    def _apply(self, change: Change) -> Outcome:
        if change.uninstalls:
            self._uninstall(change)
        self.engine().apply(change.records, change.reinstall)
        self._sweep(change)
        linked = self._complete(change)
        by_pip = self._install_by_pip(change)
        return Outcome(installed=_versions([*linked, *by_pip], change))

    def _uninstall(self, change: Change) -> None:
        """Let true pip remove what it brought, then its records."""
        self.true_pip.uninstall(change.uninstalls)
        going = set(change.uninstalls)
        for item in change.before:
            if item.record.origin is Origin.PIP and shipped(item.files) & going:
                conda_meta.remove_record(self.prefix, item.record)
                sweep(self.prefix.path, item.files)

    def _sweep(self, change: Change) -> None:
        """Clear what removed and replaced packages leave behind: bytecode and empty folders."""
        kept = {record.key for record in change.records} - {
            record.key for record in change.records if record.name in change.reinstall
        }
        for item in change.before:
            if item.record.key not in kept:
                sweep(self.prefix.path, item.files)

    def _complete(self, change: Change) -> list[InstalledRecord]:
        """Bring the engine's new records to what conda would have written."""
        new = _new(change)
        files = [file for record in new for file in self._files(record)]
        compiled = compile_files(self.prefix, files) if change.compile else {}
        linked = [
            conda_meta.complete(self.prefix, record, compiled, change.requested.get(record.name))
            for record in new
        ]
        named = {record.name for record in new}
        for record in change.records:
            if record.name in change.requested and record.name not in named:
                conda_meta.set_requested(self.prefix, record, change.requested[record.name])
        return linked

    def _files(self, record: Record) -> tuple[str, ...]:
        """Name the files conda would compile: those of noarch python packages."""
        data = conda_meta.read(self.prefix, record)
        return data.files if data.data.get("noarch") == "python" else ()

    def _install_by_pip(self, change: Change) -> list[InstalledRecord]:
        found = []
        for candidate, record in change.true_pip:
            self.true_pip.install(candidate)
            requested = change.requested.get(record.name)
            found.append(self._account_for(candidate, record, requested))
        return found

    def _account_for(
        self, candidate: Candidate, record: Record, requested: str | None
    ) -> InstalledRecord:
        dists = {dist.name: dist for dist in self.prefix.dists()}
        if candidate.name not in dists:
            raise TransactionError("pip-installed-nothing", restored=False, name=candidate.name)
        for stale in self.prefix.conda_meta.glob(f"{record.name}-*-{record.build}.json"):
            stale.unlink()
        return conda_meta.write_pip_record(
            self.prefix, record, candidate, dists[candidate.name], requested
        )

    def _write_history(self, change: Change) -> None:
        revision = Revision(
            time=datetime.now().astimezone(),
            command=self.command.line,
            before=tuple(item.record for item in change.before),
            after=tuple(item.record for item in self.prefix.records()),
            update_specs=_update_specs(change),
            remove_specs=(*change.removed_specs, *_handed_over(change)),
        )
        with (self.prefix.conda_meta / "history").open("a", encoding="utf-8") as file:
            file.write(revision.lines())

    def _account_for_failure(self, change: Change) -> None:
        # What has failed is told in any case; a full disk fails the ledger as well.
        with suppress(LedgerError):
            self._account(change, Outcome(), "failed")

    def _account(self, change: Change, outcome: Outcome, state: str) -> None:
        removed = change.removed
        ledger.append(
            self.prefix.own_folder,
            ledger.Entry(
                front_door=self.command.front_door,
                argv=self.command.argv,
                state=state,
                installed=tuple(f"{name}-{version}" for name, version in outcome.installed),
                removed=tuple(f"{name}-{version}" for name, version in removed),
                routes=change.decisions,
            ),
        )


def _pypi_names(change: Change) -> set[CondaName]:
    """Name what conda takes for pip's; in its history as a request, its exports would fail."""
    records = (*change.records, *(record for _, record in change.true_pip))
    return {record.name for record in records if record.is_pypi_by_name}


def _update_specs(change: Change) -> tuple[str, ...]:
    from_pypi = _pypi_names(change)
    return tuple(spec for name, spec in change.requested.items() if name not in from_pypi)


def _handed_over(change: Change) -> tuple[CondaName, ...]:
    """Name what was conda's until now and may stand in its history as a request."""
    conda = {item.record.name for item in change.before if item.record.origin is Origin.CONDA}
    return tuple(sorted(conda & _pypi_names(change)))


def _reason(error: Exception) -> str:
    """Say what a step of applying failed with; pip has said its own reason already."""
    if isinstance(error, PipguardError):
        return str(error.facts.get("text") or error.facts.get("error") or error.reference)
    return str(error)


def _holder(lock_file: str) -> str:
    try:
        return Path(f"{lock_file}.holder").read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def _new(change: Change) -> list[Record]:
    """Name the records that the engine has linked."""
    before = {(item.record.key, item.record.sha256) for item in change.before}
    return [
        record
        for record in change.records
        if record.name in change.reinstall or (record.key, record.sha256) not in before
    ]


def _versions(records: Sequence[InstalledRecord], change: Change) -> tuple[tuple[str, str], ...]:
    """List the dists that came or changed, with the versions pip would name."""
    found: dict[PyPIName, str] = {}
    for item in records:
        for name in shipped(item.files):
            planned = change.versions.get(name)
            from_plan = planned is not None and item.record.origin is not Origin.CONDA
            found[name] = planned if planned and from_plan else item.record.version
    return tuple(sorted(found.items()))
