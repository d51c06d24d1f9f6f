"""Makes an environment of a bundle, without any network.

Every package is held against the sha256 that the bundle lists it with; linking needs no solver.
Start at `recreate`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from pipguard import conda_meta, ledger
from pipguard.bundle.making import MANIFEST, SCHEMA
from pipguard.bundle.sources import digest_of
from pipguard.bytecode import compile_files
from pipguard.conda_history import Revision
from pipguard.engine.fresh import link
from pipguard.errors import BundleError
from pipguard.guard_record import Mode
from pipguard.prefix import Prefix, native_subdir
from pipguard.records import InstalledRecord, Origin, Record, shipped


@dataclass(frozen=True, slots=True)
class Recreated:
    """What came of it: the dists, and how the environment was guarded."""

    dists: int
    mode: Mode | None


def recreate(folder: Path, prefix: Prefix, cache: Path, command: tuple[str, ...]) -> Recreated:
    """Make an environment.

    Args:
        folder: of the bundle.
        prefix: the environment; its folder must not exist, or be empty.
        cache: of packages.
        command: what was typed, for history and ledger.

    Raises:
        BundleError: this is no bundle, it is for another platform, or a package is not what it
            was; nothing was made.
        EngineError: linking failed.
    """
    manifest = _manifest(folder)
    if prefix.path.exists() and any(prefix.path.iterdir()):
        raise BundleError("environment-taken", prefix=str(prefix.path))
    if manifest["subdir"] not in {native_subdir(), "noarch"}:
        raise BundleError("bundle-for-another", folder=str(folder), subdir=manifest["subdir"])
    packages = {Path(it["file"]).name: it for it in manifest["packages"]}
    _refuse_altered(folder, packages)
    subdir = native_subdir()
    linked = link(prefix.path, folder.resolve(), packages.keys(), subdir, cache)
    for record in linked:
        _complete(prefix, record, packages[record.file_name])
    _write_history(prefix, manifest, command)
    dists = sorted({name for item in prefix.records() for name in shipped(item.files)})
    entry = ledger.Entry(front_door="pipguard create", argv=command[1:], state="committed")
    ledger.append(prefix.own_folder, replace(entry, installed=tuple(dists)))
    return Recreated(len(dists), Mode(manifest["mode"]) if manifest["mode"] else None)


def _manifest(folder: Path) -> Mapping[str, Any]:
    try:
        found = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError) as error:
        raise BundleError("no-bundle", folder=str(folder), error=error) from error
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        raise BundleError("no-bundle", folder=str(folder), error="schema")
    return found


def _refuse_altered(folder: Path, packages: Mapping[str, Mapping[str, Any]]) -> None:
    wrong = [
        str(package["file"])
        for package in packages.values()
        if not _is_whole(folder / package["file"], str(package["sha256"]))
    ]
    if wrong:
        raise BundleError("bundle-altered", folder=str(folder), files=", ".join(sorted(wrong)))


def _is_whole(path: Path, sha256: str) -> bool:
    return path.is_file() and digest_of(path) == sha256


def _complete(prefix: Prefix, record: Record, package: Mapping[str, Any]) -> None:
    """Bring the record to what it was: where it came from, who asked for it, its bytecode."""
    original = package["record"]
    known = replace(
        record,
        purls=tuple(original.get("purls") or ()),
        channel=str(original.get("channel") or record.channel),
        url=str(original.get("url") or record.url),
    )
    compiled = compile_files(prefix, _uncompiled(conda_meta.read(prefix, record)))
    requested = next(iter(package["requested"]), None)
    conda_meta.complete(prefix, known, compiled, requested)
    if record.origin is Origin.CONDA:
        conda_meta.stamp(prefix, record, original)


def _uncompiled(item: InstalledRecord) -> Iterator[str]:
    """Name what conda would compile: of noarch python packages, what they do not ship compiled."""
    if item.data.get("noarch") == "python":
        shipped_too = {_source_of(path) for path in item.files if path.endswith(".pyc")}
        yield from (path for path in item.files if path not in shipped_too)


def _source_of(compiled: str) -> str:
    """Name the source of a file in `__pycache__` (PEP 3147)."""
    folder, _, name = compiled.rpartition("/__pycache__/")
    return f"{folder}/{name.partition('.')[0]}.py"


def _write_history(prefix: Prefix, manifest: Mapping[str, Any], command: tuple[str, ...]) -> None:
    revision = Revision(
        time=datetime.now().astimezone(),
        command=" ".join(command),
        before=(),
        after=tuple(item.record for item in prefix.records()),
        update_specs=tuple(manifest["wishes"].values()),
    )
    (prefix.conda_meta / "history").write_text(revision.lines(), encoding="utf-8")
