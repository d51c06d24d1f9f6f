"""What most verbs take: which environment is meant, and whether JSON is wanted."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from pipguard.environments import choose
from pipguard.messages import HELP


def parser_of(verb: str, *, environment: bool = True) -> argparse.ArgumentParser:
    """Make the parser of a verb; with `environment`, `chosen_prefix` understands what it reads."""
    parser = argparse.ArgumentParser(prog=f"pipguard {verb}", description=HELP[verb])
    if environment:
        which = parser.add_mutually_exclusive_group()
        which.add_argument("-p", "--prefix", metavar="PATH", help=HELP["--prefix"])
        which.add_argument("-n", "--name", help=HELP["--name"])
    return parser


def add_json(parser: argparse.ArgumentParser) -> None:
    """Let a verb that prints facts print them as a document, too."""
    parser.add_argument("--json", action="store_true", help=HELP["--json"])


def chosen_prefix(parsed: argparse.Namespace) -> Path:
    """Find the environment that was named, else the active one.

    Raises:
        PrefixError: there is none.
    """
    return choose(parsed.prefix, parsed.name, os.environ, Path.home())
