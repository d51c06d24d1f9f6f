"""What activation adds in each shell that is here, and what the shim adds to a bare exec.

- activation: goal under 2 ms in bash, zsh and fish. A script with many activations, PATH as conda
  has it for a reactivation, against the same script with an empty file in place of ours.
- the shim on a pass-through: goal under 3 ms, against the same program without it. In turn, in one
  run; the processor's time besides the clock's, for a busy machine.

    python bench/activation.py [ROUNDS]
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from shell.activator import EXTENSION, SET, SOURCE
from shell.kit import SHELLS, SHIMS, Shell, environment, executable

from pipguard.guard_record import Mode
from pipguard.hooks import enable

TIMES = 50
GOALS = {"bash": 2.0, "zsh": 2.0, "fish": 2.0}
ELSEWHERE = [f"/opt/tool-{number}/bin" for number in range(20)]


def seconds(work: Callable[[], object]) -> tuple[float, float]:
    """Return what some work takes: on the clock, and of the processor."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    work()
    clock, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return clock, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def difference(
    rounds: int, ours: Callable[[], object], theirs: Callable[[], object], times: int
) -> tuple[float, float]:
    """Run both in turn; return the milliseconds that ours adds each time, clock and processor."""
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(rounds + 1)][1:]
    clock = median(our[0] - their[0] for our, their in pairs)
    processor = median(our[1] - their[1] for our, their in pairs)
    return clock * 1000 / times, processor * 1000 / times


def run(command: Sequence[str | Path], **variables: str) -> None:
    """Run a command that must work."""
    environ = {"HOME": tempfile.gettempdir(), "LC_ALL": "C.UTF-8", **variables}
    subprocess.run([*map(str, command)], check=True, capture_output=True, env=environ)


def activations(shell: Shell, prefix: Path, sourced: Path) -> str:
    """Write a script that sources one file many times, each time with the PATH conda computes."""
    path = ":".join([str(prefix / SHIMS), f"{prefix}/bin", *ELSEWHERE, "/usr/bin", "/bin"])
    lines = [SET[shell.script].format("PATH", path), SOURCE[shell.script].format(sourced)]
    return "\n".join(lines * TIMES) + "\n"


def activation(shell: Shell, prefix: Path, rounds: int) -> tuple[float, float]:
    """Measure one shell."""
    extension = EXTENSION.get(shell.script, shell.script)
    nothing = prefix.parent / f"nothing.{extension}"
    nothing.touch()
    ours = prefix / f"etc/conda/activate.d/zz-pipguard.{extension}"
    scripts = []
    for name, sourced in (("ours", ours), ("theirs", nothing)):
        scripts.append(prefix.parent / f"{name}.{shell.script}")
        scripts[-1].write_text(activations(shell, prefix, sourced))
    work = [lambda it=it: run([*shell.executable, it], CONDA_PREFIX=str(prefix)) for it in scripts]
    return difference(rounds, work[0], work[1], TIMES)


def shim(prefix: Path, rounds: int, name: str) -> tuple[float, float]:
    """Measure `pip list` or `uv --version` through the shim."""
    path = f"{prefix / SHIMS}:{prefix}/bin:/usr/bin:/bin"

    def through() -> None:
        for _ in range(TIMES):
            run([prefix / SHIMS / name, "list"], PATH=path)

    def bare() -> None:
        for _ in range(TIMES):
            run([prefix / "bin" / name, "list"], PATH=path)

    return difference(rounds, through, bare, TIMES)


def main(rounds: int) -> None:
    """Print one line per shell, and one per shim."""
    with tempfile.TemporaryDirectory() as folder:
        prefix = environment(Path(folder) / "env")
        enable(prefix, Mode.ROUTE, executable(Path(folder) / "pipguard", "launcher"))
        for tool in ("pip", "uv"):
            (prefix / "bin" / tool).write_text("#!/bin/sh\nexit 0\n")
            (prefix / "bin" / tool).chmod(0o755)
        for shell in SHELLS:
            clock, processor = activation(shell, prefix, rounds)
            goal = f" ({GOALS[shell.name]:.0f})" if shell.name in GOALS else ""
            print(f"{shell.name:8} activation {clock:+6.2f} ms, processor {processor:+6.2f}{goal}")
        for name in ("pip", "uv"):
            clock, processor = shim(prefix, rounds, name)
            print(f"{name:8} shim       {clock:+6.2f} ms, processor {processor:+6.2f} (3)")


if __name__ == "__main__":
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
