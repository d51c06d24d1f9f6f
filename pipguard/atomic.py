"""Write a file so that a reader, or a crash, sees the old one or the new one and never a part."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

TEMPORARY = ".pipguard-new-"
"""How the names of files begin that a killed process leaves behind."""


def write_atomically(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Put `data` in place of `path`, with the given permissions, making folders as needed.

    Raises:
        OSError: the folder cannot be written; `path` is then as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=TEMPORARY)
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
