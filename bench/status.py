"""What `pipguard status` takes in a big environment.

Goals: 300 packages with 50,000 files in 0.5 s, 1,000 packages in 1.5 s. The records are as large as
those of real packages: path, sha256, size and type of every file.

    python -m bench.status [ROUNDS]
"""

from __future__ import annotations

from collections.abc import Iterator

from bench.frame.cases import Case, alone
from bench.frame.crowd import fill
from bench.frame.results import Result, absolute
from bench.frame.stage import PIPGUARD, Stage
from bench.frame.timing import in_turn

SIZES = ((300, 50_000, 0.5), (1000, 60_000, 1.5))


def status(stage: Stage, rounds: int) -> Iterator[Result]:
    """One environment of each size."""
    for packages, files, goal in SIZES:
        with stage.environment() as active:
            fill(active.prefix, packages, files, channel=stage.channel.as_uri())
            words = (str(PIPGUARD), "status", "-p", str(active.prefix))
            found = in_turn(rounds, {"status": lambda: active.types(*words)})  # noqa: B023 # at once
        title = f"pipguard status, {packages:,} packages, {files:,} files"
        yield Result("status", title, "-", goal=goal, **absolute(found["status"]))


CASES = (Case(("status",), status),)

if __name__ == "__main__":
    alone(CASES)
