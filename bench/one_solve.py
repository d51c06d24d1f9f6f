"""What deciding costs: how often the solver is asked, and the seconds of it.

- a PyPI-only closure of 120 dists: one solve;
- the same where a channel has half of it: one solve;
- one conda package among 64 without a solution, over a channel of 20,000 records: at most sixteen
  questions beside the one solve find it.

Time is user and system time of this process, everything outside being real but the packages.

    python -m bench.one_solve [ROUNDS]
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import median

import bare
from values import candidate, plan, record

from bench.frame.cases import Case, alone
from bench.frame.results import Result
from bench.frame.stage import Stage
from pipguard.mapping.seed import Seed
from pipguard.names import NameTable
from pipguard.plan import Candidate
from pipguard.present import look_at
from pipguard.question import Sources
from pipguard.records import Record
from pipguard.request import Install
from pipguard.resolution import resolve
from pipguard.wheels.channel import LocalChannel
from pipguard.wheels.converter import LocalConverter

MOST = 17


def requests(size: int) -> list[Candidate]:
    return [candidate(f"dist-{number}", asked=f"dist-{number}") for number in range(size)]


def channel(size: int, *, culprit: int | None = None, step: int = 1) -> list[Record]:
    return [
        record(f"dist-{number}", depends=["nowhere"] if number == culprit else ["python"])
        for number in range(0, size, step)
    ]


def crowd(size: int) -> list[Record]:
    """Packages that nobody asks for, in ten versions each."""
    return [record(f"other-{number // 10}", f"1.{number % 10}") for number in range(size)]


def measured(items: list[Candidate], records: Iterable[Record]) -> tuple[int, float]:
    """Resolve once in a new folder; return the number of solves and the seconds."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prefix = bare.prefix(folder / "env")
        engine = bare.engine(prefix, bare.channel(folder / "channel", records))
        converter = LocalConverter(LocalChannel(folder / "local"), folder)
        sources = Sources(engine, NameTable(Seed()), converter, prefix)
        engine.shelves([record("other-0").name])  # reads the channel, which is not ours to measure
        start = time.process_time()
        resolve(Install(), plan(*items), look_at(prefix), sources)
        return engine.solves, time.process_time() - start


def solves(_: Stage, rounds: int) -> Iterator[Result]:
    """One result per claim."""
    crowded = crowd(20_000)
    cases = {
        "120 dists, all from PyPI": (bare.closure(120), crowded),
        "120 dists, conda has half": (bare.closure(120), [*crowded, *channel(120, step=2)]),
        "64 requests, conda has all": (requests(64), [*crowded, *channel(64)]),
        "64 requests, the first fails": (requests(64), [*crowded, *channel(64, culprit=0)]),
        "64 requests, the last fails": (requests(64), [*crowded, *channel(64, culprit=63)]),
    }
    for title, (items, records) in cases.items():
        found = [measured(items, records) for _ in range(rounds + 1)][1:]
        count = max(each for each, _ in found)
        goal = MOST if "fails" in title else 1
        note = f"{title}: {median(seconds for _, seconds in found):.3f} s of the processor"
        yield Result("solves", title, "-", count, "solves", goal, rounds=rounds, note=note)


CASES = (Case(("solves",), solves),)

if __name__ == "__main__":
    alone(CASES)
