"""Two packages, one path: what an operation would write over what is not its own.

One rule for every place, held before anything is touched. A file nobody accounts for is taken over
where it has the same bytes, else moved aside. What another package owns is refused where a channel
or the environment's python would lose it to a package from PyPI.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipguard.changes.files import Files, look
from pipguard.changes.forecast import HISTORY, Parts, new_records, old_records
from pipguard.changes.journal import Touched
from pipguard.changes.states import File, Kind
from pipguard.errors import TransactionError
from pipguard.names import CondaName
from pipguard.prefix import Prefix
from pipguard.records import Origin

_SHOWN = 5
ASIDE = "conda-meta/pipguard/aside"
_WRITTEN = (Kind.FILE, Kind.LINK, Kind.COMMAND)


@dataclass(frozen=True, slots=True)
class Contest:
    """A path that two packages have: who owns it now, and who comes."""

    path: str
    owner: CondaName
    newcomer: CondaName


def refuse_hidden(parts: Parts) -> None:
    """Refuse to let a package from PyPI replace a file of a package from a channel.

    Raises:
        TransactionError: it would; every path of every package.
    """
    contests = list(_contests(parts))
    if contests:
        raise TransactionError(
            "paths-owned",
            restored=True,
            newcomers=", ".join(sorted({it.newcomer for it in contests})),
            owners=", ".join(sorted({it.owner for it in contests})),
            paths=shown([it.path for it in contests]),
        )


def shown(paths: Sequence[str]) -> str:
    """List a few paths, and how many more there are."""
    more = len(paths) - _SHOWN
    return ", ".join(paths[:_SHOWN]) + (f" (+{more})" if more > 0 else "")


def _contests(parts: Parts) -> Iterator[Contest]:
    leaving = {item.record.key for item in old_records(parts.change)}
    owner = {
        path: item.record.name
        for item in parts.change.before
        if item.record.key not in leaving and item.record.origin is Origin.CONDA
        for path in item.files
    }
    owner |= {
        path: record.name
        for record in new_records(parts.change)
        if record.origin is Origin.CONDA
        for path in parts.layouts[record.key].paths
    }
    from_pypi = {
        record.name: parts.layouts[record.key].paths
        for record in new_records(parts.change)
        if record.origin is Origin.CONVERTED
    }
    staged: Mapping[str, object] = dict.fromkeys(parts.staged.paths)
    by_pip = {record.name: staged for _, record in parts.change.true_pip[:1]}
    for name, paths in {**from_pypi, **by_pip}.items():
        for path in paths:
            if path in owner:
                yield Contest(path, owner[path], name)


@dataclass(frozen=True, slots=True)
class Stray:
    """A file that no record accounts for, where an operation writes another one."""

    path: str
    sha256: str

    @property
    def aside(self) -> str:
        """Where a person finds it afterwards."""
        return f"{ASIDE}/{self.path}"


def unaccounted(prefix: Prefix, parts: Parts, touched: Sequence[Touched]) -> tuple[Stray, ...]:
    """Find the files in the way that no record accounts for and that hold other bytes."""
    known = {path for item in parts.change.before for path in item.files}
    known |= {*parts.leaving.paths, *parts.leaving.touched, HISTORY}
    if parts.change.mending:
        known |= set(parts.change.mending.paths)
    in_the_way = (
        item for item in touched if item.expected.kind in _WRITTEN and item.path not in known
    )
    return tuple(_strays(prefix, in_the_way))


def _strays(prefix: Prefix, touched: Iterable[Touched]) -> Iterator[Stray]:
    for item in touched:
        found = look(prefix.path / item.path)
        if isinstance(found, File) and found.sha256 != item.expected.sha256:
            yield Stray(item.path, found.sha256)


def move_aside(prefix: Prefix, strays: Sequence[Stray], files: Files) -> None:
    """Keep a copy of files that an operation will replace, where a person finds them."""
    for stray in strays:
        files.put(prefix.path / stray.path, prefix.path / stray.aside, shared=False)
