"""From steps to a `Mending`: every file that a repair writes, laid out in a folder beforehand.

Nothing in the environment is touched here. Start at `stage`.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipguard.changes.mending import Mending
from pipguard.changes.staging import recorded
from pipguard.conda_meta import as_text
from pipguard.doctor.adoption import document, record_of
from pipguard.doctor.case import Case, files_of
from pipguard.doctor.evidence import Info
from pipguard.doctor.findings import Adopt, Forget, Move, Place, Remove, Rewrite, Step
from pipguard.guard_record import FOLDER
from pipguard.hooks import Placement, place_all, plan_placement
from pipguard.kept import KEPT
from pipguard.names import CondaName, PyPIName
from pipguard.records import Dist, Record

_META = "conda-meta"


@dataclass
class Layout:
    """Files that were laid out in a folder, by their path in the environment.

    Where several steps are about one path, the later one holds.
    """

    prefix: Path
    folder: Path
    puts: dict[str, Path] = field(default_factory=dict)
    deletes: dict[str, None] = field(default_factory=dict)

    def write(self, path: str, data: bytes) -> None:
        """Lay out bytes, with the permissions of what is there."""
        target = self._next()
        target.write_bytes(data)
        there = self.prefix / path
        target.chmod(there.stat().st_mode & 0o7777 if there.is_file() else 0o644)
        self._put(path, target)

    def take(self, source: str, path: str) -> None:
        """Lay out a file of the environment for another place in it."""
        target, there = self._next(), self.prefix / source
        if there.is_symlink():
            target.symlink_to(os.readlink(there))  # noqa: PTH115 # its text, not a path
        else:
            shutil.copy2(there, target)
        self._put(path, target)

    def delete(self, paths: Iterable[str]) -> None:
        """Note that files go; of a folder, all that is in it."""
        for path in paths:
            for inside in self.below(path):
                self.puts.pop(inside, None)
                self.deletes[inside] = None

    def below(self, path: str) -> Iterator[str]:
        """Name the files that are at a path or, if it is a folder, in it."""
        there = self.prefix / path
        if there.is_dir() and not there.is_symlink():
            for inside in sorted(there.rglob("*")):
                if inside.is_symlink() or inside.is_file():
                    yield inside.relative_to(self.prefix).as_posix()
        elif os.path.lexists(there):
            yield path

    def entry(self, path: str) -> dict[str, Any]:
        """Make conda's entry for a file as it will be."""
        if path.endswith(".pyc"):
            return {"_path": path, "path_type": "pyc_file"}
        source = self.puts.get(path, self.prefix / path)
        if source.is_symlink():
            return {"_path": path, "path_type": "softlink"}
        data = source.read_bytes()
        return {
            "_path": path,
            "path_type": "hardlink",
            "sha256": hashlib.sha256(data).hexdigest(),
            "size_in_bytes": len(data),
        }

    def will_be(self, path: str) -> bool:
        """Say whether a file will be there."""
        return path in self.puts or (
            path not in self.deletes and os.path.lexists(self.prefix / path)
        )

    def _put(self, path: str, target: Path) -> None:
        self.deletes.pop(path, None)
        self.puts[path] = target

    def _next(self) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.folder / str(len(list(self.folder.iterdir())))


def stage(case: Case, steps: Sequence[Step], folder: Path, launcher: Path) -> Mending:
    """Lay out what steps will write; restoring is the engine's, repacking the channel's.

    Args:
        case: the environment.
        steps: of all findings.
        folder: empty, on the disk of the environment.
        launcher: the `pipguard` that a guard shall start.

    Raises:
        OSError: a file cannot be read or written.
        PrefixError: the guard cannot be placed.
    """
    prefix = Path(case.evidence.prefix)
    layout = Layout(prefix, folder)
    for step in steps:
        _lay_out(step, layout)
    adopts = tuple(dict.fromkeys(it for step in steps for it in adoptions(step)))
    names = {adopt.name: adopt.conda_name for adopt in adopts}
    for adopt in adopts:
        _account(case, adopt, names, layout)
    _correct_records(case, steps, layout)
    placement = plan_placement(prefix, None, launcher) if Place() in steps else None
    # Also where the new record has the name of the old: the engine would unlink what stays.
    displaced = (_file_of(other) for adopt in adopts for other in adopt.instead_of)
    return Mending(
        deletes=tuple(dict.fromkeys([*layout.deletes, *displaced])),
        puts=tuple(layout.puts.items()),
        ours=_paths_of(placement) if placement else (),
        place=(lambda: place_all(placement)) if placement else tuple,
    )


def _lay_out(step: Step, layout: Layout) -> None:
    match step:
        case Rewrite(path=path, content=content):
            if content is None:
                layout.delete((path,))
            else:
                layout.write(path, content)
        case Remove(paths=paths):
            layout.delete(paths)
        case Forget(record=record, files=files):
            layout.delete((_file_of(record), *files))
        case Move(moves=moves):
            for source, path in moves:
                for inside in list(layout.below(source)):
                    layout.take(inside, path + inside.removeprefix(source))
                layout.delete((source,))
        case _:
            pass


def adoptions(step: Step) -> Iterator[Adopt]:
    """Name what a step writes a record for."""
    match step:
        case Adopt():
            yield step
        case Move(adopt=adopt):
            yield adopt
        case _:
            pass


def _file_of(record: Record) -> str:
    return f"{_META}/{record.dist_name}.json"


# Records


def _account(case: Case, adopt: Adopt, names: Mapping[PyPIName, CondaName], layout: Layout) -> None:
    """Lay out the record of a dist, and let what it takes the place of go."""
    info = _info_of(case, adopt)
    record = record_of(case, adopt, info, names)
    own = [path for path in _own_files(case, info) if path not in adopt.left_out]
    files = [path for path in dict.fromkeys([*own, *adopt.files]) if layout.will_be(path)]
    entries = [layout.entry(path) for path in files]
    for other in adopt.instead_of:
        old = case.records[other.name].files if other.name in case.records else ()
        layout.delete([_file_of(other), *(path for path in old if path not in set(files))])
    layout.write(_file_of(record), as_text(document(case, adopt, record, entries)))


def _info_of(case: Case, adopt: Adopt) -> Info:
    """Find the metadata folder of a dist, where it is or where it was."""
    infos = case.evidence.infos
    here = [it for it in infos if it.path == adopt.info]
    moved = [it for it in infos if (it.name, it.version) == (adopt.name, adopt.version)]
    return (here or moved)[0]


def _own_files(case: Case, info: Info) -> list[str]:
    """List the files of a dist where they will be."""
    if info.owner is None or info.site != case.evidence.site:
        return [_here(path, info, case) for path in files_of(info)]
    name = info.name or PyPIName("")
    return list(recorded(Path(case.evidence.prefix), Dist(name, info.version, info.path)))


def _here(path: str, info: Info, case: Case) -> str:
    inside = path.removeprefix(f"{info.site}/")
    return path if inside == path else f"{case.evidence.site}/{inside}"


def _correct_records(case: Case, steps: Sequence[Step], layout: Layout) -> None:
    """Let the records of rewritten files say what those are now."""
    changed: dict[CondaName, set[str]] = {}
    for step in steps:
        if isinstance(step, Rewrite) and step.path in case.owner:
            changed.setdefault(case.owner[step.path], set()).add(step.path)
    for name, paths in changed.items():
        item = case.records[name]
        path = _file_of(item.record)
        if path not in layout.deletes:
            layout.write(path, as_text(_corrected(item.data, paths, layout)))


def _corrected(data: Mapping[str, Any], paths: set[str], layout: Layout) -> dict[str, Any]:
    entries = [
        {**entry, **_now(layout.entry(entry["_path"]))} if entry["_path"] in paths else entry
        for entry in data["paths_data"]["paths"]
        if entry["_path"] not in paths or layout.will_be(entry["_path"])
    ]
    return {
        **data,
        "files": [it for it in data["files"] if it not in paths or layout.will_be(it)],
        "paths_data": {**data["paths_data"], "paths": entries},
    }


def _now(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {"sha256_in_prefix": entry["sha256"]} if "sha256" in entry else {}


def _paths_of(placement: Placement) -> tuple[str, ...]:
    """Name every path that placing a guard may write."""
    placed = (*(piece.path for piece in placement.pieces), *placement.gone)
    return (*placed, *(f"{KEPT}/{path}" for path in placed), f"{FOLDER}/guard.json")
