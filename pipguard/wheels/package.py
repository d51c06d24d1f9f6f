"""Turns a wheel into a `.conda` package.

`convert` first judges the whole wheel, then writes in one pass, then puts the file in its place
under its name; a refused wheel leaves nothing. The record of the package comes from
`metadata.package_index`, so it is the one the solver has seen.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipguard.errors import ConversionError
from pipguard.problems import Problem
from pipguard.wheels.archive import CondaFile, TarStream, conda_file
from pipguard.wheels.findings import Findings
from pipguard.wheels.hostile import Limits
from pipguard.wheels.inspection import Conversion, Inspection, inspect
from pipguard.wheels.members import Wheel, open_wheel
from pipguard.wheels.metadata import PackageIndex
from pipguard.wheels.packing import Packer, modified
from pipguard.wheels.record import InstalledRecord
from pipguard.wheels.watch import Watch

__all__ = ["Conversion", "ConvertedPackage", "Judged", "Limits", "convert", "judged"]

_HASH_CHUNK = 1 << 18
_LICENSE_LIMIT = 1 << 20


@dataclass(frozen=True, slots=True)
class ConvertedPackage:
    """A package on disk: its record, its hashes in hex, its size in bytes.

    `index` is the one that was predicted, except for a wheel with C headers: that one is bound to
    the minor of the target's python, which only the wheel can tell.
    """

    path: Path
    index: PackageIndex
    sha256: str
    md5: str
    size: int
    warnings: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """A wheel that may become a package; `index` is the package's record.

    Nothing is certain before `judged` has been left: a hash that was promised is checked meanwhile.
    """

    conversion: Conversion
    wheel: Wheel
    inspection: Inspection
    findings: Findings

    @property
    def index(self) -> PackageIndex:
        """The record of the package."""
        return self.inspection.index

    def write(self, draft: Path, watch: Watch) -> None:
        """Write the package to a file that is there for that.

        Raises:
            ConversionError: members cannot be read; holds all of them.
            Stopped: see `Watch`.
        """
        with conda_file(draft, self.index.stem) as conda:
            paths = self._write_files(conda, watch)
            with conda.component("info") as stream:
                _write_info(stream, self.inspection, paths, self.wheel)
        self.findings.stop_if_refused()

    def _write_files(self, conda: CondaFile, watch: Watch) -> list[dict[str, Any]]:
        """Write the `pkg` component; gives the entries of `paths.json`."""
        inspection = self.inspection
        with conda.component("pkg", inspection.unpacked, self.wheel.size) as stream:
            installed = InstalledRecord(self.conversion.target)
            packer = Packer(stream, self.wheel, inspection.record, installed, self.findings, watch)
            packer.pack(inspection.layout.places)
            _add_own_files(packer, self.conversion, inspection)
        inspection.record.report(self.findings)
        return packer.paths


def convert(conversion: Conversion, folder: Path, watch: Watch | None = None) -> ConvertedPackage:
    """Convert a wheel to a package in `folder`, named after its record.

    The same conversion gives the same bytes. Nothing is written outside `folder`.

    Raises:
        ConversionError: the wheel is refused; holds every reason.
        OSError: the wheel cannot be read or the package not written.
        Stopped: see `Watch`.
    """
    with temporary(folder) as draft:
        with judged(conversion) as wheel:
            wheel.write(draft, watch or Watch())
        return finished(draft, folder, wheel)


@contextmanager
def judged(conversion: Conversion) -> Iterator[Judged]:
    """Judge a wheel, and hold its bytes against those that were promised.

    Raises:
        ConversionError: the wheel is refused; if its hash is another one, for that reason alone.
        OSError: it cannot be read.
    """
    findings = Findings(conversion.wheel.name)
    with _hashed(conversion) as sha256, _opened(conversion.wheel, findings) as wheel:
        yield Judged(conversion, wheel, inspect(conversion, sha256, wheel, findings), findings)


@contextmanager
def _hashed(conversion: Conversion) -> Iterator[str]:
    """Give the sha256 of a wheel; one that was promised at once, to be refuted at the end."""
    with ThreadPoolExecutor(1) as thread:  # hashlib lets go of the GIL
        found = thread.submit(_digest, conversion.wheel, "sha256")
        try:
            yield conversion.sha256 or found.result()
        except ConversionError:
            _compare(conversion, found.result())
            raise
        _compare(conversion, found.result())


def _compare(conversion: Conversion, found: str) -> None:
    if conversion.sha256 not in (None, found):
        problem = Problem(conversion.wheel.name, "wheel-hash-differs", detail=found)
        raise ConversionError((problem,))


@contextmanager
def _opened(path: Path, findings: Findings) -> Iterator[Wheel]:
    try:
        with open_wheel(path) as wheel:
            yield wheel
    except zipfile.BadZipFile as error:
        findings.refuse("wheel-unreadable", detail=str(error))
        findings.stop_if_refused()


@contextmanager
def temporary(folder: Path) -> Iterator[Path]:
    """Name a file that is gone afterwards unless it was moved away."""
    draft = folder / f".{secrets.token_hex(8)}.tmp"
    try:
        yield draft
    finally:
        draft.unlink(missing_ok=True)


def finished(draft: Path, folder: Path, wheel: Judged) -> ConvertedPackage:
    """Put a package that was written and found good in its place, under its name."""
    with ThreadPoolExecutor(2) as pool:  # hashlib lets go of the GIL
        sha256, md5 = pool.map(_digest, (draft, draft), ("sha256", "md5"))
    size = draft.stat().st_size
    path = draft.replace(folder / wheel.index.file_name)
    return ConvertedPackage(path, wheel.index, sha256, md5, size, tuple(wheel.findings.warnings))


def _digest(path: Path, algorithm: str) -> str:
    digest = hashlib.new(algorithm, usedforsecurity=algorithm != "md5")
    buffer = memoryview(bytearray(_HASH_CHUNK))
    with path.open("rb", buffering=0) as file:
        while size := file.readinto(buffer):
            digest.update(buffer[:size])
    return digest.hexdigest()


def _add_own_files(packer: Packer, conversion: Conversion, inspection: Inspection) -> None:
    mtime = inspection.newest
    folder = f"site-packages/{inspection.layout.dist_info}"
    for entry in inspection.entry_points:
        if entry.plain:
            packer.installed.add_command(entry.name)
        else:
            packer.add_script(f"python-scripts/{entry.name}", entry.script, mtime)
    packer.add(f"{folder}/INSTALLER", b"conda\n", mtime)
    if conversion.direct_url is not None:
        direct_url = json.dumps(conversion.direct_url, sort_keys=True).encode()
        packer.add(f"{folder}/direct_url.json", direct_url, mtime)
    packer.add_record(f"{folder}/RECORD", mtime)


def _write_info(
    stream: TarStream, inspection: Inspection, paths: list[dict[str, Any]], wheel: Wheel
) -> None:
    """Write the `info` component: what conda needs, and no more."""
    plain = [entry.definition for entry in inspection.entry_points if entry.plain]
    documents = {
        "index.json": inspection.index.to_json(),
        "paths.json": {"paths": paths, "paths_version": 1},
        "link.json": {
            "noarch": {"entry_points": plain, "type": "python"},
            "package_metadata_version": 1,
        },
        "about.json": _about(inspection),
    }
    for name, document in documents.items():
        data = json.dumps(document, sort_keys=True).encode()
        stream.add(f"info/{name}", data, mode=0o644, mtime=inspection.newest)
    declared = inspection.metadata.license_files
    for name, place in inspection.layout.licenses(declared):
        if place.info.file_size <= _LICENSE_LIMIT:
            data = wheel.read(place.info)
            mtime = modified(place.info)
            stream.add(f"info/licenses/{name}", data, mode=0o644, mtime=mtime)


def _about(inspection: Inspection) -> dict[str, str]:
    metadata = inspection.metadata
    about = {"home": metadata.home, "license": metadata.license, "summary": metadata.summary}
    return {key: value for key, value in about.items() if value}
