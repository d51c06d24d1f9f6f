"""The part of conda's and mamba's activators that moves PATH, printed for a shell to evaluate.

Usage: `python activator.py conda|mamba SHELL activate|stack|reactivate|deactivate [PREFIX]`, from
inside the shell, as the real ones are. SHELL is a key of `SET`.

Sources: conda/activate.py (`_build_activate_stack`, `build_deactivate`, `build_reactivate`,
`_yield_commands`) and libmamba/src/core/activation.cpp (`replace_prefix_in_path`). Both compute
PATH from the environment before any script runs. conda puts the new prefix where the old one was,
mamba in front of everything; both write PATH before `deactivate.d` when they deactivate, and
between `deactivate.d` and `activate.d` otherwise. Imports next to nothing: it runs at every step.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SET = {
    "sh": "{0}='{1}' && export {0}",
    "fish": 'set -gx {0} "{1}"',
    "csh": 'setenv {0} "{1}"',
    "xonsh": "${0} = '{1}'",
    "nu": "$env.{0} = '{1}'",
    "ps1": '$Env:{0} = "{1}"',
}
UNSET = {
    "sh": "unset {0}",
    "fish": "set -e {0}",
    "csh": "unsetenv {0}",
    "xonsh": "del ${0}",
    "nu": "hide-env {0}",
    "ps1": "$Env:{0} = $null",
}
SOURCE = {
    "sh": '. "{}"',
    "fish": 'source "{}"',
    "csh": 'source "{}"',
    "xonsh": 'source-bash --suppress-skip-message -n "{}"',
    "nu": 'source-env "{}"',
    "ps1": '. "{}"',
}
EXTENSION = {"xonsh": "sh"}  # it has bash source those of bash


class Change:
    """What a shell is told to do, in the order of the fields."""

    def __init__(
        self,
        early: dict[str, str],
        deactivate: str,
        unset: list[str],
        late: dict[str, str],
        activate: str,
    ) -> None:
        self.early, self.deactivate, self.unset = early, deactivate, unset
        self.late, self.activate = late, activate


def replaced(kind: str, old: str, new: str, path: list[str]) -> str:
    """Compute PATH with the folder of `old` replaced by that of `new`; either may be empty."""
    at = path.index(f"{old}/bin") if old and f"{old}/bin" in path else 0
    path = [entry for entry in path if not old or entry != f"{old}/bin"]
    if new:
        path.insert(at if kind == "conda" else 0, f"{new}/bin")
    return ":".join(path)


def change(kind: str, verb: str, prefix: str, environ: Mapping[str, str]) -> Change:
    """Compute what one verb does."""
    level, old = int(environ.get("CONDA_SHLVL", "0")), environ.get("CONDA_PREFIX", "")
    up, down, path = str(level + 1), str(level - 1), environ["PATH"].split(":")
    if verb == "reactivate":
        return Change({}, old, [], {"PATH": replaced(kind, old, old, path)}, old)
    if verb == "deactivate" and level == 1:
        early = {"PATH": replaced(kind, old, "", path)}
        return Change(early, old, ["CONDA_PREFIX"], {"CONDA_SHLVL": "0"}, "")
    if verb == "deactivate":
        new = environ[f"CONDA_PREFIX_{down}"]
        stacked = f"CONDA_STACKED_{level}" in environ
        early = {"PATH": replaced(kind, old, "" if stacked else new, path)}
        unset = [f"CONDA_PREFIX_{down}", *([f"CONDA_STACKED_{level}"] if stacked else [])]
        late = {"CONDA_PREFIX": new, "CONDA_SHLVL": down}
        return Change(early, old, unset, late, new)
    late = {"CONDA_PREFIX": prefix, "CONDA_SHLVL": up}
    if old:
        late[f"CONDA_PREFIX_{level}"] = old
    if verb == "stack":
        late[f"CONDA_STACKED_{up}"] = "true"
    leaving = old if verb == "activate" else ""
    late["PATH"] = replaced(kind, leaving, prefix, path)
    return Change({}, leaving, [], late, prefix)


def commands(shell: str, told: Change) -> Iterator[str]:
    """Word a change for a shell."""
    yield from (SET[shell].format(*item) for item in told.early.items())
    yield from scripts(shell, told.deactivate, "deactivate")
    yield from (UNSET[shell].format(name) for name in told.unset)
    yield from (SET[shell].format(*item) for item in told.late.items())
    yield from scripts(shell, told.activate, "activate")


def scripts(shell: str, prefix: str, verb: str) -> list[str]:
    """Source an environment's scripts for this shell: sorted, and backwards on the way out."""
    folder = f"{prefix}/etc/conda/{verb}.d"
    if not prefix or not os.path.isdir(folder):  # noqa: PTH112 # pathlib takes long to import
        return []
    names = sorted(os.listdir(folder), reverse=verb == "deactivate")  # noqa: PTH208
    extension = EXTENSION.get(shell, shell)
    return [
        SOURCE[shell].format(f"{folder}/{name}") for name in names if name.endswith(f".{extension}")
    ]


def main(kind: str, shell: str, verb: str, prefix: str = "") -> None:
    """Print what the shell has to evaluate."""
    for line in commands(shell, change(kind, verb, prefix, os.environ)):
        sys.stdout.write(line + (";\n" if shell == "csh" else "\n"))


if __name__ == "__main__":
    main(*sys.argv[1:])
