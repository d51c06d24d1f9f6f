"""What is kept of an operation on disk, in `conda-meta/pipguard/journal/`.

    <id>.preparing/   being written; nothing of the environment has been touched
    <id>.open/        the environment is being changed: whoever finds it takes it back
    <id>/             done; its saved files are there for `undo`

Each is a folder with `operation.json`, the files that were replaced or removed in `saved/`, in
`bytes` how much that may be at most, and, until it is in the ledger, the ledger's line in
`account.json`. A state becomes the next by a rename of the folder, after what it holds has been
seen to the disk.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from pipguard import ledger
from pipguard.changes.files import Files, look
from pipguard.changes.states import (
    ABSENT,
    Entry,
    Expected,
    File,
    Kind,
    Link,
    State,
    from_json,
    to_json,
)
from pipguard.errors import LedgerError, TransactionError
from pipguard.folders import folders_above

SCHEMA = 1
_PREPARING, _OPEN = ".preparing", ".open"
_ACCOUNT, _BYTES = "account.json", "bytes"
_LINKED, _COPIED = "l", "c"


@dataclass(frozen=True, slots=True)
class Touched:
    """A path that an operation is going to touch.

    `owned` is the hash that the record of its package has for it. Nobody writes such a file in
    place, so another name of it keeps it as well as a copy; what has another hash is copied.
    """

    path: str
    expected: Expected
    owned: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """One change of an environment, all of it.

    Attributes:
        id: sorts by time.
        entries: every path, in the order in which it was planned.
        made: folders that were not there before, relative to the prefix.
        undoes: the id of the operation that this one takes back.
    """

    id: str
    entries: tuple[Entry, ...]
    made: tuple[str, ...] = ()
    undoes: str = ""


@dataclass(frozen=True)
class JournalFolder:
    """The journal of one environment."""

    prefix: Path
    files: Files

    @property
    def path(self) -> Path:
        """The folder of all operations."""
        return self.prefix / "conda-meta" / "pipguard" / "journal"

    def open(self, operation_id: str, touched: Iterable[Touched], undoes: str = "") -> Operation:
        """Keep what an operation will change; afterwards the environment may be touched.

        Raises:
            TransactionError: it cannot be kept; nothing has been touched.
        """
        folder = self.path / f"{operation_id}{_PREPARING}"
        try:
            self.files.make_folder(folder / "saved")
            entries = tuple(self._kept(folder, touched))
            made = self._to_be_made(entries)
            operation = Operation(operation_id, entries, made, undoes)
            self._write(folder, operation)
            self.files.write(folder / _BYTES, str(_most_bytes(entries)).encode())
            self.files.sync(folder / "saved")
            self._become(folder, self.path / f"{operation_id}{_OPEN}")
        except BaseException as error:
            self.files.clear(folder)
            if not isinstance(error, OSError):
                raise
            facts = {"prefix": str(self.prefix), "error": error}
            raise TransactionError("journal-not-kept", restored=True, **facts) from error
        return operation

    def extend(self, operation: Operation, touched: Iterable[Touched]) -> Operation:
        """Keep as well what a further change of an open operation will touch.

        Of a path that an earlier change has touched, what was there before both stays kept, and
        what the earlier one has left is known as ours.

        Raises:
            TransactionError: it cannot be kept; nothing further has been touched.
        """
        folder = self.path / f"{operation.id}{_OPEN}"
        wanted = {item.path: item for item in touched}
        try:
            ours = tuple(self._again(it, wanted.pop(it.path, None)) for it in operation.entries)
            new = tuple(self._kept(folder, wanted.values(), len(ours)))
            made = dict.fromkeys([*operation.made, *self._to_be_made(new)])
            extended = replace(operation, entries=(*ours, *new), made=tuple(made))
            self.files.sync(folder / "saved")
            self.files.delete(folder / _BYTES)
            self.files.write(folder / _BYTES, str(_most_bytes(extended.entries)).encode())
            self._write(folder, extended)
            self.files.sync(folder)
        except OSError as error:
            facts = {"prefix": str(self.prefix), "error": error}
            raise TransactionError("journal-not-kept", restored=False, **facts) from error
        return extended

    def _again(self, entry: Entry, item: Touched | None) -> Entry:
        if item is None:
            return entry
        return replace(entry, expected=item.expected, after=look(f"{self.prefix}/{entry.path}"))

    def _kept(self, folder: Path, touched: Iterable[Touched], start: int = 0) -> Iterator[Entry]:
        # Strings: there are thousands, and a `Path` costs more than looking at the file.
        prefix, kept = f"{self.prefix}/", f"{folder}/saved/"
        for number, item in enumerate(touched, start):
            path = prefix + item.path
            before = look(path)
            saved = ""
            if isinstance(before, (File, Link)):
                shared = _is_never_edited(item, before)
                saved = f"{_LINKED if shared else _COPIED}{number}"
                self.files.double(path, kept + saved, shared=shared)
            yield Entry(item.path, before, item.expected, saved=saved)

    def _to_be_made(self, entries: Sequence[Entry]) -> tuple[str, ...]:
        coming = folders_above(entry.path for entry in entries)
        return tuple(sorted(path for path in coming if not (self.prefix / path).is_dir()))

    def commit(self, operation: Operation, account: str) -> Operation:
        """Mark an operation as done; `account` is its line for the ledger."""
        folder = self.path / f"{operation.id}{_OPEN}"
        entries = tuple(replace(entry, after=self._after(entry)) for entry in operation.entries)
        done = replace(operation, entries=entries)
        self._write(folder, done)
        self.files.write(folder / _ACCOUNT, account.encode())
        self._become(folder, self.path / operation.id)
        return done

    def _after(self, entry: Entry) -> State:
        """Say what an operation has left; what came from a package has the package's hash."""
        path = f"{self.prefix}/{entry.path}"
        plain = entry.expected.kind is Kind.FILE and not entry.expected.placeholder
        if not (plain or entry.expected.kind is Kind.BYTECODE):
            return look(path)
        try:
            found = os.lstat(path)
        except FileNotFoundError:
            return ABSENT
        return File(found.st_mode & 0o7777, found.st_size, entry.expected.sha256)

    def _write(self, folder: Path, operation: Operation) -> None:
        data = {
            "schema": SCHEMA,
            "id": operation.id,
            "undoes": operation.undoes,
            "made": operation.made,
            "entries": [to_json(entry) for entry in operation.entries],
        }
        new = folder / "operation.json.new"
        self.files.delete(new)
        self.files.write(new, json.dumps(data).encode())
        self.files.rename(new, folder / "operation.json")

    def _become(self, folder: Path, target: Path) -> None:
        self.files.sync(folder)
        self.files.rename(folder, target)
        # It has become so, and what could not be seen to the disk may still come there.
        with suppress(OSError):
            self.files.sync(self.path)

    def sweep(self) -> None:
        """Delete what was being prepared when its process ended."""
        for folder in self.path.glob(f"*{_PREPARING}"):
            self.files.clear(folder)

    def is_cut_off(self) -> bool:
        """Tell whether an operation is under way or was killed."""
        return any(any(self.path.glob(f"*{state}")) for state in (_OPEN, _PREPARING))

    def unfinished(self) -> tuple[Operation, ...]:
        """Read the operations whose process ended while it changed the environment."""
        return tuple(_read(folder) for folder in sorted(self.path.glob(f"*{_OPEN}")))

    def forget(self, operation: Operation) -> None:
        """Drop an operation that was taken back."""
        # Renamed first: what is half deleted must not be found open.
        folder = self.path / f"{operation.id}{_OPEN}"
        dropped = self.path / f"{operation.id}{_PREPARING}"
        self.files.rename(folder, dropped)
        self.files.clear(dropped)

    def done(self) -> tuple[str, ...]:
        """Name the operations that can be undone as far as their files go, oldest first."""
        if not self.path.is_dir():
            return ()
        return tuple(
            sorted(
                folder.name
                for folder in self.path.iterdir()
                if not folder.name.endswith((_PREPARING, _OPEN))
            )
        )

    def most_bytes(self, operation_id: str) -> int | None:
        """Say how many bytes an operation may keep at most; None where nobody wrote it down."""
        try:
            return int((self.path / operation_id / _BYTES).read_bytes())
        except (OSError, ValueError):
            return None

    def read(self, operation_id: str) -> Operation:
        """Read an operation that is done.

        Raises:
            TransactionError: it is not there, or cannot be read.
        """
        return _read(self.path / operation_id)

    def saved(self, operation: Operation, entry: Entry) -> Path:
        """Find the saved file of an entry, whatever state its operation is in."""
        for state in ("", _OPEN):
            path = self.path / f"{operation.id}{state}" / "saved" / entry.saved
            if path.is_symlink() or path.exists():
                return path
        return self.path / operation.id / "saved" / entry.saved

    def is_unaccounted(self, operation_id: str) -> bool:
        """Tell whether a done operation still waits for its line in the ledger."""
        return (self.path / operation_id / _ACCOUNT).exists()

    def account(self, operation_id: str, line: str) -> None:
        """Write into the ledger what is done; the journal keeps it until that has worked.

        Raises:
            TransactionError: the ledger cannot be written.
        """
        try:
            ledger.append_line(self.path.parent, line)
        except LedgerError as error:
            raise TransactionError(
                "change-unrecorded", restored=False, prefix=str(self.prefix), error=error
            ) from error
        with suppress(OSError):  # a later operation finds it in the ledger, and deletes it
            self.files.delete(self.path / operation_id / _ACCOUNT)

    def account_late(self) -> None:
        """Account for what a process has done and did not live to write into the ledger.

        Raises:
            TransactionError: the ledger cannot be written.
        """
        for path in sorted(self.path.glob(f"*/{_ACCOUNT}")):
            folder = path.parent
            if folder.name.endswith(_OPEN):
                continue
            if any(entry.get("id") == folder.name for entry in ledger.read(self.path.parent)):
                self.files.delete(path)
            else:
                self.account(folder.name, path.read_text(encoding="utf-8"))


def _is_never_edited(item: Touched, before: File | Link) -> bool:
    """Whether a file is only ever replaced: a package's as it was linked, and bytecode.

    Lists of paths (`*.pth`) and configuration are edited in place by people and by tools.
    """
    if item.path.endswith(".pyc"):
        return True
    edited = item.path.endswith(".pth") or item.path.startswith("etc/")
    return (
        isinstance(before, File) and bool(item.owned) and item.owned == before.sha256 and not edited
    )


def _most_bytes(entries: Iterable[Entry]) -> int:
    return sum(entry.before.size for entry in entries if isinstance(entry.before, File))


def is_shared(entry: Entry) -> bool:
    """Whether the saved file may be one on the disk with others."""
    return entry.saved.startswith(_LINKED)


def _read(folder: Path) -> Operation:
    try:
        data = json.loads((folder / "operation.json").read_bytes())
        return Operation(
            id=data["id"],
            entries=tuple(map(from_json, data["entries"])),
            made=tuple(data["made"]),
            undoes=data["undoes"],
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TransactionError(
            "journal-unreadable", restored=False, folder=str(folder), error=error
        ) from error
