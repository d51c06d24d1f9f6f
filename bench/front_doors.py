"""What the guard costs at the front door, against real pip, in turn and in one run.

- `pip --version` and `pip list` through the shim: goal at most 3 ms more than without it;
- an already satisfied `pip install x`: goal at most 1.3 times real pip;
- the guard's own work beyond planning, fetching and linking, taken as a guarded dry run less pip's
  own dry run with a report: goal under 0.3 s. Once with a name that has to be converted, once with
  names that conda has.

Of each the time on the clock and that of the processor, children included; on a busy machine the
second one is to be believed. Differences and ratios are those of each pair, of which the median.

    python bench/front_doors.py [RUNS]
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

import builders

from pipguard.tour import thin_python

PIPGUARD = Path(sys.executable).parent / "pipguard"
NAMES = ("alpha", "beta", "gamma")


def prepare(root: Path) -> builders.Environment:
    """Make a guarded environment with one converted package; two more are to be had."""
    channel = root / "channel"
    thin_python.make(channel)
    thin_python.make_pip(channel)
    builders.dist_package(channel, "gamma")
    builders.channel(channel)
    wheels = [builders.wheel(root / "wheels", name) for name in NAMES]
    (root / "table.json").write_text('{"gamma": ["gamma"]}')
    (root / "condarc").write_text(f"channels: [{channel}]\n")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ.update(
        CONDARC=str(root / "condarc"),
        PIP_CONFIG_FILE="",
        PIP_INDEX_URL=builders.simple_index(root / "index", wheels),
        PIPGUARD_MAPPING_URL=(root / "table.json").as_uri(),
        PIPGUARD_CACHE_DIR=str(root / "cache"),
        PIPGUARD_CHANNEL=str(root / "local"),
    )
    environment = builders.environment(root / "env", channel)
    run([str(PIPGUARD), "enable", "-p", str(environment.prefix)], os.environ)
    run([str(PIPGUARD), "pip", "-p", str(environment.prefix), "install", "alpha"], os.environ)
    return environment


def run(command: list[str], variables: Mapping[str, str]) -> None:
    """Run a command that must work."""
    subprocess.run(command, check=True, capture_output=True, env=dict(variables))


@dataclass(frozen=True)
class Taken:
    """Seconds: on the clock, and of the processor."""

    clock: float
    processor: float


def timed(work: Callable[[], None]) -> Taken:
    """Return what some work takes."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    work()
    clock, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Taken(clock, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


@dataclass(frozen=True)
class Compared:
    """Runs of the same command line, guarded and by real pip, in turn."""

    pairs: tuple[tuple[Taken, Taken], ...]

    def more(self) -> tuple[float, float]:
        """Seconds more than real pip, clock and processor."""
        return (
            median(ours.clock - theirs.clock for ours, theirs in self.pairs),
            median(ours.processor - theirs.processor for ours, theirs in self.pairs),
        )

    def times(self) -> tuple[float, float]:
        """How many times what real pip takes, clock and processor."""
        return (
            median(ours.clock / theirs.clock for ours, theirs in self.pairs),
            median(ours.processor / theirs.processor for ours, theirs in self.pairs),
        )

    def real(self) -> float:
        """Seconds of real pip, of the processor."""
        return median(theirs.processor for _, theirs in self.pairs)


def compare(runs: int, ours: Callable[[], None], theirs: Callable[[], None]) -> Compared:
    """Run both in turn; the first round does not count."""
    return Compared(tuple([(timed(ours), timed(theirs)) for _ in range(runs + 1)][1:]))


def main(runs: int) -> None:
    """Print one line per claim."""
    with tempfile.TemporaryDirectory() as folder:
        prefix = prepare(Path(folder)).prefix
        shim, real = prefix / "libexec/pipguard/shims/pip", prefix / "bin/pip"
        path = f"{shim.parent}:{prefix}/bin:{os.environ['PATH']}"
        guarded = {**os.environ, "PATH": path, "CONDA_PREFIX": str(prefix)}
        plain = {**guarded, "_PIP_RUNNING_IN_SUBPROCESS": "1", "PIP_BREAK_SYSTEM_PACKAGES": "1"}

        def pair(*arguments: str, report: bool = False, times: int = 1) -> Compared:
            extra = ["--report", f"{folder}/report.json"] if report else []
            return compare(
                runs * times,
                lambda: run([str(shim), *arguments], guarded),
                lambda: run([str(real), *arguments, *extra], plain),
            )

        for arguments in (("--version",), ("list",)):
            found = pair(*arguments, times=3)
            clock, processor = (seconds * 1000 for seconds in found.more())
            words = f"{clock:+.1f} ms, of the processor {processor:+.1f} ms (+3)"
            print(f"pip {arguments[0]:<12} {found.real():5.2f} s, through the shim {words}")
        found = pair("install", "alpha")
        clock, processor = found.times()
        words = f"{clock:.2f} times that, of the processor {processor:.2f} (1.3)"
        print(f"already satisfied {found.real():4.2f} s, guarded {words}")
        for what, names in (("to convert", ["beta"]), ("on conda", ["gamma"])):
            found = pair("install", "--dry-run", *names, report=True)
            clock, processor = found.more()
            words = f"{clock:.2f} s, of the processor {processor:.2f} s (0.3)"
            print(f"one {what:<12}  {found.real():4.2f} s, the guard's own work {words}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
    sys.stdout.flush()
    os._exit(0)
