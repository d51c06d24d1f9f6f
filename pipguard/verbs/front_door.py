"""What `pipguard pip` and `pipguard uv` have in common: whose words are whose.

Imports little: pip shall start as early as it can.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Sequence
from pathlib import Path

from pipguard.environments import choose
from pipguard.errors import UsageError

_WHICH = {"-p": "path", "--prefix": "path", "-n": "name", "--name": "name"}
ENVIRONMENT = tuple(_WHICH)


def front_door(tool: str) -> str:
    """Say how a command line came in: by the shim that told so, else by this very verb."""
    return os.environ.pop("PIPGUARD_FRONT_DOOR", f"pipguard {tool}")


def asks_for_help(arguments: Sequence[str]) -> bool:
    """Whether our own help is meant; behind the environment, `--help` is pip's or uv's."""
    return next(iter(arguments), "") in {"-h", "--help"}


def split(arguments: Sequence[str], *, anywhere: Sequence[str] = ()) -> tuple[Path, list[str]]:
    """Tell `[-p PREFIX | -n NAME] ARGS…` apart: the environment, and the words of pip or uv.

    Args:
        arguments: as typed.
        anywhere: options that name the environment wherever they stand, being none of pip's.

    Raises:
        UsageError: two environments are named.
        PrefixError: there is none.
    """
    chosen: dict[str, str] = {}
    rest: list[str] = []
    words = deque(arguments)
    while words:
        option, glued, value = words[0].partition("=")
        known = option in _WHICH and (not rest or option in anywhere)
        if known and (glued or len(words) > 1):
            words.popleft()
            chosen[_WHICH[option]] = value if glued else words.popleft()
        else:
            rest.append(words.popleft())
    if len(chosen) > 1:
        raise UsageError("environment-named-twice", path=chosen["path"], name=chosen["name"])
    return choose(chosen.get("path"), chosen.get("name"), os.environ, Path.home()), rest
