"""Dists as lines of a requirements file: pinned, at their commit, or by a relative path.

Pure. `environment_yml.py` has the same lines in its `pip:` section. Start at `requirements_txt`.
"""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from pipguard.direct_url import DirectUrl
from pipguard.export.inventory import Inventory, Item, Notice, Scope

_PYPI = "pypi.org"


def requirements_txt(
    inventory: Inventory, scope: Scope, folder: str
) -> tuple[str, tuple[Notice, ...]]:
    """Write the dists of an environment as requirements, conda's too.

    Args:
        inventory: the environment.
        scope: how much to say; hashes are left to `pip:` sections and locks.
        folder: absolute; the file will lie in it, and paths are relative to it.

    Returns:
        the text, and what could not be said as it should.
    """
    items = wanted(inventory.dists, scope)
    lines = [*index_options(items), *(requirement(item, scope, folder) for item in items)]
    return "".join(f"{line}\n" for line in lines), notices(items)


def wanted(items: Iterable[Item], scope: Scope) -> tuple[Item, ...]:
    """Leave out, where only wishes count, what nobody asked for."""
    return tuple(item for item in items if scope is not Scope.HISTORY or item.requested)


def requirement(item: Item, scope: Scope, folder: str) -> str:
    """Write one dist as a line.

    What conda has built says where the builder's folder was; nobody elsewhere has that.
    """
    direct = None if item.is_condas else item.direct
    if direct is None:
        asked = item.artifact.asked if item.artifact else ""
        return (asked or item.name) if scope is Scope.HISTORY else item.pinned
    path = None if direct.vcs else direct.path
    if path is None:
        return f"{item.name} @ {direct.requirement_url}"
    return f"{'-e ' if direct.editable else ''}{relative(path, folder)}{_part(direct)}"


def _part(direct: DirectUrl) -> str:
    return f"#subdirectory={direct.subdirectory}" if direct.subdirectory else ""


def relative(path: str, folder: str) -> str:
    """Write a path as pip takes it for one: with a dot in front."""
    found = posixpath.relpath(path, folder)
    return found if found.startswith(".") else f"./{found}"


def index_options(items: Iterable[Item]) -> Iterator[str]:
    """Name the indexes that the dists came from, where they are not PyPI; folders are left out.

    A dist of which nothing is known may have come from PyPI, so PyPI then stays the main one.
    """
    known = tuple(item for item in items if not item.is_condas and item.direct is None)
    found = Counter(item.artifact.index for item in known if item.artifact)
    remote = [it for it, _ in found.most_common() if urlsplit(it).scheme in {"http", "https"}]
    indexes = [it for it in remote if it.endswith("/") and urlsplit(it).hostname != _PYPI]
    only = len(indexes) > 0 and all(it.artifact and it.artifact.index in indexes for it in known)
    for index in indexes:
        main = only and index == indexes[0]
        yield f"{'--index-url' if main else '--extra-index-url'} {index}"
    for page in remote:
        if not page.endswith("/"):
            yield f"--find-links {page}"


def notices(items: Iterable[Item]) -> tuple[Notice, ...]:
    """Name what nobody elsewhere can follow: repositories that lie on this machine."""
    return tuple(
        Notice("export-local-repository", item.name, item.direct.url)
        for item in items
        if not item.is_condas and item.direct and item.direct.vcs and item.direct.path
    )
