"""What the running pipguard needs of the environment it lives in.

An environment of its own needs nothing of this; one that it shares with what it guards must not be
changed under it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from packaging.requirements import Requirement

from pipguard.names import PyPIName, pypi_name

_SELF = pypi_name("conda-pipguard")


def own_needs(prefix: Path, home: Path) -> frozenset[PyPIName]:
    """Name what pipguard runs on, itself included, where its home is this very environment."""
    if prefix.resolve() != home.resolve():
        return frozenset()
    found: set[PyPIName] = set()
    pending = [_SELF]
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending.extend(_needs_of(name))
    return frozenset(found)


def _needs_of(name: PyPIName) -> Iterator[PyPIName]:
    from importlib.metadata import PackageNotFoundError, requires  # noqa: PLC0415 # seldom needed

    with suppress(PackageNotFoundError):
        for text in requires(name) or ():
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                yield pypi_name(requirement.name)
