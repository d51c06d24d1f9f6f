"""How long the files that operations replaced are kept for `undo`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from pipguard.changes.journal import JournalFolder

KEPT_OPERATIONS = 10
KEPT_BYTES = 2 << 30


def trim(journal: JournalFolder, operations: int | None) -> None:
    """Forget the oldest operations beyond a number, and beyond what their own files may take.

    Bytes that a saved file shares with the environment or a cache cost nothing and do not count.

    Args:
        journal: of one environment.
        operations: how many to keep; None for the usual number.
    """
    kept = KEPT_OPERATIONS if operations is None else operations
    # What is not in the ledger yet is not forgotten.
    names = [it for it in reversed(journal.done()) if not journal.is_unaccounted(it)]
    for name in (*names[kept:], *_beyond(journal, names[:kept])):
        journal.files.clear(journal.path / name)


def _beyond(journal: JournalFolder, names: Sequence[str]) -> Iterator[str]:
    """Name the operations that, after newer ones, take too much; the newest is always kept."""
    most = [journal.most_bytes(name) for name in names]
    # Looking at each file takes long where there are thousands, and is hardly ever needed.
    if None not in most and sum(it or 0 for it in most) <= KEPT_BYTES:
        return
    taken = 0
    for age, name in enumerate(names):
        taken += size(journal.path / name)
        if age and taken > KEPT_BYTES:
            yield name


def size(folder: Path) -> int:
    """Add up the bytes that only this folder holds."""
    found = (path.lstat() for path in folder.rglob("*"))
    return sum(status.st_size for status in found if status.st_nlink == 1)
