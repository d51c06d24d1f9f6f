"""How the engine reaches the channels: one client, one gateway, and no credential in any address.

py-rattler writes the addresses that it is given into records, caches and error texts, so it is
given clean ones. Credentials join a request on its way out: user and password as a header, a token
by a rule that rewrites the address. Proxies and certificates it takes from variables alone, when a
client is made; what it has no variable for goes through `relay.py`.
"""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn, TypeVar
from urllib.parse import unquote, urlsplit

import rattler
from rattler.exceptions import GatewayError
from rattler.networking import (
    AddHeadersMiddleware,
    AuthenticationMiddleware,
    GCSMiddleware,
    MirrorMiddleware,
    OciMiddleware,
    RetryMiddleware,
    S3Middleware,
)
from rattler.package_streaming import download_bytes

from pipguard.credentials import redacted
from pipguard.engine.channels import Channel
from pipguard.engine.offline import OfflineChannel
from pipguard.errors import EngineError
from pipguard.names import CondaName
from pipguard.network import Network, proxy_variables

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pipguard.engine.relay import Relay

_T = TypeVar("_T")

# Seconds after which somebody looks whether the channels answer at all. A whole download may take
# long: only who says nothing is given up.
_QUIET = 3.0
_WHOLE = 1800


class Access:
    """The channels as py-rattler shall see them.

    Args:
        channels: in the order of their priority.
        cache: pipguard's cache folder.
        network: certificates, proxies, and whether anything may be fetched at all.
        noticed: told what does not stop the work (`Reporter.noticed`).
        is_kept: offline, whether the package of a record could be linked all the same.
    """

    def __init__(
        self,
        channels: Sequence[Channel],
        cache: Path,
        network: Network,
        noticed: Callable[..., None] = lambda *_, **__: None,
        is_kept: Callable[[rattler.RepoDataRecord], bool] = lambda _: True,
    ) -> None:
        self.channels = tuple(channels)
        self._cache = cache
        self._network = network
        self._noticed = noticed
        self._is_kept = is_kept
        self._told: set[tuple[str, str]] = set()

    @cached_property
    def sources(self) -> list[rattler.Channel | OfflineChannel]:
        """The channels by their clean addresses; offline, what was kept of them."""
        return [
            OfflineChannel(channel.url, self.gateway, self._is_kept)
            if self._network.offline and channel in self._remote
            else rattler.Channel(channel.url)
            for channel in self.channels
        ]

    def existing(self, names: Iterable[CondaName], subdir: str) -> frozenset[CondaName]:
        """Tell which of these names the channels have, for a platform or for all.

        Raises:
            EngineError: a channel cannot be read.
        """
        specs = [rattler.MatchSpec(name) for name in names]
        platforms = [rattler.Subdir(subdir), rattler.Subdir("noarch")]
        found = self.records(specs, platforms) if specs else []
        return frozenset(CondaName(record.name.normalized) for record in found)

    def records(
        self, specs: Sequence[rattler.MatchSpec], platforms: Sequence[rattler.Subdir]
    ) -> list[rattler.RepoDataRecord]:
        """Return what the channels have, in their order.

        Raises:
            EngineError: a channel cannot be read.
        """
        if not self.sources:
            return []
        query = self.gateway.query(
            self.sources, platforms, specs, recursive=False, channel_relations="disabled"
        )
        try:
            found = self.run(query)
        except GatewayError as error:
            raise self.unreadable(error) from error
        self._tell("channel-unread", [it.url for it in self._offline if it.unread])
        self._tell("packages-unfetched", [it.url for it in self._offline if it.unfetched])
        return [record for records in found for record in records]

    def _tell(self, reference: str, urls: Collection[str]) -> None:
        """Say of channels what is not to be had of them; of each one once."""
        for channel in self.channels:
            if channel.url in urls and (reference, channel.url) not in self._told:
                self._noticed(reference, channel=channel.display())
                self._told.add((reference, channel.url))

    @property
    def _offline(self) -> Iterator[OfflineChannel]:
        return (it for it in self.sources if isinstance(it, OfflineChannel))

    @property
    def unfetched(self) -> frozenset[CondaName]:
        """Names that were asked for and of which there are packages that nobody can fetch now."""
        return frozenset(CondaName(name) for it in self._offline for name in it.unfetched)

    @cached_property
    def gateway(self) -> rattler.Gateway:
        """What reads and keeps repodata."""
        config = rattler.SourceConfig()
        if self._network.offline:
            config.cache_action = "force-cache-only"
        return rattler.Gateway(
            cache_dir=self._cache / "repodata", default_config=config, client=self.client
        )

    @cached_property
    def client(self) -> rattler.Client:
        """What every request goes through."""
        relay = self._relay
        rules = [_tokens(self._remote), relay.rules(self._remote) if relay else {}]
        logins = AddHeadersMiddleware(_refuse if self._network.offline else _logins(self._remote))
        mirrors = [MirrorMiddleware(dict(each)) for each in rules if each]
        chosen = proxy_variables(self._network, direct=relay is not None)
        with _variables({**chosen, **_certificates(self._network)}):
            return rattler.Client(
                # netrc and rattler's own file of credentials go by the host that is meant, hence
                # before the mirrors.
                [
                    RetryMiddleware(max(self._network.retries, 0)),
                    logins,
                    AuthenticationMiddleware(),
                    *mirrors,
                    OciMiddleware(),
                    GCSMiddleware(),
                    S3Middleware(),
                ],
                timeout=_WHOLE,
            )

    @cached_property
    def _relay(self) -> Relay | None:
        if not _needs_relay(self._remote, self._network):
            return None
        from pipguard.engine.relay import Relay  # noqa: PLC0415 # with all of HTTP behind it

        return Relay.started(self._network)

    @property
    def _remote(self) -> tuple[Channel, ...]:
        """The channels that are asked over the network."""
        return tuple(it for it in self.channels if urlsplit(it.url).scheme in {"http", "https"})

    def run(self, work: Awaitable[_T]) -> _T:
        """Wait for work of py-rattler's, but not for hosts that say nothing.

        Raises:
            EngineError: `channel-silent`.
        """

        async def attended() -> _T:
            task = asyncio.ensure_future(work)
            if not (await asyncio.wait({task}, timeout=_QUIET))[0]:
                await self._listen(task)
            return await task

        return asyncio.run(attended())

    async def _listen(self, task: asyncio.Future[_T]) -> None:
        """Ask every channel for its folder; whatever it says to that, it is there.

        Raises:
            EngineError: one says nothing while the work is still waiting for something.
        """
        asked = [asyncio.ensure_future(_answer(self.client, channel)) for channel in self._remote]
        if not asked or self._network.offline:
            return
        answers = asyncio.gather(*asked, return_exceptions=True)
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(_either(task, answers), self._network.patience)
        silent = [
            it.display()
            for it, answer in zip(self._remote, asked, strict=True)
            if not answer.done()
        ]
        for answer in asked:
            answer.cancel()
        if silent and not task.done():
            task.cancel()
            raise EngineError("channel-silent", channels=", ".join(silent))

    def unreadable(self, error: GatewayError) -> EngineError:
        """Say which channels cannot be read, and why."""
        shown = ", ".join(channel.display() for channel in self.channels)
        return EngineError("channel-unreadable", channels=shown, text=redacted(str(error)))

    def unfetchable(self, error: Exception) -> EngineError:
        """Say why a package cannot be had."""
        reference = "package-not-kept" if self._network.offline else "fetch-failed"
        return EngineError(reference, text=redacted(str(error)))


async def _answer(client: rattler.Client, channel: Channel) -> None:
    # py-rattler's exceptions share no base, and any answer will do.
    with suppress(Exception):
        await download_bytes(client, f"{channel.url}/")


async def _either(one: asyncio.Future[Any], other: asyncio.Future[Any]) -> None:
    await asyncio.wait([one, other], return_when=asyncio.FIRST_COMPLETED)


def _refuse(_host: str, _path: str) -> NoReturn:
    """Fail every request: rattler knows no offline client."""
    raise ConnectionError("offline")


def _tokens(channels: Sequence[Channel]) -> Mapping[str, list[str]]:
    """Rewrite the addresses of channels that have a token."""
    addresses = {channel.url: _without_login(channel.access_url) for channel in channels}
    return {f"{url}/": [f"{to}/"] for url, to in addresses.items() if url != to}


def _without_login(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _logins(channels: Sequence[Channel]) -> Callable[[str, str], dict[str, str] | None]:
    """Answer with the header that logs in at a host, the channel with the longest path first."""
    known: list[tuple[str, str, str]] = []
    for channel in channels:
        parts = urlsplit(channel.access_url)
        if parts.username is not None:
            login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            header = "Basic " + base64.b64encode(login.encode()).decode("ascii")
            known.append((parts.hostname or "", f"{urlsplit(channel.url).path}/", header))
    known.sort(key=lambda entry: -len(entry[1]))

    def headers(host: str, path: str) -> dict[str, str] | None:
        found = (
            header for at, below, header in known if at == host and f"{path}/".startswith(below)
        )
        header = next(found, None)
        return {"Authorization": header} if header else None

    return headers


def _certificates(network: Network) -> dict[str, str | None]:
    """Name the bundle or the folder of certificates; the other variable must not add to it."""
    if not isinstance(network.verify, str):
        return {}
    folder = Path(network.verify).is_dir()
    return {
        "SSL_CERT_DIR": network.verify if folder else None,
        "SSL_CERT_FILE": None if folder else network.verify,
    }


@contextmanager
def _variables(chosen: Mapping[str, str | None]) -> Iterator[None]:
    """Set variables, or take them away, while a client is made."""
    before = {name: os.environ.get(name) for name in chosen}
    _set(chosen)
    try:
        yield
    finally:
        _set(before)


def _set(variables: Mapping[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def _needs_relay(channels: Sequence[Channel], network: Network) -> bool:
    """Say whether some channel is to be reached in a way that py-rattler does not know."""
    hosts = [urlsplit(channel.url) for channel in channels]
    tls = network.verify is False or bool(network.client_certificate)
    return not network.offline and (
        (tls and any(host.scheme == "https" for host in hosts))
        or any(network.has_own_proxy(host.scheme, host.hostname or "") for host in hosts)
    )
