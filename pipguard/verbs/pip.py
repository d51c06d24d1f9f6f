"""`pipguard pip [-p PREFIX | -n NAME] ARGS…`: the explicit front door, and what shims call."""

from __future__ import annotations

from collections.abc import Sequence

from pipguard.intercept import serve
from pipguard.verbs.front_door import asks_for_help, front_door, split

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse


def parser() -> argparse.ArgumentParser:
    """See `Verb.parser`; no part of the way to pip, which reads the words itself."""
    from pipguard.verbs.arguments import parser_of_tool  # noqa: PLC0415

    return parser_of_tool("pip")


def run(arguments: Sequence[str]) -> int:
    """See `Verb.run`; every word behind the environment is pip's, but a first `--help`."""
    if asks_for_help(arguments):
        parser().parse_args(arguments)
    prefix, words = split(arguments)
    return serve(prefix, words, front_door("pip"))
