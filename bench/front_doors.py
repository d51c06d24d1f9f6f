"""What the guard costs at the front door, against real pip.

- `pip --version` and `pip list` through the shim: goal at most 3 ms more than without it. What is
  compared are an environment with a guard and one without, the quickest run of each: a hundredth of
  a run is lost among medians, and whatever else a machine does can only add to it;
- the guard's own work beyond planning, fetching and linking, taken as a guarded dry run less pip's
  own dry run with a report: goal under 0.3 s. Once with a name that has to be converted, once with
  a name that conda has.

    python -m bench.front_doors [ROUNDS]
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import builders

from bench.frame.cases import Case, alone
from bench.frame.results import Result, more, shown
from bench.frame.stage import Stage
from bench.frame.timing import in_turn


def shim(stage: Stage, rounds: int, *, case: str, words: tuple[str, ...]) -> Iterator[Result]:
    """Type what no guard has anything to do with."""
    with stage.environment(stage.caches()) as guarded, stage.environment() as plain:
        found = in_turn(
            rounds,
            {
                "ours": lambda: guarded.types("pip", *words),
                "pip": lambda: plain.types("pip", *words),
            },
        )
    median = more(found["ours"], found["pip"], unit="ms")
    ours, theirs = found["ours"].least, found["pip"].least
    least = {
        "figure": (ours.clock - theirs.clock) * 1000,
        "processor": (ours.processor - theirs.processor) * 1000,
    }
    yield Result(
        case=case,
        title=f"pip {' '.join(words)} through the shim",
        against="pip",
        goal=3.0,
        note=f"of the quickest runs; in the median {shown(median['figure'], 'ms')} more",
        **{**median, **least},
    )


def own_work(stage: Stage, rounds: int) -> Iterator[Result]:
    """Dry runs, with an index in a folder."""
    folder = stage.folder / "doors"
    builders.dist_package(folder / "channel", "gamma")
    builders.channel(folder / "channel")
    wheels = [builders.wheel(folder / "wheels", name) for name in ("beta", "gamma")]
    local = stage.with_channels(str(folder / "channel")).with_variables(
        PIP_INDEX_URL=builders.simple_index(folder / "index", wheels)
    )
    with local.environment(stage.caches()) as guarded, local.environment() as plain:
        for case, what, name in (
            ("own-converted", "of one to convert", "beta"),
            ("own-conda", "of one on conda", "gamma"),
        ):
            words = ("pip", "install", "--dry-run", name)
            report = ("--report", str(folder / "report.json"))
            found = in_turn(
                rounds,
                {
                    "ours": partial(guarded.types, *words),
                    "pip": partial(plain.types, *words, *report),
                },
            )
            yield Result(
                case=case,
                title=f"the guard's own work, dry run {what}",
                against="pip",
                goal=0.3,
                **more(found["ours"], found["pip"]),
            )


PROMISED = (Case(("list",), partial(shim, case="list", words=("list",)), rounds=31),)
PARTS = (
    Case(("version",), partial(shim, case="version", words=("--version",)), rounds=31),
    Case(("own-converted", "own-conda"), own_work, rounds=9),
)

if __name__ == "__main__":
    alone((*PROMISED, *PARTS))
