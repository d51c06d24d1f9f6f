"""Looks after an environment and its guard whenever a command comes by.

An upgrade of python moves the folder of the marker and renames `pip3.X`; a newer pipguard has other
shims, and one that was installed elsewhere is not where they look first. Whatever notices first has
everything placed again: activation through `notice.sh` in `activate.d/`, every command of ours
through `tend`. What was killed half-way is ended (a change of the guard) or taken back (an
operation).
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from pipguard.errors import PipguardError, PrefixError
from pipguard.faults import Fault, FaultKind, launcher_is_gone, pressing
from pipguard.guard_record import Guard, read_guard
from pipguard.hooks import disable, refresh, sweep


def tend(prefix: Path) -> Fault | None:
    """Place the guard again where an upgrade has left it behind, or end what was cut off.

    Returns what was cured.

    A few looks at the disk where nothing is to be done. Where it cannot be done, because the
    environment is another person's for instance, `status` and `doctor` tell.
    """
    try:
        guard = read_guard(prefix)
        fault = pressing(prefix, guard) if guard else None
        if fault and fault.kind is FaultKind.HALF_WITHDRAWN:
            disable(prefix)
        elif guard and fault:
            return fault if _placed_again(prefix, guard, fault) else None
        else:
            sweep(prefix)
    except (PipguardError, OSError):
        return None
    return fault


def _placed_again(prefix: Path, guard: Guard, fault: Fault) -> bool:
    """Place the guard again, for the pipguard that runs now where the one it knows is gone."""
    if not launcher_is_gone(guard):
        refresh(prefix)
        return True
    from pipguard.verbs.launcher import launcher  # noqa: PLC0415 # not on the way to pip

    found = launcher()
    is_there = os.access(found, os.X_OK)
    if is_there or fault.kind is not FaultKind.LAUNCHER_MISSING:
        refresh(prefix, found if is_there else None)
        return True
    return False


def mend(prefix: Path) -> None:
    """Put right what a killed operation has left; where nothing was cut off, a look at one folder.

    An operation that is under way is left alone, and so is an environment of somebody else.

    Raises:
        TransactionError: what was left cannot be put right.
    """
    journal = prefix / "conda-meta/pipguard/journal"
    if not any(any(journal.glob(f"*{state}")) for state in (".open", ".preparing")):
        return
    from pipguard.changes.lock import is_held  # noqa: PLC0415 # only where something was cut off
    from pipguard.prefix import Prefix  # noqa: PLC0415
    from pipguard.terminal import Terminal  # noqa: PLC0415
    from pipguard.transaction import recover_now  # noqa: PLC0415

    with suppress(PrefixError):
        if not is_held(Prefix(prefix)):
            recover_now(Prefix(prefix), Terminal())
