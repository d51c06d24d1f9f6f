"""The source of the package as its tests read it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pipguard

_PACKAGE = Path(pipguard.__file__).parent


@dataclass(frozen=True)
class Module:
    """One module's source, and what its imports and calls say."""

    name: str
    source: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source)

    @property
    def says_pure(self) -> bool:
        return re.search(r"\bPure\b", ast.get_docstring(self.tree) or "") is not None

    @cached_property
    def imports(self) -> frozenset[str]:
        """Every imported module, and `module.name` for names taken from one."""
        found: set[str] = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        return frozenset(found)

    @property
    def methods(self) -> frozenset[str]:
        """Every name that is called on something."""
        called = (call.func for _, call in self.calls())
        return frozenset(it.attr for it in called if isinstance(it, ast.Attribute))

    @property
    def functions(self) -> frozenset[str]:
        """Every name that is called as it stands."""
        called = (call.func for _, call in self.calls())
        return frozenset(it.id for it in called if isinstance(it, ast.Name))

    def calls(self) -> Iterator[tuple[str, ast.Call]]:
        """Every call, with the last part of what is called."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield ast.unparse(node.func).rpartition(".")[2], node


def _modules() -> list[Module]:
    return [
        Module(
            ".".join(path.relative_to(_PACKAGE).with_suffix("").parts).removesuffix(".__init__"),
            path.read_text("utf-8"),
        )
        for path in sorted(_PACKAGE.rglob("*.py"))
    ]


MODULES = _modules()
BY_NAME = {module.name: module for module in MODULES}
