"""A command line of `uv pip` in pip's words, and what uv itself must resolve first.

Pure. Core type is `Translation`; start at `translate`. What pip has a word for goes to pip's parser
and is understood there (`request.py`). For the rest uv pins: `uv pip compile` resolves with all of
its options, and pip plans the pins without looking further.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import PurePath

from pipguard.errors import UsageError
from pipguard.names import PyPIName, pypi_name
from pipguard.uv_indexes import Logins, split_name
from pipguard.uv_options import Given, UvCommand
from pipguard.uv_table import BY_NAME, Meaning

_SOURCES = frozenset({"--requirements", "--editable"})
_INDEXES = frozenset({"--index", "--extra-index-url"})
_PIP_INDEXES = frozenset({"--index-url", "--extra-index-url", "--find-links", "--no-index"})
# Files of requirements that pip's `-r` cannot read.
_PROJECT_FILES = frozenset({"pyproject.toml", "setup.py", "setup.cfg", "-"})
_HASHES = "--generate-hashes"
_LOCK = re.compile(r"pylock\.(?:[^.]+\.)?toml")  # PEP 751
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ].*")


@dataclass(frozen=True, slots=True)
class Translation:
    """What to ask pip, and what to let uv resolve before.

    Attributes:
        verb: install, uninstall or sync.
        options: in pip's words, all but those that say what is resolved.
        asked: in pip's words, those that say what is resolved.
        files: requirement files; of sync the files to be in step with.
        editables: the values of `-e`.
        arguments: requirements, paths and URLs; names of an uninstall.
        variables: pip's variables for what uv's say of indexes.
        pins: whether uv must resolve first.
        compile: the options of `uv pip compile` then.
        dependencies: whether converted packages shall demand their dependencies.
        exactly: whether everything else of PyPI's is to be removed.
        dry_run: whether to show only.
        reinstall: names to install anew, where it is not everything.
        logins: those of uv's named indexes.
        directory: the folder to work in, empty for the current one.
    """

    verb: str
    options: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    editables: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    pins: bool = False
    compile: tuple[str, ...] = ()
    dependencies: bool = True
    exactly: bool = False
    dry_run: bool = False
    reinstall: tuple[PyPIName, ...] = ()
    logins: Logins = field(default_factory=dict, repr=False)
    directory: str = ""

    def pip_arguments(self) -> tuple[str, ...]:
        """Say it to pip."""
        if self.verb == "uninstall":
            return ("uninstall", "--yes", *self.options, *_each("-r", self.files), *self.arguments)
        sources = (*_each("-r", self.files), *_each("-e", self.editables))
        return ("install", *self.options, *self.asked, *sources, *self.arguments)

    def pinned_arguments(self, pins: str) -> tuple[str, ...]:
        """Say to pip what uv has pinned in a file, which is complete."""
        anew = ("--force-reinstall",) if self.reinstall else ()
        return ("install", *self.options, *anew, "--no-deps", "-r", pins)

    def following_files(self, *, several_indexes: bool) -> Translation:
        """Let uv pin, for it has files of settings, which it alone knows how to follow."""
        if any(map(_is_lock, self.files)):
            return self
        hashes = (_HASHES,) if several_indexes and _HASHES not in self.compile else ()
        return replace(self, pins=True, compile=(*hashes, *self.compile))


def _each(option: str, values: tuple[str, ...]) -> Iterator[str]:
    for value in values:
        yield from (option, value)


def translate(command: UvCommand, prefix: str) -> Translation | None:
    """Translate a command line about the environment at `prefix`; None where it is real uv's.

    Raises:
        UsageError: `uv-option-refused`, with every option that can be neither followed nor ignored.
    """
    if any(it.option.meaning is Meaning.ELSEWHERE for it in command.given):
        return None
    if any(value.rstrip("/") != prefix.rstrip("/") for value in command.values("--prefix")):
        return None
    _refuse(command)
    if command.verb == "uninstall":
        return _uninstall(command)
    return _sync(command) if command.verb == "sync" else _install(command)


def _refuse(command: UvCommand) -> None:
    refused = [it.shown for it in command.given if it.option.meaning is Meaning.REFUSED]
    refused += [f"--output-format {it}" for it in command.values("--output-format") if it != "text"]
    if refused:
        raise UsageError("uv-option-refused", options=", ".join(dict.fromkeys(refused)))


def _uninstall(command: UvCommand) -> Translation:
    words = tuple(
        word
        for it in command.given
        if it.option.name not in {"--requirements", "--dry-run"}
        for word in _pip_words(it)
    )
    return Translation(
        "uninstall",
        options=words,
        files=command.values("--requirements"),
        arguments=command.arguments,
        dry_run=command.has("--dry-run"),
        directory="".join(command.values("--directory")[-1:]),
    )


def _sync(command: UvCommand) -> Translation:
    """Install what the files have, and nothing that it needs beside."""
    alone = () if command.has("--no-deps") else (Given(BY_NAME["--no-deps"]),)
    found = _install(replace(command, given=(*command.given, *alone)))
    return replace(found, files=command.arguments, arguments=(), exactly=True)


def _install(command: UvCommand) -> Translation:
    words = {Meaning.SAME: list[str](), Meaning.ASKED: list[str]()}
    for it in command.given:
        if not (_is_configured(it) or it.option.name in _SOURCES):
            words.setdefault(_meaning(it), []).extend(_pip_words(it))
    unresolved = command.has("--no-deps") or command.has("--overrides") or command.has("--excludes")
    return Translation(
        command.verb,
        options=tuple(words[Meaning.SAME]),
        asked=tuple(words[Meaning.ASKED]),
        files=command.values("--requirements"),
        editables=command.values("--editable"),
        arguments=command.arguments,
        variables=_variables(command),
        pins=_must_pin(command),
        compile=tuple(_compile_words(command)),
        dependencies=not unresolved,
        exactly=command.has("--exact"),
        dry_run=command.has("--dry-run"),
        reinstall=tuple(pypi_name(name) for name in command.values("--reinstall-package")),
        directory="".join(command.values("--directory")[-1:]),
    )


def _meaning(given: Given) -> Meaning:
    """Say what becomes of an option, which for some depends on the value."""
    name, value = given.option.name, given.value
    if name == "--prerelease":
        return {
            "allow": Meaning.ASKED,
            "if-necessary": Meaning.SETTLED,
            "if-necessary-or-explicit": Meaning.SETTLED,
        }.get(value, Meaning.PINNED)
    if name == "--exclude-newer":
        known = _DATE.fullmatch(value) or _MOMENT.fullmatch(value)
        return Meaning.ASKED if known else Meaning.PINNED
    if (name, value) in {("--resolution", "highest"), ("--index-strategy", "unsafe-best-match")}:
        return Meaning.SETTLED
    if name == "--index-strategy":
        return Meaning.SETTLED  # of one index it says nothing; `_must_pin` looks at several
    return given.option.meaning


def _ranks_indexes(command: UvCommand) -> bool:
    """Say whether some index goes before others.

    uv takes each name from the first index that has it, which keeps a stranger from publishing a
    newer version of a private name elsewhere; pip takes the newest of all indexes.
    """
    several = any(it.option.name in _INDEXES for it in command.given)
    chosen = command.values("--index-strategy")[-1:] or ("first-index",)
    return several and chosen[0] != "unsafe-best-match" and not command.has("--no-index")


def _must_pin(command: UvCommand) -> bool:
    """Say whether pip could not resolve as uv would."""
    files = (*command.values("--requirements"), *(command.arguments * (command.verb == "sync")))
    if any(map(_is_lock, files)):
        return False  # it has addresses and hashes, and nothing is left to resolve
    pinned = any(_meaning(it) is Meaning.PINNED for it in command.given)
    return (
        _ranks_indexes(command) or pinned or any(map(_is_for_uv, files)) or command.has("--exact")
    )


def _is_lock(file: str) -> bool:
    return bool(_LOCK.fullmatch(PurePath(file).name))


def _is_for_uv(file: str) -> bool:
    name = PurePath(file).name
    return name in _PROJECT_FILES or name.endswith(".py")


def _pip_words(given: Given) -> tuple[str, ...]:
    """Say one option to pip: in one word, so that no value is taken for an option."""
    option, value = given.option, given.value
    if not option.pip or option.meaning not in {Meaning.SAME, Meaning.ASKED}:
        return ()
    if option.name == "--upgrade":  # uv upgrades what the named ones need as well
        return ("--upgrade", "--upgrade-strategy=eager")
    if option.name == "--no-build":
        return ("--only-binary=:all:",)
    if option.name == "--color":
        return (option.pip,) if value == "never" else ()
    if option.name == "--prerelease":
        return (option.pip,)
    return (f"{option.pip}={_pip_value(given)}",) if option.takes else (option.pip,)


def _pip_value(given: Given) -> str:
    if given.option.name in {"--index", "--default-index"}:
        return split_name(given.value)[1]
    if given.option.name == "--exclude-newer" and _DATE.fullmatch(given.value):
        # uv means the end of that day, pip its beginning.
        return str(date.fromisoformat(given.value) + timedelta(days=1))
    return given.value


def _is_configured(given: Given) -> bool:
    """Say whether a variable tells where to look, which is not the same as naming it."""
    return not given.typed and given.option.pip in _PIP_INDEXES


def _variables(command: UvCommand) -> dict[str, str]:
    """Say as pip's variables what uv's say, so that pip still tells them from what was typed."""
    found: dict[str, list[str]] = {}
    for it in filter(_is_configured, command.given):
        variable = "PIP_" + it.option.pip[2:].replace("-", "_").upper()
        found.setdefault(variable, []).append(_pip_value(it) if it.option.takes else "1")
    return {
        variable: values[-1] if variable == "PIP_INDEX_URL" else " ".join(values)
        for variable, values in found.items()
    }


def _compile_words(command: UvCommand) -> Iterator[str]:
    """Say the typed options to `uv pip compile`; variables it reads itself."""
    # A hash also tells the file of one index from the same version on another.
    if command.has("--require-hashes") or _ranks_indexes(command):
        yield _HASHES
    for it in command.given:
        if it.typed and it.option.compiles:
            yield f"{it.option.name}={it.value}" if it.option.takes else it.option.name
