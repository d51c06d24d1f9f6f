"""On whose list pip found a candidate: PyPI's, its stand-in's, or one that somebody named.

Pure. Start at `Places.listing`. What a private index has must not be swapped for a package of the
same name, so whoever decides must know who named the index, and whether it stands for PyPI.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from pipguard.credentials import without_credentials

PYPI = "https://pypi.org/simple"
_PYPI = (PYPI, "https://pypi.python.org/simple")
# Where the files of PyPI lie; a report without its indexes names nothing but these.
_PYPI_FILES = "https://files.pythonhosted.org/"


class Listing(Enum):
    """Who stands behind the list that a candidate was found on."""

    PYPI = "pypi"
    """PyPI itself: whatever is there is public."""
    MAIN = "main"
    """The index configured in its place, for instance a company's mirror."""
    CACHE = "cache"
    """A local folder in the configuration: it holds parts of the main index."""
    EXTRA = "extra"
    """An index of the network that is configured beside the main one."""
    NAMED = "named"
    """An index or a folder that the command line or a requirements file names."""


@dataclass(frozen=True, slots=True)
class Places:
    """The indexes and folders that pip looks at, as addresses free of credentials.

    Attributes:
        main: the configured main index.
        caches: configured folders and `file://` indexes.
        extras: configured indexes of the network beside the main one.
        named: what only the command line or a requirements file names.
        restricted: whether `--no-index` was typed: whatever is found was meant by it.
    """

    main: str = PYPI
    caches: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    restricted: bool = False

    def listing(self, found_on: str | None, url: str) -> Listing:
        """Tell who stands behind a candidate.

        Args:
            found_on: the page that listed it; None for a file in a folder, and where pip does not
                tell.
            url: of the file.
        """
        if self.restricted:
            return Listing.NAMED
        known = [each for each in self._known() if is_below(found_on or url, each[0])]
        if known:
            # Of two that fit, the one inside the other.
            return max(known, key=lambda each: len(each[0]))[1]
        if found_on is None and url.startswith(_PYPI_FILES):
            return Listing.PYPI
        return self._rest()

    def _known(self) -> Iterator[tuple[str, Listing]]:
        yield self.main, Listing.PYPI if _plain(self.main) in _PYPI else Listing.MAIN
        yield from ((place, Listing.CACHE) for place in self.caches)
        yield from ((place, Listing.EXTRA) for place in self.extras)
        yield from ((place, Listing.NAMED) for place in self.named)

    def _rest(self) -> Listing:
        """Guess where pip does not tell: the place that asks for the most care."""
        if self.named:
            return Listing.NAMED
        return Listing.EXTRA if self.extras else Listing.MAIN


def places(configured: Iterable[str], main: str, asked: Iterable[str], *, no_index: bool) -> Places:
    """Sort what pip looked at by who named it.

    Args:
        configured: the extra indexes and folders of variables and pip.conf.
        main: the index of variables and pip.conf.
        asked: everything that pip looked at.
        no_index: whether `--no-index` was typed.
    """
    known = [without_credentials(place) for place in configured]
    local = [place for place in known if place.startswith("file:")]
    usual = {_plain(place) for place in (without_credentials(main), *known)}
    named = (without_credentials(place) for place in asked)
    return Places(
        main=without_credentials(main),
        caches=tuple(local),
        extras=tuple(place for place in known if place not in local),
        named=tuple(dict.fromkeys(place for place in named if _plain(place) not in usual)),
        restricted=no_index,
    )


def is_below(address: str, place: str) -> bool:
    """Say whether an address is a place, or something in it."""
    return f"{_plain(address)}/".startswith(f"{_plain(place)}/")


def _plain(address: str) -> str:
    return address.rstrip("/")
