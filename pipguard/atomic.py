"""Write a file so that a reader, or a crash, sees the old one or the new one and never a part."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

TEMPORARY = ".pipguard-new-"
"""How the names of files begin that a killed process leaves behind; its number follows."""


def write_atomically(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Put `data` in place of `path`, with the given permissions, making folders as needed.

    Raises:
        OSError: the folder cannot be written; `path` is then as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f"{TEMPORARY}{os.getpid()}-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def abandoned(folder: Path) -> Iterator[Path]:
    """Find what processes have left that were killed while they wrote into a folder."""
    for path in folder.glob(f"{TEMPORARY}*"):
        number, _, _ = path.name.removeprefix(TEMPORARY).partition("-")
        if not (number.isdigit() and _is_another(int(number))):
            yield path


def _is_another(process: int) -> bool:
    """Whether a process lives and is not this one."""
    if process == os.getpid():
        return False
    with suppress(PermissionError):  # somebody else's
        try:
            os.kill(process, 0)
        except (ProcessLookupError, OverflowError):
            return False
    return True
