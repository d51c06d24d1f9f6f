"""The one place where a transaction changes files, and the one where it looks at them.

Everything that journal, roll back and undo do to a disk goes through `Files`: the tests of faults
let each of its operations fail, or end the process, in turn.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

from pipguard.atomic import TEMPORARY
from pipguard.changes.states import ABSENT, File, Folder, Link, State

_CHUNK = 1 << 20

AnyPath: TypeAlias = str | Path
"""Strings where there are thousands: making a `Path` takes longer than looking at a file."""


def look(path: AnyPath) -> State:
    """Say what is at a path; a link is looked at, not followed."""
    try:
        found = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return ABSENT
    mode = stat.S_IMODE(found.st_mode)
    if stat.S_ISLNK(found.st_mode):
        return Link(os.readlink(path))  # noqa: PTH115 # see `AnyPath`
    if stat.S_ISDIR(found.st_mode):
        return Folder(mode)
    return File(mode, found.st_size, sha256_of(path))


def sha256_of(path: AnyPath) -> str:
    """Hash a file."""
    digest = hashlib.sha256()
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


class Files:
    """The changes a transaction makes to files, one method each; all raise `OSError`."""

    def link(self, source: AnyPath, target: AnyPath) -> None:
        """Make a hard link."""
        os.link(source, target, follow_symlinks=False)

    def copy(self, source: AnyPath, target: AnyPath) -> None:
        """Copy a file with its times and permissions, and see it to the disk."""
        shutil.copy2(source, target)
        self.sync(target)

    def symlink(self, says: str, target: AnyPath) -> None:
        """Make a symbolic link."""
        os.symlink(says, target)  # noqa: PTH211

    def write(self, path: Path, data: bytes) -> None:
        """Write a new file and see it to the disk."""
        with path.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())

    def rename(self, source: Path, target: Path) -> None:
        """Put one path in place of another, at once."""
        source.replace(target)

    def delete(self, path: Path) -> None:
        """Delete a file or a link that may have gone."""
        path.unlink(missing_ok=True)

    def make_folder(self, path: Path, mode: int = 0o755) -> None:
        """Make a folder and those above it."""
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(mode)

    def delete_folder(self, path: Path) -> None:
        """Delete an empty folder."""
        path.rmdir()

    def sync(self, path: AnyPath) -> None:
        """See a file or the names in a folder to the disk; a file system that cannot, need not."""
        descriptor = os.open(path, os.O_RDONLY)
        try:
            with suppress(OSError):
                os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def put(self, source: Path, target: Path, *, shared: bool) -> None:
        """Put a copy of `source`, or another name of it, at `target`, at once.

        Args:
            source: a file or a link; it stays.
            target: what is there is replaced.
            shared: whether both may be one file on the disk.
        """
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f"{TEMPORARY}{os.getpid()}-{target.name}"[:255])
        self.delete(temporary)
        self.double(source, temporary, shared=shared)
        self.rename(temporary, target)

    def double(self, source: AnyPath, target: AnyPath, *, shared: bool) -> None:
        """Make `target` what `source` is: one file on the disk where that may be, else a copy."""
        if os.path.islink(source):  # noqa: PTH114
            self.symlink(os.readlink(source), target)  # noqa: PTH115
            return
        if shared:
            # Another device, a file system without links, one with too many of them.
            with suppress(OSError):
                self.link(source, target)
                return
        self.copy(source, target)

    def clear(self, folder: Path) -> None:
        """Delete a folder of ours with all that is in it."""
        shutil.rmtree(folder, ignore_errors=True)

    def clear_empty(self, folders: Iterable[Path]) -> None:
        """Delete those of these folders that are empty, innermost first."""
        for folder in sorted(folders, key=lambda path: len(path.parts), reverse=True):
            with suppress(OSError):  # it holds something, or has gone
                self.delete_folder(folder)
