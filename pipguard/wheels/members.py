"""Reads the members of a wheel, quickly and without trusting what they say about themselves.

`zipfile` parses the directory; the data of usual members is read here, because a wheel can hold
thousands of small files and `ZipFile.open` costs more than inflating one.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_LOCAL_HEADER = struct.Struct("<4s22xHH")
_LOCAL_SIZE = _LOCAL_HEADER.size
_CHUNK = 1 << 20
_RAW_DEFLATE = -zlib.MAX_WBITS
_ENCRYPTED = 0x1
_UTF8 = 0x800


class BadMember(Exception):  # noqa: N818 # it is a finding, turned into a Problem by the caller
    """A member that cannot be read as the directory of the zip describes it.

    `reference` is that of the `Problem` it becomes.
    """

    def __init__(self, reference: str, member: str) -> None:
        super().__init__(reference, member)
        self.reference = reference
        self.member = member


@dataclass(frozen=True, slots=True)
class Wheel:
    """An open wheel; `size` is that of the file, in bytes."""

    file: BinaryIO
    archive: zipfile.ZipFile
    size: int

    def files(self) -> tuple[zipfile.ZipInfo, ...]:
        """Every member but folders, in the order of the zip's directory."""
        return tuple(info for info in self.archive.infolist() if not info.filename.endswith("/"))

    def read(self, info: zipfile.ZipInfo) -> bytes:
        """Read a whole member; for those that fit in memory.

        Raises:
            BadMember: `member-size-differs`, `member-corrupt` or `member-encrypted`.
        """
        if info.compress_type == zipfile.ZIP_DEFLATED:
            inflate = zlib.decompressobj(_RAW_DEFLATE)
            try:
                data = inflate.decompress(self._raw(info), info.file_size + 1)
            except zlib.error as error:
                raise _bad(info, "member-corrupt") from error
            complete = inflate.eof
        elif info.compress_type == zipfile.ZIP_STORED:
            data, complete = bytes(self._raw(info)), True
        else:
            return b"".join(self._unusual(info))
        if not complete or len(data) != info.file_size:
            raise _bad(info, "member-size-differs")
        if zlib.crc32(data) != info.CRC:
            raise _bad(info, "member-corrupt")
        return data

    def chunks(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        """Read a member piece by piece, a mebibyte or less at a time.

        Raises:
            BadMember: as `read`; the size is judged while reading, so that not one byte more than
                declared is given out.
        """
        if info.compress_type not in (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED):
            yield from self._unusual(info)
            return
        size = crc = 0
        for chunk in self._inflated(info):
            size += len(chunk)
            crc = zlib.crc32(chunk, crc)
            if size > info.file_size:
                break
            yield chunk
        if size != info.file_size:
            raise _bad(info, "member-size-differs")
        if crc != info.CRC:
            raise _bad(info, "member-corrupt")

    def _raw(self, info: zipfile.ZipInfo) -> memoryview:
        """Read the data of a member as it is packed, mostly with one call."""
        self._check_place(info)
        name = _raw_name(info)
        start = _LOCAL_SIZE + len(name) + len(info.extra)
        self.file.seek(info.header_offset)
        block = self.file.read(start + info.compress_size)
        real = _data_start(block, name, info)
        if real > start:  # the extra fields of the directory are often others
            block += self.file.read(real - start)
        return memoryview(block)[real : real + info.compress_size]

    def _seek(self, info: zipfile.ZipInfo) -> None:
        """Go to the data of a member."""
        self._check_place(info)
        name = _raw_name(info)
        self.file.seek(info.header_offset)
        start = _data_start(self.file.read(_LOCAL_HEADER.size + len(name)), name, info)
        self.file.seek(info.header_offset + start)

    def _check_place(self, info: zipfile.ZipInfo) -> None:
        if info.flag_bits & _ENCRYPTED:
            raise _bad(info, "member-encrypted")
        if not 0 <= info.header_offset <= info.header_offset + info.compress_size <= self.size:
            raise _bad(info, "member-corrupt")  # also keeps `read` from asking for a terabyte

    def _inflated(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        self._seek(info)
        left = info.compress_size
        stored = info.compress_type == zipfile.ZIP_STORED
        inflate = zlib.decompressobj(_RAW_DEFLATE)
        while left > 0 and (raw := self.file.read(min(left, _CHUNK))):
            left -= len(raw)
            if stored:
                yield raw
                continue
            try:
                while raw and not inflate.eof:
                    yield inflate.decompress(raw, _CHUNK)
                    raw = inflate.unconsumed_tail
            except zlib.error as error:
                raise _bad(info, "member-corrupt") from error
        yield inflate.flush()

    def _unusual(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        """Read bzip2 and lzma members as pip does, by zipfile, which checks size and CRC."""
        try:
            with self.archive.open(info) as stream:
                while chunk := stream.read(_CHUNK):
                    yield chunk
        except Exception as error:  # every codec has errors of its own
            raise _bad(info, "member-corrupt") from error


def _bad(info: zipfile.ZipInfo, reference: str) -> BadMember:
    return BadMember(reference, info.filename)


def _raw_name(info: zipfile.ZipInfo) -> bytes:
    name = info.orig_filename
    if name.isascii():
        return name.encode()
    return name.encode("utf-8" if info.flag_bits & _UTF8 else "cp437", "replace")


def _data_start(block: bytes, name: bytes, info: zipfile.ZipInfo) -> int:
    """Find where data begins behind a local header, which must agree with the directory."""
    if len(block) < _LOCAL_SIZE:
        raise _bad(info, "member-corrupt")
    signature, name_length, extra_length = _LOCAL_HEADER.unpack_from(block)
    name_end: int = _LOCAL_SIZE + name_length
    if signature != b"PK\3\4" or block[_LOCAL_SIZE:name_end] != name:
        raise _bad(info, "member-corrupt")
    return name_end + int(extra_length)


@contextmanager
def open_wheel(path: Path) -> Iterator[Wheel]:
    """Open a wheel for reading.

    Raises:
        zipfile.BadZipFile: it is no zip file, or none that can be read.
        OSError: it cannot be read.
    """
    with path.open("rb") as file, _archive(file) as archive:
        yield Wheel(file, archive, path.stat().st_size)


def _archive(file: BinaryIO) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except (ValueError, NotImplementedError, OverflowError, struct.error) as error:
        raise zipfile.BadZipFile(str(error)) from error
