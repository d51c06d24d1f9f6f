"""What `--all` means: the same for every environment, whatever becomes of one of them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from pipguard.environments import everything
from pipguard.errors import InterruptedChange, PipguardError
from pipguard.guardable import CLOSED
from pipguard.terminal import Terminal


def everywhere(act: Callable[[Path], object], terminal: Terminal) -> int:
    """Act on every environment that conda knows, and say which are left alone, and why.

    Returns:
        1 where it failed for an environment that can be guarded, else 0.

    Raises:
        UsageError: conda's configuration cannot be used.
    """
    prefixes = everything(os.environ, Path.home())
    if not prefixes:
        terminal.told("no-environments")
    failed = [prefix for prefix in prefixes if not _is_done(act, prefix, terminal)]
    return int(bool(failed))


def _is_done(act: Callable[[Path], object], prefix: Path, terminal: Terminal) -> bool:
    try:
        act(prefix)
    except InterruptedChange:
        raise
    except PipguardError as error:
        terminal.passed_over(error)
        return error.reference in CLOSED
    return True
