"""What conda packages really hold, from the cheapest witness that knows.

In this order: what was seen in a package of the same hash; the package as it lies in the cache; the
package URL that its record claims; the package itself. Start at `Contents.of`.

A hash vouches for what was seen only where it was checked. What was looked into where it lies
counts for that address alone: else a channel could speak of packages of another one.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from pipguard.names import CondaName, PyPIName, pypi_name
from pipguard.records import Record, Shipped, versions

CONTENTS = "contents.jsonl"
"""The file in the cache that remembers what was seen in packages."""

_PURL = "pkg:pypi/"
_REVISION = 8


@dataclass
class Contents:
    """Remembers what was seen, by the hash of the package.

    Attributes:
        memory: the file of what was seen, one JSON object a line.
        packages: the folder of extracted packages.
    """

    memory: Path
    packages: Path
    _new: dict[str, dict[str, Any]] = field(default_factory=dict, init=False)

    def of(self, record: Record) -> tuple[Shipped, ...] | None:
        """Tell the dists of a package; None where only the package itself can."""
        for url in ("", record.url):
            seen = self._remembered.get((record.sha256 or "", url))
            if seen is not None:
                return seen
        return self._extracted(record) or _claimed(record) or None

    def keep(self, record: Record, dists: Iterable[Shipped], *, hashed: bool) -> None:
        """Remember what was seen in a package; a cache that cannot be written costs time only.

        Args:
            record: of the package.
            dists: what it holds.
            hashed: whether its hash was found to be that of the record.
        """
        url = "" if hashed else record.url
        if record.sha256 is None or (record.sha256, url) in self._remembered:
            return
        found = tuple(Shipped(dist.name, dist.version) for dist in dists)
        self._remembered[record.sha256, url] = found
        line = {
            "sha256": record.sha256,
            "url": url,
            "conda": record.name,
            "dists": {dist.name: dist.version for dist in found},
        }
        with suppress(OSError):
            self.memory.parent.mkdir(parents=True, exist_ok=True)
            _append(self.memory, json.dumps(line))

    @cached_property
    def _remembered(self) -> dict[tuple[str, str], tuple[Shipped, ...]]:
        lines = read_lines(self.memory)
        return {(line["sha256"], line["url"]): _dists(line) for line in lines}

    def lies_here(self, record: Record) -> bool:
        """Whether the cache has a package, and it is that very one.

        py-rattler notes its hash behind a revision of eight bytes in the lock beside it
        (`rattler_cache`, `package_cache/cache_lock.rs`).
        """
        try:
            lock = (self.packages / f"{record.dist_name}.lock").read_bytes()
        except OSError:
            return False
        return record.sha256 is not None and lock[_REVISION:].hex() == record.sha256

    def _extracted(self, record: Record) -> tuple[Shipped, ...]:
        """Read the list of files of a package that the cache has."""
        if not self.lies_here(record):
            return ()
        try:
            text = (self.packages / record.dist_name / "info/paths.json").read_bytes()
            return shipped_dists(entry["_path"] for entry in json.loads(text)["paths"])
        except (OSError, ValueError, KeyError, TypeError):
            return ()


def shipped_dists(paths: Iterable[str]) -> tuple[Shipped, ...]:
    """Tell the dists among the files of a package."""
    return tuple(Shipped(name, version or None) for name, version in versions(paths))


def _claimed(record: Record) -> tuple[Shipped, ...]:
    """Believe the package URLs of a record (CEP 63): what will be linked is opened in any case."""
    claims = (purl.removeprefix(_PURL) for purl in record.purls if purl.startswith(_PURL))
    parts = (claim.partition("?")[0].partition("@") for claim in claims)
    return tuple(Shipped(pypi_name(name), version or None) for name, _, version in parts)


def read_lines(memory: Path) -> Iterator[dict[str, Any]]:
    """Yield what was remembered; a line that a crash has torn is passed over."""
    try:
        lines = memory.read_bytes().splitlines()
    except OSError:
        return
    for line in lines:
        with suppress(ValueError):
            found = json.loads(line)
            if isinstance(found, dict) and {"sha256", "url", "conda", "dists"} <= found.keys():
                yield found


def _dists(line: dict[str, Any]) -> tuple[Shipped, ...]:
    return tuple(Shipped(PyPIName(name), version) for name, version in line["dists"].items())


def _append(path: Path, line: str) -> None:
    """Add a line in one write, so that lines of two processes never mix."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(descriptor, f"{line}\n".encode())
    finally:
        os.close(descriptor)


@dataclass(frozen=True)
class Seen:
    """What was seen in earlier operations, as a table of names (`names.DistTable`)."""

    lines: tuple[dict[str, Any], ...] = ()

    @cached_property
    def _shipped(self) -> dict[CondaName, tuple[PyPIName, ...]]:
        # The newest look into a package of some name counts.
        pairs = ((line["conda"], line["dists"]) for line in self.lines)
        return {CondaName(conda): tuple(map(PyPIName, dists)) for conda, dists in pairs}

    def providers(self, name: PyPIName) -> tuple[CondaName, ...]:
        """See `names.DistTable.providers`."""
        return tuple(conda for conda, dists in self._shipped.items() if name in dists)

    def ships(self, conda: CondaName) -> tuple[PyPIName, ...] | None:
        """See `names.DistTable.ships`."""
        return self._shipped.get(conda)
