"""Holds the files of an environment against what its records say of them.

A file whose size is the recorded one and whose date is not after the making of its package is
taken for what it is: linking keeps the dates of the archive, while pip, uv and editors leave the
time of writing. All else is hashed, in several threads, and where one file of a package turns out
not to hold, every file of that package is. Start at `hold_against_disk`.

Bytecode is passed over: python rewrites it as it likes, and runs without it.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipguard.doctor.evidence import Damage
from pipguard.names import CondaName
from pipguard.records import InstalledRecord

_CHUNK = 1 << 20
# hashlib and the file system let go of the interpreter lock; more threads than cores wait on disks.
_WORKERS = 4
_BATCH = 64
_MILLISECONDS_FROM = 253_402_300_799  # conda's rule for timestamps (conda/models/records.py)


@dataclass(slots=True)
class _Check:
    """One record while it is being looked at; `doubtful` and `settled` are paths with hashes."""

    missing: list[str] = field(default_factory=list)
    altered: list[str] = field(default_factory=list)
    doubtful: list[tuple[str, str]] = field(default_factory=list)
    settled: list[tuple[str, str]] = field(default_factory=list)

    @property
    def suspicious(self) -> bool:
        return bool(self.missing or self.altered)


def hold_against_disk(
    prefix: Path,
    records: Sequence[InstalledRecord],
    *,
    full: bool = False,
    spared: Collection[str] = frozenset(),
) -> dict[CondaName, Damage]:
    """Find the records whose files are missing or other than recorded.

    Args:
        prefix: the environment.
        records: of its conda-meta.
        full: hash every file, whatever its size and date say.
        spared: paths that pipguard itself has taken over: the guard's.
    """
    checks = {item.record.name: _look(prefix, item, spared, full=full) for item in records}
    _hash(prefix, checks.values(), lambda check: check.doubtful)
    late = [check for check in checks.values() if check.suspicious]
    _hash(prefix, late, lambda check: check.settled)
    shared = _claimed_twice(records)
    return {
        name: damage
        for name, check in checks.items()
        if check.suspicious and (damage := _damage(prefix, check, shared)).paths
    }


def _look(prefix: Path, item: InstalledRecord, spared: Collection[str], *, full: bool) -> _Check:
    check, root = _Check(), f"{prefix}{os.sep}"
    made = 0 if full else _made(item.data)
    for entry in entries(item):
        path = entry["_path"]
        if path.endswith(".pyc") or path in spared:
            continue
        try:
            found = os.lstat(root + path)
        except (FileNotFoundError, NotADirectoryError):
            check.missing.append(path)
            continue
        _judge(check, entry, found, made)
    return check


def _judge(check: _Check, entry: Mapping[str, Any], found: os.stat_result, made: float) -> None:
    path, kind = entry["_path"], entry.get("path_type")
    if kind in {"softlink", "directory"}:
        same = stat.S_ISLNK(found.st_mode) or kind == "directory"
        check.altered.extend([] if same else [path])
        return
    expected = expected_hash(entry)
    if not expected:
        return
    if stat.S_ISREG(found.st_mode) and _size(entry) not in {None, found.st_size}:
        check.altered.append(path)
    elif _size(entry) is not None and found.st_mtime <= made:
        check.settled.append((path, expected))
    else:
        check.doubtful.append((path, expected))


def entries(item: InstalledRecord) -> Iterable[Mapping[str, Any]]:
    """Return the entries of `paths_data`; of an old record without, the paths alone."""
    known = (item.data.get("paths_data") or {}).get("paths")
    return known or [{"_path": path} for path in item.files]


def expected_hash(entry: Mapping[str, Any]) -> str | None:
    """Return the sha256 that a file has in the prefix; None where the record does not say."""
    return entry.get("sha256_in_prefix") or entry.get("sha256")


def _size(entry: Mapping[str, Any]) -> int | None:
    """Return the size of a file in the prefix; the prefix in a text has another length there."""
    if entry.get("prefix_placeholder") and entry.get("file_mode") != "binary":
        return None
    return entry.get("size_in_bytes")


def _made(data: Mapping[str, Any]) -> float:
    """Say when a package was made: by its record, or by its listing in the package cache."""
    stamp = float(data.get("timestamp") or 0)
    made = stamp / 1000 if stamp > _MILLISECONDS_FROM else stamp
    folder = data.get("extracted_package_dir")
    if folder:
        with suppress(OSError):  # a cache may be emptied at any time
            made = max(made, Path(folder, "info/paths.json").stat().st_mtime)
    return made


def _hash(
    prefix: Path, checks: Iterable[_Check], which: Callable[[_Check], list[tuple[str, str]]]
) -> None:
    """Hash what is in doubt, and note what is not as expected."""
    wanted = [(check, *pair) for check in checks for pair in which(check)]
    found = hashes(prefix, [path for _, path, _ in wanted])
    for check, path, expected in wanted:
        if found[path] != expected:
            (check.altered if found[path] else check.missing).append(path)


def hashes(prefix: Path, paths: Sequence[str]) -> dict[str, str | None]:
    """Hash files of the prefix; None for what cannot be read as a file."""
    if not paths:
        return {}
    batches = [paths[start : start + _BATCH] for start in range(0, len(paths), _BATCH)]
    with ThreadPoolExecutor(_WORKERS) as pool:
        digests = pool.map(lambda batch: [_digest(f"{prefix}/{path}") for path in batch], batches)
        return dict(zip(paths, (it for batch in digests for it in batch), strict=True))


def _digest(path: str) -> str | None:
    digest = hashlib.sha256()
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 # fifty thousand times
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
    except OSError:
        return None
    return digest.hexdigest()


def _claimed_twice(records: Iterable[InstalledRecord]) -> dict[str, list[str | None]]:
    """Collect the hashes of paths that several records claim: conda lets the last one win."""
    first: dict[str, Mapping[str, Any]] = {}
    shared: dict[str, list[str | None]] = {}
    for item in records:
        for entry in entries(item):
            other = first.setdefault(entry["_path"], entry)
            if other is not entry:
                claims = shared.setdefault(entry["_path"], [expected_hash(other)])
                claims.append(expected_hash(entry))
    return shared


def _damage(prefix: Path, check: _Check, shared: Mapping[str, list[str | None]]) -> Damage:
    contested = [path for path in check.altered if path in shared]
    found = hashes(prefix, contested)
    settled = {path for path in contested if found[path] in shared[path]}
    return Damage(
        missing=tuple(sorted(check.missing)),
        altered=tuple(sorted(set(check.altered) - settled)),
    )
