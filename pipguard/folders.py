"""The folders that paths lie in, of paths that are strings with forward slashes.

Pure. There are thousands, and a `Path` for each would take longer than what is asked of it.
"""

from __future__ import annotations

from collections.abc import Iterable


def folders_above(paths: Iterable[str]) -> set[str]:
    """Name the folders that paths lie in, those further up included."""
    found: set[str] = set()
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder and folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return found
