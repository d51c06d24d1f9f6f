"""Real uv: where it is, what it pins, and how this process becomes it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from packaging.version import InvalidVersion, Version

from pipguard.errors import PlanError, UsageError
from pipguard.prefix import Prefix
from pipguard.uv_request import Translation

_SENTINEL = ".pipguard-shim"
_COMPILE = (
    *("pip", "compile", "--quiet", "--no-header", "--annotate", "--annotation-style=line"),
    *("--no-strip-extras", "--emit-index-url", "--emit-index-annotation", "--emit-find-links"),
    "--emit-build-options",
)


def find_uv(environ: Mapping[str, str]) -> Path:
    """Find the first uv on PATH behind the folders of shims, as the shim does.

    Raises:
        UsageError: `uv-missing`.
    """
    for folder in map(Path, environ.get("PATH", os.defpath).split(os.pathsep)):
        found = folder / "uv"
        if not (folder / _SENTINEL).exists() and found.is_file() and os.access(found, os.X_OK):
            return found.absolute()
    raise UsageError("uv-missing")


def become_uv(uv: Path, arguments: tuple[str, ...], variables: Mapping[str, str]) -> NoReturn:
    """Become real uv."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(uv, [str(uv), *arguments], {**os.environ, **variables})  # noqa: S606 # no shell is wanted


def pin(uv: Path, prefix: Prefix, asked: Translation, folder: Path) -> Path:
    """Let uv resolve a request with all of its options; return the file of pins.

    What is installed goes into that file before, as uv prefers what it finds there: so does
    `uv pip install`. Paths keep their meaning, for uv reads them from the current folder.

    Raises:
        PlanError: uv found no solution; it has said why.
    """
    pins, typed = folder / "pins.txt", folder / "arguments.in"
    pins.write_text("".join(f"{line}\n" for line in _installed(prefix)), "utf-8")
    lines = (*asked.arguments, *(f"-e {path}" for path in asked.editables))
    typed.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    sources = (*asked.files, *([str(typed)] if lines else []))
    where = (f"--python={prefix.python}", f"--output-file={pins}")
    status = subprocess.call(
        [str(uv), *_COMPILE, *where, *asked.compile, *sources], stdout=subprocess.DEVNULL
    )
    if status:
        raise PlanError("uv-pinned-nothing", status=status, text="")
    return pins


def _installed(prefix: Prefix) -> Iterator[str]:
    """Pin what is installed, but for versions that uv cannot read."""
    for dist in prefix.dists():
        with suppress(InvalidVersion):
            yield f"{dist.name}=={Version(dist.version)}"
