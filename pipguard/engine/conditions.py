"""Which packages lack what they depend on, by the engine's own reading of conditions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import rattler

_NAME_END = re.compile(r"[\s=<>!~\[]")


def broken(records: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Yield each package and the condition that nothing among these records satisfies.

    Args:
        records: the JSON of conda-meta; virtual packages count as being there.
    """
    found = {data["name"]: data for data in records}
    for name, data in found.items():
        for depend in data.get("depends") or ():
            needed = _NAME_END.split(depend, maxsplit=1)[0]
            if needed.startswith("__"):
                continue
            there = found.get(needed)
            if there is None or not rattler.MatchSpec(depend).matches(_package(there)):
                yield name, depend


def _package(data: Mapping[str, Any]) -> rattler.PackageRecord:
    return rattler.PackageRecord(
        name=data["name"],
        version=data["version"],
        build=rattler.BuildString(data["build"]),
        build_number=int(data.get("build_number") or 0),
        subdir=data.get("subdir") or "noarch",
    )
