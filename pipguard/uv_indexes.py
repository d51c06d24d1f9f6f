"""Logins of uv's named indexes, for pip, which knows indexes by their address alone.

Pure. `--index NAME=URL` or an `[[index]]` gives an index its name, `UV_INDEX_NAME_USERNAME` and
`UV_INDEX_NAME_PASSWORD` the login (uv's "Package indexes"). What has a login is not to be put on
any command line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote, urlsplit

_NAMED = re.compile(r"(?P<name>[\w.-]+)=(?P<url>(?:\w+:|[./]).*)")
_INDEX_OPTION = re.compile(r"(--index-url|--extra-index-url)([= ])(\S+)")

Logins = Mapping[str, str]
"""Addresses with their login, by the address without."""


def split_name(value: str) -> tuple[str, str]:
    """Take apart uv's name for an index, empty for none, and its address."""
    found = _NAMED.fullmatch(value)
    return (found["name"], found["url"]) if found else ("", value)


def find_logins(indexes: Iterable[tuple[str, str]], environ: Mapping[str, str]) -> Logins:
    """Look up the logins of indexes, given as pairs of name and address; an address may have one.

    Variables win over it.
    """
    found = {}
    for name, url in indexes:
        variable = "UV_INDEX_" + re.sub(r"[^A-Z0-9]", "_", name.upper())
        user, password = (environ.get(f"{variable}_{it}", "") for it in ("USERNAME", "PASSWORD"))
        login = f"{quote(user, safe='')}:{quote(password, safe='')}" if user or password else ""
        plain, own = without_login(url)
        if login or own:
            found[plain.rstrip("/")] = url if not login else _with_login(plain, login)
    return found


def without_login(url: str) -> tuple[str, str]:
    """Part an address from the login in it."""
    parts = urlsplit(url)
    login, _, host = parts.netloc.rpartition("@")
    return parts._replace(netloc=host).geturl(), login


def _with_login(url: str, login: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=f"{login}@{parts.netloc}").geturl()


def logged_in(url: str, logins: Logins) -> str:
    """Give the address of an index with its login, if there is one."""
    return logins.get(without_login(url)[0].rstrip("/"), url)


def log_in(text: str, logins: Logins) -> str:
    """Add logins to the indexes that pip's options in a text name."""
    return _INDEX_OPTION.sub(lambda it: it[1] + it[2] + logged_in(it[3], logins), text)
