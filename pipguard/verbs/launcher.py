"""Which command shims shall start."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path


def launcher() -> Path:
    """Find the command that shims shall start: the one that runs now, or its console script."""
    running = Path(sys.argv[0])
    if running.name in {"pipguard", "pipguard.exe"} and running.exists():
        return running.absolute()
    beside = Path(sys.executable).with_name("pipguard")
    found = None if beside.exists() else shutil.which("pipguard")
    return Path(found) if found else beside
