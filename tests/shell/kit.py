"""Shells, and environments of a few files, to try the shell side of the guard without a python.

An environment here has a record, a stdlib folder and scripts that tell who they are: enough for
`hooks.enable`, which then starts no interpreter.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

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
    """One shell: how it is started, whose scripts it reads, and how it evaluates output."""

    name: str
    command: tuple[str, ...]
    script: str = "sh"
    strict: bool = True
    evaluate: str = 'eval "$({})"'


EVERY_SHELL = (
    Shell("bash", ("bash",)),
    Shell("dash", ("dash",)),
    Shell("zsh", ("zsh", "-f")),
    Shell("ksh", ("ksh",)),
    Shell("mksh", ("mksh",)),
    Shell("yash", ("yash",)),
    Shell("busybox", ("busybox", "sh")),
    Shell("fish", ("fish", "--no-config"), "fish", strict=False, evaluate="{} | source"),
    Shell("tcsh", ("tcsh", "-f"), "csh", strict=False, evaluate='eval "`{}`"'),
)
SHELLS = tuple(shell for shell in EVERY_SHELL if shutil.which(shell.command[0]))
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
    command: list[str | Path], path: str = SYSTEM_PATH, **variables: str
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
        words = [sys.executable, "-IS", str(Path(__file__).with_name("activator.py")), activator]
        words += [shell.script, self.verb, *([str(self.prefix)] if self.prefix else [])]
        return shell.evaluate.format(" ".join(f"'{word}'" for word in words))


def walk(
    shell: Shell, activator: str, steps: list[Step], log: Path, *, setup: str = "", probe: str = ""
) -> list[str]:
    """Take the steps in one shell; tell PATH before the first and after each."""
    path_probe = f"printenv PATH >>'{log}'"
    lines = [setup, path_probe]
    for step in steps:
        lines += [step.line(shell, activator), path_probe, probe]
    script = log.with_suffix(f".{shell.script}")
    script.write_text("\n".join(filter(None, lines)) + "\n", encoding="utf-8")
    done = run([*shell.command, script])
    assert (done.returncode, done.stderr) == (0, ""), done
    return log.read_text(encoding="utf-8").splitlines()


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
