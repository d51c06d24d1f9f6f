"""What `conda-meta/pipguard/guard.json` says: that an environment is guarded, how, and with what.

Core types are `Mode` and `Guard`. The file is written by `hooks.py` alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from pipguard.atomic import write_atomically
from pipguard.errors import PrefixError
from pipguard.marker import PythonHome

SCHEMA = 1
FOLDER = "conda-meta/pipguard"
FILE = f"{FOLDER}/guard.json"


class Mode(Enum):
    """What happens to the installs of an environment."""

    ROUTE = "route"  # pipguard serves them, those of `python -m pip` included
    ENFORCE = "enforce"  # pipguard serves those of the shim; `python -m pip` is refused
    WARN = "warn"  # the real pip serves them, after one line


class Phase(Enum):
    """Whether what guard.json says is so; what was cut off is carried through by any command."""

    PLACED = "placed"
    PLACING = "placing"
    WITHDRAWING = "withdrawing"


@dataclass(frozen=True, slots=True)
class Guard:
    """An environment's guard as it was placed.

    Attributes:
        mode: the mode chosen by `enable`.
        launcher: absolute path of the `pipguard` that shim and wrapper start.
        prefix: the environment it was placed into; another one in a copy or a moved environment.
        python: where its standard library was, and the minor version.
        files: sha256 of every file we placed, by path relative to the prefix.
        kept: what lay at our paths before, now below `conda-meta/pipguard/kept/`.
        made: folders that we made, relative to the prefix.
        version: the pipguard that placed it.
        phase: PLACED but while `enable` or `disable` is at work, or was cut off.
    """

    mode: Mode
    launcher: Path
    prefix: Path
    python: PythonHome
    files: Mapping[str, str]
    kept: tuple[str, ...]
    made: tuple[str, ...]
    version: str
    phase: Phase = Phase.PLACED


def read_guard(prefix: Path) -> Guard | None:
    """Read the guard of an environment; None if it is not guarded.

    Raises:
        PrefixError: guard.json is there and cannot be read.
    """
    path = prefix / FILE
    try:
        return _guard(json.loads(path.read_bytes()))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PrefixError("guard-unreadable", prefix=str(prefix), error=error) from error


def write_guard(prefix: Path, guard: Guard) -> None:
    """Write guard.json; from then on shims take the environment for guarded."""
    data = asdict(guard) | {
        "schema": SCHEMA,
        "mode": guard.mode.value,
        "phase": guard.phase.value,
        "launcher": str(guard.launcher),
        "prefix": str(guard.prefix),
    }
    text = json.dumps(data, indent=2, sort_keys=True)
    write_atomically(prefix / FILE, text.encode() + b"\n")


def forget_guard(prefix: Path) -> None:
    """Remove guard.json."""
    (prefix / FILE).unlink(missing_ok=True)


def _guard(data: Mapping[str, Any]) -> Guard:
    if data["schema"] != SCHEMA:
        raise ValueError(data["schema"])
    return Guard(
        mode=Mode(data["mode"]),
        launcher=Path(data["launcher"]),
        prefix=Path(data["prefix"]),
        python=PythonHome(**data["python"]),
        files=dict(data["files"]),
        kept=tuple(data["kept"]),
        made=tuple(data["made"]),
        version=data["version"],
        phase=Phase(data.get("phase", Phase.PLACED.value)),
    )
