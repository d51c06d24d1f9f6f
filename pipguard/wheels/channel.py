"""The local channel: the folder in which converted packages live, an ordinary conda channel.

Several processes may use one channel at once. A package is in place before repodata names it, and
both forms of repodata are replaced whole, so a reader never needs the lock. Start at
`LocalChannel.convert_into`. What converts is imported by then: mostly a channel is only asked.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from filelock import FileLock

from pipguard.errors import ConversionError
from pipguard.problems import Problem
from pipguard.wheels.metadata import PackageIndex
from pipguard.wheels.watch import Watch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pipguard.wheels.batch import Progress
    from pipguard.wheels.inspection import Conversion
    from pipguard.wheels.package import ConvertedPackage

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

    def add(self, package: ConvertedPackage) -> StoredPackage:
        """Move a package into the channel and name it in repodata; see `add_all`."""
        return self.add_all([package])[0]

    def add_all(self, packages: Sequence[ConvertedPackage]) -> tuple[StoredPackage, ...]:
        """Move packages into the channel and name them in repodata, which is written once.

        Where another process has just added the same package, that one stays: environments may
        already be linked to it.
        """
        with self._locked():
            new = {each.path: each for each in packages if not self.find(each.index)}
            for package in new.values():
                index = package.index
                self._place(package.path, self.folder / index.subdir / index.file_name)
            self._enter(list(new.values()))
        for package in packages:
            package.path.unlink(missing_ok=True)
        return tuple(
            replace(self._listed(package.index), warnings=package.warnings) for package in packages
        )

    def convert_into(self, conversion: Conversion) -> StoredPackage:
        """Find what a wheel becomes, or convert it straight into the channel.

        Where the record is known from the plan, ask `find` first: that needs no wheel.

        Raises:
            ConversionError: the wheel is refused, and the channel is as before.
        """
        with self.drafts() as folder:
            found = self.made(conversion, folder, Watch())
            return found if isinstance(found, StoredPackage) else self.add(found)

    def convert_all(
        self, conversions: Sequence[Conversion], progress: Progress
    ) -> tuple[StoredPackage | ConversionError, ...]:
        """Do so for many wheels at once, `batch.convert_all`; repodata is written once.

        What was converted stays, also where others are refused.
        """
        from pipguard.wheels.batch import convert_all  # noqa: PLC0415

        with self.drafts() as folder:
            found = convert_all(
                lambda conversion, watch: self.made(conversion, folder, watch),
                conversions,
                progress,
            )
            known = (StoredPackage, ConversionError)
            added = iter(self.add_all([each for each in found if not isinstance(each, known)]))
            return tuple(each if isinstance(each, known) else next(added) for each in found)

    def made(
        self, conversion: Conversion, folder: Path, watch: Watch
    ) -> StoredPackage | ConvertedPackage:
        """Find what a wheel becomes, or convert it into a folder of drafts, to be added.

        Raises:
            ConversionError: the wheel is refused.
            Stopped: see `Watch`.
        """
        from pipguard.wheels.package import finished, judged, temporary  # noqa: PLC0415

        with temporary(folder) as draft:
            with judged(conversion) as wheel:
                found = self.find(wheel.index)
                if found is None:
                    wheel.write(draft, watch)
            if found is None:
                package = finished(draft, folder, wheel)
                _sync(package.path)  # slow on some disks, hence not when the lock is held
        return found or package

    @contextmanager
    def drafts(self) -> Iterator[Path]:
        """Make a folder for packages to be added, on the disk of the channel; it goes again."""
        folder = self.folder / _DRAFTS / secrets.token_hex(8)
        folder.mkdir(parents=True)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def packages(self) -> tuple[StoredPackage, ...]:
        """List every package that repodata names."""
        return tuple(
            self._stored(entry, name)
            for path in sorted(self.folder.glob("*/repodata.json"))
            for name, entry in self._read(path.parent.name)["packages.conda"].items()
        )

    def remove(self, paths: Iterable[Path], taken_before: float) -> None:
        """Take packages out, first of repodata, then from the disk.

        What has been taken since (`users.note`) stays; it may have been listed before that.
        """
        listed = list(paths)
        if not listed:
            return
        with self._locked():
            going = {path for path in listed if _taken(path) < taken_before}
            for folder in {path.parent for path in going}:
                known = self._read(folder.name)
                kept = {
                    name: entry
                    for name, entry in known["packages.conda"].items()
                    if folder / name not in going
                }
                self._write(folder.name, {**known, "packages.conda": kept})
            for path in going:
                path.unlink(missing_ok=True)

    def leftovers(self) -> tuple[Path, ...]:
        """Name what killed processes have left here, and what running ones are making."""
        drafts = self.folder / _DRAFTS
        named = {package.path for package in self.packages()}
        return (
            *(sorted(drafts.iterdir()) if drafts.is_dir() else ()),
            *sorted(self.folder.glob("*/.*.tmp")),
            *sorted(set(self.folder.glob("*/*.conda")) - named),
        )

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

    def _enter(self, packages: Sequence[ConvertedPackage]) -> None:
        """Name packages in repodata; the lock is held."""
        for subdir in {"noarch", *(package.index.subdir for package in packages)}:
            new = {
                package.index.file_name: _entry(package)
                for package in packages
                if package.index.subdir == subdir
            }
            if new or not (self.folder / subdir / "repodata.json").exists():
                known = self._read(subdir)
                listed = {**known["packages.conda"], **new}
                self._write(subdir, {**known, "packages.conda": listed})

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

    def _listed(self, index: PackageIndex) -> StoredPackage:
        entry = self._read(index.subdir)["packages.conda"][index.file_name]
        return self._stored(entry, index.file_name)

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


def _taken(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0  # somebody else cleans, too


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
