"""Packages as files: what one lists, and whether it is the one that its record describes."""

from __future__ import annotations

import hashlib
from typing import BinaryIO

import rattler
from rattler.package_streaming import PackageArchive

from pipguard.engine.layout import local_file
from pipguard.errors import EngineError
from pipguard.records import Record


async def listed_paths(client: rattler.Client, url: str) -> list[str]:
    """Read which files a package has; of one that lies elsewhere, only the end is fetched."""
    archive = await _open(client, url)
    listed = await archive.paths_json()
    return [str(entry.relative_path) for entry in listed.paths]


async def _open(client: rattler.Client, url: str) -> PackageArchive:
    file = local_file(url)
    if file:
        return await PackageArchive.from_path(file)
    return await PackageArchive.from_url(client, url)


def check_local(record: Record) -> None:
    """Hash a package of a `file://` channel: rattler checks only what it downloads.

    Raises:
        EngineError: it is another one, or cannot be read.
    """
    path = local_file(record.url)
    if path is None or record.sha256 is None:
        return
    try:
        with path.open("rb") as file:
            found = _sha256(file)
    except OSError as error:
        raise EngineError("package-missing", path=str(path), error=error) from error
    if found != record.sha256:
        raise EngineError("package-altered", path=str(path))


def _sha256(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while chunk := file.read(1 << 20):
        digest.update(chunk)
    return digest.hexdigest()
