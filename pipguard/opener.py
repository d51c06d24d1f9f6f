"""urllib as conda's network settings want it: certificates, proxies, careful redirects."""

from __future__ import annotations

import ssl
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pipguard.network import DownloadError, Network


class CarefulRedirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects, but never from https to anything weaker, nor with a login elsewhere."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: Any,
        code: int,
        msg: str,
        headers: Any,
        newurl: str,
    ) -> urllib.request.Request | None:
        """Refuse a weaker scheme, leave logins behind, else do as urllib does."""
        to = urlsplit(newurl)
        if req.type == "https" and to.scheme != "https":
            raise DownloadError("insecure-redirect")
        new = super().redirect_request(req, fp, code, msg, headers, newurl)
        if new is not None and to.netloc != req.host:
            new.remove_header("Authorization")
        return new


def opener(
    url: str, network: Network, context: ssl.SSLContext | None = None
) -> urllib.request.OpenerDirector:
    """Make urllib's opener for one address; `context` is that of `certificates`, if at hand."""
    return urllib.request.build_opener(
        urllib.request.ProxyHandler(dict(_proxies(url, network))),
        urllib.request.HTTPSHandler(context=context or certificates(network)),
        CarefulRedirects(),
    )


def _proxies(url: str, network: Network) -> Mapping[str, str]:
    parts = urlsplit(url)
    host = parts.hostname or ""
    # typeshed does not know the second parameter, which is what spares us the environment.
    bypass: Any = urllib.request.proxy_bypass_environment  # type: ignore[attr-defined]
    if network.no_proxy and bypass(parts.netloc, {"no": network.no_proxy}):
        return {}
    proxy = network.proxy_for(parts.scheme, host)
    return {parts.scheme: proxy} if proxy else {}


def certificates(network: Network) -> ssl.SSLContext:
    """Make the TLS settings; `verify` may be a file or a folder, as for conda and requests."""
    context = ssl.create_default_context()
    if network.verify is False:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif isinstance(network.verify, str):
        folder = Path(network.verify).is_dir()
        places = {"capath" if folder else "cafile": network.verify}
        context = ssl.create_default_context(**places)  # type: ignore[arg-type]
    if network.client_certificate:
        context.load_cert_chain(network.client_certificate, network.client_key or None)
    return context
