"""Spares pip, inside the child, work whose outcome is known: most links of an index page.

Of the files that an index lists for a closure of ninety projects, most are wheels for other
platforms and pythons. pip takes each address apart, quotes it anew, parses name, version and tags,
and passes it over; that is a third of its planning. Here a wheel is passed over by the last three
words of its name, by the same tags, before any of that, and an address that needs no quoting is
not quoted. Who asks for pip's debug log gets the lines about what was skipped, and pip's pace.

How pip calls itself to an index takes eight processes on a Debian, to hear from `lsb_release` what
os-release has said already.

Imports nothing but the standard library and pip, whose private API it touches.
"""

from __future__ import annotations

import logging
import re

from pip._internal.index.package_finder import PackageFinder
from pip._internal.models import link
from pip._vendor.distro import distro
from pip._vendor.packaging.tags import parse_tag

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from typing import Any

# What `_ensure_quoted_url` gives back as it is: every character is safe to urllib.parse.quote.
_PLAIN = re.compile(r"https?://[A-Za-z0-9.:-]+/[A-Za-z0-9_.~/-]+(?:#[A-Za-z0-9=]+)?")
# The file name of a wheel (PEP 427) at the end of an address, and its three tags.
_WHEEL = re.compile(r"(?:[^?#]*/)?[^/?#-]+-[^/?#]+?-((?:[A-Za-z0-9_.]+-){2}[A-Za-z0-9_.]+)\.whl")


class Haste:
    """Which links pip is spared; `supported` are the tags of the python that is planned for."""

    def __init__(self) -> None:
        self.supported: Collection[Any] | None = None
        self._foreign: dict[str, bool] = {}

    def install(self) -> None:
        """Begin.

        Raises:
            AttributeError: this pip is another one than we know.
        """
        if logging.getLogger(PackageFinder.__module__).isEnabledFor(logging.DEBUG):
            return
        for owner, name, hastened in (
            (PackageFinder, "process_project_url", self._knowing_tags),
            (link, "_ensure_quoted_url", unless_plain),
            (link.Link, "from_json", self._sparing("url")),
            (link.Link, "from_element", self._sparing("href")),
        ):
            setattr(owner, name, hastened(getattr(owner, name)))
        spare_lsb_release()

    def is_foreign(self, url: str) -> bool:
        """Say whether an address is that of a wheel of which no tag is supported.

        What is no plain name of a wheel is left to pip.
        """
        wheel = self.supported is not None and _WHEEL.fullmatch(url.partition("#")[0])
        if not wheel:
            return False
        tags = wheel[1]
        if tags not in self._foreign:
            self._foreign[tags] = self._is_supported_by_none(tags)
        return self._foreign[tags]

    def _is_supported_by_none(self, tags: str) -> bool:
        try:
            return parse_tag(tags).isdisjoint(self.supported or ())
        except ValueError:
            return False

    def _knowing_tags(self, process: Any) -> Any:
        def hasty(finder: Any, project_url: Any, link_evaluator: Any) -> Any:
            python = vars(link_evaluator)["_target_python"]
            if hasattr(python, "get_unsorted_tags"):
                self.supported = python.get_unsorted_tags()
            return process(finder, project_url, link_evaluator)

        return hasty

    def _sparing(self, address: str) -> Callable[[Any], Any]:
        """Pass over entries of a page; `address` is the word for it in one."""

        def spared(make: Callable[..., Any]) -> Any:
            def made(entry: dict[str, Any], *where: Any, **also: Any) -> Any:
                # None is what pip makes of an entry without an address, and passes over.
                foreign = self.is_foreign(entry.get(address) or "")
                return None if foreign else make(entry, *where, **also)

            return made

        return spared


def unless_plain(quote: Callable[[str], str]) -> Callable[[str], str]:
    """Quote what needs it."""
    return lambda url: url if _PLAIN.fullmatch(url) else quote(url)


def spare_lsb_release() -> None:
    """Let pip name the system by os-release alone, where that has every word pip asks for."""
    quick = distro.LinuxDistribution(include_lsb=False, include_uname=False)
    if all(map(quick.os_release_attr, ("name", "version_id", "codename"))):
        distro._distro = quick  # noqa: SLF001 # what its functions ask
