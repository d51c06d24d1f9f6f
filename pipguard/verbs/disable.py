"""`pipguard disable`: take the guard out of an environment, or out of all of them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from pipguard.hooks import disable
from pipguard.terminal import Terminal
from pipguard.verbs.arguments import named_prefix, parser_of
from pipguard.verbs.everywhere import everywhere


def parser() -> argparse.ArgumentParser:
    """See `Verb.parser`."""
    return parser_of("disable", every=True)


def run(arguments: Sequence[str]) -> int:
    """See `Verb.run`; 1 where `--all` could not take the guard out of an environment."""
    parsed = parser().parse_args(arguments)
    terminal = Terminal()
    if parsed.all:
        return everywhere(lambda prefix: _free(prefix, terminal), terminal)
    prefix = named_prefix(parsed)
    terminal.told("disabled" if disable(prefix) else "disabled-already", prefix=prefix)
    return 0


def _free(prefix: Path, terminal: Terminal) -> None:
    if disable(prefix):
        terminal.told("disabled-one", prefix=prefix)
