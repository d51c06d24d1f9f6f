"""Merging conda's configuration files.

Pure. A file is a tree of `Node`s, read in the order of conda's search path; the last file wins,
lists are joined with the last file's lines first, maps are joined key by key. The comments
`#!final`, `#!top` and `#!bottom` change that, as in `conda/common/configuration.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

Scalar = str | int | float | bool | None


class Flag(Enum):
    """What a comment behind a line asks for (conda's ParameterFlag)."""

    FINAL = "final"
    TOP = "top"
    BOTTOM = "bottom"


def flag(comment: str) -> Flag | None:
    """Read a flag from a YAML comment (`#!final`), None when it is an ordinary comment."""
    word = comment.strip().partition("\n")[0].strip().strip("#!")
    return next((each for each in Flag if each.value == word), None)


@dataclass(frozen=True, slots=True)
class Node:
    """A value from one source: a scalar, a list of nodes, or a map of nodes."""

    value: Scalar | tuple[Node, ...] | Mapping[str, Node]
    source: str
    flag: Flag | None = None


Layer = Mapping[str, Node]
"""One file, or the environment variables: parameter name to node."""


def merge_scalars(nodes: Sequence[Node]) -> Node | None:
    """Return the first final node, else the last one; None when there is none."""
    final = next((node for node in nodes if node.flag is Flag.FINAL), None)
    return final or (nodes[-1] if nodes else None)


def merge_lists(nodes: Sequence[Node]) -> tuple[Node, ...]:
    """Join lists: lines marked top, then the last file's lines first, then lines marked bottom.

    Of equal lines the first stays, except that a bottom mark wins over every other place. Nodes
    that hold no list do not take part.
    """
    lists = [node.value for node in _until_final(nodes) if isinstance(node.value, tuple)]
    tops = [line for lines in lists for line in lines if line.flag is Flag.TOP]
    bottoms = [line for lines in reversed(lists) for line in lines if line.flag is Flag.BOTTOM]
    rest = [line for lines in reversed(lists) for line in lines]
    low = _unique(reversed(bottoms))[::-1]
    sunk = {line.value for line in low}
    return (*(line for line in _unique([*tops, *rest]) if line.value not in sunk), *low)


def merge_maps(
    nodes: Sequence[Node], merge: Callable[[Sequence[Node]], Node | None] = merge_scalars
) -> dict[str, Node]:
    """Join maps; a key that several files set is merged by `merge`, a final key of the first wins.

    Nodes that hold no map do not take part.
    """
    maps = [node.value for node in _until_final(nodes) if isinstance(node.value, Mapping)]
    grouped: dict[str, list[Node]] = {}
    for each in maps:
        for key, node in each.items():
            grouped.setdefault(key, []).append(node)
    merged = {key: merge(group) for key, group in grouped.items()}
    return {key: node for key, node in merged.items() if node is not None}


def merge_into_list(nodes: Sequence[Node]) -> Node | None:
    """Merge lists inside a map; the result stands under the source of the last of them."""
    if not nodes:
        return None
    return Node(merge_lists(nodes), nodes[-1].source)


def _until_final(nodes: Sequence[Node]) -> Sequence[Node]:
    """Drop what comes after a final node: earlier files may close a parameter."""
    for index, node in enumerate(nodes):
        if node.flag is Flag.FINAL:
            return nodes[: index + 1]
    return nodes


def _unique(lines: Iterable[Node]) -> list[Node]:
    first: dict[object, Node] = {}
    for line in lines:
        first.setdefault(line.value, line)
    return list(first.values())
