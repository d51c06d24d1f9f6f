"""Writes the index of a bundle: `repodata.json` of each platform, plain and compressed."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipguard.atomic import write_atomically
from pipguard.bundle.sources import digest_of

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


@dataclass(frozen=True, slots=True)
class Packed:
    """A package of a bundle.

    Attributes:
        path: of its file.
        index: what `info/index.json` says, platform included.
        sha256: of the file, in hex.
        original: what conda-meta says of the package beside that: where it came from.
    """

    path: Path
    index: Mapping[str, Any]
    sha256: str
    original: Mapping[str, Any] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """Its path in the bundle."""
        return f"{self.index['subdir']}/{self.path.name}"


def write_index(folder: Path, packages: Iterable[Packed]) -> None:
    """Name packages, and no others, in the index of each platform and of `noarch` always."""
    by_subdir: dict[str, list[Packed]] = {"noarch": []}
    for package in packages:
        by_subdir.setdefault(str(package.index["subdir"]), []).append(package)
    for subdir, found in by_subdir.items():
        entries = {package.path.name: _entry(package) for package in found}
        repodata = {
            "info": {"subdir": subdir},
            "packages": {name: it for name, it in entries.items() if name.endswith(".tar.bz2")},
            "packages.conda": {name: it for name, it in entries.items() if name.endswith(".conda")},
            "removed": [],
            "repodata_version": 1,
        }
        data = json.dumps(repodata, sort_keys=True, indent=1).encode()
        write_atomically(folder / subdir / "repodata.json.zst", zstd.compress(data))
        write_atomically(folder / subdir / "repodata.json", data)


def _entry(package: Packed) -> dict[str, Any]:
    return {
        **package.index,
        "sha256": package.sha256,
        "md5": digest_of(package.path, "md5"),
        "size": package.path.stat().st_size,
    }
