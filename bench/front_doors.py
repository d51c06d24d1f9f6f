"""What the guard costs at the front door, against real pip, interleaved in one run.

- `pip --version` and `pip list` through the shim: goal at most 3 ms more than without it;
- an already satisfied `pip install x`: goal at most 1.3 times real pip;
- the guard's own work beyond planning, fetching and linking, taken as a guarded dry run less pip's
  own dry run with a report: goal under 0.3 s.

    python bench/front_doors.py [RUNS]
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

import builders

from pipguard.tour import thin_python

PIPGUARD = Path(sys.executable).parent / "pipguard"


def prepare(root: Path) -> builders.Environment:
    """Make a guarded environment that holds one converted package; another one is on the index."""
    channel = root / "channel"
    thin_python.make(channel)
    thin_python.make_pip(channel)
    wheels = [builders.wheel(root / "wheels", name) for name in ("alpha", "beta")]
    (root / "table.json").write_text("{}")
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


def timed(work: Callable[[], None]) -> float:
    """Return the seconds that some work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def compare(runs: int, ours: Callable[[], None], theirs: Callable[[], None]) -> tuple[float, float]:
    """Run both in turn and return the median seconds of each; the first round does not count."""
    pairs = [(timed(ours), timed(theirs)) for _ in range(runs + 1)][1:]
    return median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)


def main(runs: int) -> None:
    """Print one line per claim."""
    with tempfile.TemporaryDirectory() as folder:
        prefix = prepare(Path(folder)).prefix
        shim, real = prefix / "libexec/pipguard/shims/pip", prefix / "bin/pip"
        path = f"{shim.parent}:{prefix}/bin:{os.environ['PATH']}"
        guarded = {**os.environ, "PATH": path, "CONDA_PREFIX": str(prefix)}
        plain = {**guarded, "_PIP_RUNNING_IN_SUBPROCESS": "1", "PIP_BREAK_SYSTEM_PACKAGES": "1"}

        def pair(*arguments: str, report: bool = False) -> tuple[float, float]:
            extra = ["--report", f"{folder}/report.json"] if report else []
            return compare(
                runs,
                lambda: run([str(shim), *arguments], guarded),
                lambda: run([str(real), *arguments, *extra], plain),
            )

        for arguments in (("--version",), ("list",)):
            ours, theirs = pair(*arguments)
            extra = (ours - theirs) * 1000
            print(f"pip {arguments[0]:<10} {theirs:6.3f} s, through the shim {extra:+.1f} ms (+3)")
        ours, theirs = pair("install", "alpha")
        print(f"already satisfied {theirs:6.3f} s, guarded {ours / theirs:.2f} times that (1.3)")
        ours, theirs = pair("install", "--dry-run", "beta", report=True)
        print(
            f"dry run of one    {theirs:6.3f} s, the guard's own work {ours - theirs:.3f} s (0.3)"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
    sys.stdout.flush()
    os._exit(0)
