"""`make bench`: every claim about speed in one table, and as JSON.

    python -m bench [JSON]      build/bench.json by default

Without a word these are the claims about an install as a whole. `BENCH_CASES="second small"`
chooses among them and those about parts, `BENCH_CASES=all` takes all; `BENCH_ROUNDS=9` says how
many runs count.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from bench import (
    ROOT,
    activation,
    conversion,
    doctor,
    exit_codes,
    front_doors,
    growth,
    installed,
    installs,
    journal,
    large_channel,
    names,
    one_solve,
    status,
)
from bench.frame.cases import leave, run
from bench.frame.results import Report

PROMISED = (
    *installs.CASES,
    *front_doors.PROMISED,
    *large_channel.PROMISED,
    *installed.CASES,
    *growth.CASES,
)
"""An install as a whole, and what is beside it."""

PARTS = (
    *front_doors.PARTS,
    *activation.CASES,
    *large_channel.PARTS,
    *names.CASES,
    *one_solve.CASES,
    *conversion.CASES,
    *journal.CASES,
    *status.CASES,
    *doctor.CASES,
    *exit_codes.CASES,
)


def main(path: Path) -> bool:
    """Measure, print, write; say whether all could be measured."""
    chosen, rounds = (os.environ.get(f"BENCH_{name}", "") for name in ("CASES", "ROUNDS"))
    cases = (*PROMISED, *PARTS) if chosen else PROMISED

    def tell(report: Report) -> None:
        print(report.text(), flush=True)
        report.write(path)

    return run(cases, tell, wanted="" if chosen == "all" else chosen, rounds=rounds)


if __name__ == "__main__":
    leave(main(Path(sys.argv[1]) if sys.argv[1:] else ROOT / "build/bench.json"))
