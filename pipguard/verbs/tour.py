"""`pipguard tour`: a demonstration on a throw-away environment."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from pipguard.messages import HELP
from pipguard.terminal import Terminal
from pipguard.tour.acts import perform
from pipguard.tour.stage import Wish
from pipguard.verbs.arguments import parser_of
from pipguard.verbs.launcher import launcher


def parser() -> argparse.ArgumentParser:
    """See `Verb.parser`."""
    made = parser_of("tour", environment=False)
    made.add_argument("--channel", help=HELP["--channel"])
    made.add_argument("--keep", action="store_true", help=HELP["--keep"])
    return made


def run(arguments: Sequence[str]) -> int:
    """See `Verb.run`; makes an environment of its own, so none is named."""
    parsed = parser().parse_args(arguments)
    return perform(Wish(parsed.channel, parsed.keep, launcher()), Terminal())
