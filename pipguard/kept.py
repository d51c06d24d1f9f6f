"""One path of an environment that others may use too: keep theirs, place ours, put theirs back.

What others had is kept below `conda-meta/pipguard/kept/` under the same path, with its permissions
and times. `pip.conf` is shared rather than replaced: it has our key besides what others wrote.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from pipguard import pip_conf
from pipguard.atomic import write_atomically
from pipguard.guard_record import FOLDER, Guard
from pipguard.placement import Piece, is_ours

KEPT = f"{FOLDER}/kept"


def pip_conf_of_others(path: Path) -> bytes:
    """Read an environment's `pip.conf` without our key; empty if there is none."""
    return pip_conf.unmerge(path.read_bytes()) if path.exists() else b""


def keep(prefix: Path, path: str, guard: Guard | None) -> bool:
    """Keep what others have at a path, before ours replaces it; tell whether anything is kept."""
    found, kept = prefix / path, prefix / KEPT / path
    if os.path.lexists(found) and not is_as_placed(prefix, path, guard):
        if path in pip_conf.NAMES and found.exists() and is_ours(path, found.read_bytes()):
            _keep_rest_of_pip_conf(found, kept)
        elif not found.exists() or not is_ours(path, found.read_bytes()):
            _set_aside(found, kept)
    return os.path.lexists(kept)


def place(prefix: Path, piece: Piece) -> None:
    """Write one of our files, if it is not there already; a `pip.conf` keeps its permissions."""
    found = prefix / piece.path
    mode = piece.mode
    if found.is_file() and not found.is_symlink():
        present = stat.S_IMODE(found.stat().st_mode)
        mode = present if piece.path in pip_conf.NAMES else mode  # it may hold an index's password
        if present == mode and found.read_bytes() == piece.data:
            return
    write_atomically(found, piece.data, mode=mode)


def take_out(prefix: Path, path: str, guard: Guard | None) -> None:
    """Remove one of our files and put back what was kept; leave what is no longer ours."""
    found, kept = prefix / path, prefix / KEPT / path
    if found.exists():
        if not is_ours(path, found.read_bytes()):
            return
        if path in pip_conf.NAMES and not (
            is_as_placed(prefix, path, guard) and os.path.lexists(kept)
        ):
            _write_rest_of_pip_conf(found)
            return
        if not os.path.lexists(kept):
            found.unlink()
    if os.path.lexists(kept) and found.parent.is_dir():
        kept.replace(found)


def is_as_placed(prefix: Path, path: str, guard: Guard | None) -> bool:
    """Tell whether a file is byte for byte what guard.json says we placed."""
    found = prefix / path
    expected = guard.files.get(path) if guard else None
    return found.is_file() and hashlib.sha256(found.read_bytes()).hexdigest() == expected


def give_to_owner(prefix: Path, paths: Iterable[str]) -> None:
    """Give what root has written to the person whose environment it is; `sudo` is no reason."""
    if sys.platform == "win32" or os.geteuid() or not (owner := prefix.stat()).st_uid:
        return
    kept = prefix / KEPT
    folders = (kept, *(path for path in kept.rglob("*") if path.is_dir()))
    for path in (*map(prefix.joinpath, paths), *folders):
        with suppress(OSError):  # a disk that knows no owners, or lets root give nothing away
            os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def _set_aside(found: Path, kept: Path) -> None:
    """Keep the very file, with its owner, times and links, where the disk can."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.unlink(missing_ok=True)
    if found.is_symlink():
        kept.symlink_to(found.readlink())
        return
    try:
        kept.hardlink_to(found)
    except OSError:
        write_atomically(kept, found.read_bytes(), mode=stat.S_IMODE(found.stat().st_mode))
        shutil.copystat(found, kept)


def _keep_rest_of_pip_conf(found: Path, kept: Path) -> None:
    """Follow a person's changes to a merged `pip.conf`, so that `disable` does not undo them."""
    if rest := pip_conf.unmerge(found.read_bytes()):
        write_atomically(kept, rest, mode=stat.S_IMODE(found.stat().st_mode))
    else:
        kept.unlink(missing_ok=True)


def _write_rest_of_pip_conf(found: Path) -> None:
    if rest := pip_conf.unmerge(found.read_bytes()):
        write_atomically(found, rest, mode=stat.S_IMODE(found.stat().st_mode))
    else:
        found.unlink()
