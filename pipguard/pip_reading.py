"""Reads a command line with pip's own parser, inside the child (`pip_child.py`).

What counts are pip's *effective* options: abbreviated, clustered, from `PIP_*` or from a pip.conf.
Start at `read`. Imports nothing but the standard library and pip, whose private API it touches.
"""

from __future__ import annotations

import configparser
import os
import sys
from copy import deepcopy
from pathlib import Path

from pip._internal.cli.main_parser import parse_command
from pip._internal.commands import create_command
from pip._internal.configuration import OVERRIDE_ORDER
from pip._internal.exceptions import PipError
from pip._internal.req.req_install import InstallRequirement
from pip._internal.utils import deprecation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

# What the parent decides upon, and what fetching must repeat. Values of other options stay here.
TOLD = (
    "compile",
    "constraints",
    "dry_run",
    "extra_index_urls",
    "find_links",
    "force_reinstall",
    "ignore_dependencies",
    "ignore_installed",
    "index_url",
    "json_report_file",
    "no_color",
    "no_index",
    "no_input",
    "prefix_path",
    "progress_bar",
    "python",
    "quiet",
    "require_hashes",
    "root_path",
    "target_dir",
    "use_user_site",
    "verbose",
    "yes",
)


class Line:
    """One command line, read: pip's command object, its effective options, what is left over.

    `typed` are the words as they were typed.
    """

    def __init__(self, typed: Sequence[str]) -> None:
        name, rest = parse_command(list(typed))
        self.name: str = name
        self.typed = typed
        self.command = self.another(name)
        self.options, self.arguments = self.command.parse_args(rest)

    def another(self, name: str) -> Any:
        """Make a command of pip that heeds the same configuration."""
        return create_command(name, isolated="--isolated" in self.typed)

    def told(self) -> dict[str, Any]:
        """Say what the parent decides upon.

        Raises:
            SystemExit: pip has refused it after all, and said why.
        """
        arguments = _named(self) if self.name == "uninstall" else self.arguments
        untyped = self.another(self.name)
        configured, _ = untyped.parse_args([])
        return {
            "command": self.name,
            "options": _told(self.options),
            "configured": _told(configured),
            "configured_by": {"use_user_site": _configured_by(untyped.parser, "user")},
            "arguments": arguments,
        }


def read(typed: Sequence[str]) -> Line:
    """Read a command line.

    Raises:
        SystemExit: pip has refused it, and said why, or has answered it.
    """
    # As pip does: what is deprecated is said in its log.
    deprecation.install_warning_logger()
    try:
        return Line(typed)
    except PipError as error:
        sys.stderr.write(f"ERROR: {error}\n")
        raise SystemExit(1) from error


def perform(command: Any, options: Any, arguments: Sequence[str]) -> int:
    """Run a command of pip with options that were read before; its exit code."""
    # One command line runs pip several times; its advice to root is for none of them.
    options.root_user_action = "ignore"
    command.parse_args = lambda _: (options, list(arguments))
    status: int = command.main([])
    return status


def _told(options: Any) -> dict[str, Any]:
    told = {name: getattr(options, name) for name in TOLD if hasattr(options, name)}
    for name in ("prefix_path", "python"):
        if told.get(name):
            told[name] = _really(told[name])
    formats = getattr(options, "format_control", None)
    if formats is not None:
        told["no_binary"] = sorted(formats.no_binary)
    return told


def _really(path: str) -> str:
    """Follow links and relative paths to a folder; an interpreter's own link is its identity."""
    asked = Path(path)
    return str(asked.resolve() if asked.is_dir() else asked.parent.resolve() / asked.name)


def _configured_by(parser: Any, option: str) -> str:
    """Name the variable or the file that sets an option, empty for none.

    A variable wins over every file, a section for the command over `global`, a later kind of file
    over an earlier one (pip's `ConfigOptionParser`).
    """
    variable = f"PIP_{option.upper()}"
    if os.environ.get(variable) and not parser.config.isolated:
        return variable
    files = dict(parser.config.iter_config_files())
    paths = [path for kind in OVERRIDE_ORDER for path in files.get(kind, ())]
    for section in (parser.name, "global"):
        for path in reversed(paths):
            if _file_has(path, section, option):
                return str(path)
    return ""


def _file_has(path: str, section: str, option: str) -> bool:
    read = configparser.RawConfigParser()
    try:
        read.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeError):
        return False
    return read.has_option(section, option)


def _named(line: Line) -> list[str]:
    """Name what to uninstall, that in `-r` files included, by letting pip's own uninstall run idle.

    Raises:
        SystemExit: pip has refused, and said why.
    """
    names: list[str] = []
    options = deepcopy(line.options)
    options.override_externally_managed = True
    uninstall = InstallRequirement.uninstall
    setattr(InstallRequirement, "uninstall", lambda asked, **_: names.append(asked.name))  # noqa: B010
    try:
        status = perform(line.another("uninstall"), options, line.arguments)
    finally:
        setattr(InstallRequirement, "uninstall", uninstall)  # noqa: B010 # a method
    if status:
        raise SystemExit(status)
    return names
