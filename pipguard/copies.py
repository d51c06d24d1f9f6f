"""Copies of guarded environments: nothing is installed into one until it is guarded by itself.

And nothing into the original by way of the copy. The shims refuse in the same words
(`activate.d/handover.sh`); this is for the doors that do not lead past them. Imports little.
"""

from __future__ import annotations

import os
from pathlib import Path

from pipguard.errors import PrefixError
from pipguard.guard_record import read_guard
from pipguard.placement import SENTINEL


def refuse_copy(prefix: Path) -> None:
    """Refuse to change an environment whose guard is another one's.

    Raises:
        PrefixError: `environment-copied`, or `environment-cloned`, or guard.json cannot be read.
    """
    if home := home_of(prefix):
        raise PrefixError("environment-copied", prefix=str(prefix), home=str(home))
    if read_guard(prefix) is None and (prefix / SENTINEL).exists():
        raise PrefixError("environment-cloned", prefix=str(prefix))


def home_of(prefix: Path) -> Path | None:
    """Name the environment that this one is a copy of, or was moved from; None where it is none.

    Raises:
        PrefixError: guard.json cannot be read.
    """
    guard = read_guard(prefix)
    if guard is None or (guard.prefix.exists() and guard.prefix.samefile(prefix)):
        return None
    return guard.prefix


def refuse_pip_of_a_copy(prefix: Path, parent: int) -> None:
    """Refuse what came in through `bin/pip` of a copy, whose first line names this environment.

    Only /proc tells how the process that has called us was started.

    Raises:
        PrefixError: `pip-of-a-copy`, or its guard.json cannot be read.
    """
    try:
        words = Path(f"/proc/{parent}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return
    for word in words[1:3]:  # the interpreter, perhaps one option of its own, then the script
        script = Path(os.fsdecode(word)).absolute()
        other = script.parent.parent
        if script.parent.name != "bin" or not script.name.startswith("pip"):
            continue
        if (home := home_of(other)) and home.exists() and home.samefile(prefix):
            raise PrefixError("pip-of-a-copy", prefix=str(prefix), other=str(other))
