"""How to reach the network: certificates, proxies, patience, and what comes of it.

Pure. `engine/condarc.py` makes one `Network` from conda's configuration and the environment; the
download of the name table and the solver obey it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

PATIENCE = 9.15
RETRIES = 1


@dataclass(frozen=True, slots=True)
class Network:
    """What a download needs to know.

    Attributes:
        verify: true for the platform's certificates, false for none, else the path of a bundle or
            of a folder of certificates (conda's `ssl_verify`).
        client_certificate: path of a client certificate, empty for none.
        client_key: path of its key, empty when the certificate file holds it.
        proxies: by scheme (`http`, `https`), or by scheme and host (`https://host`). May hold
            credentials, so it has no place in a log.
        no_proxy: hosts that are reached directly, in the syntax of the variable of that name.
        offline: nothing may be fetched.
        patience: seconds for which a host may say nothing (`remote_connect_timeout_secs`).
        retries: how often a request is made again (`remote_max_retries`; conda's default is 3).
    """

    verify: bool | str = True
    client_certificate: str = ""
    client_key: str = ""
    proxies: Mapping[str, str] = field(default_factory=dict, repr=False)
    no_proxy: str = ""
    offline: bool = False
    patience: float = PATIENCE
    retries: int = RETRIES

    def proxy_for(self, scheme: str, host: str) -> str:
        """Return the proxy for one host, empty for a direct connection to it.

        The most specific key wins, as in requests: `https://host`, `https`, `all://host`, `all`.
        """
        keys = (f"{scheme}://{host}", scheme, f"all://{host}", "all")
        return next((self.proxies[key] for key in keys if self.proxies.get(key)), "")

    def has_own_proxy(self, scheme: str, host: str) -> bool:
        """Whether a proxy is set for this host alone."""
        return bool(self.proxies.get(f"{scheme}://{host}") or self.proxies.get(f"all://{host}"))


def proxy_variables(network: Network, *, direct: bool = False) -> dict[str, str | None]:
    """Say which proxies in the variables that HTTP clients read; None for one to be unset.

    With `direct`, this machine itself is reached without a proxy.
    """
    excepted = [network.no_proxy, "127.0.0.1" if direct else ""]
    found: dict[str, str | None] = {
        **{f"{scheme}_proxy": network.proxies.get(scheme) for scheme in ("http", "https", "all")},
        "no_proxy": ",".join(filter(None, excepted)) or None,
    }
    found.update({name.upper(): None for name in found})
    return found


class DownloadError(Exception):
    """A download that did not come about.

    `reason` is a kebab-case word: `timeout`, `too-large`, `insecure-redirect`, `http-404` and the
    like, else the name of the exception below.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to wait: for the first answer, and for the whole."""

    answer: float = 4.0
    whole: float = 15.0


@dataclass(frozen=True, slots=True)
class Downloaded:
    """What came: a body with its ETag, or word that the known one is still good."""

    body: bytes = b""
    etag: str = ""
    unchanged: bool = False
