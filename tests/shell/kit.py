"""Shells, and environments of a few files, to try the shell side of the guard without a python.

An environment here has a record, a stdlib folder and scripts that tell who they are: enough for
`hooks.enable`, which then starts no interpreter.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from shell.activator import change

SHIMS = "libexec/pipguard/shims"
SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"
TELL = """#!/bin/sh
printf '%s' "{who}"
for word; do printf ' <%s>' "$word"; done
echo
for name in PIPGUARD_FRONT_DOOR PIPGUARD_INSIDE PIP_BREAK_SYSTEM_PACKAGES \\
    _PIP_RUNNING_IN_SUBPROCESS; do
    eval "[ -n \\"\\${{$name-}}\\" ]" && eval "echo \\"$name=\\$$name\\""
done
exit 0
"""


@dataclass(frozen=True)
class Shell:
    """One shell.

    nushell compiles a script before it runs and evaluates nothing: see `_walk_in_processes`.

    Attributes:
        name: for the reader of a test.
        command: how it is started.
        script: whose scripts it reads, by their extension.
        evaluate: how it evaluates what a command prints.
        append: how it appends what a command prints to a file.
        listing: what prints the names of its variables and functions.
    """

    name: str
    command: tuple[str, ...]
    script: str = "sh"
    evaluate: str = 'eval "$({})"'
    append: str = "{} >>'{}'"
    listing: tuple[str, ...] = ("set",)

    @property
    def executable(self) -> tuple[str, ...]:
        """The command with the path of its program: not every shell is on the PATH of a test."""
        return (shutil.which(self.command[0], path=_PATH) or "", *self.command[1:])


EVERY_SHELL = (
    Shell("bash", ("bash",), listing=("set", "declare -F")),
    Shell("dash", ("dash",)),
    Shell("zsh", ("zsh", "-f"), listing=("set", "print -l ${(k)functions}")),
    Shell("ksh", ("ksh",)),
    Shell("mksh", ("mksh",)),
    Shell("yash", ("yash",)),
    Shell("busybox", ("busybox", "sh")),
    Shell(
        "fish",
        ("fish", "--no-config"),
        "fish",
        evaluate="{} | source",
        listing=("set", "functions -an"),
    ),
    Shell("tcsh", ("tcsh", "-f"), "csh", evaluate='eval "`{}`"'),
    Shell(
        "xonsh",
        ("xonsh", "--no-rc"),
        "xonsh",
        evaluate="__xonsh__.execer.exec($({}), glbs=__xonsh__.ctx)",
        listing=("printenv",),
    ),
    Shell(
        "nu",
        ("nu", "-n"),
        "nu",
        evaluate="",
        append="{} | save --append '{}'",
        listing=("scope variables | get name | to text", "$env | columns | to text"),
    ),
    Shell(
        "pwsh",
        ("pwsh", "-NoProfile", "-File"),
        "ps1",
        evaluate="Invoke-Expression -Command (& {} | Out-String)",
        append="{} | Add-Content '{}'",
        listing=("Get-Variable | Out-String", "Get-ChildItem Env: | Out-String"),
    ),
)
_PATH = f"{Path(sys.executable).parent}:{os.environ['PATH']}"  # xonsh comes with the test group
SHELLS = tuple(shell for shell in EVERY_SHELL if shutil.which(shell.command[0], path=_PATH))
POSIX_SHELLS = tuple(shell for shell in SHELLS if shell.script == "sh")


def executable(path: Path, who: str) -> Path:
    """Write a program that says `who` it is, its arguments, and the variables of the guard."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(TELL.format(who=who), encoding="utf-8")
    path.chmod(0o755)
    return path


def environment(prefix: Path, *, pip: bool = True, minor: str = "3.11") -> Path:
    """Make an environment whose python and pip tell where they are."""
    for folder in ("conda-meta", f"lib/python{minor}/site-packages/pip"):
        (prefix / folder).mkdir(parents=True)
    (prefix / f"conda-meta/python-{minor}.4-h1_0_cpython.json").write_text("{}")
    (prefix / f"lib/python{minor}/os.py").write_text("")
    (prefix / f"lib/python{minor}/site-packages/pip/__pip-runner__.py").write_text("")
    for name in ("python", f"python{minor}", "python3"):
        executable(prefix / "bin" / name, f"python of {prefix}")
    for name in ("pip", "pip3") if pip else ():
        executable(prefix / "bin" / name, f"{name} of {prefix}")
    return prefix


def runner(prefix: Path) -> str:
    """Name the file with which pip starts itself in another interpreter."""
    (found,) = prefix.glob("lib/*/site-packages/pip/__pip-runner__.py")
    return str(found)


def run(
    command: Sequence[str | Path], path: str = SYSTEM_PATH, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a command with a clean environment: PATH and the variables given."""
    return subprocess.run(
        [str(word) for word in command],
        env={"PATH": path, "LC_ALL": "C.UTF-8", **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def on_path(*folders: Path | str) -> str:
    """Join folders, and the system's behind them."""
    return ":".join([*map(str, folders), SYSTEM_PATH])


def activated(prefix: Path) -> str:
    """PATH as it is while a guarded environment is active."""
    return on_path(prefix / SHIMS, prefix / "bin")


@dataclass(frozen=True)
class Step:
    """One thing done in a shell: a verb of the activator, or a command line as it stands."""

    verb: str
    prefix: Path | None = None

    def line(self, shell: Shell, activator: str) -> str:
        return shell.evaluate.format(
            " ".join(f"'{word}'" for word in self.command(shell, activator))
        )

    def command(self, shell: Shell, activator: str) -> list[str]:
        """The command line whose output the shell evaluates."""
        words = [sys.executable, "-IS", str(Path(__file__).with_name("activator.py")), activator]
        return [*words, shell.script, self.verb, *([str(self.prefix)] if self.prefix else [])]


def unguarded(activator: str, steps: list[Step]) -> list[str]:
    """PATH before the first step and after each, where no script has a say."""
    variables, paths = {"PATH": SYSTEM_PATH}, [SYSTEM_PATH]
    for step in steps:
        told = change(activator, step.verb, str(step.prefix or ""), variables)
        variables |= told.early
        variables = {key: it for key, it in variables.items() if key not in told.unset} | told.late
        paths.append(variables["PATH"])
    return paths


def walk(
    shell: Shell, activator: str, steps: list[Step], log: Path, *, setup: str = "", probe: str = ""
) -> list[str]:
    """Take the steps in one shell; tell PATH before the first and after each."""
    if not shell.evaluate:
        return _walk_in_processes(shell, activator, steps, log, probe)
    path_probe = shell.append.format("printenv PATH", log)
    lines = [setup, path_probe]
    for step in steps:
        lines += [step.line(shell, activator), path_probe, probe]
    evaluated(shell, "\n".join(filter(None, lines)), log)
    return log.read_text(encoding="utf-8").splitlines()


def _walk_in_processes(
    shell: Shell, activator: str, steps: list[Step], log: Path, probe: str
) -> list[str]:
    """Take each step in a process of its own, which hands its variables to the next one."""
    paths, conda = [SYSTEM_PATH], {}
    for step in steps:
        lines = run(step.command(shell, activator), paths[-1], **conda).stdout
        told = evaluated(shell, f"{lines}\n{probe}\n^env -0", log, paths[-1], **conda)
        variables = dict(entry.partition("=")[::2] for entry in told.split("\0"))
        conda = {name: value for name, value in variables.items() if name.startswith("CONDA")}
        paths.append(variables["PATH"])
    return paths


def evaluated(
    shell: Shell, script: str, beside: Path, path: str = SYSTEM_PATH, **variables: str
) -> str:
    """Run a script that must work and say nothing on standard error; return what it says."""
    file = beside.with_suffix(f".{shell.script}")
    file.write_text(script + "\n", encoding="utf-8")
    done = run([*shell.executable, file], path, HOME=str(beside.parent), **variables)
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout


def shims_on(path: str) -> list[str]:
    """List the shim folders on a PATH."""
    return [entry for entry in path.split(":") if entry.endswith(SHIMS)]


def without_shims(path: str) -> list[str]:
    """List what else is on a PATH."""
    return [entry for entry in path.split(":") if not entry.endswith(SHIMS)]


def snapshot(prefix: Path) -> dict[str, tuple[int, bytes | str]]:
    """Every file, link and folder below a prefix, with its permissions and content."""
    return {
        str(path.relative_to(prefix)): (path.lstat().st_mode, _content(path))
        for path in sorted(prefix.rglob("*"))
    }


def _content(path: Path) -> bytes | str:
    if path.is_symlink():
        return os.fspath(path.readlink())
    return path.read_bytes() if path.is_file() else ""
