"""The state of every file below a folder, for comparing what was with what is.

Start at `states`; `leftovers` is what an uninstall must make empty.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath


def states(root: Path) -> dict[str, str]:
    """Describe every path below `root`: kind, mode, size and hash, or the target of a link.

    Paths have forward slashes; a folder counts only through what is in it.
    """
    return dict(sorted(_states(root)))


def _states(root: Path) -> Iterator[tuple[str, str]]:
    for folder, folders, names in os.walk(root):
        for name in (*names, *(it for it in folders if Path(folder, it).is_symlink())):
            path = Path(folder, name)
            yield path.relative_to(root).as_posix(), _state(path)


def _state(path: Path) -> str:
    status = path.lstat()
    if stat.S_ISLNK(status.st_mode):
        return f"link {path.readlink()}"
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return f"file {stat.S_IMODE(status.st_mode):o} {status.st_size} {digest}"


def differences(
    before: Mapping[str, str], after: Mapping[str, str], *ignored: str
) -> tuple[str, ...]:
    """Name the paths that came, went or changed.

    Args:
        before: from `states`.
        after: from `states`.
        ignored: patterns over whole paths, in which `*` also covers slashes. Bytecode of modules
            that are in both is always ignored: python writes it as it likes.
    """
    changed = (path for path in {**before, **after} if before.get(path) != after.get(path))
    return tuple(
        sorted(
            path
            for path in changed
            if not any(fnmatchcase(path, pattern) for pattern in ignored)
            and not (_source(path) in before and _source(path) in after)
        )
    )


def _source(path: str) -> str:
    """Name the module that a file of bytecode belongs to; empty for every other file."""
    compiled = PurePosixPath(path)
    if compiled.suffix != ".pyc" or compiled.parent.name != "__pycache__":
        return ""
    return str(compiled.parent.parent / f"{compiled.name.partition('.')[0]}.py")
