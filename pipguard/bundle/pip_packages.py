"""Makes a package of what true pip has installed, as a wheel of it would have become one.

For repositories and for what the doctor has adopted: no package is behind these, so their files are
packed as they are, and the build string is made of their hashes. Start at `pack`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipguard.bundle.repack import Unpackable, from_prefix
from pipguard.records import InstalledRecord
from pipguard.wheels.packing import PLACEHOLDER

_COMPILED = (".so", ".pyd", ".dylib", ".dll")
_HEAD = 512


def pack(
    prefix: Path, item: InstalledRecord, subdir: str, minor: str, channel: Path
) -> tuple[Path, InstalledRecord]:
    """Pack the files of a record that has no package.

    Args:
        prefix: the environment.
        item: the record.
        subdir: the platform of the environment.
        minor: of its python.
        channel: the folder of the bundle.

    Returns:
        the package, and the record that it would be installed with.

    Raises:
        Unpackable: a file of the record is not there.
    """
    files = [path for path in item.files if not path.endswith(".pyc")]
    entries = [_entry(prefix, item.record.dist_name, path) for path in files]
    compiled = any(path.endswith(_COMPILED) for path in item.files)
    platform = subdir if compiled else "noarch"
    depends = [it for it in item.data.get("depends", ()) if it.split(" ")[0] != "python"]
    python = f"python {minor}.*" if compiled else "python"
    digest = hashlib.sha256(repr([(it["_path"], it["sha256"]) for it in entries]).encode())
    data = {
        **item.data,
        "build": f"pypi_h{digest.hexdigest()[:8]}_0",
        "depends": [python, *depends],
        "noarch": "python",
        "subdir": platform,
        "paths_data": {"paths": entries, "paths_version": 1},
    }
    record = replace(item.record, build=str(data["build"]), subdir=platform, url="")
    made = replace(item, record=record, data=data)
    target = channel / platform / f"{record.dist_name}.conda"
    from_prefix(prefix, made, platform, target)
    return target, made


def _entry(prefix: Path, package: str, path: str) -> dict[str, Any]:
    """List one file as its package would, with a placeholder where a script names the prefix."""
    try:
        data = (prefix / path).read_bytes()
    except OSError as error:
        raise Unpackable(package, "package-lost", "", str(error)) from error
    placed: Mapping[str, Any] = {}
    if path.startswith("bin/") and f"{prefix}/".encode() in data[:_HEAD] and data[:2] == b"#!":
        data = data.replace(str(prefix).encode(), PLACEHOLDER.encode())
        placed = {"prefix_placeholder": PLACEHOLDER, "file_mode": "text"}
    return {
        "_path": path,
        "path_type": "hardlink",
        "sha256": hashlib.sha256(data).hexdigest(),
        "size_in_bytes": len(data),
        **placed,
    }
