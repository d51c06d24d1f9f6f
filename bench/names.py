"""What it costs to know names, and how often they are right.

- 50 names from a cached table: goal at most 5 ms, loading the table included;
- with a published table: the curated list of `tests/data/names/`, goal 98 of 100.

    python bench/names.py [TABLE]

Without a table, one of the size of conda-forge's is made up.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from pipguard.mapping.seed import SEED
from pipguard.mapping.table import MappingSettings, load_tables
from pipguard.names import Known, NameTable, Seed, pypi_name

LIST = Path(__file__).resolve().parent.parent / "tests/data/names/curated.tsv"
CONDA_NAMES, DIST_NAMES, RUNS = 34_000, 20_500, 50


def made_up() -> dict[str, list[str] | None]:
    """Make a table of conda-forge's size: names alike, some renamed, many without a dist."""
    chosen = random.Random(4)  # noqa: S311 # the same names each time
    ships: dict[str, list[str] | None] = {}
    for number in range(CONDA_NAMES):
        name = f"{chosen.choice('abcdefghijklmnopqrstuvwxyz')}-package-{number}"
        own = name if number % 25 else f"{name}-renamed"
        ships[name] = [own] if number < DIST_NAMES else None
    return ships


def lookups(table: Path, folder: Path) -> None:
    """Time loading and fifty lookups, as one command does them."""
    settings = MappingSettings(folder, url=table.as_uri())
    load_tables((), settings)
    known = [name for name, dists in json.loads(table.read_bytes()).items() if dists]
    chosen = random.Random(5)  # noqa: S311 # the same names each time
    names = [pypi_name(name) for name in chosen.sample(known, 45)]
    names += [pypi_name(f"nobody-knows-{number}") for number in range(5)]
    loading, asking = [], []
    for _ in range(RUNS):
        start = time.process_time()
        names_table = NameTable(seed=SEED, tables=load_tables((), settings).tables)
        loaded = time.process_time()
        for name in names:
            names_table.lookup(name)
        loading.append((loaded - start) * 1000)
        asking.append((time.process_time() - loaded) * 1000)
    both = [one + other for one, other in zip(loading, asking, strict=True)]
    print(
        f"50 names, processor time: {min(asking):.1f} ms, loading the table {min(loading):.1f} ms, "
        f"together {min(both):.1f} ms at best, {median(both):.1f} ms in the middle (5)"
    )


def score(table: Path, folder: Path) -> None:
    """Count the curated names whose first candidate is right."""
    lines = LIST.read_text("utf-8").splitlines()
    pairs = [line.split("\t") for line in lines if not line.startswith("#")]
    tables = load_tables((), MappingSettings(folder, url=table.as_uri())).tables
    there = frozenset(json.loads(table.read_bytes()))
    kinds = {
        "seed and table": NameTable(seed=SEED, tables=tables),
        "table alone": NameTable(seed=Seed(), tables=tables),
        "seed and the channel's own names": NameTable(seed=SEED),
    }
    for kind, names in kinds.items():
        right = 0
        for pypi, conda in pairs:
            answer = names.lookup(pypi_name(pypi), there)
            first = answer.proposals[0].conda if isinstance(answer, Known) else "-"
            right += first in conda.split("|")
        print(f"{kind}: {right} of {len(pairs)} right, {100 * right / len(pairs):.1f} % (98)")


def main(table: Path | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        if table is None:
            table = Path(folder) / "made-up.json"
            table.write_text(json.dumps(made_up()))
            lookups(table, Path(folder))
        else:
            lookups(table, Path(folder))
            score(table, Path(folder))


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else None)
