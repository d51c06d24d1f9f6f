"""Which paths an operation will touch, before it touches one.

The later of two words on a path holds: what goes with one package may come with another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from pipguard.bytecode import compiled_of, compiled_path
from pipguard.change import Change
from pipguard.changes.files import sha256_of
from pipguard.changes.journal import Touched
from pipguard.changes.mending import Mending
from pipguard.changes.sharing import (
    Copies,
    record_of,
    record_path,
    shared_paths,
    touched_besides,
)
from pipguard.changes.staging import Leaving, Staged, gone
from pipguard.changes.states import GONE, Expected, Kind
from pipguard.folders import folders_above
from pipguard.names import CondaName
from pipguard.prefix import Prefix
from pipguard.records import InstalledRecord, Origin, Record, shipped
from pipguard.seams import Layout

HISTORY = "conda-meta/history"
_BYTECODE = Expected(Kind.BYTECODE)
_OURS = Expected(Kind.OURS)


@dataclass(frozen=True)
class Parts:
    """What an operation consists of.

    Attributes:
        change: what was decided.
        layouts: by record key, the paths of what the engine will link.
        leaving: dists of pip's that go.
        staged: what true pip has laid out.
    """

    change: Change
    layouts: Mapping[tuple[str, str, str, str], Layout]
    leaving: Leaving
    staged: Staged

    @cached_property
    def shared(self) -> tuple[Copies, ...]:
        """The paths that several packages have, of those that come or go; found once."""
        new = self.change.coming
        coming = {record.name: self.layouts[record.key] for record in new}
        return shared_paths(self.change.staying, self.change.going, coming)

    @cached_property
    def apart(self) -> frozenset[CondaName]:
        """Names of what stays and has no path in common with what comes or goes.

        Nothing is, where python changes: then the engine may have to link what is noarch anew; nor
        in a repair, which takes records away from it.
        """
        moving = {item.record.name for item in self.change.going}
        moving |= {record.name for record in self.change.coming}
        if "python" in moving or self.change.mending:
            return frozenset()
        staying = frozenset(item.record.name for item in self.change.staying)
        concerned = {name for copies in self.shared for name in copies.hashes}
        return staying - concerned - moving - self._in_the_way

    @cached_property
    def _in_the_way(self) -> frozenset[CondaName]:
        """Names of what stays and has a file where what comes has a folder, or the reverse.

        Of what comes from PyPI that was refused before (`contested.py`).
        """
        offered = (it.key for it in self.change.coming if it.origin is Origin.CONDA)
        paths = {path for key in offered for path in self.layouts[key].paths}
        if not paths:
            return frozenset()
        above = folders_above(paths)
        return frozenset(
            item.record.name
            for item in self.change.staying
            if not (above.isdisjoint(item.files) and paths.isdisjoint(folders_above(item.files)))
        )


def forecast(prefix: Prefix, parts: Parts) -> tuple[Touched, ...]:
    """List every path, each once."""
    found: dict[str, Touched] = {}
    for touched in _going(prefix, parts):
        found[touched.path] = touched
    mended = _mended(prefix, parts.change.mending) if parts.change.mending else ()
    besides = touched_besides(parts.shared, parts.change.staying)
    for touched in (*mended, *_coming(prefix, parts), *besides, Touched(HISTORY, _OURS)):
        # What is replaced is still its package's: another name of it keeps it.
        there = found.get(touched.path)
        found[touched.path] = replace(touched, owned=there.owned) if there else touched
    return tuple(found.values())


def unlinked(parts: Parts) -> list[InstalledRecord]:
    """Name the records by whose files the engine goes: of what goes, and of what shares a path."""
    concerned = {name for copies in parts.shared for name in copies.hashes}
    stay = [item for item in parts.change.staying if item.record.name in concerned]
    return [*parts.change.going, *stay]


def pip_records(change: Change) -> list[InstalledRecord]:
    """Name the records of pip's dists that go or are replaced by true pip."""
    going = {*change.uninstalls, *(candidate.name for candidate, _ in change.true_pip)}
    return [
        item
        for item in change.before
        if item.record.origin is Origin.PIP and shipped(item.files) & going
    ]


def _going(prefix: Prefix, parts: Parts) -> Iterator[Touched]:
    for item in parts.change.going:
        hashes = _hashes(item)
        for path in item.files:
            yield Touched(path, GONE, owned=hashes.get(path, ""))
        # On its way it is spelled out, for the engine.
        yield Touched(record_path(item.record), record_of(item.record))
        yield from _stray_bytecode(prefix, item.files)
    for item in pip_records(parts.change):
        yield Touched(record_path(item.record), GONE)
    yield from gone(parts.leaving.paths)
    yield from _stray_bytecode(prefix, parts.leaving.paths)
    yield from gone(parts.leaving.touched)


def _mended(prefix: Prefix, mending: Mending) -> Iterator[Touched]:
    yield from gone(mending.deletes)
    yield from _stray_bytecode(prefix, mending.deletes)
    for path, source in mending.puts:
        yield Touched(path, _laid_out(source))
    for path in mending.ours:
        yield Touched(path, _OURS)


def _laid_out(source: Path) -> Expected:
    """Say what a file that was laid out will be."""
    if source.is_symlink():
        return Expected(Kind.LINK)
    return Expected(Kind.FILE, sha256_of(source))


def _hashes(item: InstalledRecord) -> dict[str, str]:
    entries = (item.data.get("paths_data") or {}).get("paths") or ()
    return {
        entry["_path"]: entry.get("sha256_in_prefix") or entry.get("sha256") or ""
        for entry in entries
    }


def _stray_bytecode(prefix: Prefix, files: Sequence[str]) -> Iterator[Touched]:
    yield from gone(compiled_of(prefix.path, files))


def _coming(prefix: Prefix, parts: Parts) -> Iterator[Touched]:
    change = parts.change
    for record in change.coming:
        layout = parts.layouts[record.key]
        for path, expected in layout.paths.items():
            yield Touched(path, expected)
        if layout.compiled and change.compile:
            yield from _compiled(prefix, layout.paths)
        yield _record(record)
    named = {record.name for record in change.coming}
    for record in change.records:
        if record.name in change.requested and record.name not in named:
            yield Touched(record_path(record), _OURS)
    yield from parts.staged.touched()
    for _, record in change.true_pip:
        yield _record(record)


def _compiled(prefix: Prefix, files: Mapping[str, object] | Sequence[str]) -> Iterator[Touched]:
    for file in files:
        if file.endswith(".py"):
            yield Touched(compiled_path(prefix.target, file), _BYTECODE)


def _record(record: Record) -> Touched:
    return Touched(record_path(record), record_of(record))
