"""The script that runs inside the environment's python, with pipguard's pip.

Not a module of the package: it is started as a file, under any python that pip supports, and
imports nothing but the standard library and pip. It parses the options with pip's own parser,
tells them to its parent, waits for the word to go on, and plans or fetches in the same process:
each start of an interpreter with pip costs 150 to 300 ms.

The parent talks over two pipes, one JSON object a line; the first, for a list of processes shows
what is on a command line, has what was typed:

    parent -> […]
    child  -> {"command": …, "options": {…}, "configured": {…}, "arguments": […]}
    parent -> {"do": "plan" | "fetch" | "install" | "uninstall", …}  or end of file: stop
    child  -> {"sources": {…}, "origins": […], "limits": {…}}   after planning
    child  -> {"ended": STATUS}   at the end, unless it has crashed

Everything that touches pip's private API is in this file and `pip_watch.py`; they follow pip 22.2
to 26.3. Of a pip whose private API is another one the child says {"stranger": true}, and the one
order that it then understands is {"do": "run", "arguments": […]}: a command line for pip as anyone
may type it.
"""

from __future__ import annotations

import json
import os
import runpy
import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
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

INTERRUPTED = 130


class _OwnPip:
    """Finds `pip` in pipguard's folder, whatever the environment holds."""

    def __init__(self, root: str) -> None:
        self.root = root

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None = None, target: Any = None
    ) -> ModuleSpec | None:
        if fullname != "pip":
            return None
        return PathFinder.find_spec(fullname, [self.root], target)


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


class _Parent:
    """The two pipes."""

    def __init__(self, to_parent: int, from_parent: int) -> None:
        self._out = os.fdopen(to_parent, "w", encoding="utf-8")
        self._in = os.fdopen(from_parent, encoding="utf-8")

    def tell(self, message: dict[str, Any]) -> None:
        self._out.write(json.dumps(message) + "\n")
        self._out.flush()

    def typed(self) -> list[str]:
        arguments: list[str] = json.loads(self._in.readline() or "[]")
        return arguments

    def order(self) -> dict[str, Any]:
        line = self._in.readline()
        order: dict[str, Any] = json.loads(line) if line else {"do": "stop"}
        return order


def _sibling(name: str) -> Any:
    """Load a module that lies beside this file, which no path of this python leads to."""
    spec = spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None and spec.loader is not None  # noqa: S101, PT018 # it has a loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _create(name: str, args: Sequence[str]) -> Any:
    from pip._internal.commands import create_command

    return create_command(name, isolated="--isolated" in args)


def _plan(command: Any, parsed: tuple[Any, Any], order: dict[str, Any], parent: _Parent) -> int:
    options, arguments = parsed
    options.dry_run = True
    options.json_report_file = order["report"]
    # The parent has resolved which environment this is about.
    options.python = None
    watch = None
    try:
        watch = _sibling("pip_watch").Watch(order.get("main"), order["built"])
        watch.install()
    except (AttributeError, ImportError):
        # Another pip than we know: the report alone must do.
        watch = None
    status = _perform(command, options, arguments)
    if status == 0:
        parent.tell(watch.found() if watch else {})
    return status


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
    # The plan has decided; what is there of this name is to be replaced.
    options.force_reinstall = True
    options.warn_about_conflicts = False
    return _perform(command, options, list(order.get("direct", [])))


def _uninstall(command: Any, options: Any, order: dict[str, Any]) -> int:
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


def _run(args: list[str], parent: _Parent) -> int:
    from pip._internal.cli.main_parser import parse_command

    name, rest = parse_command(args)
    command = _create(name, args)
    configured, _ = _create(name, args).parse_args([])
    options, arguments = command.parse_args(rest)
    _forget_orders()
    named: list[str] | None = arguments
    if name == "uninstall":
        named = _name_all(_create(name, args), options, arguments)
    if named is None:
        return 1
    parent.tell(
        {
            "command": name,
            "options": _told(options),
            "configured": _told(configured),
            "arguments": named,
        }
    )
    order = parent.order()
    _share_cache(options, order)
    actions: dict[str, Callable[[], int]] = {
        "plan": lambda: _plan(command, (options, arguments), order, parent),
        "fetch": lambda: _fetch(options, args, order),
        "install": lambda: _install(command, options, order),
        "uninstall": lambda: _uninstall(command, options, order),
        "stop": lambda: 0,
    }
    return actions[order["do"]]()


def _is_known() -> bool:
    """Whether pip has what this file uses of its private API to read a command line."""
    try:
        from pip._internal.cli.main_parser import parse_command  # noqa: F401
        from pip._internal.commands import create_command  # noqa: F401
    except ImportError:
        return False
    return True


def _run_stranger(parent: _Parent) -> int:
    parent.tell({"stranger": True})
    order = parent.order()
    if order["do"] == "run":
        _forget_orders()
        sys.argv = ["pip", *order["arguments"]]
        runpy.run_module("pip", run_name="__main__")
    return 0


def _serve(parent: _Parent) -> int:
    args = parent.typed()
    # Usage errors show this name.
    sys.argv = ["pip", *args]
    try:
        return _run(args, parent) if _is_known() else _run_stranger(parent)
    except SystemExit as leaving:
        # So pip leaves where it has said why.
        return leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)


def main() -> int:
    """Run one order: `pip_child.py PIP_ROOT TO_PARENT FROM_PARENT`."""
    # The folder of this file must not shadow the environment's modules.
    if not getattr(sys.flags, "safe_path", False):
        del sys.path[0]
    root, to_parent, from_parent = sys.argv[1:]
    sys.meta_path.insert(0, _OwnPip(root))
    parent = _Parent(int(to_parent), int(from_parent))
    try:
        status = _serve(parent)
    except KeyboardInterrupt:
        # Told by the parent, which was interrupted as well.
        return INTERRUPTED
    parent.tell({"ended": status})
    return status


if __name__ == "__main__":
    sys.exit(main())
