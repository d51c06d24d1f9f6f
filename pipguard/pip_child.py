"""The script that runs inside the environment's python, with pipguard's pip.

Not a module of the package: it is started as a file, under any python that pip supports, and
imports nothing but the standard library and pip. It parses the options with pip's own parser,
tells them to its parent, waits for the word to go on, and plans or fetches in the same process:
each start of an interpreter with pip costs 150 to 300 ms.

The parent talks over two pipes, one JSON object a line:

    child  -> {"command": …, "options": {…}, "configured": {…}, "arguments": […]}
    parent -> {"do": "plan" | "fetch" | "install" | "uninstall", …}  or end of file: stop
    child  -> {"sources": {…}, "origins": […], "limits": {…}}   after planning

Everything that touches pip's private API is in this file. It follows pip 22.2 to 26.3.
"""

from __future__ import annotations

import json
import os
import sys
from importlib.machinery import PathFinder
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
    "only_deps",
    "pre",
    "prefix_path",
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

    def order(self) -> dict[str, Any]:
        line = self._in.readline()
        order: dict[str, Any] = json.loads(line) if line else {"do": "stop"}
        return order


class _Watch:
    """Remembers what the report does not tell of pip's run: indexes, requirements, constraints.

    `main` is the index that is configured, `limits` what requirements and constraints say about
    the versions of each name.
    """

    def __init__(self, main: str | None) -> None:
        self.main = main
        self.finder: Any = None
        self.requirements: list[Any] = []
        self.limits: dict[str, str] = {}

    def install(self) -> None:
        from pip._internal.cli.req_command import RequirementCommand
        from pip._internal.models import installation_report
        from pip._internal.resolution.resolvelib.factory import Factory

        build, report, collect = (
            RequirementCommand._build_package_finder,  # noqa: SLF001 # no public way to it
            installation_report.InstallationReport.__init__,
            Factory.collect_root_requirements,
        )
        watch = self

        def watched_build(command: Any, *args: Any, **kwargs: Any) -> Any:
            watch.finder = build(command, *args, **kwargs)
            return watch.finder

        def watched_report(self: Any, requirements: Any) -> None:
            watch.requirements = list(requirements)
            report(self, requirements)

        def watched_collect(self: Any, roots: list[Any]) -> Any:
            # Now, for pip will pin some of them to what it finds.
            watch.limits = _limits(roots)
            return collect(self, roots)

        setattr(RequirementCommand, "_build_package_finder", watched_build)  # noqa: B010 # a method
        setattr(Factory, "collect_root_requirements", watched_collect)  # noqa: B010
        setattr(installation_report.InstallationReport, "__init__", watched_report)  # noqa: B010

    def sources(self) -> dict[str, Any]:
        """Where pip looked, requirement files' own index lines included; holds credentials."""
        scope = getattr(self.finder, "search_scope", None)
        if scope is None:
            return {}
        return {
            "find_links": list(scope.find_links),
            "index_urls": list(scope.index_urls),
            "no_index": bool(getattr(scope, "no_index", False)),
            "trusted_hosts": [host for host in self.finder.trusted_hosts if host],
        }

    def origins(self) -> list[dict[str, Any]]:
        """Per item of the report, in its order: the page it was found on, and what was asked."""
        return [
            {
                "found_on": _page(requirement.link),
                "url": requirement.link.url if requirement.link else None,
                "asked": str(requirement.req) if requirement.req else None,
                "pinned": bool(getattr(requirement, "hash_options", None)),
                "on_main": self._on_main(requirement),
            }
            for requirement in self.requirements
        ]

    def _on_main(self, requirement: Any) -> bool:
        """Whether the main index has a project of this name; pip has asked it already."""
        if self.finder is None or not self.main or not requirement.name:
            return False
        pages = (_page(item.link) for item in self.finder.find_all_candidates(requirement.name))
        main = self.main.rstrip("/") + "/"
        return any(page is not None and page.startswith(main) for page in pages)


def _limits(roots: list[Any]) -> dict[str, str]:
    """Join the version conditions of requirements and constraints by name."""
    found: dict[str, list[str]] = {}
    for root in roots:
        specifier = str(root.req.specifier) if root.req and root.match_markers() else ""
        if specifier:
            found.setdefault(root.name, []).append(specifier)
    return {name: ",".join(specifiers) for name, specifiers in found.items()}


def _page(link: Any) -> str | None:
    page = getattr(link, "comes_from", None)
    if page is None or isinstance(page, str):
        return page
    return getattr(page, "url", None)


def _create(name: str, args: Sequence[str]) -> Any:
    from pip._internal.commands import create_command

    return create_command(name, isolated="--isolated" in args)


def _plan(command: Any, parsed: tuple[Any, Any], order: dict[str, Any], parent: _Parent) -> int:
    options, arguments = parsed
    options.dry_run = True
    options.json_report_file = order["report"]
    # The parent has resolved which environment this is about.
    options.python = None
    watch = _Watch(order.get("main"))
    try:
        watch.install()
    except (AttributeError, ImportError):
        # Another pip than we know: the report alone must do.
        watch.requirements = []
    status = _perform(command, options, arguments)
    if status == 0:
        parent.tell(
            {"sources": watch.sources(), "origins": watch.origins(), "limits": watch.limits}
        )
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
    if hasattr(options, "only_deps"):
        options.only_deps = False
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


def _named(command: Any, options: Any, arguments: list[str]) -> list[str]:
    """Names to uninstall, those of `-r` files included, as pip's uninstall collects them."""
    from pip._internal.req import parse_requirements
    from pip._internal.req.constructors import (
        install_req_from_line,
        install_req_from_parsed_requirement,
    )

    with command.main_context():
        session = command.get_default_session(options)
        asked = [install_req_from_line(argument) for argument in arguments]
        for file in options.requirements:
            lines = parse_requirements(file, options=options, session=session)
            asked.extend(install_req_from_parsed_requirement(line) for line in lines)
    return [requirement.name for requirement in asked if requirement.name]


def _forget_orders() -> None:
    """Take away variables that would act on every pip started by a build."""
    for name in ("BREAK_SYSTEM_PACKAGES", "DRY_RUN", "LOG", "PREFIX", "REPORT", "TARGET", "USER"):
        os.environ.pop(f"PIP_{name}", None)


def _run(args: list[str], parent: _Parent) -> int:
    from pip._internal.cli.main_parser import parse_command

    name, rest = parse_command(args)
    command = _create(name, args)
    configured, _ = _create(name, args).parse_args([])
    options, arguments = command.parse_args(rest)
    _forget_orders()
    if name == "uninstall":
        arguments = _named(command, options, arguments)
    parent.tell(
        {
            "command": name,
            "options": _told(options),
            "configured": _told(configured),
            "arguments": arguments,
        }
    )
    order = parent.order()
    actions: dict[str, Callable[[], int]] = {
        "plan": lambda: _plan(command, (options, arguments), order, parent),
        "fetch": lambda: _fetch(options, args, order),
        "install": lambda: _install(command, options, order),
        "uninstall": lambda: _uninstall(command, options, order),
        "stop": lambda: 0,
    }
    return actions[order["do"]]()


def main() -> int:
    """Run one order: `pip_child.py PIP_ROOT TO_PARENT FROM_PARENT PIP_ARGS…`."""
    # The folder of this file must not shadow the environment's modules.
    del sys.path[0]
    root, to_parent, from_parent, *args = sys.argv[1:]
    sys.meta_path.insert(0, _OwnPip(root))
    parent = _Parent(int(to_parent), int(from_parent))
    # Usage errors show this name.
    sys.argv = ["pip", *args]
    return _run(args, parent)


if __name__ == "__main__":
    sys.exit(main())
