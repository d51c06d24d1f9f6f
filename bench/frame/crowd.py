"""Fills environments with packages like conda's: records, metadata and, if need be, files."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

# The median file of site-packages is of some kilobytes, and as old as its release.
_TEXT = "def answer() -> int:\n    return 42\n" * 120
_LONG_AGO = 1_600_000_000
_DESCRIPTION = 400
_NEEDED = 8
_BUILD = "pyhd8ed1ab_0"
_OWN = 3  # files of metadata


def fill(prefix: Path, packages: int, files: int, *, channel: str, on_disk: bool = False) -> None:
    """Put packages into an environment, each with its share of the files, as from that channel.

    Without `on_disk` there is only their metadata, and records that are as large as real ones.
    """
    (site,) = prefix.glob("lib/python3.*/site-packages")
    inside = site.relative_to(prefix).as_posix()
    for number in range(packages):
        texts = _package(inside, number, files // packages - _OWN)
        for path, text in texts.items():
            if on_disk or ".dist-info/" in path:
                _write(prefix / path, text)
        name, version = f"package-{number:04}", f"1.{number}"
        record = _record(name, version, texts, channel)
        file = prefix / "conda-meta" / f"{name}-{version}-{_BUILD}.json"
        file.write_text(json.dumps(record, indent=2))


def _package(inside: str, number: int, modules: int) -> dict[str, str]:
    name, version = f"package_{number:04}", f"1.{number}"
    info = f"{inside}/{name}-{version}.dist-info"
    paths = [f"{inside}/{name}/module_{each}.py" for each in range(modules)]
    texts = {path: f"# {path}\n{_TEXT}" for path in paths}
    texts[f"{info}/METADATA"] = _metadata(name, version)
    texts[f"{info}/INSTALLER"] = "conda\n"
    rows = (f"{path.removeprefix(inside + '/')},,\n" for path in texts)
    texts[f"{info}/RECORD"] = "".join(rows)
    return texts


def _metadata(name: str, version: str) -> str:
    description = f"{name} does what its name says.\n" * _DESCRIPTION
    needs = "".join(f"Requires-Dist: package-{other:04}>=1\n" for other in range(_NEEDED))
    return f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}\n{description}"


def _write(path: Path, text: str) -> None:
    """Write a file as it lay in its package, long ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, (_LONG_AGO, _LONG_AGO))


def _record(name: str, version: str, texts: Mapping[str, str], channel: str) -> dict[str, object]:
    file_name = f"{name}-{version}-{_BUILD}.conda"
    return {
        "name": name, "version": version, "build": _BUILD, "build_number": 0,
        "subdir": "noarch", "channel": f"{channel}/noarch", "fn": file_name,
        "url": f"{channel}/noarch/{file_name}", "depends": ["python >=3.9"],
        "timestamp": (_LONG_AGO + 1) * 1000, "files": list(texts),
        "paths_data": {"paths_version": 1, "paths": [_entry(*item) for item in texts.items()]},
    }  # fmt: skip


def _entry(path: str, text: str) -> dict[str, object]:
    """Describe one file as a record does."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    return {
        "_path": path, "path_type": "hardlink", "sha256": digest, "sha256_in_prefix": digest,
        "size_in_bytes": len(text),
    }  # fmt: skip
