"""The front door of the shims: pip's arguments in, an exit code out.

`serve` decides what a command line is, and either tells the story of `guard.py` on it or hands
it to real pip as it was typed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from pipguard import guard
from pipguard.errors import UsageError
from pipguard.pip_tool import PipTool, inner_environment, own_pip_root
from pipguard.prefix import Prefix
from pipguard.request import (
    Install,
    PassThrough,
    Talk,
    Uninstall,
    asks_for_help,
    understand,
)
from pipguard.terminal import Terminal
from pipguard.world import build

_CHANGES = frozenset({"install", "uninstall"})


def serve(prefix: Prefix, arguments: Sequence[str], front_door: str) -> int:
    """Serve one pip command line for an environment and return its exit code.

    Raises:
        PipguardError: every error of `guard.install` and `guard.uninstall`.
    """
    if _is_bypassed() or not _CHANGES & set(arguments) or asks_for_help(arguments):
        run_real_pip(prefix, arguments)
    pip = PipTool(prefix, list(arguments))
    try:
        request = understand(pip.told(), str(prefix.path))
        match request:
            case PassThrough():
                pip.stop()
                run_real_pip(prefix, arguments)
            case Install():
                return _install(request, prefix, arguments, front_door, pip)
            case Uninstall():
                return _uninstall(request, prefix, arguments, front_door, pip)
    finally:
        pip.stop()


def _is_bypassed() -> bool:
    return os.environ.get("PIPGUARD_BYPASS", "0") not in {"", "0"}


def run_real_pip(prefix: Prefix, arguments: Sequence[str]) -> NoReturn:
    """Become the environment's real pip, or pipguard's own where the environment has none."""
    environment = dict(os.environ)
    routed = any(argument.startswith("--py") for argument in arguments) or "PIP_PYTHON" in environment
    if not routed:
        environment = inner_environment(prefix.path, environment)
        environment.pop("PIP_DISABLE_PIP_VERSION_CHECK", None)
    if _is_bypassed():
        environment["PIP_BREAK_SYSTEM_PACKAGES"] = "1"
    real = prefix.path / "bin" / "pip"
    runner = own_pip_root() / "pip" / "__pip-runner__.py"
    command = [str(real)] if real.exists() else [str(prefix.python), str(runner)]
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(command[0], [*command, *arguments], environment)  # noqa: S606 # no shell is wanted


def _install(
    request: Install, prefix: Prefix, arguments: Sequence[str], front_door: str, pip: PipTool
) -> int:
    terminal = Terminal(request.talk)
    with build(prefix, arguments, front_door, terminal, pip) as world:
        done = guard.install(request, world)
    terminal.satisfied(done.satisfied)
    terminal.routes(done)
    if request.report:
        _write_report(request.report, pip.report())
    if request.dry_run:
        terminal.would_install(done)
    else:
        terminal.installed(done)
    return 0


def _write_report(target: str, report: str) -> None:
    if target == "-":
        sys.stdout.write(report + "\n")
    else:
        Path(target).write_text(report, encoding="utf-8")


def _uninstall(
    request: Uninstall, prefix: Prefix, arguments: Sequence[str], front_door: str, pip: PipTool
) -> int:
    terminal = Terminal(request.talk)
    with build(prefix, arguments, front_door, terminal, pip) as world:
        removal = guard.plan_removal(request, world)
        terminal.removal(removal)
        if not (removal.by_engine or removal.by_pip):
            return 0
        if not request.confirmed and not _agreed(terminal):
            return 0
        outcome = guard.uninstall(removal, world)
    terminal.uninstalled(outcome.removed)
    return 0


def _agreed(terminal: Terminal) -> bool:
    if not sys.stdin.isatty():
        raise UsageError("uninstall-unconfirmed")
    return terminal.confirm()
