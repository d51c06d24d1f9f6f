"""Where the engine keeps the copies of a path that are not seen, and what each package has there.

Pure. It shows the copy that came first and keeps those of others below `__clobbers__/`, by package
(rattler's `install/clobber_registry.rs`).
"""

from __future__ import annotations

from collections.abc import Iterator

from pipguard.records import InstalledRecord

HIDDEN = "__clobbers__/"


def has_hidden(item: InstalledRecord) -> bool:
    """Say whether a package has a hidden copy of anything."""
    # One search through all of its paths, for which of them hardly ever matters.
    return f"\n{HIDDEN}" in "\n".join(("", *item.files))


def visible(path: str) -> str:
    """Name the path for which a hidden copy is kept; any other path is itself."""
    return path.removeprefix(HIDDEN).partition("/")[2] if path.startswith(HIDDEN) else path


def copies_of(item: InstalledRecord) -> Iterator[tuple[str, str]]:
    """Yield the paths a package has with their hashes, be its copy the one that is seen or not."""
    for entry in (item.data.get("paths_data") or {}).get("paths") or ():
        sha256 = entry.get("sha256_in_prefix") or entry.get("sha256") or ""
        yield visible(entry["_path"]), sha256
