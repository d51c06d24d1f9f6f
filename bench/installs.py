"""What an install takes against real pip, with real PyPI.

- jupyterlab, 90 dists, into a second environment, everything cached: goal half of pip's time;
- the same into the first one, where everything has to be converted: goal pip's time;
- jupyterlab-server, 65 dists: goal a fifth of the 42 s that were measured of conda-pypi 0.13, which
  solved 54 times on two cores and left dists out;
- one small package, cached: goal pip's time;
- what is satisfied already: goal 1.2 times pip's time.

Both sides have environments of the same thin python, new for every run, in which the same pip 26.3
is; making them is not measured. pip's HTTP cache is warm for both. Each run of "first" has empty
caches of ours, and what it leaves there is what "second" of that round finds.

    python -m bench.installs [ROUNDS]
"""

from __future__ import annotations

from collections.abc import Iterator

from bench.frame.cases import Case, alone
from bench.frame.results import TIMES, Result, ratio
from bench.frame.stage import Caches, Stage
from bench.frame.timing import Taken, in_turn

LARGE, MIDDLE, SMALL = "jupyterlab", "jupyterlab-server", "six"
PUBLISHED = 42.0
HTTP = "pip's HTTP cache warm on both sides"
COLD = "ours empty of conversions and packages; " + HTTP
WARM = "converted and extracted packages cached; " + HTTP


def jupyterlab(stage: Stage, rounds: int) -> Iterator[Result]:
    """The first and the second environment, and pip's, in one interleaved run."""
    kept: list[Caches] = [stage.caches()]

    def first() -> Taken:
        kept[0].clear()
        kept[0] = stage.caches()
        return install(stage, LARGE, kept[0])

    found = in_turn(
        rounds,
        {
            "first": first,
            "pip": lambda: install(stage, LARGE),
            "second": lambda: install(stage, LARGE, kept[0]),
        },
    )
    for name, title, caches, goal in (
        ("second", "a second environment", WARM, 0.5),
        ("first", "the first environment", COLD, 1.0),
    ):
        yield Result(
            case=name,
            title=f"pip install {LARGE}, {kept[0].converted()} dists, {title}",
            against="pip",
            goal=goal,
            caches=caches,
            **ratio(found[name], found["pip"]),
        )


def server(stage: Stage, rounds: int) -> Iterator[Result]:
    """Against a published figure: nothing of the other side is run here."""
    kept: list[Caches] = []

    def first() -> Taken:
        kept[:] = [stage.caches()]
        return install(stage, MIDDLE, kept[0])

    found = in_turn(rounds, {"first": first})["first"]
    yield Result(
        case="server",
        title=f"pip install {MIDDLE}, {kept[0].converted()} dists, the first environment",
        against="conda-pypi 0.13: 42 s",
        figure=found.middle.clock / PUBLISHED,
        unit=TIMES,
        goal=0.2,
        caches=COLD,
        ours=found.middle,
        rounds=rounds,
        note="conda-pypi's 42 s are a published figure, of two other cores",
    )


def small(stage: Stage, rounds: int) -> Iterator[Result]:
    """One package of one file."""
    caches = stage.caches()
    found = in_turn(
        rounds,
        {
            "ours": lambda: install(stage, SMALL, caches),
            "pip": lambda: install(stage, SMALL),
        },
    )
    yield Result(
        case="small",
        title=f"pip install {SMALL}, cached, small channel",
        against="pip",
        goal=1.0,
        caches=WARM,
        **ratio(found["ours"], found["pip"]),
    )


def satisfied(stage: Stage, rounds: int) -> Iterator[Result]:
    """What is there already."""
    with stage.environment(stage.caches()) as guarded, stage.environment() as plain:
        found = in_turn(
            rounds,
            {
                "ours": lambda: guarded.types("pip", "install", SMALL),
                "pip": lambda: plain.types("pip", "install", SMALL),
            },
        )
    yield Result(
        case="satisfied",
        title=f"pip install {SMALL}, satisfied already",
        against="pip",
        goal=1.2,
        caches=HTTP,
        **ratio(found["ours"], found["pip"]),
    )


def install(stage: Stage, name: str, caches: Caches | None = None) -> Taken:
    """Install into a new environment, guarded where there are caches for that."""
    with stage.environment(caches) as active:
        return active.types("pip", "install", name)


CASES = (
    Case(("second", "first"), jupyterlab, rounds=3),
    Case(("server",), server, rounds=3),
    Case(("small",), small, rounds=7),
    Case(("satisfied",), satisfied, rounds=7),
)

if __name__ == "__main__":
    alone(CASES)
