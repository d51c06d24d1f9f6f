"""Does with pip what the parent orders, inside the child (`pip_child.py`).

Plans, fetches, installs and uninstalls with the options of the command line that was read. Core
type is `Orders`. Imports nothing but the standard library and pip, whose private API it touches.
"""

from __future__ import annotations

from contextlib import suppress
from copy import deepcopy

from pip._internal.exceptions import CommandError

from pipguard.pip_reading import Line, perform

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any


class Orders:
    """Follows orders about one command line, one after the other."""

    def __init__(self, line: Line, note: Callable[[dict[str, Any]], None]) -> None:
        self._line = line
        self._note = note
        self._progress: Any = None

    def follow(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """Do one thing and answer with pip's exit code; of what fails pip has said why."""
        # A run changes what it is given and what is in there; the next starts from what was typed.
        options = deepcopy(self._line.options)
        if "cache" in order and not options.cache_dir:
            # Lent to the runs of one command line where pip's is off: nothing is fetched twice.
            options.cache_dir = order["cache"]
        if order.get("progress"):
            self._count()
        actions: dict[str, Callable[[], dict[str, Any]]] = {
            "plan": lambda: self._plan(options, order),
            "fetch": lambda: {"status": self._fetch(options, order)},
            "install": lambda: {"status": self._install(options, order)},
            "uninstall": lambda: {"status": self._uninstall(order)},
        }
        return actions[order["do"]]()

    def _count(self) -> None:
        """Let the parent hear how far this has come; with another pip than we know it does not."""
        if self._progress is None:
            with suppress(AttributeError, ImportError):
                from pipguard.pip_progress import Progress  # noqa: PLC0415 # it may fail

                self._progress = Progress(self._note)
                self._progress.install()
        if self._progress is not None:
            self._progress.begin()

    def _plan(self, options: Any, order: Mapping[str, Any]) -> dict[str, Any]:
        options.dry_run = True
        options.json_report_file = order["report"]
        # The parent has resolved which environment this is about.
        options.python = None
        _hasten()
        watch = _watch(order)
        status = perform(self._line.command, options, self._line.arguments)
        found = watch.found() if watch and not status else {}
        return {"status": status, **found}

    def _fetch(self, asked: Any, order: Mapping[str, Any]) -> int:
        """Download or build wheels, with the options of the install."""
        command = self._line.another("wheel")
        options, _ = command.parse_args([])
        for name in vars(options):
            if hasattr(asked, name):
                setattr(options, name, getattr(asked, name))
        _look_where_planned(options, order["sources"])
        _exactly(options, order)
        options.wheel_dir = order["folder"]
        command.run = _telling_of_files(command.run)
        return perform(command, options, order.get("direct", []))

    def _install(self, options: Any, order: Mapping[str, Any]) -> int:
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
        _import_as_before()
        return perform(self._line.another("install"), options, order.get("direct", []))

    def _uninstall(self, order: Mapping[str, Any]) -> int:
        command = self._line.another("uninstall")
        options, _ = command.parse_args([])
        options.override_externally_managed = True
        options.yes = True
        options.requirements = []
        options.python = None
        return perform(command, options, order["names"])


def _watch(order: Mapping[str, Any]) -> Any:
    """Watch what the report does not tell; None with another pip than we know."""
    try:
        from pipguard.pip_watch import Watch  # noqa: PLC0415 # it may fail

        watch = Watch(order["built"])
        watch.install()
    except (AttributeError, ImportError):
        return None
    return watch


def _import_as_before() -> None:
    """Keep pip from warning of each import after an install (26.3): this process installs several.

    What they bring lies in a folder of the parent's, out of reach of every import.
    """
    from pip._internal.commands import install  # noqa: PLC0415 # slow, and seldom needed

    module: Any = install
    if hasattr(module, "_warn_unsafe_import"):
        module._warn_unsafe_import = module.logger.debug  # noqa: SLF001


def _hasten() -> None:
    """Spare pip work; not another pip than we know."""
    try:
        from pipguard.pip_haste import Haste  # noqa: PLC0415 # it may fail

        Haste().install()
    except (AttributeError, ImportError, KeyError):
        return


def _look_where_planned(options: Any, sources: Mapping[str, Any]) -> None:
    if not sources:
        return
    # Not None without one: pip takes every index apart for its log.
    options.index_url = sources["index_urls"][0] if sources["index_urls"] else ""
    options.extra_index_urls = sources["index_urls"][1:]
    options.find_links = sources["find_links"]
    options.no_index = sources["no_index"] or not sources["index_urls"]
    options.trusted_hosts = sources["trusted_hosts"]


def _exactly(options: Any, order: Mapping[str, Any]) -> None:
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


def _telling_of_files(run: Callable[[Any, list[str]], int]) -> Callable[[Any, list[str]], int]:
    """Let `pip wheel` say in a line what `pip install` does, where it shows a traceback."""

    def told(options: Any, arguments: list[str]) -> int:
        try:
            return run(options, arguments)
        except OSError as error:
            message = f"Could not fetch packages due to an OSError: {error}"
            raise CommandError(message) from error

    return told
