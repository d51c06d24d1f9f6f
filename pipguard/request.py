"""What was typed, understood: Install, Uninstall or PassThrough.

Pure. pip's own parser has already read the arguments, the `PIP_*` variables and pip.conf; what
arrives here are *effective* options under pip's own names for them (`dest` of its option table).
Supporting a new pip option means a line here and a row in its test table.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from pipguard.errors import UsageError
from pipguard.names import PyPIName, pypi_name


class Because(Enum):
    """Why a command line goes to real pip as it is."""

    NOT_AN_INSTALL = "not-an-install"
    OTHER_FOLDER = "installs-into-another-folder"
    OTHER_PREFIX = "installs-into-another-prefix"
    OTHER_PYTHON = "installs-for-another-python"
    NAMES_UNREAD = "names-to-uninstall-unread"


@dataclass(frozen=True, slots=True)
class Told:
    """What pip's parser made of a command line.

    Attributes:
        command: pip's subcommand, `install` for instance.
        options: effective values by pip's `dest`; may hold credentials, so never printed or kept.
        configured: the same with nothing typed: what variables and pip.conf alone say.
        arguments: what is left when options are taken away; of an uninstall the names, those in
            requirement files included.
        configured_by: the variable or the file that configures an option, where that is told.
    """

    command: str
    options: Mapping[str, Any] = field(repr=False)
    configured: Mapping[str, Any] = field(repr=False)
    arguments: tuple[str, ...]
    configured_by: Mapping[str, str] = field(default_factory=dict)

    def typed(self, option: str) -> bool:
        """Whether the command line itself changed this option."""
        return bool(self.options.get(option) != self.configured.get(option))


@dataclass(frozen=True, slots=True)
class Talk:
    """How much is said: pip's `-q` and `-v`, counted; and how.

    Attributes:
        verbosity: how often `-v` was given, less how often `-q`.
        bars: whether what is shown may move; `raw` progress is for programs.
        colour: not with `--no-color`.
    """

    verbosity: int = 0
    bars: bool = True
    colour: bool = True

    @property
    def silent(self) -> bool:
        """Whether `-q` was given at least once."""
        return self.verbosity < 0


@dataclass(frozen=True, slots=True)
class Install:
    """One `pip install` into the guarded prefix; what it names and upgrades is in pip's plan.

    Attributes:
        reinstall: `--force-reinstall` or `--ignore-installed`.
        dependencies: false with `--no-deps`.
        no_binary: names that must be built from source; `:all:` for every one.
        hash_pinned: whether hashes were required.
        report: where pip's report is wanted, `-` for standard output.
        compile: whether bytecode is wanted.
        exactly: whether what else came from PyPI is to go (`uv pip sync`).
    """

    reinstall: bool = False
    dependencies: bool = True
    no_binary: frozenset[str] = frozenset()
    hash_pinned: bool = False
    dry_run: bool = False
    report: str | None = None
    compile: bool = True
    exactly: bool = False
    talk: Talk = Talk()

    def must_build(self, name: PyPIName) -> bool:
        """Whether `--no-binary` covers this project."""
        return bool(self.no_binary & {":all:", name})


@dataclass(frozen=True, slots=True)
class Uninstall:
    """One `pip uninstall` from the guarded prefix; `names` are normalised, in the order typed.

    Unless `confirmed` a person is asked, and with `unasked`, pip's `--no-input`, nobody is there.
    pip's has no `dry_run`, uv's has.
    """

    names: tuple[PyPIName, ...]
    confirmed: bool = False
    unasked: bool = False
    dry_run: bool = False
    talk: Talk = Talk()


@dataclass(frozen=True, slots=True)
class PassThrough:
    """A command line for real pip; `python` is the one that `--python` names, if that is why."""

    because: Because
    python: str = ""


Request = Install | Uninstall | PassThrough

# The folder itself, its interpreter, or the wrapper that its own pip.conf names.
_INSIDE = re.compile(
    r"[/\\]?|[/\\](?:(?:bin|Scripts)[/\\])?python[\d.]*(?:\.exe)?|/libexec/pipguard/pip-python"
)


def understand(told: Told, prefix: str) -> Request:
    """Turn effective options into a request about the guarded environment at `prefix`.

    Paths are compared as text: the one who asks has followed links.

    Raises:
        UsageError: for what is deliberately not done inside the guard, `--user` for instance.
    """
    if told.command not in {"install", "uninstall"}:
        return PassThrough(Because.NOT_AN_INSTALL)
    python = told.options.get("python")
    if python and not _is_python_of(str(python), prefix):
        return PassThrough(Because.OTHER_PYTHON, str(python))
    if told.command == "uninstall":
        return _uninstall(told)
    return _pass_through(told, prefix) or _install(told)


def _is_python_of(python: str, prefix: str) -> bool:
    """Say whether `--python` names the environment at `prefix`: its folder or its interpreter."""
    root = prefix.rstrip("/\\")
    inside = python[len(root) :]
    return python.startswith(root) and bool(_INSIDE.fullmatch(inside))


def _pass_through(told: Told, prefix: str) -> PassThrough | None:
    options = told.options
    if options.get("use_user_site"):
        if told.typed("use_user_site"):
            raise UsageError("user-site-refused", prefix=prefix)
        source = told.configured_by.get("use_user_site", "")
        raise UsageError("user-site-configured", prefix=prefix, source=source)
    if options.get("target_dir") or options.get("root_path"):
        return PassThrough(Because.OTHER_FOLDER)
    elsewhere = options.get("prefix_path")
    if elsewhere and str(elsewhere).rstrip("/\\") != prefix.rstrip("/\\"):
        return PassThrough(Because.OTHER_PREFIX)
    return None


def _talk(options: Mapping[str, Any]) -> Talk:
    verbosity = int(options.get("verbose") or 0) - int(options.get("quiet") or 0)
    bars = options.get("progress_bar") not in {"off", "raw"}
    return Talk(verbosity, bars, colour=not options.get("no_color"))


def _install(told: Told) -> Install:
    options = told.options
    return Install(
        reinstall=bool(options.get("force_reinstall") or options.get("ignore_installed")),
        dependencies=not options.get("ignore_dependencies"),
        no_binary=frozenset(options.get("no_binary") or ()),
        hash_pinned=bool(options.get("require_hashes")),
        dry_run=bool(options.get("dry_run")),
        report=options.get("json_report_file"),
        compile=bool(options.get("compile", True)),
        talk=_talk(options),
    )


def _uninstall(told: Told) -> Uninstall | PassThrough:
    # Files are told only by a pip that cannot be introspected, and that has not read them.
    if not told.arguments or told.options.get("requirements"):
        return PassThrough(Because.NAMES_UNREAD)
    names = dict.fromkeys(pypi_name(name) for name in told.arguments)
    return Uninstall(
        names=tuple(names),
        confirmed=bool(told.options.get("yes")),
        unasked=bool(told.options.get("no_input")),
        talk=_talk(told.options),
    )
