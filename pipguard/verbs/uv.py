"""`pipguard uv [-p PREFIX | -n NAME] ARGS…`: the same for uv's words."""

from __future__ import annotations

from collections.abc import Sequence

from pipguard.uv_intercept import serve
from pipguard.verbs.front_door import front_door, split


def run(arguments: Sequence[str]) -> int:
    """See `Verb.run`; every word behind the environment is uv's."""
    prefix, words = split(arguments)
    return serve(prefix, words, front_door("uv"))
