"""Channel names to channel URLs, the way conda understands them.

Pure. A `Channels` holds conda's settings on the matter; `resolve` turns what was written
(`conda-forge`, `defaults`, `acme/label/dev`, a URL, a path) into `Channel` values. The rules are
those of `conda/models/channel.py` and of `custom_channels` in `conda/base/context.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from posixpath import normpath
from typing import NamedTuple
from urllib.parse import urlsplit

CONDA_ALIAS = "https://conda.anaconda.org"
"""`channel_alias` unless configured (DEFAULT_CHANNEL_ALIAS in conda/base/constants.py)."""

DEFAULT_CHANNELS = ("https://repo.anaconda.com/pkgs/main", "https://repo.anaconda.com/pkgs/r")
"""What `defaults` stands for on Linux and macOS (DEFAULT_CHANNELS_UNIX)."""

DEFAULT_CUSTOM_CHANNELS = {"pkgs/pro": "https://repo.anaconda.com"}
"""`custom_channels` that conda always knows."""

_SUBDIR = re.compile(
    r"/(?:noarch|emscripten-wasm32|wasi-wasm32|freebsd-64|zos-z|osx-(?:64|arm64)|win-(?:32|64|arm64)"
    r"|linux-(?:32|64|aarch64|armv6l|armv7l|ppc64|ppc64le|riscv64|s390x))(?=/|$)",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"/t/([A-Za-z0-9-]*)")
_SCHEME = re.compile(r"[a-z][a-z0-9]{0,11}://")
_PATH = re.compile(r"\./|\.\.|~|/|[A-Za-z]:[/\\]|\\\\")


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel.

    Attributes:
        name: what conda calls it: `conda-forge`, `defaults` for each of its members, or the URL
            of a channel without a name.
        url: where it is, without credentials; safe to show and to record.
        access_url: where to fetch from, credentials and token included; equal to `url` without.
    """

    name: str
    url: str
    access_url: str = field(repr=False)

    def display(self) -> str:
        """Return what a person may see: the name, or the URL without credentials."""
        return self.name


class _Place(NamedTuple):
    """A channel taken apart: `scheme://auth@base/t/token/path`."""

    scheme: str
    base: str
    path: str
    auth: str = ""
    token: str = ""
    group: str = ""

    @property
    def address(self) -> str:
        return f"{self.base}/{self.path}".rstrip("/")

    def channel(self, name: str = "") -> Channel:
        url = f"{self.scheme}://{self.address}"
        auth = f"{self.auth}@" if self.auth else ""
        token = f"/t/{self.token}" if self.token else ""
        access = f"{self.scheme}://{auth}{self.base}{token}/{self.path}".rstrip("/")
        return Channel(self.group or name or url, url, access)


def _take_apart(url: str) -> _Place:
    """Split a URL; the base ends where the token stands, else after the host.

    In a path of this machine `/t/` is a folder, though conda takes it for a token there as well.
    """
    parts = urlsplit(url.rstrip("/"))
    auth, _, host = parts.netloc.rpartition("@")
    found = _TOKEN.search(parts.path) if parts.scheme != "file" else None
    head, tail = (
        (parts.path[: found.start()], parts.path[found.end() :]) if found else ("", parts.path)
    )
    token = found.group(1) if found else ""
    return _Place(parts.scheme, host.lower() + head, tail.strip("/"), auth, token)


def _below(address: str, base: str) -> str | None:
    """Return what follows `base` in `address`, or None when it does not lie there."""
    return address[len(base) + 1 :] if f"{address}/".startswith(f"{base}/") else None


@dataclass(frozen=True, slots=True)
class Channels:
    """conda's settings about channels, merged.

    Attributes:
        alias: `channel_alias`, the URL before a plain name; may hold credentials.
        custom: `custom_channels`, from a name to the URL *above* the channel.
        groups: `custom_multichannels`, `defaults` and `local` included.
        home: what `~` stands for in a path.
        directory: where relative paths begin.
    """

    alias: str = field(default=CONDA_ALIAS, repr=False)
    custom: Mapping[str, str] = field(
        default_factory=lambda: dict(DEFAULT_CUSTOM_CHANNELS), repr=False
    )
    groups: Mapping[str, tuple[str, ...]] = field(
        default_factory=lambda: {"defaults": DEFAULT_CHANNELS}, repr=False
    )
    home: str = "/"
    directory: str = "/"

    def resolve(self, text: str) -> tuple[Channel, ...]:
        """Return the channels that `text` names, in order; several only for a group.

        A platform at the end (`conda-forge/linux-64`) is dropped: which platforms are asked for
        is the solver's business.
        """
        bare = _SUBDIR.sub("", text, count=1)
        if _SCHEME.match(text):
            return (self._from_url(bare),)
        if _PATH.match(text):
            return (self._from_url(self._path_url(bare)),)
        if bare in self.groups:
            return tuple(self._member(member, bare).channel() for member in self.groups[bare])
        return (self._from_name(bare.strip("/")),)

    def _path_url(self, path: str) -> str:
        whole = self.home + path[1:] if path.startswith("~") else path
        return PurePath(normpath(PurePath(self.directory, whole).as_posix())).as_uri()

    def _from_url(self, url: str) -> Channel:
        """Find the configured place that a URL lies in, for its name and its credentials."""
        place = _take_apart(url)
        known = sorted(self._places().items(), key=lambda item: -len(item[0]))
        for name, configured in (*known, ("", self._alias())):
            rest = _below(place.address, configured.address)
            if rest is not None:
                inherited = (
                    place
                    if place.token
                    else place._replace(
                        base=configured.base,
                        path=place.address[len(configured.base) + 1 :],
                        token=configured.token,
                    )
                )
                label = f"{name}/{rest}".strip("/")
                group = configured.group if not rest else ""
                return inherited._replace(auth=place.auth or configured.auth, group=group).channel(
                    label
                )
        return place.channel()

    def _from_name(self, name: str) -> Channel:
        """Look a name up, its parents next: `acme/label/dev` may lie in a custom `acme`."""
        places = self._places()
        parent = name
        while parent and parent not in places:
            parent = parent.rpartition("/")[0]
        place = places.get(parent, self._alias())
        group = place.group if parent == name else ""
        return place._replace(path=name, group=group).channel(name)

    def _alias(self) -> _Place:
        place = _take_apart(self.alias)
        return place._replace(base=place.address, path="")

    def _member(self, member: str, group: str) -> _Place:
        """Place a member of a group; a plain name lies below the alias, never in another group."""
        alias = self._alias()
        if not _SCHEME.match(member):
            return alias._replace(path=member.strip("/"), group=group)
        place = _take_apart(member)
        rest = _below(place.address, alias.address)
        if rest is not None:
            place = place._replace(base=alias.base, path=rest)
        return place._replace(group=group)

    def _places(self) -> dict[str, _Place]:
        """Return what can be found by name: members of groups, then custom channels over them."""
        return dict((*self._grouped(), *self._customised()))

    def _grouped(self) -> Iterator[tuple[str, _Place]]:
        for group, members in self.groups.items():
            for member in members:
                place = self._member(member, group)
                yield place.path, place

    def _customised(self) -> Iterator[tuple[str, _Place]]:
        for name, url in self.custom.items():
            above = _take_apart(url) if _SCHEME.match(url) else self._alias()
            yield name.strip("/"), above._replace(base=above.address, path=name.strip("/"))
