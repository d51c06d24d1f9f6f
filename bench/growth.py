"""How an install grows with the size of what is needed: 15, 30, 60 and 120 dists.

Goal: linear. What one more dist costs between 60 and 120 is held against what one costs between 15
and 60; the quotient is 1 where growth is linear, and 2.1 where it is quadratic. A quarter more is
left to chance. Dists of 30 modules that need two others each, from an index in a folder, are
converted and linked into a new environment.

    python -m bench.growth [ROUNDS]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import linear_regression

import builders

from bench.frame.cases import Case, alone
from bench.frame.results import TIMES, Result, shown
from bench.frame.stage import Stage
from bench.frame.timing import in_turn
from bench.installs import install

SIZES = (15, 30, 60, 120)
MODULES = 30
TEXT = "def answer() -> int:\n    return 42\n" * 60


def index(folder: Path) -> str:
    """Write an index in which `dist-N` needs the next two: all that come after it."""
    largest = SIZES[-1]
    wheels = []
    for number in range(largest):
        needed = range(number + 1, min(number + 3, largest))
        requires = [f"dist-{other:03}>=1" for other in needed]
        files = {f"dist_{number:03}/part_{part}.py": TEXT for part in range(MODULES)}
        name = f"dist-{number:03}"
        wheels.append(builders.wheel(folder / "wheels", name, files=files, requires=requires))
    return builders.simple_index(folder / "index", wheels)


def growth(stage: Stage, rounds: int) -> Iterator[Result]:
    """Install each size in turn."""
    local = stage.with_variables(PIP_INDEX_URL=index(stage.folder / "growth"))
    found = in_turn(
        rounds,
        {
            str(size): lambda it=f"dist-{SIZES[-1] - size:03}": install(local, it, stage.caches())
            for size in SIZES
        },
    )
    clock = {size: found[str(size)].middle.clock for size in SIZES}
    processor = {size: found[str(size)].middle.processor for size in SIZES}
    fit = linear_regression(list(clock), list(clock.values()))
    seconds = ", ".join(f"{size} in {shown(taken, 's')}" for size, taken in clock.items())
    yield Result(
        case="growth",
        title=f"growth with {', '.join(map(str, SIZES))} dists",
        against="a straight line",
        figure=steeper(clock),
        processor=steeper(processor),
        unit=TIMES,
        goal=1.25,
        caches="all of ours empty; an index in a folder",
        rounds=rounds,
        note=(
            f"{seconds}; {fit.slope * 1000:.0f} ms a dist beside {fit.intercept:.1f} s; "
            f"R² {fitting(clock):.3f}"
        ),
    )


def steeper(taken: Mapping[int, float]) -> float:
    """Divide what a dist costs in the upper half of the sizes by what it costs in the lower."""
    first, _, middle, last = SIZES
    upper = (taken[last] - taken[middle]) / (last - middle)
    return upper / ((taken[middle] - taken[first]) / (middle - first))


def fitting(taken: Mapping[int, float]) -> float:
    """Tell how much of the differences a straight line explains."""
    slope, intercept = linear_regression(list(taken), list(taken.values()))
    middle = sum(taken.values()) / len(taken)
    beside = sum((value - slope * size - intercept) ** 2 for size, value in taken.items())
    return 1 - beside / sum((value - middle) ** 2 for value in taken.values())


CASES = (Case(("growth",), growth, rounds=3),)

if __name__ == "__main__":
    alone(CASES)
