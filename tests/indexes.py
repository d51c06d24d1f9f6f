"""Builders of package indexes: a folder (PEP 503, 658) and a server. Reached through `builders`."""

from __future__ import annotations

import base64
import hashlib
import html
import shutil
import ssl
import zipfile
from collections.abc import Callable, Iterable
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import final
from urllib.parse import quote

from packaging.utils import canonicalize_name

_TLS = Path(__file__).parent / "data/tls"
AUTHORITY = _TLS / "authority.pem"
CERTIFICATE = _TLS / "localhost.pem"


def simple_index(folder: Path, files: Iterable[Path]) -> str:
    """Write a simple index of wheels and sdists below `folder` and return its `file://` address."""
    projects: dict[str, list[str]] = {}
    for path in sorted(files):
        name = canonicalize_name(path.name.split("-")[0])
        home = folder / name
        home.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, home / path.name)
        projects.setdefault(name, []).append(_anchor(home / path.name))
    for name, anchors in projects.items():
        _page(folder / name, anchors)
    _page(folder, [f'<a href="{name}/">{name}</a>' for name in projects])
    return folder.resolve().as_uri()


def _anchor(path: Path) -> str:
    """Link one file, with its hash, its Requires-Python and the hash of its metadata."""
    metadata = _metadata(path)
    attributes = ""
    if metadata:
        path.with_name(f"{path.name}.metadata").write_bytes(metadata)
        attributes = f' data-core-metadata="sha256={_sha256(metadata)}"'
        attributes += f' data-dist-info-metadata="sha256={_sha256(metadata)}"'
    for line in metadata.decode().splitlines():
        if line.startswith("Requires-Python: "):
            attributes += f' data-requires-python="{html.escape(line.partition(": ")[2])}"'
    return f'<a href="{path.name}#sha256={_sha256(path.read_bytes())}"{attributes}>{path.name}</a>'


def _metadata(path: Path) -> bytes:
    """Read METADATA out of a wheel; an sdist has none to be trusted."""
    if path.suffix != ".whl":
        return b""
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        return archive.read(names[0]) if names else b""


def _page(folder: Path, anchors: list[str]) -> None:
    (folder / "index.html").write_text("<!DOCTYPE html>\n" + "<br>\n".join(anchors) + "\n")


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@final
class IndexServer:
    """Serves a folder on loopback, counts what is asked for, and may ask who is there.

    Use as a context manager:

        with IndexServer(folder, login=("name", "password")) as server:
            ... server.url, server.url_with_login, server.requests

    With `token`, everything lies below `/t/TOKEN/`, as conda's servers have it. With `tls` it
    speaks https as `localhost`, and with `tls="client"` to those who show a certificate as well.

    `trouble` may answer a request in its own way; it says whether it has.
    """

    def __init__(
        self,
        folder: Path,
        login: tuple[str, str] | None = None,
        *,
        token: str = "",
        tls: str = "",
    ) -> None:
        self.requests: list[str] = []
        self.login = login
        self.token = token
        self.scheme = "https" if tls else "http"
        self.trouble: Callable[[SimpleHTTPRequestHandler], bool] = lambda _: False
        handler = partial(_Handler, directory=str(folder), index=self)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        if tls:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(AUTHORITY))
            context.load_cert_chain(CERTIFICATE)
            if tls == "client":
                context.verify_mode = ssl.CERT_REQUIRED
            # Shaking hands is left to the thread of each connection.
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self._server.server_port}"

    @property
    def url_with_token(self) -> str:
        return f"{self.url}/t/{self.token}"

    @property
    def url_with_login(self) -> str:
        user, password = self.login or ("", "")
        login = f"{quote(user, safe='')}:{quote(password, safe='')}"
        return f"{self.scheme}://{login}@127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> IndexServer:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Handler(SimpleHTTPRequestHandler):
    """One request: noted, judged, answered."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *arguments: object, index: IndexServer, directory: str) -> None:
        self._index = index
        super().__init__(*arguments, directory=directory)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        self._answer(super().do_GET)

    def do_HEAD(self) -> None:
        self._answer(super().do_HEAD)

    def _answer(self, as_usual: Callable[[], None]) -> None:
        self._index.requests.append(self.path)
        if self._index.trouble(self):
            return
        if self._allowed():
            self.path = self.path.removeprefix(f"/t/{self._index.token}")
            as_usual()
            return
        self.send_response(HTTPStatus.UNAUTHORIZED)
        self.send_header("WWW-Authenticate", 'Basic realm="test"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _allowed(self) -> bool:
        if self._index.token and not self.path.startswith(f"/t/{self._index.token}/"):
            return False
        if self._index.login is None:
            return True
        wanted = base64.b64encode(":".join(self._index.login).encode()).decode()
        return self.headers.get("Authorization") == f"Basic {wanted}"

    def end_headers(self) -> None:
        if self.path.endswith((".whl", ".tar.gz")):
            # As PyPI says of its files.
            self.send_header("Cache-Control", "max-age=365000000, immutable, public")
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Keep what is asked for in `requests`, not on stderr."""
