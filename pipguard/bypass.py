"""Ways past the guard that are taken here; those of the shim are in `activate.d/handover.sh`.

Each leaves a line in the ledger, where the environment is guarded and can be written. Imports
little, as its callers do.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

_NO = frozenset({"", "0", "no", "off", "false"})


def is_asked_for(environ: Mapping[str, str]) -> bool:
    """Say whether real pip is wanted: by a person, or by conda-build, whose packages conda owns."""
    return any(says_yes(environ, variable) for variable in ("PIPGUARD_BYPASS", "CONDA_BUILD"))


def says_yes(environ: Mapping[str, str], variable: str) -> bool:
    """Say whether a variable is set to anything but a no; the shims read it alike."""
    return environ.get(variable, "").lower() not in _NO


def record(prefix: Path, front_door: str, arguments: Sequence[str]) -> None:
    """Note that real pip or uv was let through to change something."""
    from pipguard.credentials import redacted_arguments  # noqa: PLC0415 # not on most ways
    from pipguard.errors import LedgerError  # noqa: PLC0415
    from pipguard.ledger import Entry, append  # noqa: PLC0415

    folder = prefix / "conda-meta" / "pipguard"
    if not os.access(folder, os.W_OK):
        return
    try:
        append(folder, Entry(front_door, redacted_arguments(arguments), "bypassed"))
    except LedgerError:
        return  # a way out stays open with a full disk, too
