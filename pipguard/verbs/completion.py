"""`pipguard completion SHELL`: what makes a shell complete our words with TAB.

The scripts in `completions/` are made by `.ci/completion_scripts.py` out of the parsers of all
verbs. They call back, `pipguard completion --list KIND WORDS…`, for what only the moment knows: the
words behind `pipguard`, up to the one that is being typed. That changes nothing, and an error says
nothing, as somebody is typing.
"""

from __future__ import annotations

import argparse
import os
import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from pipguard import ledger
from pipguard.environments import everything
from pipguard.errors import PipguardError
from pipguard.guardable import is_base
from pipguard.intercept import become_real_pip
from pipguard.messages import HELP
from pipguard.operations import effective, operations
from pipguard.prefix import Prefix
from pipguard.terminal import Terminal
from pipguard.verbs.arguments import parser_of
from pipguard.verbs.front_door import ENVIRONMENT, split
from pipguard.verbs.launcher import launcher

SCRIPTS = {"bash": "pipguard.bash", "zsh": "_pipguard", "fish": "pipguard.fish"}
_FOLDER = Path(__file__).resolve().parent.parent / "completions"
_CALL = "pipguard completion --list"
# bash puts a word into the line as it is: who sends that off would run what a dist calls itself.
_SPOKEN_TO_SHELLS = frozenset(" $`\\\"'();&|<>*?[]{}!#~^")
_Found = Iterator[tuple[str, str]]


def parser() -> argparse.ArgumentParser:
    """See `Verb.parser`."""
    made = parser_of("completion", environment=False)
    made.add_argument("shell", choices=[*SCRIPTS], metavar="SHELL", help=HELP["SHELL"])
    return made


def run(arguments: Sequence[str]) -> int:
    """See `Verb.run`; the script calls the pipguard that has printed it, on PATH or not."""
    if arguments[:1] == ["--list"] and arguments[1:]:
        _list(arguments[1], arguments[2:])
        return 0
    parsed = parser().parse_args(arguments)
    script = (_FOLDER / SCRIPTS[parsed.shell]).read_text("utf-8")
    call = _CALL.replace("pipguard", shlex.quote(str(launcher())), 1)
    Terminal().out.write(script.replace(_CALL, call))
    return 0


def _list(kind: str, words: Sequence[str]) -> None:
    with suppress(PipguardError, KeyError):
        for word, meaning in _KINDS[kind](words):
            if word.isprintable() and _SPOKEN_TO_SHELLS.isdisjoint(word):
                shown = "".join(it if it.isprintable() else " " for it in meaning)
                Terminal().out.write(f"{word}\t{shown}\n")


def _environments(_: Sequence[str]) -> _Found:
    for path in everything(os.environ, Path.home()):
        yield "base" if is_base(path) else path.name, str(path)


def _operations(words: Sequence[str]) -> _Found:
    """Yield what stands, the newest first."""
    prefix, _ = split(words[1:-1], anywhere=ENVIRONMENT)
    for past in reversed(effective(operations(ledger.read(Prefix(prefix).own_folder)))):
        yield past.id, " ".join((past.front_door, *past.argv))


def _dists(words: Sequence[str]) -> _Found:
    prefix, _ = split(words[1:-1], anywhere=ENVIRONMENT)
    for dist in Prefix(prefix).dists():
        yield dist.name, dist.version


def _of_pip(words: Sequence[str]) -> _Found:
    """Become the pip of the environment, which completes its words by a protocol of its own."""
    verb, *rest = words
    prefix, typed = split(rest)
    line = ["pip", *(["install"] if verb == "explain" else []), *typed]
    os.environ |= {
        "COMP_WORDS": " ".join(line),
        "COMP_CWORD": str(len(line) - 1),
        "PIP_AUTO_COMPLETE": "1",
    }
    become_real_pip(prefix, ())


_KINDS: dict[str, Callable[[Sequence[str]], _Found]] = {
    "dists": _dists,
    "environments": _environments,
    "operations": _operations,
    "pip": _of_pip,
}
