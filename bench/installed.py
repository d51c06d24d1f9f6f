"""What many installed packages cost: the same install into an environment of 1,000 and of 20.

Goal: 0.5 s more. The packages have records of 60 files each, as real ones have, and metadata. What
real pip takes more there, which reads the metadata of all of them, is told beside it.

    python -m bench.installed [ROUNDS]
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

from bench.frame.cases import Case, alone
from bench.frame.crowd import fill
from bench.frame.results import Result, more, shown
from bench.frame.stage import Active, Stage
from bench.frame.timing import Taken, in_turn
from bench.installs import SMALL, WARM

MANY, FEW, FILES = 1000, 20, 60


def installed(stage: Stage, rounds: int) -> Iterator[Result]:
    """Install and uninstall the same package over and over, in four environments."""
    with ExitStack() as stack:
        caches = stage.caches()
        sides = {}
        for side, guard in (("ours", caches), ("pip", None)):
            for size in (MANY, FEW):
                active = stack.enter_context(stage.environment(guard))
                fill(active.prefix, size, size * FILES, channel=stage.channel.as_uri())
                sides[f"{side}, {size}"] = lambda it=active: again(it)
        found = in_turn(rounds, sides)
    theirs = more(found[f"pip, {MANY}"], found[f"pip, {FEW}"])
    yield Result(
        case="installed",
        title=f"pip install {SMALL} beside {MANY:,} installed packages",
        against=f"the same beside {FEW}",
        goal=0.5,
        caches=WARM,
        note=f"real pip takes {shown(theirs['figure'], 's')} more there",
        **more(found[f"ours, {MANY}"], found[f"ours, {FEW}"]),
    )


def again(active: Active) -> Taken:
    """Install, and take it out again, which does not count."""
    taken = active.types("pip", "install", SMALL)
    active.types("pip", "uninstall", "-y", SMALL)
    return taken


CASES = (Case(("installed",), installed, rounds=5),)

if __name__ == "__main__":
    alone(CASES)
