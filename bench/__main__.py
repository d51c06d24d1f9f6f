"""`make bench`: every claim about speed in one table, and as JSON.

    python -m bench [JSON]      build/bench.json by default

`BENCH_CASES="second small"` chooses among the cases, `BENCH_ROUNDS=9` says how many runs count.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from bench import ROOT, front_doors, growth, installed, installs, large_channel
from bench.frame.cases import leave, run

CASES = (
    *installs.CASES,
    *front_doors.PROMISED,
    *large_channel.PROMISED,
    *installed.CASES,
    *growth.CASES,
)


def main(path: Path) -> None:
    """Measure, print, write."""
    chosen, rounds = (os.environ.get(f"BENCH_{name}", "") for name in ("CASES", "ROUNDS"))
    report = run(CASES, wanted=chosen, rounds=rounds)
    print(report.text())
    report.write(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else ROOT / "build/bench.json")
    leave()
