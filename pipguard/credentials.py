"""Takes credentials out of whatever is shown, logged or kept.

Pure. A URL may hold a user and a password; conda's may hold a token as `/t/<token>/`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit, urlunsplit

# Begun at a word's start only: a long word without a URL must not take quadratic time.
_SCHEME = r"(?<![\w+.-])[A-Za-z][\w+.-]*://"
_USER = re.compile(rf"({_SCHEME})[^/?#\s'\"]+@")
# Of a host, that is: in a path of this machine, /t/ is a folder.
_TOKEN = re.compile(rf"({_SCHEME}[^/\s'\"]+(?:/[^/\s'\"]+)*?/t/)[^/\s'\"]+")


def without_credentials(url: str) -> str:
    """Take user and password out of one URL."""
    parts = urlsplit(url)
    if "@" not in parts.netloc:
        return url
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def channel_url(url: str) -> str:
    """Take user, password and token out of the URL of a channel or a package of it."""
    return _TOKEN.sub(lambda found: found[1].removesuffix("/t/"), without_credentials(url))


def redacted(text: str) -> str:
    """Take users, passwords and tokens out of all URLs of a text."""
    return _TOKEN.sub(r"\1<TOKEN>", _USER.sub(r"\1", text))


def redacted_arguments(arguments: Sequence[str]) -> tuple[str, ...]:
    """Take them out of a command line, each argument by itself."""
    return tuple(map(redacted, arguments))
