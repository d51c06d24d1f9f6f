"""Cases: chosen by name, run one after the other, told as one table.

`BENCH_CASES` names those that are wanted, `BENCH_ROUNDS` how many runs of each side count.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NoReturn

from bench.frame.machine import machine
from bench.frame.results import Report, Result
from bench.frame.stage import Stage, stage


@dataclass(frozen=True, slots=True)
class Case:
    """One measurement, which yields a result or several; `names` are the cases of its results."""

    names: tuple[str, ...]
    measure: Callable[[Stage, int], Iterator[Result]]
    rounds: int = 5


def chosen(cases: Sequence[Case], wanted: str) -> tuple[tuple[Case, ...], frozenset[str]]:
    """Take the cases of which a result is wanted, by names with commas; no name is all of them.

    Exits with what there is where a name is not known.
    """
    known = [name for case in cases for name in case.names]
    names = frozenset(wanted.replace(",", " ").split()) or frozenset(known)
    if unknown := names - frozenset(known):
        sys.exit(f"no case {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    return tuple(case for case in cases if names & {*case.names}), names


def run(cases: Sequence[Case], *, wanted: str = "", rounds: str = "") -> Report:
    """Measure what is wanted; a line on standard error tells of each result as it comes."""
    selected, names = chosen(cases, wanted)
    where, results = machine(), []
    with stage() as made:
        for case in selected:
            for result in case.measure(made, int(rounds or case.rounds)):
                if result.case in names:
                    results.append(result)
                    print("  ".join(result.row()), file=sys.stderr, flush=True)
    return Report(where, tuple(results))


def alone(cases: Sequence[Case]) -> NoReturn:
    """Be the main program of one module: `python -m bench.MODULE [ROUNDS]`."""
    given = sys.argv[1] if sys.argv[1:] else os.environ.get("BENCH_ROUNDS", "")
    print(run(cases, wanted=os.environ.get("BENCH_CASES", ""), rounds=given).text())
    leave()


def leave() -> NoReturn:
    """End at once: py-rattler's threads can crash an interpreter that ends by itself."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
