"""What becomes of environments whose operations are killed, disturbed and mixed: no times.

- kills before every step and at random moments, over install, upgrade, uninstall, undo, repair,
  enable and disable; then the next command: it is as before or as after, by every file;
- kills, then a change by somebody else, then the next command: nothing of theirs is lost;
- random sequences of all that, killed or not: conda-meta accounts for every file.

What fails ends the run with the case that did.

    python -m bench.faults [KILLS] [CHANGES OF OTHERS] [SEQUENCES]
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

import builders
from killing import Workbench
from ordeals import (
    changes_of_others,
    kills_of_a_repair,
    kills_of_operations,
    kills_of_the_guard,
    sequences,
)

from pipguard.tour import thin_python

SEED = 20261121


def told(title: str, figures: Counter[str], since: float) -> None:
    print(f"{title}: {figures.total()} in {time.monotonic() - since:.0f} s")
    for name, number in figures.items():
        print(f"    {number:6} {name}")
    sys.stdout.flush()


def main(kills: int = 1000, others: int = 50, wanted: int = 500) -> None:
    memory = Path("/dev/shm")  # noqa: S108 # thousands of environments: in memory where there is any
    place = memory if memory.is_dir() else None
    folder = Path(tempfile.mkdtemp(prefix="faults-", dir=place))
    try:
        channel = folder / "thin"
        thin_python.make(channel)
        thin_python.make_pip(channel)
        builders.channel(channel)
        bench, random = Workbench(folder / "bench", channel), Random(SEED)  # noqa: S311 # repeated
        for title, run in {
            "killed": lambda: kills_of_operations(bench, random, kills),
            "killed, of the doctor": lambda: kills_of_a_repair(
                Workbench(folder / "patient", channel)
            ),
            "killed, of the guard": lambda: kills_of_the_guard(bench, folder),
            "killed, then changed by others, nothing of theirs lost": lambda: changes_of_others(
                bench, random, others
            ),
            "random sequences, every file accounted for": lambda: sequences(bench, random, wanted),
        }.items():
            since = time.monotonic()
            told(title, run(), since)
        print(
            "0 mixed states, 0 stale locks, 0 leftovers, 0 steps by hand: any would have ended this"
        )
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
