"""A module has up to 400 lines and a function up to 40, or says why it is longer."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parent.parent
_FOLDERS = (".ci", "activate.d", "bench", "pipguard", "tests")
_PATHS = sorted(path for folder in _FOLDERS for path in (_ROOT / folder).rglob("*.py"))
_OF_A_MODULE = 400
_OF_A_FUNCTION = 40
# Its docstring has these words, and then the reason.
_REASON = "than a module should be"


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
