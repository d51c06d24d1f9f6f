"""A channel of which only what was kept may be read.

rattler stops at the first platform folder of which it has kept nothing, and it keeps no word of a
folder that the channel lacks. Offline, conda takes such a folder for empty; so does this.
"""

from __future__ import annotations

import rattler
from rattler.exceptions import GatewayError

# rattler has one exception for all that can go wrong; this is its wording of the one.
_NOTHING_KEPT = "no usable repodata cache"


class OfflineChannel:
    """A source of records (rattler's `RepoDataSource`).

    `url` is the channel's address.
    """

    def __init__(self, url: str, gateway: rattler.Gateway) -> None:
        self.url = url
        self._channel = rattler.Channel(url)
        self._gateway = gateway
        self._kept: dict[str, bool] = {}

    @property
    def unread(self) -> bool:
        """Whether it was asked for something and none of its folders was kept."""
        return bool(self._kept) and not any(self._kept.values())

    async def fetch_package_records(
        self, platform: rattler.Subdir, name: rattler.PackageName
    ) -> list[rattler.RepoDataRecord]:
        """Return the records of one name and platform."""
        if not self._kept.get(str(platform), True):
            return []
        specs = [rattler.MatchSpec(name.normalized)]
        try:
            found = await self._gateway.query(
                [self._channel], [platform], specs, recursive=False, channel_relations="disabled"
            )
        except GatewayError as error:
            if _NOTHING_KEPT not in str(error):
                raise
            self._kept[str(platform)] = False
            return []
        self._kept[str(platform)] = True
        return [record for records in found for record in records]

    def package_names(self, _platform: rattler.Subdir) -> list[str]:
        """Return nothing: who asks for all names does not ask offline."""
        return []
