"""`pipguard enable`: put the guard into an environment."""

from __future__ import annotations

from collections.abc import Sequence

from pipguard.hooks import Mode, enable
from pipguard.messages import HELP
from pipguard.terminal import Terminal
from pipguard.verbs.arguments import chosen_prefix, parser_of
from pipguard.verbs.launcher import launcher


def run(arguments: Sequence[str]) -> int:
    """See `Verb.run`."""
    parser = parser_of("enable")
    parser.add_argument("--mode", choices=[mode.value for mode in Mode], help=HELP["--mode"])
    parsed = parser.parse_args(arguments)
    prefix = chosen_prefix(parsed)
    guard = enable(prefix, Mode(parsed.mode) if parsed.mode else None, launcher())
    Terminal().told("enabled", prefix=prefix, mode=guard.mode.value)
    return 0
