"""Bytecode kept beside the package cache: what one environment has compiled, the next one links.

Compiling is half of what an install costs. Python takes a compiled file for that of a source whose
size and time of change it names, and the engine gives both to every environment it links a package
into; so the compiled files of a package are linked as the package itself is. conda compiles in
every environment anew.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from pipguard.bytecode import compile_files, compiled_path
from pipguard.prefix import Prefix
from pipguard.records import Record
from pipguard.target import Target

FOLDER = "bytecode"

_HEADER = struct.Struct("<4xIII")
_BY_TIME = 0
_WORD = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Sources:
    """The python files of one package that was linked, relative to the prefix.

    Attributes:
        record: of the package.
        files: all of them.
        hashes: their sha256 in the package, which is not that of what stands in the prefix where
            linking wrote the prefix into it, or where another package has the same path.
    """

    record: Record
    files: tuple[str, ...]
    hashes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Taken:
    """What was linked, by source, and which sources are still to be compiled."""

    compiled: Mapping[str, str]
    left: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeptBytecode:
    """Compiled files by python, package and hash of the package.

    Attributes:
        folder: where they lie.
        staging: on the same disk; what lies there is in the making or left over.
    """

    folder: Path
    staging: Path

    def home(self, target: Target, record: Record) -> Path | None:
        """Name the folder of a package for a python; it is there whole or not at all.

        None for a package that no hash tells from others of its name.
        """
        if not record.sha256:
            return None
        python = target.python + ("t" if target.free_threaded else "")
        return self.folder / python / record.dist_name / record.sha256[:16]

    def take(self, prefix: Prefix, package: Sources) -> Taken:
        """Link what is kept of a package into an environment.

        Raises:
            OSError: the environment cannot be written.
        """
        home = self.home(prefix.target, package.record)
        if home is None or not home.is_dir():
            return Taken({}, package.files)
        paths = {source: compiled_path(prefix.target, source) for source in package.files}
        root = prefix.path
        compiled = {
            source: path
            for source, path in paths.items()
            if _is_of(f"{home}/{path}", f"{root}/{source}")
        }
        # What is not kept may not compile at all; it is tried again, for nothing says that it was.
        left = tuple(source for source in package.files if source not in compiled)
        _double(compiled.values(), home, prefix.path)
        return Taken(compiled, left)

    def keep(self, prefix: Prefix, package: Sources, compiled: Mapping[str, str]) -> None:
        """Keep what was compiled; where that fails, the next environment compiles again.

        Size and time of change tell what was edited, and not who wrote it: the engine gives the
        same time to a file with a prefix in it everywhere, and a wheel sets both as it likes. So
        only the compiled files of what is the package's own by its hash are kept.

        Args:
            prefix: the environment.
            package: all the sources.
            compiled: by source, its compiled file; of these and perhaps others.
        """
        home, root = self.home(prefix.target, package.record), prefix.path
        if home is None or home.exists():
            return
        ours = {
            source: compiled[source]
            for source in package.files
            if source in compiled and _sha256(root / source) == package.hashes.get(source)
        }
        by_time = all(_is_of(f"{root}/{path}", f"{root}/{it}") for it, path in ours.items())
        if not (ours and by_time):
            return
        folder = self.staging / f"bytecode-{secrets.token_hex(8)}"
        with suppress(OSError):
            try:
                folder.mkdir(parents=True)
                _double(ours.values(), root, folder)
                home.parent.mkdir(parents=True, exist_ok=True)
                folder.rename(home)
            finally:
                shutil.rmtree(folder, ignore_errors=True)


def kept_in(cache: Path, environ: Mapping[str, str]) -> KeptBytecode | None:
    """Say where compiled files are kept in a cache folder.

    None where SOURCE_DATE_EPOCH is set: python's compiler then goes by hashes instead of times.
    """
    if "SOURCE_DATE_EPOCH" in environ:
        return None
    return KeptBytecode(cache / FOLDER, cache / "staging")


def provide(
    prefix: Prefix,
    packages: Sequence[Sources],
    kept: KeptBytecode | None,
    compiling: Callable[[int], None] = lambda _: None,
) -> dict[str, str]:
    """Give packages that were just linked their bytecode: link what is kept, compile the rest.

    Args:
        prefix: the environment.
        packages: what was linked.
        kept: None to compile everything and to keep nothing.
        compiling: told how many sources are compiled, before they are.

    Returns:
        by source, its compiled file, both relative to the prefix.

    Raises:
        OSError: the environment cannot be written.
    """
    if kept is None:
        return _compiled(prefix, [path for it in packages for path in it.files], compiling)
    taken = [kept.take(prefix, package) for package in packages]
    compiled = _compiled(prefix, [path for it in taken for path in it.left], compiling)
    for package, it in zip(packages, taken, strict=True):
        if not it.compiled:
            kept.keep(prefix, package, compiled)
        compiled.update(it.compiled)
    return compiled


def _compiled(
    prefix: Prefix, sources: Sequence[str], compiling: Callable[[int], None]
) -> dict[str, str]:
    if sources:
        compiling(len(sources))
    return compile_files(prefix, sources)


def _is_of(compiled: str, source: str) -> bool:
    """Say whether there is a compiled file that python will take for that of a source.

    As `_validate_timestamp_pyc` of importlib does it; a file that is compared by its hash, as
    SOURCE_DATE_EPOCH asks for, is not taken.
    """
    try:
        with open(compiled, "rb", buffering=0) as file:  # noqa: PTH123 # there are thousands
            header = file.read(_HEADER.size)
        found = os.stat(source)  # noqa: PTH116
    except OSError:  # mostly there is none; of a shared cache somebody else's cannot be read
        return False
    wanted = (_BY_TIME, int(found.st_mtime) & _WORD, found.st_size & _WORD)
    return len(header) == _HEADER.size and _HEADER.unpack(header) == wanted


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _double(paths: Iterable[str], source: Path, target: Path) -> None:
    """Give files another name under another root; where that cannot be, copy them."""
    folders = set()
    for path in paths:
        there = f"{target}/{path}"
        folder = there.rpartition("/")[0]
        if folder not in folders:
            os.makedirs(folder, exist_ok=True)  # noqa: PTH103
            folders.add(folder)
        with suppress(FileNotFoundError):
            os.unlink(there)  # noqa: PTH108
        try:
            os.link(f"{source}/{path}", there)
        except OSError:  # another disk, one without links, too many of them
            shutil.copy2(f"{source}/{path}", there)
