"""The form in which a downloaded table is kept: sorted lines, searched by halving.

Pure. Reading it back is reading a file: nothing is parsed until a name is asked for, and then
only its lines. `parse` judges what was downloaded, `compact` turns it round and sorts it, and a
`CompactTable` answers as a `DistTable`.

    {"format": 1, …}                     one line of facts about the table
    c py-opencv<TAB>opencv-python …      a conda name and the dists it ships
    p opencv-python<TAB>libopencv …      a PyPI name and the conda names that ship it
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from pipguard.names import CondaName, PyPIName

FORMAT = 1

_NAME = re.compile(r"[a-z0-9_][a-z0-9_.-]*", re.IGNORECASE)

# What setuptools writes for a project that forgot its name.
_NAMELESS = "unknown"


class ImplausibleTableError(ValueError):
    """What was downloaded is not the table; `reason` is a kebab-case word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def parse(raw: bytes, minimum: int) -> dict[str, tuple[str, ...]]:
    """Read a table as it is published: conda name to PyPI names, or null for none.

    Args:
        raw: the JSON text.
        minimum: how many conda names the real table has at least.

    Returns:
        Conda name to the dists it ships, empty for none.

    Raises:
        ImplausibleTableError: `not-json`, `wrong-shape` or `too-small`.
    """
    try:
        document = json.loads(raw)
    except ValueError as error:
        raise ImplausibleTableError("not-json") from error
    if not isinstance(document, Mapping) or not all(map(_is_entry, document.items())):
        raise ImplausibleTableError("wrong-shape")
    if len(document) < minimum:
        raise ImplausibleTableError("too-small")
    return {
        conda: tuple(name for name in dists or () if name != _NAMELESS)
        for conda, dists in document.items()
    }


def _is_entry(entry: tuple[Any, Any]) -> bool:
    conda, dists = entry
    listed = [] if dists is None else dists
    return isinstance(listed, list) and all(
        isinstance(name, str) and _NAME.fullmatch(name) for name in (conda, *listed)
    )


def compact(table: Mapping[str, Sequence[str]], facts: Mapping[str, str]) -> bytes:
    """Turn a table into the form it is kept in, with facts such as its address and ETag."""
    providers: dict[str, list[str]] = {}
    for conda, dists in table.items():
        for dist in dists:
            providers.setdefault(dist, []).append(conda)
    lines = [f"c {conda}\t{' '.join(dists)}" for conda, dists in table.items()]
    lines += [f"p {dist}\t{' '.join(names)}" for dist, names in providers.items()]
    body = "".join(f"{line}\n" for line in sorted(lines)).encode("ascii")
    head = {**facts, "format": FORMAT, "size": len(body)}
    return json.dumps(head).encode("ascii") + b"\n" + body


class CompactTable:
    """A kept table: a `DistTable` over its bytes.

    Attributes:
        facts: what was said about the table when it was kept.

    Raises:
        ValueError: the bytes are not of this form, or not all of them are there.
    """

    def __init__(self, data: bytes) -> None:
        head, _, self._body = data.partition(b"\n")
        facts = json.loads(head)
        if not isinstance(facts, dict) or facts.get("format") != FORMAT:
            raise ValueError("format")
        if facts.get("size") != len(self._body):
            raise ValueError("size")
        self.facts: Mapping[str, Any] = facts

    def providers(self, name: PyPIName) -> Sequence[CondaName]:
        """Return every conda name that ever shipped this dist."""
        return [CondaName(conda) for conda in self._find(f"p {name}") or ()]

    def ships(self, conda: CondaName) -> Sequence[PyPIName] | None:
        """Return the dists of a conda name, empty for none, None for a name not in the table."""
        found = self._find(f"c {conda}")
        return None if found is None else [PyPIName(name) for name in found]

    def _find(self, key: str) -> list[str] | None:
        """Halve the lines until the one of this key is found."""
        body, wanted = self._body, key.encode("utf-8") + b"\t"
        low, high = 0, len(body)
        while low < high:
            middle = (low + high) // 2
            start = body.rfind(b"\n", low, middle) + 1 or low
            end = body.index(b"\n", middle)
            if body.startswith(wanted, start):
                return body[start + len(wanted) : end].decode("ascii").split()
            if body[start:end] < wanted:
                low = end + 1
            else:
                high = start
        return None
