"""What activation adds in each shell that is here, and what the shim adds to a bare exec.

- activation: goal under 2 ms in bash, zsh and fish. A script with many activations, PATH as conda
  has it for a reactivation, against the same script with an empty file in place of ours.
- the shim on a pass-through: goal under 3 ms, against the same program without it.

    python -m bench.activation [ROUNDS]
"""

from __future__ import annotations

import shlex
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from shell.activator import EXTENSION, SET, SOURCE
from shell.kit import SHELLS, SHIMS, Shell, environment, executable

from bench.frame.cases import Case, alone
from bench.frame.results import Result, more
from bench.frame.stage import Stage
from bench.frame.timing import Series, in_turn, ran
from pipguard.guard_record import Mode
from pipguard.hooks import enable

PLAIN = {"HOME": tempfile.gettempdir(), "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"}
TIMES = 50
GOALS = {"bash": 2.0, "zsh": 2.0, "fish": 2.0}
ELSEWHERE = [f"/opt/tool-{number}/bin" for number in range(20)]


def activations(shell: Shell, prefix: Path, sourced: Path) -> str:
    """Write a script that sources one file many times, each time with the PATH conda computes."""
    path = ":".join([str(prefix / SHIMS), f"{prefix}/bin", *ELSEWHERE, "/usr/bin", "/bin"])
    lines = [SET[shell.script].format("PATH", path), SOURCE[shell.script].format(sourced)]
    return "\n".join(lines * TIMES) + "\n"


def activation(shell: Shell, prefix: Path, rounds: int) -> Result:
    """Measure one shell."""
    extension = EXTENSION.get(shell.script, shell.script)
    nothing = prefix.parent / f"nothing.{extension}"
    nothing.touch()
    ours = prefix / f"etc/conda/activate.d/zz-pipguard.{extension}"
    sides = {}
    for name, sourced in (("ours", ours), ("theirs", nothing)):
        script = prefix.parent / f"{name}.{shell.script}"
        script.write_text(activations(shell, prefix, sourced))
        command = [*shell.executable, script]
        variables = {**PLAIN, "CONDA_PREFIX": str(prefix)}
        sides[name] = partial(ran, command, variables)
    return difference(in_turn(rounds, sides), f"activation in {shell.name}", GOALS.get(shell.name))


def shim(prefix: Path, rounds: int, name: str) -> Result:
    """Start a program that does nothing, many times, through the shim and bare."""
    variables = {**PLAIN, "PATH": f"{prefix / SHIMS}:{prefix}/bin:/usr/bin:/bin"}
    sides = {}
    for side, folder in (("ours", SHIMS), ("theirs", "bin")):
        line = f"{shlex.quote(str(prefix / folder / name))} list; "
        sides[side] = partial(ran, ["bash", "-c", line * TIMES], variables)
    return difference(in_turn(rounds, sides), f"{name} through the shim", 3.0)


def difference(found: dict[str, Series], title: str, goal: float | None) -> Result:
    """Tell what ours adds each time."""
    compared = more(found["ours"], found["theirs"], unit="ms")
    for figure in ("figure", "processor"):
        compared[figure] /= TIMES
    note = f"the seconds of ours and theirs are those of {TIMES} times"
    return Result("activation", title, "without", goal=goal, note=note, **compared)


def measure(_: Stage, rounds: int) -> Iterator[Result]:
    """One result per shell, and one per shim."""
    with tempfile.TemporaryDirectory() as folder:
        prefix = environment(Path(folder) / "env")
        enable(prefix, Mode.ROUTE, executable(Path(folder) / "pipguard", "launcher"))
        for tool in ("pip", "uv"):
            (prefix / "bin" / tool).write_text("#!/bin/sh\nexit 0\n")
            (prefix / "bin" / tool).chmod(0o755)
        for shell in SHELLS:
            yield activation(shell, prefix, rounds)
        for name in ("pip", "uv"):
            yield shim(prefix, rounds, name)


CASES = (Case(("activation",), measure),)

if __name__ == "__main__":
    alone(CASES)
