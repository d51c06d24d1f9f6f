"""`pipguard enable`: put the guard into an environment, or into all of them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from pipguard.guard_record import Guard, Mode
from pipguard.guardable import is_base
from pipguard.hooks import enable
from pipguard.messages import HELP
from pipguard.terminal import Terminal
from pipguard.verbs.arguments import named_prefix, parser_of
from pipguard.verbs.everywhere import everywhere
from pipguard.verbs.launcher import launcher


def parser() -> argparse.ArgumentParser:
    """See `Verb.parser`."""
    made = parser_of("enable", every=True)
    made.add_argument("--mode", choices=[mode.value for mode in Mode], help=HELP["--mode"])
    return made


def run(arguments: Sequence[str]) -> int:
    """See `Verb.run`; 1 where `--all` could not guard an environment that can be guarded."""
    parsed = parser().parse_args(arguments)
    mode = Mode(parsed.mode) if parsed.mode else None
    terminal, command = Terminal(), launcher()

    def guard(prefix: Path) -> Guard:
        return enable(prefix, mode, command)

    if parsed.all:
        return everywhere(lambda prefix: _tell(guard(prefix), "enabled-one", terminal), terminal)
    guarded = guard(named_prefix(parsed))
    _tell(guarded, "enabled", terminal)
    if not mode and guarded.mode is Mode.ENFORCE and is_base(guarded.prefix):
        terminal.told("enabled-base")
    return 0


def _tell(guard: Guard, key: str, terminal: Terminal) -> None:
    terminal.told(key, prefix=guard.prefix, mode=guard.mode.value)
