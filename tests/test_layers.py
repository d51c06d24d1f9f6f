"""What may know of what, and how long it may be: the architecture as a test, read from the source.

A module is pure when its docstring says so, and the modules of `_PURE` must say so.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sources import BY_NAME, MODULES, Module

# These are pure whatever their docstring says: it then has to say it.
_PURE = frozenset(
    {"names", "plan", "policy", "request", "routes", "seams", "target"}
    | {"tour.upstream", "wheels.metadata", "wheels.specifiers"}
)
# No need to say so: they only define types, or only words.
_HARMLESS = frozenset({"errors"})
_STORY = ("guard", "removal")
# They run in the environment's python, which may be an old one, with pip and little else.
_INSIDE = frozenset(
    {
        "pip_child",
        "pip_haste",
        "pip_orders",
        "pip_reading",
        "pip_progress",
        "pip_watch",
        "target_probe",
    }
)
_OLDEST_PYTHON = (3, 7)

_OUTSIDE = frozenset(
    {"asyncio", "ctypes", "fcntl", "getpass", "http", "locale", "logging", "mmap", "msvcrt"}
    | {"multiprocessing", "os", "platform", "platformdirs", "pip", "random", "rattler", "requests"}
    | {"secrets", "select", "shutil", "signal", "site", "socket", "sqlite3", "ssl", "subprocess"}
    | {"sysconfig", "tempfile", "threading", "time", "urllib.request", "urllib3", "uuid"}
    | {"webbrowser", "concurrent", "filelock", "glob", "colorama"}
)
# Reaching outside through a type that a pure module may hold: a path, a date, an open file.
_ACTS = frozenset(
    {"exists", "expanduser", "glob", "hardlink_to", "is_dir", "is_file", "is_symlink", "iterdir"}
    | {"lstat", "mkdir", "now", "open", "read_bytes", "read_text", "readlink", "resolve", "rglob"}
    | {"rmdir", "stat", "symlink_to", "today", "touch", "unlink", "utcnow", "write_bytes"}
    | {"write_text", "cwd", "home"}
)
_MEANINGLESS = frozenset({"utils", "util", "helpers", "helper", "common", "misc", "base", "lib"})

# Who may print. A probe is run by another python, and its output is its answer.
_VOICES = frozenset({"progress", "terminal"})
_PROBES = frozenset({"target_probe", "tour.host_probe"})
_ROOT = Path(__file__).resolve().parent.parent
_FOLDERS = (".ci", "activate.d", "bench", "pipguard", "tests")
_PATHS = sorted(path for folder in _FOLDERS for path in (_ROOT / folder).rglob("*.py"))
_OF_A_MODULE = 400
_OF_A_FUNCTION = 40
# The docstring of a longer one has these words, and then the reason.
_REASON = "than a module should be"


def _is_pure(name: str) -> bool:
    return name in _HARMLESS or (name in BY_NAME and BY_NAME[name].says_pure)


def _own_imports(module: Module) -> set[str]:
    """The modules of pipguard that `module` imports, without the package's name."""
    names = {name.removeprefix("pipguard.") for name in module.imports if "pipguard." in name}
    return {name for name in names if name in BY_NAME}


def _acts(module: Module) -> set[str]:
    """Everything by which a module reaches outside itself."""
    imports = {
        name
        for name in module.imports
        if any(name == it or name.startswith(f"{it}.") for it in _OUTSIDE)
    }
    return imports | (module.methods & _ACTS) | (module.functions & {"open", "print", "input"})


def _impurities(module: Module) -> list[str]:
    """Everything by which a module that says it is pure reaches outside, or lets others do so."""
    return sorted(_acts(module) | {name for name in _own_imports(module) if not _is_pure(name)})


@pytest.mark.parametrize("name", sorted(_PURE))
def test_the_modules_of_the_core_say_that_they_are_pure(name: str) -> None:
    assert BY_NAME[name].says_pure


@pytest.mark.parametrize("module", [it for it in MODULES if it.says_pure], ids=lambda it: it.name)
def test_what_says_it_is_pure_reaches_nothing_outside(module: Module) -> None:
    assert _impurities(module) == []


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("import os", "os"),
        ("import os.path", "os.path"),
        ("from os import environ", "os.environ"),
        ("import subprocess as s", "subprocess"),
        ("from urllib.request import urlopen", "urllib.request"),
        ("def f():\n    import socket", "socket"),
        ("from pathlib import Path\nPath('x').read_text()", "read_text"),
        ("from datetime import datetime\ndatetime.now()", "now"),
        ("open('x')", "open"),
        ("print('x')", "print"),
        ("from pipguard.prefix import Prefix", "prefix"),
        ("from pipguard import prefix", "prefix"),
    ],
)
def test_each_way_outside_is_noticed(line: str, found: str) -> None:
    assert found in _impurities(Module("bad", f'"""Pure."""\n{line}\n'))


def test_a_module_may_speak_of_paths_and_dates_and_still_be_pure() -> None:
    source = '"""Pure."""\nfrom pathlib import Path\ndef resolve(): Path("a") / "b"\nresolve()'
    assert _impurities(Module("good", source)) == []


def _chapters(*names: str) -> set[str]:
    """These modules and everything that they reach through modules that are not pure."""
    found: set[str] = set()
    waiting = set(names)
    while waiting:
        found |= waiting
        imported = {it for module in waiting for it in _own_imports(BY_NAME[module])}
        waiting = {it for it in imported - found if not _is_pure(it)}
    return found


def test_the_story_reaches_outside_through_seams_alone() -> None:
    reaching = {name: acts for name in _chapters(*_STORY) if (acts := _acts(BY_NAME[name]))}
    assert reaching == {}


@pytest.mark.parametrize("name", sorted(_INSIDE))
def test_what_runs_in_the_environments_python_needs_nothing_that_may_be_missing(name: str) -> None:
    module = BY_NAME[name]
    imported = {it.split(".")[0] for it in module.imports} - {"pip", "pipguard"}
    assert imported <= sys.stdlib_module_names
    assert _own_imports(module) <= _INSIDE
    ast.parse(module.source, feature_version=_OLDEST_PYTHON)


@pytest.mark.parametrize("module", MODULES, ids=lambda it: it.name)
def test_pips_private_api_is_touched_inside_alone(module: Module) -> None:
    touched = any(name.startswith(("pip.", "pip._")) for name in module.imports)
    assert not touched or module.name in _INSIDE


@pytest.mark.parametrize("module", MODULES, ids=lambda it: it.name)
def test_a_module_is_named_for_what_it_does(module: Module) -> None:
    assert not set(module.name.split(".")) & _MEANINGLESS


@pytest.mark.parametrize("module", MODULES, ids=lambda it: it.name)
def test_one_place_speaks_to_people(module: Module) -> None:
    if module.name not in _VOICES:
        assert not any(name.startswith("colorama") for name in module.imports)
        assert ("print" in module.functions) == (module.name in _PROBES)


def _too_long(source: str) -> Iterator[str]:
    """Name what is too long without a reason: the module, or functions of it."""
    tree = ast.parse(source)
    words = " ".join((ast.get_docstring(tree) or "").split())
    if len(source.splitlines()) > _OF_A_MODULE and _REASON not in words:
        yield "the module"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            last = node.end_lineno or node.lineno
            if last - node.lineno >= _OF_A_FUNCTION:
                yield node.name


@pytest.mark.parametrize("path", _PATHS, ids=lambda path: str(path.relative_to(_ROOT)))
def test_what_is_long_says_why(path: Path) -> None:
    assert list(_too_long(path.read_text("utf-8"))) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("x = 1\n" * 400, []),
        ("x = 1\n" * 401, ["the module"]),
        ('"""Longer than a\nmodule should be: one table."""\n' + "x = 1\n" * 400, []),
        ("def f():\n" + "    x = 1\n" * 39, []),
        ("def f():\n" + "    x = 1\n" * 40, ["f"]),
    ],
)
def test_length_is_noticed(source: str, found: list[str]) -> None:
    assert list(_too_long(source)) == found
