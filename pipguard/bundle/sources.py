"""Finds the package of a record, or makes it again; never takes one of other bytes.

In this order: the archive in the channel, if that is a folder, or in one of conda's caches; an
extracted package, packed again; what is installed, packed again; the channel, over the network.
Start at `Sources.bring`.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from pipguard.bundle.repack import Unpackable, from_folder, from_prefix
from pipguard.errors import EngineError
from pipguard.problems import Problem
from pipguard.records import InstalledRecord

_SUBDIR = re.compile(r"noarch|(linux|osx|win|freebsd|emscripten|wasi|zos)-\w+")
_CHUNK = 1 << 20

Download = Callable[[str, Path], None]


@dataclass(frozen=True, slots=True)
class Sources:
    """Where packages may be.

    Attributes:
        prefix: the environment.
        caches: folders with archives or extracted packages, ours and conda's.
        download: brings an address to a file; None where that is not allowed.
    """

    prefix: Path
    caches: tuple[Path, ...]
    download: Download | None

    def bring(self, item: InstalledRecord, channel: Path) -> Path | tuple[Problem, ...]:
        """Put the package of a record into its subdir of a channel folder.

        Returns:
            the file; or, where it can be had in no way, why not, way by way.
        """
        folder = channel / subdir_of(item)
        folder.mkdir(parents=True, exist_ok=True)
        for archive in self._archives(item):
            return _copied(archive, folder / archive.name)
        target = folder / f"{item.record.dist_name}.conda"
        problems: list[Problem] = []
        for way in self._ways(item, target):
            found = _tried(way, item.record.dist_name)
            if isinstance(found, Path):
                return found
            problems.append(found)
        return tuple(problems)

    def _archives(self, item: InstalledRecord) -> Iterator[Path]:
        """Yield archives on this machine that are the very package."""
        parts = urlsplit(item.record.url)
        name = parts.path.rpartition("/")[2] or item.record.file_name
        places = [Path(url2pathname(parts.path))] if parts.scheme == "file" else []
        for place in (*places, *(cache / name for cache in self.caches)):
            if place.is_file() and _is_same(place, item):
                yield place

    def _ways(self, item: InstalledRecord, target: Path) -> Iterator[Callable[[], Path]]:
        """Yield ways of making or fetching the package."""
        for folder in self._extracted(item):
            yield partial(from_folder, folder, target)
        yield partial(from_prefix, self.prefix, item, subdir_of(item), target)
        if self.download and urlsplit(item.record.url).scheme in {"http", "https"}:
            yield partial(_downloaded, self.download, item, target)

    def _extracted(self, item: InstalledRecord) -> Iterator[Path]:
        told = item.data.get("extracted_package_dir")
        stem = item.record.dist_name
        places = [Path(told)] if told else []
        for folder in dict.fromkeys([*places, *(cache / stem for cache in self.caches)]):
            if (folder / "info/paths.json").is_file() and _belongs(folder, item):
                yield folder


def _tried(way: Callable[[], Path], package: str) -> Path | Problem:
    try:
        return way()
    except Unpackable as error:
        return error.problem
    except EngineError as error:
        text = str(error.facts.get("text", error.reference))
        return Problem(package, "package-not-fetched", detail=text)
    except (OSError, ValueError, KeyError) as error:
        return Problem(package, "package-lost", detail=str(error))


def _downloaded(download: Download, item: InstalledRecord, target: Path) -> Path:
    path = target.with_name(urlsplit(item.record.url).path.rpartition("/")[2])
    download(item.record.url, path)
    if not _is_same(path, item):
        path.unlink()
        raise Unpackable(item.record.dist_name, "package-file-altered", item.record.url)
    return path


def subdir_of(item: InstalledRecord) -> str:
    """Name the platform of a package: by its address, for the record may say `pypi`."""
    *_, folder, _ = ["", "", *urlsplit(item.record.url).path.split("/")]
    if _SUBDIR.fullmatch(folder):
        return folder
    return item.record.subdir if _SUBDIR.fullmatch(item.record.subdir) else "noarch"


def _belongs(folder: Path, item: InstalledRecord) -> bool:
    """Say whether an extracted package is this one: a cache may hold another of the same name."""
    listed = (item.data.get("paths_data") or {}).get("paths", ())
    expected = {str(it.get("sha256")) for it in listed if it.get("path_type") == "hardlink"}
    text = (folder / "info/paths.json").read_text(encoding="utf-8")
    return all(digest in text for digest in expected if digest != "None")


def _is_same(path: Path, item: InstalledRecord) -> bool:
    """Say whether an archive has the hash of the record; one without any hash is taken on trust."""
    for algorithm in ("sha256", "md5"):
        expected = item.data.get(algorithm)
        if expected:
            return digest_of(path, algorithm) == str(expected)
    return True


def digest_of(path: Path, algorithm: str = "sha256") -> str:
    """Hash a file."""
    digest = hashlib.new(algorithm, usedforsecurity=algorithm != "md5")
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _copied(source: Path, target: Path) -> Path:
    if not (target.exists() and target.samefile(source)):
        draft = target.with_name(f".{target.name}.tmp")
        shutil.copyfile(source, draft)
        draft.replace(target)
    return target
