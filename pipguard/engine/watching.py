"""How far the engine has come: bytes that it downloads, packages that it has linked.

py-rattler calls from several threads of its own, and what fails in a call is lost.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection

from rattler import InstallerReporter


def _nobody(_: int) -> None:
    """Hear nothing."""


def watching(
    remote: Collection[str] = (),
    downloaded: Callable[[int], None] = _nobody,
    linked: Callable[[int], None] = _nobody,
) -> InstallerReporter:
    """Make what py-rattler tells of its work; the arguments are those of `_Watching`."""
    return _Watching(remote, downloaded, linked)  # type: ignore[abstract] # the rest has defaults


class _Watching(InstallerReporter):
    """Adds up what py-rattler tells of each package.

    `downloaded` hears the bytes of packages named in `remote`: for rattler a package in a folder is
    downloaded as well. `linked` hears how many packages are in place.
    """

    def __init__(
        self,
        remote: Collection[str],
        downloaded: Callable[[int], None],
        linked: Callable[[int], None],
    ) -> None:
        self._remote = remote
        self._downloaded = downloaded
        self._linked = linked
        self._lock = threading.Lock()
        self._bytes: dict[int, int] = {}
        self._links = 0

    def on_populate_cache_start(self, operation: int, package_name: str) -> int:
        """See `rattler.InstallerReporter`; each package gets a number of its own."""
        with self._lock:
            if package_name in self._remote:
                self._bytes[operation] = 0
        return operation

    def on_download_start(self, cache_entry: int) -> int:
        """See `rattler.InstallerReporter`."""
        return cache_entry

    def on_download_progress(self, download_idx: int, progress: int, total: int | None) -> None:
        """See `rattler.InstallerReporter`."""
        del total
        with self._lock:
            if download_idx in self._bytes:
                self._bytes[download_idx] = progress
                self._downloaded(sum(self._bytes.values()))

    def on_link_complete(self, index: int) -> None:
        """See `rattler.InstallerReporter`."""
        del index
        with self._lock:
            self._links += 1
            self._linked(self._links)
