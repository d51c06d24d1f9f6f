"""What it costs to know names, and how often they are right.

- 50 names from a cached table: goal at most 5 ms of the processor, loading the table included;
- with a published table: the curated list of `tests/data/names/`, goal 2 of 100 wrong.

    python -m bench.names [ROUNDS]      BENCH_TABLE=…: a published table, a file

Without a table, one of the size of conda-forge's is made up.
"""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

from bench import ROOT
from bench.frame.cases import Case, alone
from bench.frame.results import Result
from bench.frame.stage import Stage
from bench.frame.timing import Taken, in_turn
from pipguard.mapping.seed import SEED
from pipguard.mapping.table import MappingSettings, load_tables
from pipguard.names import Known, NameTable, Seed, pypi_name

LIST = ROOT / "tests/data/names/curated.tsv"


def lookups(stage: Stage, rounds: int) -> Iterator[Result]:
    """Time loading and fifty lookups, as one command does them."""
    table = Path(os.environ.get("BENCH_TABLE") or stage.folder / "names.json").resolve()
    settings = MappingSettings(stage.folder / "names", url=table.as_uri())
    known = [name for name, dists in json.loads(table.read_bytes()).items() if dists]
    chosen = random.Random(5)  # noqa: S311 # the same names each time
    names = [pypi_name(name) for name in chosen.sample(known, 45)]
    names += [pypi_name(f"nobody-knows-{number}") for number in range(5)]
    loading = []

    def asked() -> Taken:
        start = time.process_time()
        table = NameTable(seed=SEED, tables=load_tables((), settings).tables)
        loading.append(time.process_time() - start)
        for name in names:
            table.lookup(name)
        taken = time.process_time() - start
        return Taken(taken, taken)

    found = in_turn(rounds, {"names": asked})["names"]
    yield Result(
        case="names",
        title="50 names from a table, of the processor",
        against="-",
        figure=found.least.processor * 1000,
        unit="ms",
        goal=5.0,
        rounds=rounds,
        note=f"the least; loading the table {min(loading) * 1000:.1f} ms of it, "
        f"{found.middle.processor * 1000:.1f} ms in the middle",
    )
    if os.environ.get("BENCH_TABLE"):
        yield from score(table, settings)


def score(table: Path, settings: MappingSettings) -> Iterator[Result]:
    """Count the curated names whose first candidate is wrong."""
    lines = LIST.read_text("utf-8").splitlines()
    pairs = [line.split("\t") for line in lines if not line.startswith("#")]
    tables = load_tables((), settings).tables
    there = frozenset(json.loads(table.read_bytes()))
    kinds = {
        "seed and table": NameTable(seed=SEED, tables=tables),
        "table alone": NameTable(seed=Seed(), tables=tables),
        "seed and the channel's own names": NameTable(seed=SEED),
    }
    for kind, names in kinds.items():
        wrong = 0
        for pypi, conda in pairs:
            answer = names.lookup(pypi_name(pypi), there)
            first = answer.proposals[0].conda if isinstance(answer, Known) else "-"
            wrong += first not in conda.split("|")
        share = 100 * wrong / len(pairs)
        yield Result("names", f"curated names, wrong by {kind}", "-", share, "%", goal=2.0)


CASES = (Case(("names",), lookups, rounds=50),)

if __name__ == "__main__":
    alone(CASES)
