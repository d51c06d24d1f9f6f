"""Records in `conda-meta`: completing those of the engine, writing those of true pip by hand.

The engine writes a record for what it links, mode 0600 and without bytecode; `complete` makes it
what conda would have written. `write_pip_record` accounts for an editable or VCS install in the
shape that conda lists, exports, validates and removes.
"""

from __future__ import annotations

import hashlib
import json
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipguard import __version__
from pipguard.atomic import write_atomically
from pipguard.changes.staging import recorded
from pipguard.credentials import channel_url
from pipguard.plan import Candidate
from pipguard.prefix import Prefix
from pipguard.record_files import installed_record
from pipguard.records import (
    PIP_CHANNEL,
    PIP_SUBDIR,
    UNKNOWN_CHANNEL,
    Dist,
    InstalledRecord,
    Origin,
    Record,
)
from pipguard.short_paths import is_short, spelled_out

# What conda itself says of pip's packages: it then exports them under `pip:`, keeps them when it
# prunes, and lists, solves and removes them as any other (docs/decisions/0002).
_AS_PIP = {
    "channel": PIP_CHANNEL,
    "subdir": PIP_SUBDIR,
    "package_type": "virtual_python_wheel",
}
_AS_UNKNOWN = {"channel": UNKNOWN_CHANNEL}
_MODE = 0o644
_OPEN = 3  # down to the entries of `paths_data`
_compact = json.JSONEncoder(ensure_ascii=False, sort_keys=True).encode


def path_of(prefix: Prefix, record: Record) -> Path:
    """Return the file of a record in conda-meta."""
    return prefix.conda_meta / f"{record.dist_name}.json"


def read(prefix: Prefix, record: Record) -> InstalledRecord:
    """Read a record back as it stands in conda-meta."""
    return installed_record(json.loads(path_of(prefix, record).read_text(encoding="utf-8")))


def complete(
    prefix: Prefix, record: Record, compiled: Mapping[str, str], requested: str | None
) -> InstalledRecord:
    """Add bytecode and the request to a record that the engine has just written.

    Args:
        prefix: the environment.
        record: what was linked.
        compiled: by source, its compiled file, of this and perhaps other records.
        requested: the conda spec a person asked for it with; None for a dependency.
    """
    path = path_of(prefix, record)
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    known = set(data["files"])
    ours = [compiled[file] for file in data["files"] if compiled.get(file, file) not in known]
    # conda records bytecode without a hash: python rewrites it as it likes.
    data["files"] = [*data["files"], *ours]
    data["paths_data"]["paths"].extend({"_path": file, "path_type": "pyc_file"} for file in ours)
    data.update(_whereabouts(record))
    if record.purls:
        # py-rattler has no way to pass them on.
        data["purls"] = list(record.purls)
    if requested is not None:
        data["requested_specs"] = [requested]
        data["requested_spec"] = requested
    _write(path, data)
    return installed_record(data)


def spell_out(prefix: Prefix, record: Record) -> None:
    """Let a record of conda's, if it is still there, name its files as rattler expects it."""
    path = path_of(prefix, record)
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if is_short(data):
        _write(path, spelled_out(data))


def _whereabouts(record: Record) -> dict[str, str]:
    """Say where a record comes from: never a path of the person's, never a credential."""
    if record.origin is Origin.CONDA:
        return {"channel": channel_url(record.channel), "url": channel_url(record.url)}
    return _AS_PIP if record.is_pypi_by_name else _AS_UNKNOWN


def stamp(prefix: Prefix, record: Record, fields: Mapping[str, Any]) -> None:
    """Put what is known otherwise into an existing record; what is not known stays."""
    path = path_of(prefix, record)
    data = json.loads(path.read_text(encoding="utf-8"))
    known = {key: value for key, value in fields.items() if value is not None}
    _write(path, {**data, **known})


def set_requested(prefix: Prefix, record: Record, requested: str) -> None:
    """Note in an existing record that a person has asked for it."""
    path = path_of(prefix, record)
    data = json.loads(path.read_text(encoding="utf-8"))
    if data.get("requested_specs") != [requested]:
        _write(path, {**data, "requested_specs": [requested], "requested_spec": requested})


def write_pip_record(
    prefix: Prefix, record: Record, candidate: Candidate, dist: Dist, requested: str | None
) -> InstalledRecord:
    """Write the record of a dist that true pip has installed.

    Raises:
        TransactionError: pip left no RECORD to go by.
    """
    paths = [_entry(prefix.path, path) for path in recorded(prefix.path, dist)]
    data = pip_document(record, paths, candidate.source.value, requested)
    _write(path_of(prefix, record), data)
    return installed_record(data)


def pip_document(
    record: Record, paths: Sequence[Mapping[str, Any]], kind: str, requested: str | None
) -> dict[str, Any]:
    """Make the JSON of a record that no package is behind.

    Args:
        record: with its purls.
        paths: conda's entries for its files.
        kind: how it came here: `editable`, `vcs`, `adopted`.
        requested: the conda spec a person asked for it with; None for a dependency.
    """
    return {
        "name": record.name,
        "version": record.version,
        "build": record.build,
        "build_number": 0,
        # Not noarch: conda would fetch such a package again whenever python is upgraded.
        "subdir": record.subdir,
        "depends": list(record.depends),
        "constrains": [],
        # conda wants an archive name and an absolute URL; the word `pypi` is no channel to it.
        "fn": record.file_name,
        "url": record.url,
        **_whereabouts(record),
        "requested_specs": [requested] if requested else [],
        "files": [path["_path"] for path in paths],
        "paths_data": {"paths_version": 1, "paths": list(paths)},
        "purls": list(record.purls),
        "pipguard": {"kind": kind, "source": record.url, "version": __version__},
    }


def as_text(data: Mapping[str, Any]) -> bytes:
    """Write a record as its file in conda-meta has it: sorted, and each path on a line."""
    return f"{_laid_out(data, '', _OPEN)}\n".encode()


def _laid_out(value: Any, margin: str, levels: int) -> str:
    """Put so many levels of a document on lines of their own.

    json indents all or nothing, and nothing ten times as fast; some records have 5,000 paths.
    """
    if not levels or not value or not isinstance(value, Mapping | list | tuple):
        return _compact(value)
    inner = f"{margin}  "
    if isinstance(value, Mapping):
        items = [
            f"{inner}{_compact(key)}: {_laid_out(value[key], inner, levels - 1)}"
            for key in sorted(value)
        ]
        return "{\n" + ",\n".join(items) + f"\n{margin}}}"
    items = [f"{inner}{_laid_out(item, inner, levels - 1)}" for item in value]
    return "[\n" + ",\n".join(items) + f"\n{margin}]"


def readable(prefix: Prefix, record: Record) -> None:
    """Give a record the permissions it has with conda; the engine may have written it anew."""
    path = path_of(prefix, record)
    if stat.S_IMODE(path.stat().st_mode) != _MODE:
        path.chmod(_MODE)


def _entry(prefix: Path, name: str) -> dict[str, Any]:
    if name.endswith(".pyc"):
        return {"_path": name, "path_type": "pyc_file"}
    data = (prefix / name).read_bytes()
    return {
        "_path": name,
        "path_type": "hardlink",
        "sha256": hashlib.sha256(data).hexdigest(),
        "size_in_bytes": len(data),
    }


def _write(path: Path, data: Mapping[str, Any]) -> None:
    write_atomically(path, as_text(data))
