"""How long the files that operations replaced are kept for `undo`."""

from __future__ import annotations

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
    taken = 0
    for age, name in enumerate(reversed(journal.done())):
        folder = journal.path / name
        if (folder / "account.json").exists():
            continue  # it is not in the ledger yet
        taken += size(folder)
        if age >= kept or (age and taken > KEPT_BYTES):
            journal.files.clear(folder)


def size(folder: Path) -> int:
    """Add up the bytes that only this folder holds."""
    found = (path.lstat() for path in folder.rglob("*"))
    return sum(status.st_size for status in found if status.st_nlink == 1)
