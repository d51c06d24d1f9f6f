"""A channel of which only what was kept may be used.

rattler stops at the first platform folder of which it has kept nothing, and it keeps no word of a
folder that the channel lacks. Offline, conda takes such a folder for empty; so does this. And it
offers packages that nobody could fetch; here they are known by name alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import rattler
from rattler.exceptions import GatewayError

# rattler has one exception for all that can go wrong; this is its wording of the one.
_NOTHING_KEPT = "no usable repodata cache"


class OfflineChannel:
    """A source of records (rattler's `RepoDataSource`).

    Args:
        url: the channel's address.
        gateway: which may fetch nothing.
        is_kept: tells of a record whether its package could be linked.
    """

    def __init__(
        self,
        url: str,
        gateway: rattler.Gateway,
        is_kept: Callable[[rattler.RepoDataRecord], bool] = lambda _: True,
    ) -> None:
        self.url = url
        self.unfetched: set[str] = set()
        """Names of which there are packages that were never fetched."""
        self._is_kept = is_kept
        self._channel = rattler.Channel(url)
        self._gateway = gateway
        self._kept: dict[str, bool] = {}
        self._asking: dict[str, asyncio.Future[list[rattler.RepoDataRecord]]] = {}

    @property
    def unread(self) -> bool:
        """Whether it was asked for something and none of its folders was kept."""
        return bool(self._kept) and not any(self._kept.values())

    async def fetch_package_records(
        self, platform: rattler.Subdir, name: rattler.PackageName
    ) -> list[rattler.RepoDataRecord]:
        """Return the records of one name and platform.

        The first name that is asked for finds out whether the folder was kept, and the others wait
        for that: of requests that coincide, rattler tells but one why it has failed.
        """
        folder = str(platform)
        while folder in self._asking:
            await asyncio.wait({self._asking[folder]})
        if folder in self._kept:
            return await self._records(platform, name) if self._kept[folder] else []
        self._asking[folder] = asyncio.ensure_future(self._first(platform, name))
        try:
            return await self._asking[folder]
        finally:
            del self._asking[folder]

    async def _first(
        self, platform: rattler.Subdir, name: rattler.PackageName
    ) -> list[rattler.RepoDataRecord]:
        try:
            found = await self._records(platform, name)
        except GatewayError as error:
            if _NOTHING_KEPT not in str(error):
                raise
            self._kept[str(platform)] = False
            return []
        self._kept[str(platform)] = True
        return found

    async def _records(
        self, platform: rattler.Subdir, name: rattler.PackageName
    ) -> list[rattler.RepoDataRecord]:
        specs = [rattler.MatchSpec(name.normalized)]
        found = await self._gateway.query(
            [self._channel], [platform], specs, recursive=False, channel_relations="disabled"
        )
        listed = [record for records in found for record in records]
        usable = list(filter(self._is_kept, listed))
        if len(usable) < len(listed):
            self.unfetched.add(name.normalized)
        return usable

    def package_names(self, _platform: rattler.Subdir) -> list[str]:
        """Return nothing: who asks for all names does not ask offline."""
        return []
