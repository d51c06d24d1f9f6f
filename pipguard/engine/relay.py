"""A relay on this machine for what py-rattler cannot be told about TLS and proxies.

py-rattler knows no `ssl_verify: false`, no client certificate (`client_ssl_cert`) and no proxy for
one host alone (`proxy_servers: {https://host: …}`). Where conda is configured so, requests to the
channels' hosts go through `Relay`: plain HTTP on loopback, under a path that nobody can guess, from
where Python's own client carries them on. It lives in threads of this process and ends with it.
"""

from __future__ import annotations

import secrets
import shutil
import threading
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from typing import Any
from urllib.parse import urlsplit

from pipguard.engine.channels import Channel
from pipguard.network import Network
from pipguard.opener import certificates, opener

_SECONDS = 60
# Of one connection alone (RFC 9110, 7.6.1), and what urllib says for itself.
_OWN = frozenset(
    {"connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "host"}
    | {"proxy-authenticate", "proxy-authorization", "proxy-connection"}
)


class Relay(ThreadingTCPServer):
    """Serves `/SECRET/SCHEME/HOST/PATH` with what `SCHEME://HOST/PATH` says."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, network: Network) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.network = network
        self.context = certificates(network)
        self.secret = secrets.token_urlsafe(24)

    @classmethod
    def started(cls, network: Network) -> Relay:
        """Start one in a thread of its own."""
        relay = cls(network)
        threading.Thread(target=relay.serve_forever, name="pipguard-relay", daemon=True).start()
        return relay

    def ask(self, request: urllib.request.Request) -> Any:
        """Carry a request on; the result is urllib's response."""
        client = opener(request.full_url, self.network, self.context)
        return client.open(request, timeout=_SECONDS)

    def rules(self, channels: Sequence[Channel]) -> Mapping[str, list[str]]:
        """Say under which address here each host of the channels is found."""
        here = f"http://127.0.0.1:{self.server_address[1]}/{self.secret}"
        parts = [urlsplit(channel.url) for channel in channels]
        return {f"{it.scheme}://{it.netloc}/": [f"{here}/{it.scheme}/{it.netloc}/"] for it in parts}


class _Handler(BaseHTTPRequestHandler):
    """One request, carried on."""

    server: Relay

    def do_GET(self) -> None:
        secret, _, rest = self.path[1:].partition("/")
        if not secrets.compare_digest(secret.encode(), self.server.secret.encode()):
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        request = urllib.request.Request(  # noqa: S310 # of a channel: http or https
            rest.replace("/", "://", 1),
            headers={name: it for name, it in self.headers.items() if name.lower() not in _OWN},
            method=self.command,
        )
        try:
            with self.server.ask(request) as response:
                self._pass_on(response.status, response)
        except urllib.error.HTTPError as error:
            with error:
                self._pass_on(error.code, error)
        except (OSError, HTTPException) as error:
            self._fail(error)

    do_HEAD = do_GET  # noqa: N815 # http.server's name

    def _pass_on(self, status: int, response: Any) -> None:
        self.send_response_only(status)
        for name, value in response.headers.items():
            if name.lower() not in _OWN:
                self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            shutil.copyfileobj(response, self.wfile)

    def _fail(self, error: Exception) -> None:
        """Say why the host could not be asked; py-rattler shows the status and the address."""
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        self.send_error(HTTPStatus.BAD_GATEWAY, type(reason).__name__)

    def log_message(self, *_: object) -> None:
        """Say nothing: what is asked for may hold a token."""
