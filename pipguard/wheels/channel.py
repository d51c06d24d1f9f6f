"""The local channel: the folder in which converted packages live, an ordinary conda channel.

Several processes may use one channel at once. A package is in place before repodata names it, and
both forms of repodata are replaced whole, so a reader never needs the lock. Start at
`LocalChannel.convert_into`.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from filelock import FileLock

from pipguard.errors import Problem
from pipguard.wheels.inspection import Conversion
from pipguard.wheels.metadata import PackageIndex
from pipguard.wheels.package import ConvertedPackage, convert, describe

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_DRAFTS = ".drafts"
_LOCK = ".lock"

Repodata = dict[str, Any]


@dataclass(frozen=True, slots=True)
class StoredPackage:
    """A package of the channel, as repodata has it.

    Attributes:
        path: of the file.
        url: of the file, as records in an environment name it.
        index: its record.
        sha256: in hex.
        md5: in hex.
        size: in bytes.
        warnings: of the conversion, where it was done just now.
    """

    path: Path
    url: str
    index: PackageIndex
    sha256: str
    md5: str
    size: int
    warnings: tuple[Problem, ...] = field(default=(), compare=False)


class LocalChannel:
    """A conda channel in a folder; made on first use."""

    def __init__(self, root: Path) -> None:
        self.folder = root.absolute()
        self._seen: dict[str, tuple[tuple[int, int, int], Repodata]] = {}

    @property
    def url(self) -> str:
        """The address of the channel, `file://…` without a slash at the end."""
        return self.folder.as_uri()

    def find(self, index: PackageIndex) -> StoredPackage | None:
        """Find a package by its record; None where it is not whole.

        The file must be there in the size that repodata has; its hash is the caller's to check
        when it is used, for rattler does not check those of `file://` packages.
        """
        entry = self._read(index.subdir)["packages.conda"].get(index.file_name)
        if entry is None:
            return None
        stored = self._stored(entry, index.file_name)
        try:
            return stored if stored.path.stat().st_size == stored.size else None
        except FileNotFoundError:
            return None

    def add(self, converted: ConvertedPackage) -> StoredPackage:
        """Move a package into the channel and name it in repodata.

        Where another process has just added the same package, that one stays: environments may
        already be linked to it.
        """
        index = converted.index
        with self._locked():
            present = self.find(index)
            if present:
                converted.path.unlink(missing_ok=True)
                return replace(present, warnings=converted.warnings)
            self._place(converted.path, self.folder / index.subdir / index.file_name)
            self._enter(converted)
        stored = self._stored(_entry(converted), index.file_name)
        return replace(stored, warnings=converted.warnings)

    def convert_into(self, conversion: Conversion) -> StoredPackage:
        """Find what a wheel becomes, or convert it straight into the channel.

        Where the record is known from the plan, ask `find` first: that needs no wheel.

        Raises:
            ConversionError: the wheel is refused, and the channel is as before.
        """
        return self.find(describe(conversion)) or self._convert(conversion)

    def _convert(self, conversion: Conversion) -> StoredPackage:
        drafts = self.folder / _DRAFTS / secrets.token_hex(8)
        drafts.mkdir(parents=True)
        try:
            return self.add(convert(conversion, drafts))
        finally:
            shutil.rmtree(drafts, ignore_errors=True)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self.folder / _LOCK):
            yield

    def _place(self, source: Path, path: Path) -> None:
        """Move a file in, over a file system border too, so that it appears whole."""
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{secrets.token_hex(8)}.tmp")
        try:
            shutil.move(source, draft)
            _sync(draft)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)

    def _enter(self, converted: ConvertedPackage) -> None:
        """Name a package in repodata; the lock is held."""
        for subdir in {"noarch", converted.index.subdir}:
            repodata = json.loads(json.dumps(self._read(subdir)))
            if subdir == converted.index.subdir:
                repodata["packages.conda"][converted.index.file_name] = _entry(converted)
            elif (self.folder / subdir / "repodata.json").exists():
                continue
            self._write(subdir, repodata)

    def _read(self, subdir: str) -> Repodata:
        """Read repodata, again only where the file has been replaced."""
        path = self.folder / subdir / "repodata.json"
        try:
            with path.open("rb") as file:
                state = os.fstat(file.fileno())
                stamp = (state.st_ino, state.st_mtime_ns, state.st_size)
                seen = self._seen.get(subdir)
                if seen is None or seen[0] != stamp:
                    seen = self._seen[subdir] = stamp, json.load(file)
        except FileNotFoundError:
            return _empty(subdir)
        return seen[1]

    def _write(self, subdir: str, repodata: Repodata) -> None:
        """Replace both forms, the compressed one first, which clients prefer."""
        folder = self.folder / subdir
        folder.mkdir(parents=True, exist_ok=True)
        data = json.dumps(repodata, sort_keys=True, separators=(",", ":")).encode()
        for name, content in (("repodata.json.zst", zstd.compress(data)), ("repodata.json", data)):
            draft = folder / f".{secrets.token_hex(8)}.tmp"
            try:
                draft.write_bytes(content)
                _sync(draft)
                draft.replace(folder / name)
            finally:
                draft.unlink(missing_ok=True)

    def _stored(self, entry: dict[str, Any], file_name: str) -> StoredPackage:
        path = self.folder / entry["subdir"] / file_name
        return StoredPackage(
            path=path,
            url=path.as_uri(),
            index=PackageIndex.from_json(entry),
            sha256=entry["sha256"],
            md5=entry["md5"],
            size=entry["size"],
        )


def _entry(converted: ConvertedPackage) -> dict[str, Any]:
    return {
        **converted.index.to_json(),
        "sha256": converted.sha256,
        "md5": converted.md5,
        "size": converted.size,
    }


def _empty(subdir: str) -> Repodata:
    return {
        "info": {"subdir": subdir},
        "packages": {},
        "packages.conda": {},
        "removed": [],
        "repodata_version": 1,
    }


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
