"""What most verbs take: which environment is meant, and whether JSON is wanted."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from pipguard.environments import choose
from pipguard.errors import UsageError
from pipguard.messages import EXAMPLES, HELP
from pipguard.names import PyPIName, pypi_name
from pipguard.upkeep import mend, tend


def parser_of(
    verb: str, *, environment: bool = True, every: bool = False
) -> argparse.ArgumentParser:
    """Make the parser of a verb.

    With `environment`, `chosen_prefix` understands what it reads; `every` adds `--all`.
    """
    parser = argparse.ArgumentParser(
        prog=f"pipguard {verb}",
        description=HELP[verb],
        epilog=_examples(verb),
        formatter_class=_Formatter,
    )
    if environment:
        which = parser.add_mutually_exclusive_group()
        which.add_argument("-p", "--prefix", metavar="PATH", help=HELP["--prefix"])
        which.add_argument("-n", "--name", help=HELP["--name"])
        if every:
            which.add_argument("--all", action="store_true", help=HELP["--all"])
    return parser


def parser_of_tool(verb: str) -> argparse.ArgumentParser:
    """Make what tells of `pipguard pip` and `pipguard uv`, whose words `split` and they read."""
    parser = parser_of(verb)
    parser.add_argument(
        "arguments", nargs=argparse.REMAINDER, metavar="ARGS", help=HELP[f"{verb} ARGS"]
    )
    return parser


class _Formatter(argparse.HelpFormatter):
    """Wraps a description, and leaves the lines of examples as they are."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return text if "\n" in text else super()._fill_text(text, width, indent)


def _examples(verb: str) -> str:
    lines = (f"  {command}  # {purpose}" for command, purpose in EXAMPLES[verb])
    return "\n".join(["examples:", *lines])


def add_json(parser: argparse.ArgumentParser) -> None:
    """Let a verb that prints facts print them as a document, too."""
    parser.add_argument("--json", action="store_true", help=HELP["--json"])


def chosen_prefix(parsed: argparse.Namespace) -> Path:
    """Find the environment that was named, else the active one, and look after it.

    What a killed operation has left is put right, and a guard that an upgrade has left behind.

    Raises:
        PrefixError: there is none.
        TransactionError: what was left cannot be put right.
    """
    prefix = named_prefix(parsed)
    mend(prefix)
    tend(prefix)
    return prefix


def named_prefix(parsed: argparse.Namespace) -> Path:
    """Find the environment as `chosen_prefix` does, for the verbs that change its guard.

    Raises:
        PrefixError: there is none.
    """
    return choose(parsed.prefix, parsed.name, os.environ, Path.home())


def project_name(text: str) -> PyPIName:
    """Read the name of a project; extras and versions behind it do not matter.

    Raises:
        UsageError: it is none.
    """
    try:
        return pypi_name(Requirement(text).name)
    except InvalidRequirement as error:
        raise UsageError("name-invalid", name=text) from error
