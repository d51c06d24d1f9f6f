"""One download that can neither hang nor surprise.

It runs in a thread of its own that is left behind when it takes too long, because no timeout of
the standard library bounds the lookup of a name or a server that drips. Only stdlib: the table is
the only thing that pipguard itself downloads.
"""

from __future__ import annotations

import threading
import urllib.error
import urllib.request
from urllib.parse import urlsplit

from pipguard import __version__
from pipguard.network import Downloaded, DownloadError, Network, Patience
from pipguard.opener import opener

LARGEST = 64 * 1024 * 1024
"""Bytes of a body after which a download is given up."""

_NOT_MODIFIED = 304


def download(
    url: str, network: Network, etag: str = "", patience: Patience | None = None
) -> Downloaded:
    """Fetch an address over http or https.

    Args:
        url: the address.
        network: certificates and proxies.
        etag: of the copy at hand; the server then may answer that it is still good.
        patience: how long to wait.

    Raises:
        DownloadError: it did not come about, for whatever reason.
    """
    wait = patience or Patience()
    worker = _Worker(url, network, etag, wait.answer)
    worker.start()
    if not worker.answered.wait(wait.answer) or not worker.finished.wait(wait.whole):
        raise DownloadError("timeout")
    if worker.result is None:
        raise DownloadError(worker.reason)
    return worker.result


class _Worker(threading.Thread):
    """The thread; `result` or `reason` is set once it has finished."""

    def __init__(self, url: str, network: Network, etag: str, timeout: float) -> None:
        super().__init__(name="pipguard-download", daemon=True)
        self.answered = threading.Event()
        self.finished = threading.Event()
        self.result: Downloaded | None = None
        self.reason = ""
        self._url, self._network, self._etag, self._timeout = url, network, etag, timeout

    def run(self) -> None:
        """Download, and let no exception escape into a thread nobody watches."""
        try:
            self.result = self._download()
        except urllib.error.HTTPError as error:
            error.close()
            self._note_status(error)
        except DownloadError as error:
            self.reason = error.reason
        except Exception as error:  # noqa: BLE001 # carried over to the thread that waits
            self.reason = _reason(error)
        finally:
            self.answered.set()
            self.finished.set()

    def _note_status(self, error: urllib.error.HTTPError) -> None:
        if error.code == _NOT_MODIFIED:
            self.result = Downloaded(etag=self._etag, unchanged=True)
        else:
            self.reason = f"http-{error.code}"

    def _download(self) -> Downloaded:
        headers = {"User-Agent": f"pipguard/{__version__}", "Accept": "application/json"}
        if self._etag:
            headers["If-None-Match"] = self._etag
        if urlsplit(self._url).scheme not in {"http", "https"}:
            raise DownloadError("unknown-scheme")
        request = urllib.request.Request(self._url, headers=headers)  # noqa: S310 # checked above
        with opener(self._url, self._network).open(request, timeout=self._timeout) as response:
            self.answered.set()
            body: bytes = response.read(LARGEST + 1)
            if len(body) > LARGEST:
                raise DownloadError("too-large")
            return Downloaded(body, response.headers.get("ETag", ""))


def _reason(error: Exception) -> str:
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    return "timeout" if isinstance(cause, TimeoutError) else type(cause).__name__
