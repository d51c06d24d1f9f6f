"""Back to what was: after a failure (`taken_back`), after a killed process, and as `undo`.

Needs neither network nor caches nor an engine: what an operation has replaced or removed lies in
its journal. A path is touched only while it is what the operation found or what it writes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipguard.atomic import abandoned
from pipguard.bytecode import compiled_of
from pipguard.changes.files import Files, look, sha256_of
from pipguard.changes.journal import JournalFolder, Operation, is_shared
from pipguard.changes.states import (
    Absent,
    Entry,
    Expected,
    File,
    Folder,
    Kind,
    Link,
    State,
    Verdict,
    judge,
)
from pipguard.errors import InterruptedChange, PipguardError, TransactionError

_SHEBANG = 250
"""A script with no more than this is the beginning of one that was being written."""


@dataclass(frozen=True, slots=True)
class Repair:
    """What came of taking an operation back: paths relative to the prefix.

    `foreign` are those that somebody else has changed meanwhile, which were left as they are.
    """

    restored: tuple[str, ...]
    foreign: tuple[str, ...]


def roll_back(journal: JournalFolder, operation: Operation) -> Repair:
    """Put every path back that is not somebody else's by now; to be repeated if interrupted.

    Raises:
        OSError: a path could not be put back; the journal stays open.
    """
    restored, foreign = [], []
    for entry in operation.entries:
        found = look(journal.prefix / entry.path)
        match judge(entry, found, written=_is_written(journal.prefix, entry, found)):
            case Verdict.AS_BEFORE:
                pass
            case Verdict.OURS:
                put_back(journal, operation, entry)
                restored.append(entry.path)
            case Verdict.FOREIGN:
                foreign.append(entry.path)
    _clear_up(journal, operation)
    return Repair(tuple(restored), tuple(foreign))


def taken_back(
    error: BaseException, reference: str, journal: JournalFolder, operation: Operation
) -> TransactionError:
    """Put everything back after a step that failed; say what failed, and whether that worked.

    Args:
        error: what the step raised; what nobody foresees is raised again.
        reference: the message for it, unless it has one of its own.
        journal: holds the operation, open.
        operation: whose step it was.
    """
    if operation.id in journal.done():
        raise error  # Ctrl-C after all was done: the next command accounts for it
    try:
        repair = roll_back(journal, operation)
        journal.forget(operation)
        restored = not repair.foreign
    except OSError:
        restored = False  # the next command finds the journal open and tries again
    prefix = str(journal.prefix)
    if isinstance(error, KeyboardInterrupt):
        return InterruptedChange("change-interrupted", restored=restored, prefix=prefix)
    if isinstance(error, TransactionError):
        error.restored = restored
        return error
    if not isinstance(error, (PipguardError, OSError)):
        raise error
    return TransactionError(reference, restored=restored, prefix=prefix, error=reason(error))


def reason(error: BaseException) -> str:
    """Say what a step failed with; pip has said its own reason already."""
    if isinstance(error, PipguardError):
        return str(error.facts.get("text") or error.facts.get("error") or error.reference)
    return str(error)


def put_back(journal: JournalFolder, operation: Operation, entry: Entry) -> None:
    """Make a path what it was before an operation."""
    path = journal.prefix / entry.path
    match entry.before:
        case Absent():
            journal.files.delete(path)
        case File() | Link():
            saved = journal.saved(operation, entry)
            journal.files.put(saved, path, shared=is_shared(entry))
        case Folder(mode=mode):
            journal.files.make_folder(path, mode)


def _clear_up(journal: JournalFolder, operation: Operation) -> None:
    """Delete folders that were made, bytecode in them, and what the engine left half-done."""
    sources = (entry.path for entry in operation.entries if entry.path.endswith(".py"))
    absent = [path for path in sources if not (journal.prefix / path).exists()]
    for compiled in compiled_of(journal.prefix, absent):
        journal.files.delete(journal.prefix / compiled)
    for temporary in _temporaries(journal.prefix, operation):
        journal.files.delete(temporary)
    caches = (f"{path}/__pycache__" for path in operation.made if not path.endswith("__pycache__"))
    folders = dict.fromkeys([*operation.made, *caches])
    journal.files.clear_empty(journal.prefix / path for path in folders)


def _temporaries(prefix: Path, operation: Operation) -> Iterator[Path]:
    """Find what was about to be renamed: ours, and the engine's records."""
    yield from (prefix / "conda-meta").glob("prefix_record_*")
    for folder in {(prefix / entry.path).parent for entry in operation.entries}:
        yield from abandoned(folder)


def differing(journal: JournalFolder, operation: Operation) -> tuple[str, ...]:
    """Name the paths that are no longer what an operation has left."""
    return tuple(
        entry.path
        for entry in operation.entries
        if not _is_as_left(entry, look(journal.prefix / entry.path))
    )


def _is_as_left(entry: Entry, found: State) -> bool:
    if _is_bytecode(entry):
        return True
    return found == entry.after


def altered(journal: JournalFolder, operation: Operation) -> tuple[str, ...]:
    """Name the paths whose saved file is not what was saved: a link's file that was edited."""
    return tuple(
        entry.path
        for entry in operation.entries
        if isinstance(entry.before, File)
        and not _is_intact(journal.saved(operation, entry), entry.before)
    )


def _is_intact(saved: Path, before: File) -> bool:
    try:
        return saved.stat().st_size == before.size and sha256_of(saved) == before.sha256
    except OSError:
        return False


# Is it what the operation writes?


def _is_written(prefix: Path, entry: Entry, found: State) -> bool:
    """Whether what is found is what an operation writes there, or a part of that."""
    if not isinstance(found, File):
        return isinstance(found, Link) and entry.expected.kind is Kind.LINK
    if _is_bytecode(entry):
        return True
    path, expected = prefix / entry.path, entry.expected
    match expected.kind:
        case Kind.GONE | Kind.LINK:
            written = False
        case Kind.BYTECODE | Kind.OURS:
            written = True
        case Kind.RECORD:
            written = _is_record_of(path, expected.detail)
        case Kind.COMMAND:
            written = _is_command(path, prefix, expected.detail)
        case Kind.FILE:
            written = found.sha256 == expected.sha256 or _is_part(path, prefix, expected)
    return written


def _is_bytecode(entry: Entry) -> bool:
    """Whether python makes the file anew, for whatever source lies beside it: no loss."""
    return entry.path.endswith(".pyc") and "__pycache__/" in entry.path


def _is_record_of(path: Path, dist_name: str) -> bool:
    try:
        data = json.loads(path.read_bytes())
        return "{name}-{version}-{build}".format(**data) == dist_name
    except (ValueError, KeyError, TypeError):
        return False


def _is_command(path: Path, prefix: Path, module: str) -> bool:
    """Know the script of an entry point: it names the prefix, and imports the module."""
    text = path.read_bytes()
    ours = not text or (text.startswith(b"#!") and str(prefix).encode() in text)
    return ours and (len(text) < _SHEBANG or module.encode() in text)


def _is_part(path: Path, prefix: Path, expected: Expected) -> bool:
    """Know a file with our prefix in it, or a copy that was not finished, by its source."""
    found = path.read_bytes()
    if not found:
        return True
    source = Path(expected.detail)
    if not expected.detail or not source.is_file():
        return False
    written = source.read_bytes()
    if expected.placeholder:
        written = _substituted(written, expected.placeholder.encode(), str(prefix).encode())
    rest = _below_shebang(found)
    return written.startswith(found) or (rest is not None and rest == _below_shebang(written))


def _substituted(data: bytes, placeholder: bytes, prefix: bytes) -> bytes:
    """Write a prefix into a file as conda does: in a binary, strings keep their length."""
    if b"\0" not in data:
        return data.replace(placeholder, prefix)
    pattern = re.compile(re.escape(placeholder) + rb"[^\0]*\0")

    def padded(match: re.Match[bytes]) -> bytes:
        replaced = match[0].replace(placeholder, prefix)
        return replaced + b"\0" * (len(match[0]) - len(replaced))

    return pattern.sub(padded, data)


def _below_shebang(data: bytes) -> bytes | None:
    """Drop the line that a long prefix turns into another one; None where there is none."""
    return data.partition(b"\n")[2] or None if data.startswith(b"#!") else None


def clean_folders(files: Files, prefix: Path, entries: tuple[Entry, ...]) -> None:
    """Delete the folders that deleting these entries has emptied, inside site-packages only."""
    folders = {
        folder
        for entry in entries
        if "site-packages/" in entry.path
        for folder in _inside_site_packages(prefix / entry.path)
    }
    files.clear_empty(folders)


def _inside_site_packages(path: Path) -> Iterator[Path]:
    yield path.parent / "__pycache__"
    for parent in path.parents:
        if parent.name == "site-packages":
            return
        yield parent
