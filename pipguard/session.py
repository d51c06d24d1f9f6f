"""One guarded command line, from what pip understood of it to what the person is told.

`run` reads the request and tells the story of `guard.py` on it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import Enum
from pathlib import Path

from pipguard import guard
from pipguard.errors import UsageError
from pipguard.pip_process import PipChild
from pipguard.pip_tool import PipTool
from pipguard.prefix import Prefix
from pipguard.request import Install, PassThrough, Uninstall, understand
from pipguard.terminal import Terminal
from pipguard.world import build


class Passed(Enum):
    """Whether a command line was served here or is real pip's."""

    HERE = "here"
    ON = "on"


def run(
    path: Path, arguments: Sequence[str], front_door: str, child: PipChild | None = None
) -> Passed:
    """Serve one `pip install` or `pip uninstall`.

    Args:
        path: the environment.
        arguments: as typed.
        front_door: how they came in, a word of the terminology page.
        child: the conversation with pip, if it was started already.

    Raises:
        UsageError: this is deliberately not done here.
        PipguardError: every error of `guard.install` and `guard.uninstall`.
    """
    prefix = Prefix(path)
    pip = PipTool(prefix, list(arguments), child)
    try:
        match understand(pip.told(), str(path.resolve())):
            case PassThrough():
                return Passed.ON
            case Install() as request:
                _install(request, prefix, arguments, front_door, pip)
            case Uninstall() as request:
                _uninstall(request, prefix, arguments, front_door, pip)
        return Passed.HERE
    finally:
        pip.stop()


def _install(
    request: Install, prefix: Prefix, arguments: Sequence[str], front_door: str, pip: PipTool
) -> None:
    terminal = Terminal(request.talk)
    with build(prefix, arguments, front_door, terminal, pip) as world:
        done = guard.install(request, world)
    terminal.satisfied(done.satisfied)
    if request.report:
        _write_report(request.report, pip.report())
    if request.dry_run:
        terminal.would_install(done)
    else:
        terminal.installed(done)


def _write_report(target: str, report: str) -> None:
    if target == "-":
        sys.stdout.write(report + "\n")
    else:
        Path(target).write_text(report, encoding="utf-8")


def _uninstall(
    request: Uninstall, prefix: Prefix, arguments: Sequence[str], front_door: str, pip: PipTool
) -> None:
    terminal = Terminal(request.talk)
    with build(prefix, arguments, front_door, terminal, pip) as world:
        removal = guard.plan_removal(request, world)
        terminal.removal(removal)
        if not (removal.by_engine or removal.by_pip):
            return
        if not request.confirmed and not _agreed(terminal):
            return
        outcome = guard.uninstall(removal, world)
    terminal.uninstalled(outcome.removed)


def _agreed(terminal: Terminal) -> bool:
    if not sys.stdin.isatty():
        raise UsageError("uninstall-unconfirmed")
    return terminal.confirm()
