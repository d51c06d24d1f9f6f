"""Our verbs: a module each, in which `run` reads the verb's words and does what it is for.

`GROUPS` has them in the order of `--help`. A new one is a word there, a module of its name here,
and its lines in `messages/help.py`; what it says is in `messages/verbs.py`. Only the module of the
verb that was typed is imported. The modules that are no verbs serve several: `arguments.py` (the
environment, `--json`), `front_door.py` (what pip and uv have in common), `launcher.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

GROUPS: dict[str, tuple[str, ...]] = {
    "guard": ("enable", "disable", "status", "doctor"),
    "install": ("pip", "uv", "explain", "why", "names"),
    "back": ("history", "undo", "recover"),
    "elsewhere": ("export", "bundle", "create"),
    "more": ("convert", "clean", "completion", "tour"),
}
VERBS: tuple[str, ...] = tuple(verb for verbs in GROUPS.values() for verb in verbs)


class Verb(Protocol):
    """What a module of this folder offers."""

    def parser(self) -> argparse.ArgumentParser:
        """Make what reads its words, tells of them (`--help`), and completes them."""

    def run(self, arguments: Sequence[str]) -> int:
        """Do it; `arguments` are the words behind the verb.

        Returns:
            The exit code: 0, or what the verb documents besides.

        Raises:
            PipguardError: `cli.py` shows it and knows its exit code.
            SystemExit: the words make no sense, or ask for help.
        """
