"""What the child of `pip_child.py` does with pip: reads a command line, and follows orders.

Start at `read`. Like `pip_child.py`, which loads it by its path, it imports nothing but the
standard library and pip. Everything that touches pip's private API is in this file and
`pip_watch.py`; they follow pip 22.2 to 26.3.
"""

from __future__ import annotations

import os
import runpy
import sys
from copy import deepcopy
from importlib import import_module
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

# What the parent decides upon, and what fetching must repeat. Values of other options stay here.
TOLD = (
    "break_system_packages",
    "compile",
    "config_settings",
    "constraints",
    "dependency_groups",
    "dry_run",
    "editables",
    "extra_index_urls",
    "find_links",
    "force_reinstall",
    "ignore_dependencies",
    "ignore_installed",
    "index_url",
    "json_report_file",
    "no_index",
    "no_input",
    "only_dependencies",
    "pre",
    "prefix_path",
    "progress_bar",
    "python",
    "quiet",
    "require_hashes",
    "requirements",
    "requirements_from_scripts",
    "root_path",
    "target_dir",
    "upgrade",
    "upgrade_strategy",
    "use_user_site",
    "verbose",
    "yes",
)


def _told(options: Any) -> dict[str, Any]:
    told = {name: getattr(options, name) for name in TOLD if hasattr(options, name)}
    for name in ("prefix_path", "python"):
        if told.get(name):
            told[name] = _really(told[name])
    formats = getattr(options, "format_control", None)
    if formats is not None:
        told["no_binary"] = sorted(formats.no_binary)
        told["only_binary"] = sorted(formats.only_binary)
    return told


def _really(path: str) -> str:
    """Follow links and relative paths to a folder; an interpreter's own link is its identity."""
    asked = Path(path)
    return str(asked.resolve() if asked.is_dir() else asked.parent.resolve() / asked.name)


def _create(name: str, args: Sequence[str]) -> Any:
    from pip._internal.commands import create_command

    return create_command(name, isolated="--isolated" in args)


def _plan(
    command: Any, options: Any, arguments: list[str], order: dict[str, Any]
) -> dict[str, Any]:
    options.dry_run = True
    options.json_report_file = order["report"]
    # The parent has resolved which environment this is about.
    options.python = None
    try:
        watch = import_module("pip_watch").Watch(order["built"])
        watch.install()
    except (AttributeError, ImportError):
        # Another pip than we know: the report alone must do.
        watch = None
    status = _perform(command, options, arguments)
    if status:
        return {"status": status}
    return {"status": status, **(watch.found() if watch else {})}


def _look_where_planned(options: Any, sources: dict[str, Any]) -> None:
    if not sources:
        return
    # Not None without one: pip takes every index apart for its log.
    options.index_url = sources["index_urls"][0] if sources["index_urls"] else ""
    options.extra_index_urls = sources["index_urls"][1:]
    options.find_links = sources["find_links"]
    options.no_index = sources["no_index"] or not sources["index_urls"]
    options.trusted_hosts = sources["trusted_hosts"]


def _exactly(options: Any, order: dict[str, Any]) -> None:
    """Replace what was asked for by what the order names, without any dependency."""
    for emptied in ("constraints", "dependency_groups", "requirements_from_scripts"):
        if hasattr(options, emptied):
            setattr(options, emptied, [])
    if hasattr(options, "only_dependencies"):
        options.only_dependencies = False
    options.requirements = order.get("requirements", [])
    options.editables = order.get("editables", [])
    options.ignore_dependencies = True
    options.require_hashes = False
    options.python = None


def _perform(command: Any, options: Any, arguments: list[str]) -> int:
    # One command line runs pip several times; its advice to root is for none of them.
    options.root_user_action = "ignore"
    command.parse_args = lambda _: (options, arguments)
    status: int = command.main([])
    return status


def _telling_of_files(run: Callable[[Any, list[str]], int]) -> Callable[[Any, list[str]], int]:
    """Let `pip wheel` say in a line what `pip install` does, where it shows a traceback."""
    from pip._internal.exceptions import CommandError

    def told(options: Any, arguments: list[str]) -> int:
        try:
            return run(options, arguments)
        except OSError as error:
            message = f"Could not fetch packages due to an OSError: {error}"
            raise CommandError(message) from error

    return told


def _fetch(asked: Any, args: Sequence[str], order: dict[str, Any]) -> int:
    """Download or build wheels, with the options of the install."""
    command = _create("wheel", args)
    options, _ = command.parse_args([])
    for name in vars(options):
        if hasattr(asked, name):
            setattr(options, name, getattr(asked, name))
    _look_where_planned(options, order["sources"])
    _exactly(options, order)
    options.wheel_dir = order["folder"]
    command.run = _telling_of_files(command.run)
    return _perform(command, options, list(order.get("direct", [])))


def _install(command: Any, options: Any, order: dict[str, Any]) -> int:
    """Let true pip install what only it can, past the marker that is meant for others."""
    _look_where_planned(options, order["sources"])
    _exactly(options, order)
    options.override_externally_managed = True
    options.dry_run = False
    options.json_report_file = None
    # Into a folder laid out as the environment is, whatever is installed: the parent places it.
    options.prefix_path = order["into"]
    options.ignore_installed = True
    options.use_user_site = False
    options.target_dir = options.root_path = None
    options.warn_script_location = False
    options.warn_about_conflicts = False
    return _perform(command, options, list(order.get("direct", [])))


def _uninstall(command: Any, order: dict[str, Any]) -> int:
    options, _ = command.parse_args([])
    options.override_externally_managed = True
    options.yes = True
    options.requirements = []
    options.python = None
    return _perform(command, options, list(order["names"]))


def _name_all(command: Any, options: Any, arguments: list[str]) -> list[str] | None:
    """Name what to uninstall, `-r` files included, as pip's own uninstall would collect it.

    None where pip has refused, and said why.
    """
    from pip._internal.req import parse_requirements
    from pip._internal.req.constructors import (
        install_req_from_line,
        install_req_from_parsed_requirement,
    )

    asked: list[Any] = []

    def collect(options: Any, arguments: list[str]) -> int:
        session = command.get_default_session(options)
        asked.extend(install_req_from_line(argument) for argument in arguments)
        for file in options.requirements:
            lines = parse_requirements(file, options=options, session=session)
            asked.extend(install_req_from_parsed_requirement(line) for line in lines)
        return 0

    command.run = collect
    if _perform(command, options, arguments):
        return None
    return [_named(requirement) for requirement in asked if _named(requirement)]


def _named(requirement: Any) -> str:
    if not requirement.name:
        sys.stderr.write(f"WARNING: Invalid requirement: {str(requirement)!r} ignored\n")
    return requirement.name or ""


def _forget_orders() -> None:
    """Take away variables that would act on every pip started by a build."""
    for name in ("BREAK_SYSTEM_PACKAGES", "DRY_RUN", "LOG", "PREFIX", "REPORT", "TARGET", "USER"):
        os.environ.pop(f"PIP_{name}", None)


def _share_cache(options: Any, order: dict[str, Any]) -> None:
    """Lend the runs of one command line a cache where pip's is off: nothing is fetched twice."""
    if "cache" in order and not options.cache_dir:
        options.cache_dir = order["cache"]


class CommandLine:
    """What was typed, as pip's parser reads it, and what can be ordered about it."""

    def __init__(self, args: list[str]) -> None:
        from pip._internal.cli.main_parser import parse_command

        self.args = args
        self.name, rest = parse_command(args)
        self.command = _create(self.name, args)
        self.configured, _ = _create(self.name, args).parse_args([])
        self.options, self.arguments = self.command.parse_args(rest)
        _forget_orders()
        self.named: list[str] | None = self.arguments
        if self.name == "uninstall":
            self.named = _name_all(_create(self.name, args), self.options, self.arguments)

    def told(self) -> dict[str, Any]:
        """Say what the parent decides upon."""
        return {
            "command": self.name,
            "options": _told(self.options),
            "configured": _told(self.configured),
            "arguments": self.named,
        }

    def follow(self, order: dict[str, Any]) -> dict[str, Any]:
        """Do one thing; of what fails pip has said why."""
        # A run changes what it is given and what is in there; the next starts from what was typed.
        options = deepcopy(self.options)
        _share_cache(options, order)
        actions: dict[str, Callable[[], int | dict[str, Any]]] = {
            "plan": lambda: _plan(self.command, options, self.arguments, order),
            "fetch": lambda: _fetch(options, self.args, order),
            "install": lambda: _install(_create(self.name, self.args), options, order),
            "uninstall": lambda: _uninstall(_create("uninstall", self.args), order),
        }
        found = actions[order["do"]]()
        return found if isinstance(found, dict) else {"status": found}


class Stranger:
    """The command line of a pip that only understands command lines."""

    def told(self) -> dict[str, Any]:
        """Say so."""
        return {"stranger": True}

    def follow(self, order: dict[str, Any]) -> dict[str, Any]:
        """Run pip as anyone may."""
        _forget_orders()
        sys.argv = ["pip", *order["arguments"]]
        runpy.run_module("pip", run_name="__main__")
        return {"status": 0}


def read(args: list[str]) -> CommandLine | Stranger | None:
    """Read a command line; None where pip has refused it, and said why."""
    # Usage errors show this name.
    sys.argv = ["pip", *args]
    if not _is_known():
        return Stranger()
    line = CommandLine(args)
    return line if line.named is not None else None


def _is_known() -> bool:
    """Whether pip has what this file uses of its private API to read a command line."""
    try:
        from pip._internal.cli.main_parser import parse_command  # noqa: F401
        from pip._internal.commands import create_command  # noqa: F401
    except ImportError:
        return False
    return True
