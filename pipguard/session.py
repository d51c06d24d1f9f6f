"""One guarded command line, from what pip understood of it to what the person is told.

`run` reads the request and tells the story of `guard.py` on it; `answer` does for a line that was
typed in other words than pip's.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import partial
from importlib import import_module
from itertools import chain
from pathlib import Path

from pipguard import bypass, guard
from pipguard.copies import refuse_copy
from pipguard.errors import UsageError
from pipguard.guard_record import Mode, read_guard
from pipguard.pip_process import PipChild, Steps
from pipguard.pip_tool import PipTool
from pipguard.prefix import Prefix
from pipguard.processors import processors
from pipguard.request import Because, Install, PassThrough, Request, Uninstall, understand
from pipguard.seams import Reporter
from pipguard.storage import files_are_told_of
from pipguard.terminal import Terminal
from pipguard.world import build

_INSTALL = "install"
_FOR_PLANS = (
    *("pipguard.resolution", "pipguard.sources", "pipguard.installing"),
    *("rattler", "ruamel.yaml", "urllib.request", "tarfile", "zipfile"),
)
_FOR_WHEELS = ("pipguard.wheels.batch", "pipguard.wheels.package")
_SPARE = 2
_ELSEWHERE = frozenset({Because.OTHER_FOLDER, Because.OTHER_PREFIX})


class Passed(Enum):
    """Whether a command line was served here or is real pip's."""

    HERE = "here"
    ON = "on"


@dataclass(frozen=True, slots=True)
class Line:
    """What was typed, for the ledger, and where.

    Attributes:
        front_door: how it came in, a word of the terminology page.
        typed: the words behind it.
        adjust: adds to a request what pip's options have no word for.
    """

    front_door: str
    typed: tuple[str, ...]
    adjust: Callable[[Request], Request] = lambda request: request


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
        PipguardError: every error of `guard.install` and `removal.uninstall`.
    """
    prefix = Prefix(path)
    line = Line(front_door, tuple(arguments))
    return answer(line, prefix, PipTool(prefix, list(arguments), child))


def answer(line: Line, prefix: Prefix, pip: PipTool) -> Passed:
    """Do what `pip` was told; the errors are those of `run`."""
    _prepare(prefix, pip)
    try:
        with files_are_told_of():
            return _serve(line, prefix, pip)
    finally:
        pip.stop()


def explain(path: Path, arguments: Sequence[str], reporter: Reporter) -> guard.Done | PassThrough:
    """Find out what `pip install ARGUMENTS` would do, changing nothing.

    Raises:
        UsageError: that is deliberately not done here.
        PipguardError: every error of `guard.install` before the change.
    """
    prefix, words = Prefix(path), ("install", "--dry-run", *arguments)
    pip = PipTool(prefix, words)
    try:
        with files_are_told_of():
            request = understand(pip.told(), str(prefix.path.resolve()))
            assert not isinstance(request, Uninstall)  # noqa: S101 # the first word says so
            if isinstance(request, PassThrough):
                return request
            with build(prefix, words, "explain", reporter, pip) as world:
                return guard.install(request, world)
    finally:
        pip.stop()


def _serve(line: Line, prefix: Prefix, pip: PipTool) -> Passed:
    match line.adjust(understand(pip.told(), str(prefix.path.resolve()))):
        case PassThrough(because=because, python=python):
            other = _guarded(Path(python)) if python else None
            if because in _ELSEWHERE:
                bypass.record(prefix.path, line.front_door, line.typed)
            if other is None:
                return Passed.ON
            refuse_copy(other.path)
            return answer(line, other, PipTool(other, pip.arguments))
        case Install() as request:
            _install(request, prefix, line, pip)
        case Uninstall() as request:
            _uninstall(request, prefix, line, pip)
    return Passed.HERE


def _prepare(prefix: Prefix, pip: PipTool) -> None:
    """Do what will be needed while pip is at work, where that takes nothing from it."""
    if processors() >= _SPARE:
        imports = _imports(_FOR_PLANS if _INSTALL in pip.arguments else ())
        ahead = chain(prefix.records_ahead(), imports)
        pip.while_starting = ahead
        pip.while_planning = chain(ahead, prefix.dists_ahead())
        pip.while_fetching = _imports(_FOR_WHEELS)


def _imports(names: Sequence[str]) -> Steps:
    return (partial(import_module, name) for name in names)


def _guarded(python: Path) -> Prefix | None:
    """Find the environment that `--python` names by folder or interpreter, if it is guarded."""
    root = python if python.is_dir() else python.parent.parent
    guard = read_guard(root)
    return Prefix(root) if guard and guard.mode is not Mode.WARN else None


def _install(request: Install, prefix: Prefix, line: Line, pip: PipTool) -> None:
    terminal = Terminal(request.talk)
    with build(prefix, line.typed, line.front_door, terminal, pip) as world:
        done = guard.install(request, world)
    terminal.satisfied(done.satisfied)
    if done.decisions:
        terminal.kept(done.decisions, str(prefix.path / prefix.target.site_packages))
    if request.report == "-":
        sys.stdout.write(pip.report() + "\n")
    if request.dry_run:
        terminal.would_install(done)
        terminal.would_uninstall(done.outcome.removed)
    else:
        terminal.uninstalled(done.outcome.removed)
        terminal.installed(done)
    terminal.took()


def _uninstall(request: Uninstall, prefix: Prefix, line: Line, pip: PipTool) -> None:
    from pipguard.removal import plan_removal, uninstall  # noqa: PLC0415 # installs need none of it

    terminal = Terminal(request.talk)
    with build(prefix, line.typed, line.front_door, terminal, pip) as world:
        removal = plan_removal(request, world)
        terminal.removal(removal)
        if request.dry_run:
            terminal.would_uninstall(removal.versions)
            return
        if not (removal.by_engine or removal.by_pip):
            return
        if not request.confirmed and not _agreed(request, terminal):
            return
        outcome = uninstall(request, removal, world)
    terminal.uninstalled(outcome.removed)
    terminal.took()


def _agreed(request: Uninstall, terminal: Terminal) -> bool:
    if request.unasked or not sys.stdin.isatty():
        raise UsageError("uninstall-unconfirmed")
    return terminal.confirm()
