"""Takes stock of an environment for the formats of `export`.

Reads the prefix: its records, its dists, conda's history, and the ledger for the files that dists
came from. Start at `take_stock`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pipguard import ledger
from pipguard.conda_history import wishes
from pipguard.export.inventory import Artifact, Inventory, Item
from pipguard.names import PyPIName, pypi_name
from pipguard.prefix import Prefix
from pipguard.records import Dist, InstalledRecord, Origin, owners, owns

_BASE = "base"


def take_stock(prefix: Prefix, priorities: Sequence[str] = ()) -> Inventory:
    """Read what is in an environment.

    Args:
        prefix: the environment.
        priorities: the addresses of the channels that conda is told to ask.

    Raises:
        PrefixError: it is none, or cannot be read.
        LedgerError: the ledger is there and cannot be read.
    """
    records = prefix.records()
    has_python = prefix.python.exists()
    artifacts = _artifacts(ledger.read(prefix.own_folder))
    owned = owners(records)
    return Inventory(
        name=_BASE if (prefix.path / "condabin").is_dir() else prefix.path.name,
        subdir=_subdir(records),
        python=prefix.target.python if has_python else "",
        records=records,
        items=tuple(
            _item(prefix, dist, owned.get(dist.name), artifacts)
            for dist in (prefix.dists() if has_python else ())
        ),
        wishes=wishes(_history(prefix)),
        priorities=tuple(priorities),
    )


def _subdir(records: Iterable[InstalledRecord]) -> str:
    """Name the platform, as the records have it: the host may be another."""
    named = (item.record.subdir for item in records)
    return next((it for it in named if it not in {"noarch", "pypi"}), "noarch")


def _history(prefix: Prefix) -> str:
    try:
        return (prefix.conda_meta / "history").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _item(
    prefix: Prefix,
    dist: Dist,
    owner: InstalledRecord | None,
    artifacts: Mapping[tuple[PyPIName, str], Artifact],
) -> Item:
    owned = owns(owner, dist)
    origin = owner.record.origin if owner and owned else Origin.UNTRACKED
    asked = (prefix.path / dist.info / "REQUESTED").exists()
    return Item(
        name=dist.name,
        version=dist.version,
        origin=origin,
        conda_name=owner.record.name if owner and owned else None,
        direct=dist.direct,
        artifact=artifacts.get((dist.name, dist.version)),
        requested=bool(owner.requested) if owner and owned else asked,
    )


def _artifacts(entries: Iterable[Mapping[str, Any]]) -> dict[tuple[PyPIName, str], Artifact]:
    """Find in the ledger which file each dist came from, the newest word about it."""
    found = {}
    for entry in entries:
        for route in entry.get("routes") or ():
            if route.get("route") == "converted" and route.get("url"):
                key = pypi_name(str(route["name"])), str(route["version"])
                found[key] = Artifact(
                    url=str(route["url"]),
                    sha256=str(route.get("sha256") or ""),
                    index=str(route.get("index") or ""),
                    asked=str(route.get("asked") or "") if route.get("requested") else "",
                )
    return found
