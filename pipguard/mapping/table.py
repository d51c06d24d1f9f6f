"""The downloaded table of which conda package ships which dist, and its cache.

`load_tables` is the way in. A table is asked for once a day; while its server does not answer, the
kept one serves at any age, and without one the seed has to do. Nothing here fails an install, and
nothing but whole tables of public channels is ever asked for, so that no private name leaves the
machine. The tables are made by prefix-dev/parselmouth.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from os import utime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from filelock import FileLock, Timeout

from pipguard.atomic import write_atomically
from pipguard.engine.channels import Channel
from pipguard.mapping.compact import CompactTable, ImplausibleTableError, compact, parse
from pipguard.network import Downloaded, DownloadError, Network, Patience

DEFAULT_URL = "https://conda-mapping.prefix.dev/compressed-v0/{channel}/compressed_mapping.json"

FRESH = 24 * 3600
"""Seconds for which a table is used without asking whether there is a newer one."""

_FALLBACK = "conda-forge"
# The public channels that have a table, and the least number of conda names the real one has.
_MINIMUM = {"conda-forge": 15_000, "bioconda": 2_000, "pytorch": 5}

# A host that failed is left alone for this long, so that it costs one wait and not one each time.
_RETRY = 600
_LOCK_WAIT = 5.0


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that the person should know; `reference` is worded in `messages/`.

    `mapping-stale`: an older table serves, `age` seconds old. `mapping-unavailable`: there is none.
    """

    reference: str
    channel: str
    reason: str
    age: int = 0


@dataclass(frozen=True, slots=True)
class MappingSettings:
    """Where tables come from and where they are kept.

    Attributes:
        cache: pipguard's cache folder.
        network: how to reach the server; offline means that what is kept serves.
        url: address of a table, `{channel}` standing for the channel; `file://` is allowed.
        patience: how long to wait for the server.
        clock: the time in seconds since the epoch, for tests.
    """

    cache: Path
    network: Network = field(default_factory=Network)
    url: str = DEFAULT_URL
    patience: Patience = field(default_factory=Patience)
    clock: Callable[[], float] = time.time


@dataclass(frozen=True, slots=True)
class Tables:
    """What could be had, in the order of the channels, and at most one notice for each."""

    tables: tuple[CompactTable, ...] = ()
    notices: tuple[Notice, ...] = ()


def load_tables(channels: Iterable[Channel], settings: MappingSettings) -> Tables:
    """Load the tables of these channels, newer ones being downloaded where it is time.

    The table of conda-forge always comes last: names are much the same everywhere, and a
    proposal is verified before it counts.
    """
    wanted = {_address(name, settings): name for name in (*_public(channels), _FALLBACK)}
    loaded = [_Kept(name, address, settings).load() for address, name in wanted.items()]
    return Tables(
        tuple(table for table, _ in loaded if table is not None),
        tuple(notice for _, notice in loaded if notice is not None),
    )


def _public(channels: Iterable[Channel]) -> Iterator[str]:
    """Yield the names of channels that have a table; the name of any other stays on the machine."""
    for channel in channels:
        name = channel.url.rstrip("/").rpartition("/")[2]
        if name in _MINIMUM and name != _FALLBACK:
            yield name


def _address(channel: str, settings: MappingSettings) -> str:
    return settings.url.replace("{channel}", channel)


@dataclass(frozen=True, slots=True)
class _Kept:
    """One table in the cache, by its address."""

    channel: str
    url: str
    settings: MappingSettings

    @property
    def path(self) -> Path:
        address = sha256(self.url.encode()).hexdigest()[:12]
        return self.settings.cache / "mapping" / f"{self.channel}-{address}.table"

    @property
    def failed(self) -> Path:
        return self.path.with_suffix(".failed")

    def load(self) -> tuple[CompactTable | None, Notice | None]:
        """Return the table as well as it can be had, and what there is to say about that."""
        table = self._read()
        if self._serves(table):
            return table, None
        try:
            with self._locked():
                # Another process may have brought it while this one waited.
                table = self._read()
                return (table if self._serves(table) else self._renewed(table)), None
        except Timeout:
            return table, None
        except (DownloadError, ImplausibleTableError) as error:
            self._touch(self.failed)
            return table, self._notice(table, error.reason)

    def _serves(self, table: CompactTable | None) -> bool:
        """Say whether what is kept must do: it is fresh, or nothing newer can be had now."""
        if urlsplit(self.url).scheme == "file":
            return table is not None and table.facts.get("etag") == self._signature()
        if self.settings.network.offline or self._age(self.failed) < _RETRY:
            return True
        return table is not None and self._age(self.path) < FRESH

    def _renewed(self, table: CompactTable | None) -> CompactTable:
        """Get the table anew, or hear that the kept one is still good.

        Raises:
            DownloadError: it cannot be had.
            ImplausibleTableError: what came is no such table.
        """
        got = self._got(str(table.facts.get("etag", "")) if table else "")
        if got.unchanged and table is not None:
            self._touch(self.path)
            return table
        local = urlsplit(self.url).scheme == "file"
        parsed = parse(got.body, 0 if local else _MINIMUM[self.channel])
        data = compact(parsed, {"url": self.url, "etag": got.etag})
        # A cache that cannot be written costs time, not the table.
        with suppress(OSError):
            write_atomically(self.path, data)
            self._touch(self.path)
            self.failed.unlink(missing_ok=True)
        return CompactTable(data)

    def _got(self, etag: str) -> Downloaded:
        if urlsplit(self.url).scheme != "file":
            # Imported here: on most days there is nothing to download, and TLS is slow to import.
            from pipguard.mapping.download import download  # noqa: PLC0415

            return download(self.url, self.settings.network, etag, self.settings.patience)
        try:
            return Downloaded(self._file().read_bytes(), self._signature())
        except OSError as error:
            raise DownloadError(type(error).__name__) from error

    def _read(self) -> CompactTable | None:
        try:
            table = CompactTable(self.path.read_bytes())
        except (OSError, ValueError):
            return None
        return table if table.facts.get("url") == self.url else None

    def _file(self) -> Path:
        return Path(unquote(urlsplit(self.url).path))

    def _signature(self) -> str:
        """Return what changes with a file as an ETag changes with a page; empty without a file."""
        try:
            status = self._file().stat()
        except OSError:
            return ""
        return f"{status.st_mtime_ns}-{status.st_size}"

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the lock of this table; a cache that cannot be written needs none.

        Raises:
            Timeout: another process has held it for too long.
        """
        with ExitStack() as held:
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                held.enter_context(FileLock(self.path.with_suffix(".lock"), timeout=_LOCK_WAIT))
            except Timeout:
                raise
            except OSError:
                pass
            yield

    def _age(self, path: Path) -> float:
        """Return seconds since a file was touched; endless for none, or one from the future."""
        try:
            age = self.settings.clock() - path.stat().st_mtime
        except OSError:
            return float("inf")
        return age if age >= 0 else float("inf")

    def _touch(self, path: Path) -> None:
        now = self.settings.clock()
        with suppress(OSError):
            path.touch()
            utime(path, (now, now))

    def _notice(self, table: CompactTable | None, reason: str) -> Notice:
        if table is None:
            return Notice("mapping-unavailable", self.channel, reason)
        return Notice("mapping-stale", self.channel, reason, int(self._age(self.path)))
