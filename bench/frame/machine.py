"""Where and of what the figures are: the machine, the versions, and how busy it is."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path

from bench import ROOT

_BUSY = 0.25  # of the processors: what else runs then shows in the figures


@dataclass(frozen=True, slots=True)
class Machine:
    """What is said above every table.

    `load` is the one of a minute before the first run; `pipguard` ends with `+` where the work tree
    is not what was committed.
    """

    processor: str
    cores: int
    memory_gb: float
    system: str
    python: str
    pipguard: str
    pip: str
    rattler: str
    load: float
    taken: str

    @property
    def is_quiet(self) -> bool:
        return self.load < self.cores * _BUSY

    def lines(self) -> tuple[str, ...]:
        quiet = "quiet" if self.is_quiet else "busy"
        size = f"{self.cores} cores, {self.memory_gb:.0f} GB"
        return (
            f"{self.processor}, {size}, {self.system}, Python {self.python}",
            f"pipguard {self.pipguard}, pip {self.pip}, py-rattler {self.rattler}",
            f"{self.taken}, load {self.load:.1f} before the first run: {quiet}",
        )


def machine() -> Machine:
    """Look around."""
    return Machine(
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)),
        memory_gb=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9,
        system=f"{platform.system()} {platform.machine()}",
        python="{}.{}.{}".format(*sys.version_info[:3]),
        pipguard=_commit(),
        pip=version("pip"),
        rattler=version("py-rattler"),
        load=os.getloadavg()[0],
        taken=datetime.now(timezone.utc).strftime("%Y-%m-%d"),
    )


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    text = cpuinfo.read_text("utf-8") if cpuinfo.is_file() else ""
    found = (line.partition(":")[2].strip() for line in text.splitlines() if "model name" in line)
    return next(found, platform.processor() or "unknown processor")


def _commit() -> str:
    try:
        told = _git("rev-parse", "--short", "HEAD")
        return told + ("+" if _git("status", "--porcelain", "--", "pipguard", "activate.d") else "")
    except (OSError, subprocess.CalledProcessError):
        return version("conda-pipguard")


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(ROOT), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
