"""Our verbs: a module each, in which `run` reads the verb's words and does what it is for.

`VERBS` has them in the order of `--help`. A new one is a line there, a module of its name here, and
its line in `messages.HELP`; what it says is in `messages/verbs.py`. Only the module of the verb
that was typed is imported. The modules that are no verbs serve several: `arguments.py` (the
environment, `--json`), `front_door.py` (what pip and uv have in common), `launcher.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

VERBS: tuple[str, ...] = (
    "enable",
    "disable",
    "status",
    "doctor",
    "export",
    "bundle",
    "create",
    "history",
    "undo",
    "recover",
    "explain",
    "why",
    "names",
    "pip",
    "uv",
    "convert",
    "clean",
    "tour",
)


class Verb(Protocol):
    """What a module of this folder offers."""

    def run(self, arguments: Sequence[str]) -> int:
        """Do it; `arguments` are the words behind the verb.

        Returns:
            The exit code: 0, or what the verb documents besides.

        Raises:
            PipguardError: `cli.py` shows it and knows its exit code.
            SystemExit: the words make no sense, or ask for help.
        """
