"""The append-only account of every operation, in `conda-meta/pipguard/ledger.jsonl`.

One JSON object a line; a reader passes over lines it cannot read, for a shell or a crash may have
left one. Nothing in it holds a credential.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from pipguard.errors import LedgerError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pipguard.routes import Decision

SCHEMA = 1
FILE = "ledger.jsonl"


@dataclass(frozen=True, slots=True)
class Entry:
    """One operation.

    Attributes:
        front_door: how it came in, a word of the terminology page.
        argv: the arguments, free of credentials.
        state: `committed`, `failed` or `bypassed`.
        installed: `name-version` of each dist that came or changed.
        removed: of each dist that went.
        routes: the decisions with their reasons.
        replaced: of each dist that was there in another version before.
        renewed: of each of `installed` that was there in this very version.
        adopted: of each that stays as it is, and has a record now.
        undoes: the id of the operation that this one took back.
    """

    front_door: str
    argv: tuple[str, ...]
    state: str
    installed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    routes: tuple[Decision, ...] = ()
    replaced: tuple[str, ...] = ()
    renewed: tuple[str, ...] = ()
    adopted: tuple[str, ...] = ()
    undoes: str = ""
    id: str = field(default_factory=lambda: new_id())  # noqa: PLW0108 # defined below
    time: str = field(default_factory=lambda: f"{datetime.now(timezone.utc):%Y-%m-%dT%H:%M:%SZ}")

    def to_json(self) -> str:
        """Make the line."""
        return json.dumps({"schema": SCHEMA, **asdict(self)}, sort_keys=True)


def new_id() -> str:
    """Make an id that sorts by time, to the microsecond, and is unique among processes."""
    return f"{datetime.now(timezone.utc):%Y%m%dT%H%M%S%f}-{secrets.token_hex(1)}"


def append(folder: Path, entry: Entry) -> None:
    """Add an entry to the ledger of a prefix; one write, so lines of two processes never mix.

    Args:
        folder: `conda-meta/pipguard` of the prefix.
        entry: what happened.

    Raises:
        LedgerError: the ledger cannot be written.
    """
    append_line(folder, entry.to_json())


def append_line(folder: Path, text: str) -> None:
    """Add an entry that is JSON already.

    Raises:
        LedgerError: the ledger cannot be written.
    """
    line = (text + "\n").encode()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / FILE, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(descriptor, b"\n" + line if _is_torn(descriptor) else line)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise LedgerError("ledger-unwritable", folder=str(folder), error=error) from error


def _is_torn(descriptor: int) -> bool:
    """Tell whether a crash has left a last line without its end."""
    size = os.lseek(descriptor, 0, os.SEEK_END)
    if not size:
        return False
    os.lseek(descriptor, size - 1, os.SEEK_SET)
    return os.read(descriptor, 1) != b"\n"


def read(folder: Path) -> Iterator[Mapping[str, Any]]:
    """Yield the entries of a ledger, oldest first."""
    try:
        lines = (folder / FILE).read_bytes().split(b"\n")
    except FileNotFoundError:
        return
    except OSError as error:
        raise LedgerError("ledger-unreadable", folder=str(folder), error=error) from error
    for line in lines:
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict):
            yield entry
