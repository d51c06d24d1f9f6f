"""A conda environment on disk: its records, its dists and its python.

Reads only. Core type is `Prefix`; what it returns are the values of `records.py` and `target.py`.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from pathlib import Path
from typing import Any

from pipguard.credentials import channel_url
from pipguard.direct_url import parse_direct_url
from pipguard.errors import PrefixError
from pipguard.names import CondaName, PyPIName, pypi_name
from pipguard.records import Dist, InstalledRecord, Record, Shipped, metadata_folders
from pipguard.short_paths import spelled_out
from pipguard.sourced import Sourced
from pipguard.target import Target

_SUBDIRS = {
    ("linux", "x86_64"): "linux-64",
    ("linux", "aarch64"): "linux-aarch64",
    ("linux", "ppc64le"): "linux-ppc64le",
    ("darwin", "x86_64"): "osx-64",
    ("darwin", "arm64"): "osx-arm64",
    ("win32", "AMD64"): "win-64",
    ("win32", "ARM64"): "win-arm64",
}


def native_subdir() -> str:
    """Name the platform we run on as conda does.

    Raises:
        PrefixError: conda has no word for it, or pipguard does not know it.
    """
    key = (sys.platform, platform.machine())
    if key not in _SUBDIRS:
        raise PrefixError("platform-unknown", platform="-".join(key))
    return _SUBDIRS[key]


@dataclass(frozen=True)
class Prefix:
    """One environment, by its root folder."""

    path: Path

    @property
    def conda_meta(self) -> Path:
        """The folder of records."""
        return self.path / "conda-meta"

    @property
    def own_folder(self) -> Path:
        """Where pipguard keeps its ledger, lock and guard.json."""
        return self.conda_meta / "pipguard"

    @property
    def python(self) -> Path:
        """The environment's interpreter."""
        return self.path / ("python.exe" if sys.platform == "win32" else "bin/python")

    def records(self) -> tuple[InstalledRecord, ...]:
        """Read every record of conda-meta.

        Raises:
            PrefixError: this is no conda environment, or a record cannot be read.
        """
        try:
            found = [item for item in os.scandir(self.conda_meta) if item.name.endswith(".json")]
        except (FileNotFoundError, NotADirectoryError) as error:
            raise PrefixError("not-an-environment", prefix=str(self.path)) from error
        except OSError as error:
            path = str(self.conda_meta)
            raise PrefixError("record-unreadable", path=path, error=error) from error
        return tuple(map(self._record, sorted(found, key=lambda item: item.name)))

    def _record(self, item: os.DirEntry[str]) -> InstalledRecord:
        """Read a record, unless it is the very file that was read before."""
        try:
            status = item.stat()
        except OSError as error:
            raise PrefixError("record-unreadable", path=item.path, error=error) from error
        state = (status.st_ino, status.st_mtime_ns, status.st_size)
        known = self._read.get(item.name)
        if known is None or known[0] != state:
            known = self._read[item.name] = (state, _read_record(Path(item.path)))
        return known[1]

    @cached_property
    def _read(self) -> dict[str, tuple[tuple[int, ...], InstalledRecord]]:
        """What was read of conda-meta, by file, with what tells a file from a later one."""
        return {}

    def pinned(self) -> tuple[Sourced[str], ...]:
        """Read conda-meta/pinned, conda's file of specs that every solve must respect."""
        path = self.conda_meta / "pinned"
        stripped = (line.strip() for line in _text(path).splitlines())
        said = (line for line in stripped if line and not line.startswith("#"))
        return tuple(Sourced(line, str(path)) for line in said)

    def dists(self) -> tuple[Dist, ...]:
        """Find every dist of the environment's site-packages, by name."""
        folder = self.path / self.target.site_packages
        found = (_read_dist(self.path, info) for info in sorted(_metadata_folders(folder)))
        return tuple(sorted((dist for dist in found if dist), key=lambda dist: dist.name))

    @cached_property
    def target(self) -> Target:
        """The python and platform of this environment, as its interpreter tells them.

        Raises:
            PrefixError: there is no python in it, or it does not start.
        """
        return _ask(self.python, self.path)

    def learn(self, told: Mapping[str, Any]) -> None:
        """Take from a process of the interpreter what `target` would start another one for."""
        # As cached_property does it, for which a frozen dataclass has room.
        vars(self).setdefault("target", Target(subdir=native_subdir(), **told))


def _ask(python: Path, prefix: Path) -> Target:
    if not python.exists():
        raise PrefixError("no-python", prefix=str(prefix))
    script = Path(__file__).with_name("target_probe.py")
    done = subprocess.run(  # the probe imports nothing of ours
        [python, "-I", script], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise PrefixError("python-does-not-start", prefix=str(prefix), text=done.stderr.strip())
    told = json.loads(done.stdout)
    return Target(subdir=native_subdir(), **told)


def _read_record(path: Path) -> InstalledRecord:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return installed_record(spelled_out(data))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PrefixError("record-unreadable", path=str(path), error=error) from error


def installed_record(data: Mapping[str, Any]) -> InstalledRecord:
    """Make a record of the JSON of a file in conda-meta.

    Raises:
        KeyError: the JSON lacks one of the fields that every conda record has.
    """
    requested = data.get("requested_specs") or (
        [data["requested_spec"]] if data.get("requested_spec") not in {None, "None"} else []
    )
    return InstalledRecord(
        record=record_of(data),
        files=tuple(data.get("files") or ()),
        requested=tuple(requested),
        pip=data.get("pipguard") or {},
        data=data,
    )


def record_of(data: Mapping[str, Any]) -> Record:
    """Make a record of conda's JSON, be it from conda-meta or from repodata.

    In conda-meta conda names a channel together with the platform (`ChannelField.dump` in
    conda/models/records.py).
    """
    subdir = data.get("subdir") or "noarch"
    return Record(
        name=CondaName(data["name"]),
        version=data["version"],
        build=data["build"],
        subdir=subdir,
        channel=channel_url(str(data.get("channel") or "")).removesuffix(f"/{subdir}"),
        url=channel_url(str(data.get("url") or "")),
        file_name=data.get("fn") or "",
        sha256=data.get("sha256"),
        depends=tuple(data.get("depends") or ()),
        purls=tuple(data.get("purls") or ()),
        size=data.get("size"),
        md5=data.get("md5"),
    )


def read_contents(prefix: Path, files: Iterable[str]) -> tuple[Shipped, ...]:
    """Read the metadata of each dist that a package has put into a prefix."""
    found: dict[PyPIName, Shipped] = {}
    for name, version, info in metadata_folders(files):
        dist = _read_dist(prefix, prefix / info)
        requires = dist.requires if dist else None
        found.setdefault(name, Shipped(name, dist.version if dist else version or None, requires))
    return tuple(found.values())


def _metadata_folders(site_packages: Path) -> Iterator[Path]:
    if not site_packages.is_dir():
        return
    with os.scandir(site_packages) as entries:
        for entry in entries:
            if entry.name.endswith((".dist-info", ".egg-info")) and not entry.name.startswith("~"):
                yield Path(entry.path)


def _read_dist(prefix: Path, info: Path) -> Dist | None:
    """Read one metadata folder; None where it holds no metadata at all."""
    file = info if info.is_file() else _first_file(info, "METADATA", "PKG-INFO")
    if file is None:
        return None
    fields = _fields_of(file)
    if "name" not in fields or "version" not in fields:
        return None
    direct = parse_direct_url(_text(info / "direct_url.json"))
    return Dist(
        name=pypi_name(fields["name"][0]),
        version=fields["version"][0],
        info=info.relative_to(prefix).as_posix(),
        installer=_text(info / "INSTALLER").strip(),
        editable=direct is not None and direct.editable,
        source=direct.requirement_url if direct else None,
        requires=tuple(fields.get("requires-dist", ())),
        direct=direct,
    )


def _fields_of(file: Path) -> dict[str, list[str]]:
    """Read the fields of a METADATA up to its description: lower-case names, values unfolded.

    Not by the parser of `email`: it reads the description as well, which may be long.
    """
    fields: dict[str, list[str]] = {}
    values: list[str] = []
    with file.open(encoding="utf-8", errors="replace") as lines:
        for line in takewhile(lambda line: line != "\n", lines):
            name, colon, value = line.partition(":")
            if line[:1].isspace() and values:
                values[-1] += f" {line.strip()}"
            elif colon:
                values = fields.setdefault(name.lower(), [])
                values.append(value.strip())
    return fields


def _first_file(folder: Path, *names: str) -> Path | None:
    return next((folder / name for name in names if (folder / name).is_file()), None)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
