"""Looks after the guard of an environment whenever a command comes by.

An upgrade of python moves the folder of the marker and renames `pip3.X`; a newer pipguard has other
shims. Whatever notices first has everything placed again: activation through `notice.sh` in
`activate.d/`, every command of ours through `tend`.
"""

from __future__ import annotations

from pathlib import Path

from pipguard.errors import PipguardError
from pipguard.faults import Fault, pressing
from pipguard.guard_record import read_guard
from pipguard.hooks import refresh


def tend(prefix: Path) -> Fault | None:
    """Place the guard again where an upgrade has left it behind; return what was cured.

    A few looks at the disk where nothing is to be done. Where it cannot be done, because the
    environment is another person's for instance, `status` and `doctor` tell.
    """
    try:
        guard = read_guard(prefix)
        fault = pressing(prefix, guard) if guard else None
        if fault:
            refresh(prefix)
    except (PipguardError, OSError):
        return None
    return fault
