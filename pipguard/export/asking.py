"""Asks the configured indexes which files dists come from, where the ledger does not tell.

What conda has built has no wheel of its own; a lock for pip needs one of the same version.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pipguard.errors import PlanError, UsageError
from pipguard.export.inventory import Artifact, Item
from pipguard.names import PyPIName
from pipguard.pip_tool import PipTool
from pipguard.prefix import Prefix

# As if nothing were installed, and each by itself.
_OPTIONS = ("install", "--no-deps", "--ignore-installed", "--quiet", "--quiet", "--quiet")


def ask(prefix: Prefix, items: Sequence[Item]) -> Mapping[PyPIName, Artifact]:
    """Find the file of each dist in its version.

    Raises:
        UsageError: no index has some of them; names them all.
    """
    found: dict[PyPIName, Artifact] = {}
    missing = list(_look(prefix, tuple(items), found))
    if missing:
        raise UsageError("export-not-on-index", names=", ".join(it.pinned for it in missing))
    return found


def _look(
    prefix: Prefix, items: tuple[Item, ...], found: dict[PyPIName, Artifact]
) -> Iterable[Item]:
    """Ask for all at once; pip gives up at the first it does not find, so halves are asked then."""
    if not items:
        return ()
    pip = PipTool(prefix, [*_OPTIONS, *(item.pinned for item in items)])
    try:
        plan = pip.plan()
    except PlanError:
        if len(items) == 1:
            return items
        middle = len(items) // 2
        return (*_look(prefix, items[:middle], found), *_look(prefix, items[middle:], found))
    finally:
        pip.stop()
    for candidate in plan.candidates:
        if candidate.sha256:
            page = (candidate.found_on or "").rstrip("/")
            index = f"{page.rpartition('/')[0]}/" if page else ""
            found[candidate.name] = Artifact(candidate.url, candidate.sha256, index)
    return tuple(item for item in items if item.name not in found)
