"""Writes `.conda` files (CEP 35): a stored zip around two tar.zst streams.

The same calls give the same bytes: owners are 0, dates come from the caller, and zstd always works
with exactly one asynchronous worker, since none at all would cut the data into other blocks.
Hashing, compressing and writing happen in a thread behind the caller, a mebibyte or so at a time.
"""

from __future__ import annotations

import json
import sys
import tarfile
import zipfile
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from hashlib import _Hash as Hash

_LEVEL = 3
"""Level 19, which peers use, takes seventy times as long for a tenth of the size."""
_QUICK_LEVEL = 1
_HARDLY = 0.7
_BLOCK = 512
_BUFFER = 1 << 20
_BATCHES = 3
"""So many may wait for the thread before the caller does: they are what is held in memory."""
_USTAR_NAME = 100
_USTAR_SIZE = 1 << 33
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_ZIP64_FROM = 1 << 30
_PREFIX = 155 + 12
_OWNER = b"0000000\0" * 2
_TAIL = b"0" + bytes(100) + b"ustar\00000" + bytes(64) + b"0000000\0" * 2 + bytes(_PREFIX)
_TAIL_SUM = sum(_TAIL) + 8 * ord(" ")
"""What the checksum counts beside name, sizes and prefix: its own place is taken as blanks."""


class TarStream:
    """A tar stream compressed on its way; regular files only.

    What is given to it is hashed and written some time later: `drain` and `close` wait for that.
    """

    def __init__(self, sink: IO[bytes], level: int, thread: Executor) -> None:
        self._sink = sink
        self._zstd = zstd.ZstdCompressor(
            options={
                zstd.CompressionParameter.compression_level: level,
                zstd.CompressionParameter.nb_workers: 1,
            }
        )
        self._thread = thread
        self._batches: deque[Future[None]] = deque()
        self._pending: list[bytes] = []
        self._hashing: list[tuple[Hash, bytes]] = []
        self._size = 0

    def add(self, path: str, data: bytes, *, mode: int, mtime: int) -> None:
        """Add a file that is in memory."""
        size = len(data)
        self._pending += (tar_header(path, size, mode, mtime), data, bytes(-size % _BLOCK))
        self._size += size + _BLOCK
        if self._size >= _BUFFER:
            self._hand_over()

    def begin(self, path: str, size: int, *, mode: int, mtime: int) -> None:
        """Begin a file of `size` bytes, to be given to `feed` and closed by `end(size)`."""
        self.feed(tar_header(path, size, mode, mtime))

    def feed(self, data: bytes) -> None:
        """Pass on some bytes of a file."""
        self._pending.append(data)
        self._size += len(data)
        if self._size >= _BUFFER:
            self._hand_over()

    def end(self, size: int) -> None:
        """Fill up the last block of a file of `size` bytes."""
        self.feed(bytes(-size % _BLOCK))

    def hash(self, digest: Hash, data: bytes) -> None:
        """Update a digest with bytes about to be passed on; right once `drain` is done."""
        self._hashing.append((digest, data))

    def drain(self) -> None:
        """Wait until all that was to be hashed is hashed."""
        while self._batches:
            self._batches.popleft().result()
        for digest, data in self._hashing:
            digest.update(data)
        self._hashing = []

    def close(self) -> None:
        """End the archive and the compressed stream."""
        self._pending.append(bytes(2 * _BLOCK))
        self.drain()
        # In one call, so that zstd starts no worker for what is small.
        self._sink.write(
            self._zstd.compress(b"".join(self._pending), zstd.ZstdCompressor.FLUSH_FRAME)
        )

    def abandon(self) -> None:
        """Let go of what has not been written; the thread is done with the sink then."""
        for batch in self._batches:
            batch.cancel()
        wait(self._batches)

    def _hand_over(self) -> None:
        batch = self._thread.submit(self._write, self._pending, self._hashing)
        self._batches.append(batch)
        self._pending, self._hashing, self._size = [], [], 0
        if len(self._batches) > _BATCHES:
            self._batches.popleft().result()

    def _write(self, pending: list[bytes], hashing: list[tuple[Hash, bytes]]) -> None:
        for digest, data in hashing:
            digest.update(data)
        self._sink.write(self._zstd.compress(b"".join(pending)))


class CondaFile:
    """A `.conda` file being written; use `conda_file`."""

    def __init__(self, archive: zipfile.ZipFile, stem: str, thread: Executor) -> None:
        self._archive = archive
        self._stem = stem
        self._thread = thread

    @contextmanager
    def component(self, kind: str, expected: int = 0, packed: int = 0) -> Iterator[TarStream]:
        """Open the `pkg` or the `info` stream.

        Args:
            kind: which of the two.
            expected: about so many bytes will be in it.
            packed: what they took elsewhere; where that is not much less, they are compressed
                already, and little time is spent on trying again.
        """
        info = zipfile.ZipInfo(f"{kind}-{self._stem}.tar.zst", _ZIP_DATE)
        with self._archive.open(info, "w", force_zip64=expected > _ZIP64_FROM) as sink:
            level = _QUICK_LEVEL if packed > _HARDLY * expected else _LEVEL
            stream = TarStream(sink, level, self._thread)
            try:
                yield stream
                stream.close()
            except BaseException:
                stream.abandon()
                raise


@contextmanager
def conda_file(path: Path, stem: str) -> Iterator[CondaFile]:
    """Write a `.conda` file at `path`; the components are named after `stem`."""
    with ThreadPoolExecutor(1) as thread, zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        about = zipfile.ZipInfo("metadata.json", _ZIP_DATE)
        archive.writestr(about, json.dumps({"conda_pkg_format_version": 2}))
        yield CondaFile(archive, stem, thread)


def tar_header(path: str, size: int, mode: int, mtime: int) -> bytes:
    """Make the header of a regular file (POSIX ustar).

    `tarfile` does it for names and sizes that need more; on the way of thousands of small files
    its price shows.
    """
    name, prefix = _split(path)
    if name is None or size >= _USTAR_SIZE:
        info = tarfile.TarInfo(path)
        info.size, info.mode, info.mtime = size, mode, mtime
        return info.tobuf(tarfile.PAX_FORMAT, "utf-8", "strict")
    start = b"%s%07o\0%s%011o\0%011o\0" % (
        name.ljust(_USTAR_NAME, b"\0"),
        mode,
        _OWNER,
        size,
        mtime,
    )
    tail = _TAIL[:-_PREFIX] + prefix.ljust(_PREFIX, b"\0")
    checksum = sum(start) + _TAIL_SUM + sum(prefix)
    return b"%s%06o\0 %s" % (start, checksum, tail)


def _split(path: str) -> tuple[bytes | None, bytes]:
    """Cut a path into ustar's name and prefix; None where they cannot hold it."""
    if not path.isascii():
        return None, b""
    raw = path.encode("ascii")
    if len(raw) <= _USTAR_NAME:
        return raw, b""
    cut = raw.rfind(b"/", 0, 156)
    if cut <= 0 or len(raw) - cut - 1 > _USTAR_NAME:
        return None, b""
    return raw[cut + 1 :], raw[:cut]
