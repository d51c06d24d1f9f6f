"""Puts the files of a wheel into the `pkg` stream, hashing each on its way.

The hot path of conversion: one pass from zip member to tar stream, nothing larger than a few
mebibytes in memory.
"""

from __future__ import annotations

import calendar
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zipfile import ZipInfo

from pipguard.wheels.archive import TarStream
from pipguard.wheels.findings import Findings
from pipguard.wheels.layout import Place
from pipguard.wheels.members import BadMember, Wheel
from pipguard.wheels.record import InstalledRecord, WheelRecord, record_hash
from pipguard.wheels.watch import Watch

if TYPE_CHECKING:
    from hashlib import _Hash as Hash

PLACEHOLDER = "/pipguard" + ("_placehold" * 25)[: 255 - len("/pipguard")]
"""Stands for the prefix in scripts until the package is linked; as long as conda-build's."""

_STREAM_FROM = 8 << 20
_HASH_BEHIND_FROM = 32 << 10
"""Below this, handing over the interpreter lock costs what the other core gains."""
_SHEBANG = b"#!python"
_FIRST_LINE = 4096
_OLDEST = calendar.timegm((1980, 1, 1, 0, 0, 0))


def python_line() -> bytes:
    """Give the first line of a script that runs the python of its prefix."""
    return f"#!{PLACEHOLDER}/bin/python\n".encode()


def modified(info: ZipInfo) -> int:
    """Give a member's date in seconds, read as UTC so that it is the same everywhere.

    Not before 1980: tools that zip an environment fail on older files.
    """
    return _seconds(info.date_time)


@lru_cache
def _seconds(date: tuple[int, int, int, int, int, int]) -> int:
    try:
        return max(calendar.timegm(date), _OLDEST)
    except (ValueError, OverflowError):
        return _OLDEST


@dataclass(slots=True)
class Packed:
    """A member that was passed on; its digests are right once the stream is drained.

    `packed` is of the bytes in the package, `claimed` of those in the wheel: one object where
    nothing was replaced.
    """

    place: Place
    size: int
    packed: Hash
    claimed: Hash


@dataclass(slots=True)
class Packer:
    """Packs files and keeps account of them.

    Attributes:
        stream: where they go.
        wheel: where they come from.
        claimed: the RECORD of the wheel.
        installed: the RECORD of the package; grows.
        findings: takes members that cannot be read; packing goes on, to find all of them.
        watch: is told, and tells when to stop.
        paths: entries of `paths.json` (CEP 35, paths_version 1); grows.
    """

    stream: TarStream
    wheel: Wheel
    claimed: WheelRecord
    installed: InstalledRecord
    findings: Findings
    watch: Watch
    paths: list[dict[str, Any]] = field(default_factory=list)

    def pack(self, places: Iterable[Place]) -> None:
        """Pack members, then account for them."""
        packed = []
        for place in places:
            try:
                large = place.info.file_size > _STREAM_FROM
                packed.append(self._pack_large(place) if large else self._pack_small(place))
            except BadMember as bad:
                self.findings.refuse(bad.reference, bad.member)
            self.watch.passed(place.info.compress_size)
        self.stream.drain()
        for each in packed:
            self._account_member(each)

    def add(self, path: str, data: bytes, mtime: int) -> None:
        """Pack a file of our own."""
        digest = hashlib.sha256(data)
        self.stream.add(path, data, mode=0o644, mtime=mtime)
        self.installed.add(path, record_hash(digest.digest()), len(data))
        self.paths.append(_entry(path, digest, len(data)))

    def add_script(self, path: str, body: bytes, mtime: int) -> None:
        """Pack a script of our own, to be run by the python of the prefix."""
        data = python_line() + body
        self.stream.add(path, data, mode=0o755, mtime=mtime)
        self._account_script(path, hashlib.sha256(data), len(data))

    def add_record(self, path: str, mtime: int) -> None:
        """Pack RECORD, last, for it names all others."""
        data = self.installed.write(path)
        self.stream.add(path, data, mode=0o644, mtime=mtime)
        self.paths.append(_entry(path, hashlib.sha256(data), len(data)))

    def _pack_small(self, place: Place) -> Packed:
        info = place.info
        data = self.wheel.read(info)
        start = _with_python_line(data) if place.is_script else data
        if len(data) < _HASH_BEHIND_FROM:
            packed = claimed = hashlib.sha256(data)
        else:
            packed = claimed = hashlib.sha256()
            self.stream.hash(claimed, data)
        if start is not data:
            packed = hashlib.sha256(start)
        self.stream.add(place.path, start, mode=place.mode, mtime=modified(info))
        return Packed(place, len(start), packed, claimed)

    def _pack_large(self, place: Place) -> Packed:
        chunks = self.wheel.chunks(place.info)
        head = next(chunks, b"")
        start = _with_python_line(head) if place.is_script else head
        size = place.info.file_size + len(start) - len(head)
        packed = hashlib.sha256(start)
        claimed = packed if start is head else hashlib.sha256(head)
        self.stream.begin(place.path, size, mode=place.mode, mtime=modified(place.info))
        self.stream.feed(start)
        for chunk in chunks:
            for digest in {packed, claimed}:
                self.stream.hash(digest, chunk)
            self.stream.feed(chunk)
            self.watch.passed(0)
        self.stream.end(size)
        return Packed(place, size, packed, claimed)

    def _account_member(self, member: Packed) -> None:
        """Enter a member in both RECORDs and in `paths.json`."""
        place, size = member.place, member.size
        found = record_hash(member.claimed.digest())
        self.claimed.compare(place.info.filename, found)
        if member.packed is member.claimed:
            self.installed.add(place.path, found, size)
            self.paths.append(_entry(place.path, member.packed, size))
        else:
            self._account_script(place.path, member.packed, size)

    def _account_script(self, path: str, packed: Hash, size: int) -> None:
        """Enter a file in which the prefix will take the place of the placeholder."""
        prefix = {"prefix_placeholder": PLACEHOLDER, "file_mode": "text"}
        self.installed.add_changing(path)
        self.paths.append(_entry(path, packed, size) | prefix)


def _with_python_line(data: bytes) -> bytes:
    """Replace a first line that names python, the whole of it, as pip's `fix_script` does.

    Gives back the very object where there is nothing to replace.
    """
    if not data.startswith(_SHEBANG):
        return data
    end = data.find(b"\n", 0, _FIRST_LINE)
    return data if end < 0 else python_line() + data[end + 1 :]


def _entry(path: str, digest: Hash, size: int) -> dict[str, Any]:
    return {
        "_path": path,
        "path_type": "hardlink",
        "sha256": digest.hexdigest(),
        "size_in_bytes": size,
    }
