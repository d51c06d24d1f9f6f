"""`pipguard recover`: put right what a process left that was killed in the middle of a change."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from pipguard.prefix import Prefix
from pipguard.terminal import Terminal
from pipguard.transaction import recover_now
from pipguard.verbs.arguments import named_prefix, parser_of


def parser() -> argparse.ArgumentParser:
    """See `Verb.parser`."""
    return parser_of("recover")


def run(arguments: Sequence[str]) -> int:
    """See `Verb.run`; 1 where somebody else's changes were left alone."""
    parsed = parser().parse_args(arguments)
    terminal = Terminal()
    repairs = recover_now(Prefix(named_prefix(parsed)), terminal)
    if not repairs:
        terminal.told("recover-nothing")
    return int(any(repair.foreign for repair in repairs))
