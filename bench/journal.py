"""What the journal costs of an operation: 90 packages of 60 files each, and one small one.

Everything is in the cache. Of an install and of an upgrade, in which every file is saved, this
adds up what serves only to take the operation back: foreseeing each path, keeping what is replaced,
marking what is done, and forgetting the oldest. Planning and solving are not part of the whole,
so that the share of a real `pip install` is smaller. Goal: 50 ms of one package, 15 % of 90.

    python -m bench.journal [ROUNDS]
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import builders
from killing import Workbench

from bench.frame.cases import Case, alone
from bench.frame.results import Result
from bench.frame.stage import Stage
from bench.frame.timing import Series, Taken, worked
from pipguard import transaction
from pipguard.changes import open_operation
from pipguard.changes.journal import JournalFolder
from pipguard.tour import thin_python

FILES, LINES, MANY = 60, 40, 90


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


def measured(meter: Meter, operate: Callable[[], None]) -> tuple[Taken, float]:
    """Run an operation; return what it takes, and the seconds of the journal."""
    meter.seconds = 0.0
    taken = worked(operate)
    return taken, meter.seconds


def journal(_: Stage, rounds: int) -> Iterator[Result]:
    """Install and upgrade one package, and many."""
    meter = watched()
    folder = Path(tempfile.mkdtemp(prefix="journal-"))
    try:
        channel = folder / "thin"
        thin_python.make(channel)
        thin_python.make_pip(channel)
        builders.channel(channel)
        bench = Workbench(folder / "bench", channel)
        names = [f"package{number:02}" for number in range(MANY)]
        offer(bench, names)
        for size in (1, MANY):
            for title, before, after in (("install", (), "1.0"), ("upgrade", ("1.0",), "2.0")):
                first = [(name, version) for version in before for name in names[:size]]
                wanted = [(name, after) for name in names[:size]]
                found = []
                for _ in range(rounds):
                    bench.change(*first)()
                    found.append(measured(meter, bench.change(*wanted)))
                yield share(f"{title} of {size}", size, found)
        bench.change()()
    finally:
        shutil.rmtree(folder)


def watched() -> Meter:
    """Watch all that serves only to take an operation back."""
    meter = Meter()
    for name in ("open", "commit", "account"):
        meter.watch(JournalFolder, name)
    for name in ("forecast", "unaccounted", "refuse_hidden"):
        meter.watch(open_operation, name)
    for name in ("trim", "recover"):
        meter.watch(transaction, name)
    return meter


def share(title: str, size: int, found: list[tuple[Taken, float]]) -> Result:
    """Judge one package by the milliseconds, many by their part of the whole."""
    taken = Series(tuple(it for it, _ in found)).middle
    own = median(it for _, it in found)
    figure, unit, goal = (own * 1000, "ms", 50.0)
    if size > 1:
        figure, unit, goal = (100 * own / taken.clock, "%", 15.0)
    title = f"the journal, of an {title}"
    return Result("journal", title, "-", figure, unit, goal, ours=taken, rounds=len(found))


CASES = (Case(("journal",), journal),)

if __name__ == "__main__":
    alone(CASES)
