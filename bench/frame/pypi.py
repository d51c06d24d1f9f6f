"""PyPI on loopback: its files and pages, kept, with what pypi.org says of them to every client.

Registries in between (a company's mirror, the proxy of a CI) strip what makes pip's HTTP cache and
its planning without wheels possible: caching headers, the JSON form of a page (PEP 691), and the
word that metadata lies beside a wheel (PEP 658). pypi.org gives all three. So that a bench measures
what a person at home measures, this server asks whatever index is configured once for each page and
file, keeps what it gets, and says of it what pypi.org would say.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import secrets
import ssl
import threading
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

JSON = "application/vnd.pypi.simple.v1+json"
PAGES, FILES = "/simple/", "/files/"
_METADATA = ".whl.metadata"
# As pypi.org and files.pythonhosted.org send them.
_OF_PAGES = "max-age=600, public"
_OF_FILES = "max-age=365000000, immutable, public"


@dataclass(frozen=True, slots=True)
class Upstream:
    """The index that is asked, and the folder in which its answers are kept."""

    index: str
    kept: Path

    def projects(self) -> list[str]:
        """Name the projects whose pages have been asked for, in this run or an earlier one."""
        return sorted(path.name for path in (self.kept / "projects").glob("*"))

    def page(self, project: str) -> bytes:
        """Give the page of a project as JSON, its files under `FILES`."""
        (self.kept / "projects").mkdir(parents=True, exist_ok=True)
        (self.kept / "projects" / project).touch()
        return self._kept(f"{self.index}{project}/", lambda url: _as_json(*self._get(url)))

    def file(self, url: str) -> bytes:
        """Give a file, or the metadata of a wheel."""
        return self._kept(url, self._file)

    def _file(self, url: str) -> bytes:
        try:
            return self._get(url)[0]
        except urllib.error.HTTPError:
            if not url.endswith(_METADATA):
                raise
            return _metadata(self.file(url.removesuffix(".metadata")))

    def _kept(self, url: str, get: Any) -> bytes:
        path = self.kept / hashlib.sha256(url.encode()).hexdigest()
        if not path.exists():
            self.kept.mkdir(parents=True, exist_ok=True)
            temporary = path.with_suffix(f".{secrets.token_hex(4)}")
            temporary.write_bytes(get(url))
            temporary.replace(path)
        return path.read_bytes()

    def _get(self, url: str) -> tuple[bytes, str, str]:
        accept = {"Accept": f"{JSON}, text/html;q=0.1, */*"}
        request = urllib.request.Request(url, headers=accept)  # noqa: S310 # the index's own words
        context = ssl.create_default_context(cafile=os.environ.get("PIP_CERT"))
        with urllib.request.urlopen(request, context=context) as answer:  # noqa: S310
            return answer.read(), answer.headers["Content-Type"] or "", answer.url


class _Anchors(HTMLParser):
    """The files of a page in HTML (PEP 503), in the words of JSON (PEP 691)."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self._page = page
        self.files: list[dict[str, Any]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag != "a" or not said.get("href"):
            return
        url, _, hashed = urllib.parse.urljoin(self._page, said["href"] or "").partition("#")
        file: dict[str, Any] = {"url": url, "hashes": dict([hashed.split("=")] if hashed else [])}
        if said.get("data-requires-python"):
            file["requires-python"] = said["data-requires-python"]
        if "data-yanked" in said:
            file["yanked"] = said["data-yanked"] or True
        self.files.append(file)


def _as_json(body: bytes, kind: str, page: str) -> bytes:
    if kind.startswith(JSON):
        files = json.loads(body)["files"]
    else:
        anchors = _Anchors(page)
        anchors.feed(body.decode())
        files = anchors.files
    for file in files:
        url = urllib.parse.urljoin(page, file["url"])
        file["url"] = FILES + url.replace("://", "/", 1)
        file["filename"] = urllib.parse.unquote(url.rpartition("/")[2])
        if file["filename"].endswith(".whl"):
            file["core-metadata"] = True
    return json.dumps({"meta": {"api-version": "1.1"}, "files": files}).encode()


def _metadata(wheel: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        names = (it for it in archive.namelist() if it.endswith(".dist-info/METADATA"))
        return archive.read(next(names))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    upstream: Upstream

    def do_GET(self) -> None:
        try:
            body, kind, lasting = self._found()
        except urllib.error.HTTPError as error:
            self._answer(error.code, b"", {})
            return
        headers = {"ETag": f'"{hashlib.sha256(body).hexdigest()}"', "Cache-Control": lasting}
        if self.headers.get("If-None-Match") == headers["ETag"]:
            self._answer(304, None, headers)
        else:
            self._answer(200, body, {**headers, "Content-Type": kind})

    def _found(self) -> tuple[bytes, str, str]:
        if self.path.startswith(PAGES):
            page = self.upstream.page(self.path.removeprefix(PAGES).strip("/"))
            # Whole addresses, as those of pypi.org: pip has to join others, and takes longer.
            here = f'"http://{self.headers["Host"]}{FILES}'
            return page.replace(f'"{FILES}'.encode(), here.encode()), JSON, _OF_PAGES
        url = self.path.removeprefix(FILES).replace("/", "://", 1)
        return self.upstream.file(url), "application/octet-stream", _OF_FILES

    def _answer(self, status: int, body: bytes | None, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if body is not None:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving(kept: Path) -> Iterator[tuple[Upstream, dict[str, str]]]:
    """Serve for the length of the block; yields what is served, and pip's variables for it.

    pip keeps nothing of what comes over plain HTTP, unless it was told to trust the host.
    """
    index = os.environ.get("PIP_INDEX_URL", "https://pypi.org/simple/").rstrip("/") + "/"
    upstream = Upstream(index, kept)
    handler = type("Handler", (_Handler,), {"upstream": upstream})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    host = f"127.0.0.1:{server.server_address[1]}"
    try:
        yield upstream, {"PIP_INDEX_URL": f"http://{host}{PAGES}", "PIP_TRUSTED_HOST": host}
    finally:
        server.shutdown()
        server.server_close()
