"""What `pipguard doctor` takes in an environment of 300 packages and 50,000 files, warm.

Goal: 3 s. The files are there, as large as those of real packages, and as old: what size and date
settle is not hashed. `--full` hashes everything, and so is every file of a package of which one was
altered. `status`, whose goal is 0.5 s, is in `bench/status.py`.

    python -m bench.doctor [ROUNDS]
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench.frame.cases import Case, alone
from bench.frame.crowd import fill
from bench.frame.results import Result, absolute
from bench.frame.stage import PIPGUARD, Active, Stage
from bench.frame.timing import in_turn

PACKAGES, FILES, GOAL = 300, 50_000, 3.0
ALTERED = 50


def doctor(stage: Stage, rounds: int) -> Iterator[Result]:
    """One environment: as it was made, by every hash, and with files that were altered."""
    with stage.environment() as active:
        fill(active.prefix, PACKAGES, FILES, channel=stage.channel.as_uri(), on_disk=True)
        yield examined(active, rounds, "", goal=GOAL)
        yield examined(active, rounds, ", --full", "--full")
        count = alter(active.prefix)
        yield examined(active, rounds, f", {count} altered", goal=GOAL, ends=1)


def examined(
    active: Active, rounds: int, what: str, *options: str, goal: float | None = None, ends: int = 0
) -> Result:
    """Run the doctor; its exit code says whether it has found anything."""
    words = (str(PIPGUARD), "doctor", "--json", *options, "-p", str(active.prefix))
    found = in_turn(rounds, {"doctor": lambda: active.types(*words, ends=ends)})["doctor"]
    title = f"pipguard doctor, {PACKAGES} packages, {FILES:,} files{what}"
    return Result("doctor", title, "-", goal=goal, **absolute(found))


def alter(prefix: Path) -> int:
    """Append to one file of every so many packages; return of how many."""
    chosen = sorted(prefix.glob("lib/python3.*/site-packages/*/module_0.py"))[::ALTERED]
    for path in chosen:
        path.write_text(path.read_text() + "debugging = True\n")
    return len(chosen)


CASES = (Case(("doctor",), doctor),)

if __name__ == "__main__":
    alone(CASES)
