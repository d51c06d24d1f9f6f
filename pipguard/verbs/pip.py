"""`pipguard pip [-p PREFIX | -n NAME] ARGS…`: the explicit front door, and what shims call."""

from __future__ import annotations

from collections.abc import Sequence

from pipguard.intercept import serve
from pipguard.verbs.front_door import front_door, split


def run(arguments: Sequence[str]) -> int:
    """See `Verb.run`; every word behind the environment is pip's."""
    prefix, words = split(arguments)
    return serve(prefix, words, front_door("pip"))
