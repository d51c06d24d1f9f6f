"""`pipguard disable`: take the guard out of an environment."""

from __future__ import annotations

from collections.abc import Sequence

from pipguard.hooks import disable
from pipguard.terminal import Terminal
from pipguard.verbs.arguments import chosen_prefix, parser_of


def run(arguments: Sequence[str]) -> int:
    """See `Verb.run`."""
    prefix = chosen_prefix(parser_of("disable").parse_args(arguments))
    disable(prefix)
    Terminal().told("disabled", prefix=prefix)
    return 0
