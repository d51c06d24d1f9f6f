"""How many processors this process may use."""

from __future__ import annotations

import os


def processors() -> int:
    """Count those that are left to us: a container or a batch system may grant fewer."""
    if hasattr(os, "sched_getaffinity"):  # Linux
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
