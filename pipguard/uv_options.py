"""A command line of `uv pip`, read by the table of its options.

Pure. uv parses with clap: no abbreviations, short flags in one word (`-Ur file`), values behind `=`
or as the next word, `--` ends the options. An option that is not typed may come from its variable
(`UV_*`). Start at `read`; `uv_request.py` makes pip's words of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pipguard.errors import UsageError
from pipguard.uv_table import BY_NAME, LISTS, OPTIONS, Option

VERBS = frozenset({"install", "uninstall", "sync"})
_YES = frozenset({"1", "true", "t", "yes", "y", "on"})


@dataclass(frozen=True, slots=True)
class Given:
    """One option as it was given; `value` is empty for a flag, `source` for what was typed."""

    option: Option
    value: str = ""
    source: str = ""

    @property
    def typed(self) -> bool:
        """Whether it stands on the command line."""
        return not self.source

    @property
    def shown(self) -> str:
        """What to call it in a message: the option, or the variable or file it came from."""
        return self.source or self.option.name


@dataclass(frozen=True, slots=True)
class UvCommand:
    """A command line of `uv pip`: its verb, its options in order, and the words left over."""

    verb: str
    given: tuple[Given, ...]
    arguments: tuple[str, ...]

    def values(self, name: str) -> tuple[str, ...]:
        """Return every value given for an option."""
        return tuple(it.value for it in self.given if name in it.option.names)

    def has(self, name: str) -> bool:
        """Say whether an option was given."""
        return any(name in it.option.names for it in self.given)

    def with_silent(self, silent: Iterable[Given]) -> UvCommand:
        """Add options that were not typed, where nothing that was given says otherwise."""
        said = {it.option.name for it in self.given}
        said |= {_contrary(it.option.name) for it in self.given if not it.option.takes}
        unsaid = (it for it in silent if it.option.name not in said)
        return replace(self, given=(*unsaid, *self.given))


def _contrary(flag: str) -> str:
    return f"--{flag[5:]}" if flag.startswith("--no-") else f"--no-{flag[2:]}"


def read(words: Sequence[str], environ: Mapping[str, str]) -> UvCommand | None:
    """Read a command line; None where it is not `uv pip install`, `uninstall` or `sync`.

    Raises:
        UsageError: `uv-option-unknown`, or `uv-value-missing`.
    """
    given, left = _split(words)
    if len(left) <= 1 or left[0] != "pip" or left[1] not in VERBS:
        return None
    command = UvCommand(left[1], tuple(given), tuple(left[2:]))
    return command.with_silent(() if left[1] == "uninstall" else _from_variables(environ))


def _split(words: Sequence[str]) -> tuple[list[Given], list[str]]:
    given: list[Given] = []
    left: list[str] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word == "--":
            return given, [*left, *rest]
        if word == "-" or not word.startswith("-"):
            left.append(word)
        elif word.startswith("--"):
            name, glued, value = word.partition("=")
            given.append(_given(name, value if glued else None, rest))
        else:
            given.extend(_cluster(word[1:], rest))
    return given, left


def _cluster(letters: str, rest: list[str]) -> Iterator[Given]:
    """Read `-Ur file`: flags, and perhaps one option whose value is what follows."""
    while letters:
        name, letters = f"-{letters[0]}", letters[1:]
        if name in BY_NAME and BY_NAME[name].takes:
            yield _given(name, letters.removeprefix("=") if letters else None, rest)
            return
        yield _given(name, None, rest)


def _given(name: str, glued: str | None, rest: list[str]) -> Given:
    option = BY_NAME.get(name)
    if option is None or (glued is not None and not option.takes):
        raise UsageError("uv-option-unknown", option=name)
    if not option.takes:
        return Given(option)
    if glued is None and not rest:
        raise UsageError("uv-value-missing", option=name)
    return Given(option, rest.pop(0) if glued is None else glued)


def _from_variables(environ: Mapping[str, str]) -> Iterator[Given]:
    """Read the options that variables give; those that may be given often are lists there."""
    for option in OPTIONS:
        value = environ.get(option.variable, "") if option.variable else ""
        if not option.takes and value.lower() in _YES:
            yield Given(option, source=option.variable)
        elif option.takes and option.variable in LISTS:
            yield from (Given(option, each, option.variable) for each in value.split())
        elif option.takes and value:
            yield Given(option, value, option.variable)
