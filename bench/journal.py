"""What the journal costs of an operation: 90 packages of 60 files each, and one small one.

Everything is in the cache. Of an install and of an upgrade, in which every file is saved, this
adds up what serves only to take the operation back: foreseeing each path, keeping what is replaced,
marking what is done, and forgetting the oldest. Planning and solving are not part of the whole,
so that the share of a real `pip install` is smaller.

    python bench/journal.py [RUNS]
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

import builders
from killing import Workbench

from pipguard import transaction
from pipguard.changes.journal import JournalFolder
from pipguard.tour import thin_python

FILES, LINES = 60, 40
GOALS = {1: "at most 50 ms", 90: "at most 15 %"}


class Meter:
    """Adds up the seconds that some functions take."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def watch(self, owner: Any, name: str) -> None:
        real = getattr(owner, name)

        def timed(*arguments: Any, **options: Any) -> Any:
            since = time.perf_counter()
            try:
                return real(*arguments, **options)
            finally:
                self.seconds += time.perf_counter() - since

        setattr(owner, name, timed)


def offer(bench: Workbench, names: list[str]) -> None:
    for name in names:
        for version in ("1.0", "2.0"):
            text = f"VERSION = '{version}'\n" + "def work():\n    return 1\n" * LINES
            files = {f"site-packages/{name}/part{it}.py": text for it in range(FILES)}
            builders.dist_package(bench.channel, name, version, files, depends=("python",))
    builders.channel(bench.channel)


def measured(meter: Meter, operate: Callable[[], None]) -> tuple[float, float]:
    """Run an operation; return its seconds and those of the journal."""
    meter.seconds, since = 0.0, time.perf_counter()
    operate()
    return time.perf_counter() - since, meter.seconds


def main(runs: int = 5) -> None:
    meter = Meter()
    for name in ("open", "commit", "account"):
        meter.watch(JournalFolder, name)
    for name in ("forecast", "unaccounted", "refuse_hidden", "trim", "recover"):
        meter.watch(transaction, name)
    folder = Path(tempfile.mkdtemp(prefix="journal-"))
    try:
        channel = folder / "thin"
        thin_python.make(channel)
        thin_python.make_pip(channel)
        builders.channel(channel)
        bench = Workbench(folder / "bench", channel)
        names = [f"package{number:02}" for number in range(90)]
        offer(bench, names)
        for size, goal in GOALS.items():
            chosen = names[:size]
            cases = {
                "install": ((), "1.0"),
                "upgrade": (tuple((name, "1.0") for name in chosen), "2.0"),
            }
            for title, (first, version) in cases.items():
                found = []
                for _ in range(runs):
                    bench.change(*first)()
                    wanted = [(name, version) for name in chosen]
                    found.append(measured(meter, bench.change(*wanted)))
                total, own = median(it for it, _ in found), median(it for _, it in found)
                told = f"{own * 1000:5.0f} ms of {total * 1000:5.0f}, {own / total:4.0%}"
                print(f"{title} of {size:2}: {told} ({goal})")
        bench.change()()
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
    sys.stdout.flush()
    os._exit(0)  # py-rattler's threads crash an interpreter that ends by itself
