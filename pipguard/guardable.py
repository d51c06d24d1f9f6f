"""Which environments can be guarded, and in which mode if nobody says."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from pipguard.errors import PrefixError
from pipguard.guard_record import Mode

FROZEN = "conda-meta/frozen"
CLOSED = frozenset(
    {"venv-not-guarded", "pixi-not-guarded", "prefix-frozen", "prefix-unspeakable"}
    | {"prefix-read-only", "no-python"}
)
"""Why an environment is left alone; whoever asks for all of them does not mean these."""


def refuse_unguardable(prefix: Path) -> None:
    """Refuse what is no conda environment, or one that another tool or person has closed.

    pixi prunes what its lock file does not know; `conda-meta/frozen` is CEP 22's word for hands
    off; PATH and the line-wise files of the shell cannot hold a colon or a line end.

    Raises:
        PrefixError: with the first reason that applies.
    """
    for reference in _reasons(prefix):
        raise PrefixError(reference, prefix=str(prefix), message=_message(prefix))


def refuse_unwritable(prefix: Path, paths: Iterable[str]) -> None:
    """Refuse an environment in which this user cannot write all of these paths.

    Raises:
        PrefixError: a folder into which we would write is read-only.
    """
    inside = {str(parent) for path in paths for parent in PurePosixPath(path).parents}
    for folder in sorted(inside | {".", "conda-meta"}):
        if (prefix / folder).is_dir() and not os.access(prefix / folder, os.W_OK):
            raise PrefixError("prefix-read-only", prefix=str(prefix))


def default_mode(prefix: Path) -> Mode:
    """Choose the mode for an environment: conda's own is only enforced, never routed."""
    return Mode.ENFORCE if is_base(prefix) else Mode.ROUTE


def is_base(prefix: Path) -> bool:
    """Tell whether conda itself lives in this environment."""
    records = (prefix / "conda-meta").glob("conda-*.json")
    return (prefix / "condabin").is_dir() or any(
        re.fullmatch(r"conda-\d[^-]*-[^-]+", record.stem) for record in records
    )


def _message(prefix: Path) -> str:
    """Read what whoever froze the environment has to say about it (CEP 22), on one line."""
    try:
        told = json.loads((prefix / FROZEN).read_bytes()).get("message", "")
    except (OSError, ValueError, AttributeError):
        return ""
    return f" They say: {' '.join(str(told).split())}" if told else ""


def _reasons(prefix: Path) -> Iterator[str]:
    if (prefix / "pyvenv.cfg").exists():
        yield "venv-not-guarded"
    if not (prefix / "conda-meta").is_dir():
        yield "not-an-environment"
    if (prefix / "conda-meta/pixi").exists():
        yield "pixi-not-guarded"
    if (prefix / FROZEN).exists():
        yield "prefix-frozen"
    if re.search(r"[:\r\n]", str(prefix)):
        yield "prefix-unspeakable"
