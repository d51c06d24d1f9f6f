"""Writes and reads small conda packages, and writes the index of a channel folder.

For the tour and the tests alone: everything is held in memory, nothing is converted, and what a
caller gives is written as it is. `wheels/package.py` makes the packages that people install.

Core types: `Package`, whose files are `File` or `Link`. Start at `write` and `write_index`; `read`
takes back what `write` or a conversion has written.
The same package gives the same bytes.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import sys
import tarfile
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipguard.wheels.archive import TarStream, conda_file

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_TIME = 1_577_836_800  # 2020-01-01: any moment after 1980, which is where zip starts to count


@dataclass(frozen=True, slots=True)
class File:
    """A regular file; `placeholder` is text in it that linking replaces by the prefix."""

    data: bytes
    executable: bool = False
    placeholder: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A symbolic link, kept as it is written when the package is linked."""

    target: str


Entry = File | Link


@dataclass(frozen=True, slots=True)
class Package:
    """One conda package before it is written.

    Attributes:
        files: by path inside the package; for a `noarch: python` package these begin with
            `site-packages/` or `python-scripts/`.
        entry_points: as in link.json, `name = module:attribute`.
        noarch: `python`, `generic`, or empty for a package of one platform.
        extra: further fields of index.json.
    """

    name: str
    version: str
    build: str = "0"
    subdir: str = "noarch"
    noarch: str = ""
    depends: tuple[str, ...] = ()
    files: Mapping[str, Entry] = field(default_factory=dict)
    entry_points: tuple[str, ...] = ()
    extra: Mapping[str, object] = field(default_factory=dict)

    @property
    def stem(self) -> str:
        """The file name without its ending."""
        return f"{self.name}-{self.version}-{self.build}"

    def index(self) -> dict[str, object]:
        """The contents of index.json."""
        number = re.search(r"(\d+)$", self.build)
        noarch = {"noarch": self.noarch} if self.noarch else {}
        return {
            "name": self.name,
            "version": self.version,
            "build": self.build,
            "build_number": int(number[1]) if number else 0,
            "depends": list(self.depends),
            "subdir": self.subdir,
            **noarch,
            **self.extra,
        }


def write(package: Package, channel: Path) -> Path:
    """Write `package` into its subdir of `channel` and return the path of the `.conda`."""
    target = channel / package.subdir / f"{package.stem}.conda"
    target.parent.mkdir(parents=True, exist_ok=True)
    with conda_file(target, package.stem) as archive:
        for kind, files in (("pkg", package.files), ("info", _info(package))):
            with archive.component(kind, 0) as stream:
                for path, entry in _sorted(files.items()):
                    _pack(stream, path, entry)
    return target


def read(path: Path) -> Package:
    """Read a package of regular files, as a conversion makes it."""
    info = _component(path, "info")
    index = json.loads(info["info/index.json"].data)
    link = json.loads(info["info/link.json"].data) if "info/link.json" in info else {}
    return Package(
        name=index["name"],
        version=index["version"],
        build=index["build"],
        subdir=index["subdir"],
        noarch=index.get("noarch", ""),
        depends=tuple(index["depends"]),
        files=_component(path, "pkg"),
        entry_points=tuple(link.get("noarch", {}).get("entry_points", ())),
    )


def _component(path: Path, kind: str) -> dict[str, File]:
    """Unpack one of the two archives in a `.conda`."""
    with zipfile.ZipFile(path) as archive:
        data = zstd.decompress(archive.read(f"{kind}-{path.stem}.tar.zst"))
    with tarfile.open(fileobj=io.BytesIO(data)) as members:
        streams = ((member, members.extractfile(member)) for member in members)
        return {
            member.name: File(stream.read(), executable=bool(member.mode & 0o100))
            for member, stream in streams
            if stream
        }


def write_index(channel: Path) -> None:
    """Write the `repodata.json` of every subdir of `channel`, and of `noarch` always."""
    (channel / "noarch").mkdir(parents=True, exist_ok=True)
    for subdir in sorted(path for path in channel.iterdir() if path.is_dir()):
        records = {path.name: _record(path) for path in sorted(subdir.glob("*.conda"))}
        repodata = {
            "info": {"subdir": subdir.name},
            "packages": {},
            "packages.conda": records,
            "removed": [],
            "repodata_version": 1,
        }
        unfinished = subdir / f".repodata.{os.getpid()}"
        unfinished.write_bytes(_json(repodata))
        unfinished.replace(subdir / "repodata.json")


def _record(path: Path) -> dict[str, Any]:
    """The repodata record of one package file: its index.json, hashes and size."""
    data = path.read_bytes()
    record: dict[str, Any] = json.loads(_component(path, "info")["info/index.json"].data)
    record["sha256"] = hashlib.sha256(data).hexdigest()
    record["md5"] = hashlib.md5(data, usedforsecurity=False).hexdigest()
    record["size"] = len(data)
    return record


def _info(package: Package) -> dict[str, Entry]:
    """The members of the info archive."""
    contents: dict[str, object] = {
        "index.json": package.index(),
        "paths.json": {
            "paths_version": 1,
            "paths": [_path(path, entry) for path, entry in _sorted(package.files.items())],
        },
        "about.json": {},
    }
    if package.noarch == "python":
        contents["link.json"] = {
            "noarch": {"type": "python", "entry_points": list(package.entry_points)},
            "package_metadata_version": 1,
        }
    return {f"info/{name}": File(_json(content)) for name, content in contents.items()}


def _path(path: str, entry: Entry) -> dict[str, object]:
    """One row of paths.json."""
    data = entry.data if isinstance(entry, File) else b""
    row: dict[str, object] = {
        "_path": path,
        "path_type": "hardlink" if isinstance(entry, File) else "softlink",
        "sha256": hashlib.sha256(data).hexdigest(),
        "size_in_bytes": len(data),
    }
    if isinstance(entry, File) and entry.placeholder:
        mode = "binary" if b"\0" in entry.data else "text"
        row |= {"file_mode": mode, "prefix_placeholder": entry.placeholder}
    return row


def _pack(stream: TarStream, path: str, entry: Entry) -> None:
    """Add one file or link to a component."""
    if isinstance(entry, File):
        stream.add(path, entry.data, mode=0o755 if entry.executable else 0o644, mtime=_TIME)
        return
    header = tarfile.TarInfo(path)
    header.type, header.linkname, header.mtime = tarfile.SYMTYPE, entry.target, _TIME
    stream.feed(header.tobuf(tarfile.PAX_FORMAT))


def _sorted(items: Iterable[tuple[str, Entry]]) -> list[tuple[str, Entry]]:
    """Order by path alone: entries cannot be compared."""
    return sorted(items, key=lambda item: item[0])


def _json(content: object) -> bytes:
    """Stable JSON for people to read."""
    return json.dumps(content, indent=2, sort_keys=True).encode()
