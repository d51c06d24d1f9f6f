"""Runs what is compared in turn, and takes the time of each: of the clock and of processors.

On a machine that does other things the clock of one run says little. The sides alternate, each
round begins with another one, the first round does not count, and the median does. The time of
processors, user and system, of a process and all that it has waited for, is there to be held
against the clock.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

_SHOWN = 2000
_SCALE = """
import os, sys
file, *command = sys.argv[1:]
_, status, usage = os.wait4(os.spawnvp(os.P_NOWAIT, command[0], command), 0)
with open(file, "w") as scale:
    scale.write(str(usage.ru_maxrss))
sys.exit(os.waitstatus_to_exitcode(status))
"""


class RunError(Exception):
    """A command line of a bench did not end as it must."""

    def __init__(self, command: Sequence[str | Path], code: int, output: str) -> None:
        line = " ".join(map(str, command))
        super().__init__(f"{line} ended with {code}:\n{output}")


@dataclass(frozen=True, slots=True)
class Taken:
    """What one run takes: seconds on the clock and of processors, and the largest process in MB.

    Memory is 0 where it was not weighed.
    """

    clock: float
    processor: float
    memory: float = 0.0


def ran(
    command: Sequence[str | Path], variables: Mapping[str, str] | None = None, *, ends: int = 0
) -> Taken:
    """Run a command line to its end.

    Raises:
        RunError: it ended with another exit code.
    """
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            [*map(str, command)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if variables is None else {**variables},
        )
        _, status, usage = os.wait4(process.pid, 0)
        clock = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != ends:
            output.seek(0)
            told = output.read().decode(errors="replace")[-_SHOWN:]
            raise RunError(command, process.returncode, told)
    return Taken(clock, usage.ru_utime + usage.ru_stime)


def weighed(command: Sequence[str | Path], variables: Mapping[str, str]) -> Taken:
    """Run a command line for the memory of the largest of its processes as well.

    The system counts memory from before a process becomes another program, so that none would be
    smaller than this one: a small one stands between.
    """
    with tempfile.NamedTemporaryFile() as scale:
        between = [sys.executable, "-ISc", _SCALE, scale.name]
        taken = ran([*between, *command], variables)
        return replace(taken, memory=int(scale.read()) * 1024 / 1e6)


def worked(work: Callable[[], Any]) -> Taken:
    """Do some work inside this process."""
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return Taken(time.perf_counter() - clock, time.process_time() - processor)


@dataclass(frozen=True, slots=True)
class Series:
    """All runs of one side."""

    runs: tuple[Taken, ...]

    @property
    def middle(self) -> Taken:
        """The median of each figure by itself."""
        return Taken(
            median(run.clock for run in self.runs),
            median(run.processor for run in self.runs),
            median(run.memory for run in self.runs),
        )

    @property
    def least(self) -> Taken:
        """The least of each: for work so short that whatever else is done can only add to it."""
        return Taken(
            min(run.clock for run in self.runs),
            min(run.processor for run in self.runs),
            min(run.memory for run in self.runs),
        )


Side = Callable[[], Taken]
"""Prepares one run of one side, takes its time, and clears away."""


def in_turn(rounds: int, sides: Mapping[str, Side], *, warm: int = 1) -> dict[str, Series]:
    """Run every side once in every round; `warm` rounds come before those that count."""
    found: dict[str, list[Taken]] = {name: [] for name in sides}
    names = list(sides)
    for number in range(-warm, rounds):
        first = number % len(names)
        for name in (*names[first:], *names[:first]):
            say(f"{name}, round {number + 1 if number >= 0 else 0} of {rounds}")
            taken = sides[name]()
            if number >= 0:
                found[name].append(taken)
    say("")
    return {name: Series(tuple(runs)) for name, runs in found.items()}


def say(text: str) -> None:
    """Show what is going on where somebody watches: one line, written over."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{text}\x1b[K")
        sys.stderr.flush()
