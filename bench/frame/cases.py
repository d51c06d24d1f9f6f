"""Cases: chosen by name, run one after the other, told as one table.

`BENCH_CASES` names those that are wanted, `BENCH_ROUNDS` how many runs of each side count.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import NoReturn

from bench.frame.machine import machine
from bench.frame.results import Report, Result
from bench.frame.stage import Stage, stage
from bench.frame.timing import RunError


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


def run(
    cases: Sequence[Case],
    tell: Callable[[Report], None],
    *,
    wanted: str = "",
    rounds: str = "",
    place: Callable[[], AbstractContextManager[Stage]] = stage,
) -> bool:
    """Measure what is wanted; a line on standard error tells of each result as it comes.

    A case that fails says why, and the others go on.

    Args:
        cases: of which some may be wanted.
        tell: is given the report, before all that was made is cleared away, which takes long.
        wanted: names of cases.
        rounds: how many runs count, if not what each case has for itself.
        place: makes the stage.

    Returns:
        whether every case could be measured.
    """
    selected, names = chosen(cases, wanted)
    where, results, failed = machine(), [], False
    with place() as made:
        for case in selected:
            try:
                for result in case.measure(made, int(rounds or case.rounds)):
                    if result.case in names:
                        results.append(result)
                        print("  ".join(result.row()), file=sys.stderr, flush=True)
            except RunError as error:  # noqa: PERF203 # minutes lie between two
                failed = True
                print(f"{', '.join(case.names)}: {error}", file=sys.stderr, flush=True)
        tell(Report(where, tuple(results)))
    return not failed


def alone(cases: Sequence[Case]) -> NoReturn:
    """Be the main program of one module: `python -m bench.MODULE [ROUNDS]`."""
    given = sys.argv[1] if sys.argv[1:] else os.environ.get("BENCH_ROUNDS", "")
    wanted = os.environ.get("BENCH_CASES", "")
    leave(run(cases, lambda report: print(report.text()), wanted=wanted, rounds=given))


def leave(all_is_well: bool) -> NoReturn:  # noqa: FBT001 # it is what there is to say
    """End at once: py-rattler's threads can crash an interpreter that ends by itself."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(not all_is_well)
