"""Two packages, one path: what an operation would write over what is not its own.

One rule for every place, held before anything is touched. A file nobody accounts for is taken over
where it has the same bytes, else moved aside. What another package owns is refused where a channel
or the environment's python would lose it to a package from PyPI, and where one of both has a folder
there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipguard.changes.files import Files, look
from pipguard.changes.forecast import HISTORY, Parts
from pipguard.changes.journal import Touched
from pipguard.changes.states import File, Kind
from pipguard.errors import TransactionError
from pipguard.folders import folders_above
from pipguard.names import CondaName
from pipguard.prefix import Prefix
from pipguard.records import Origin, Record

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
    leaving = {item.record.key for item in parts.change.going}
    newcomer = {
        path: record.name
        for record in parts.change.coming
        if record.origin is Origin.CONVERTED
        for path in parts.layouts[record.key].paths
    }
    for _, record in parts.change.true_pip[:1]:
        newcomer |= dict.fromkeys(parts.staged.paths, record.name)
    above = {folder: newcomer[path] for path in newcomer for folder in folders_above((path,))}
    staying = [item for item in parts.change.before if item.record.key not in leaving]
    there: list[tuple[Record, Collection[str]]] = [
        *((item.record, item.files) for item in staying),
        *((record, parts.layouts[record.key].paths) for record in parts.change.coming),
    ]
    for record, paths in there:
        if record.origin is Origin.CONDA:
            yield from _contested(record.name, paths, newcomer)
        # A file where another has a folder: the engine would take one of both away.
        yield from _contested(record.name, paths, above)
        yield from _contested(record.name, folders_above(paths), newcomer)


def _contested(
    owner: CondaName, paths: Collection[str], newcomer: Mapping[str, CondaName]
) -> Iterator[Contest]:
    # Most owners share nothing, and there may be a thousand.
    if not newcomer.keys().isdisjoint(paths):
        for path in paths:
            if newcomer.get(path, owner) != owner:
                yield Contest(path, owner, newcomer[path])


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
    written = {item.path: item for item in touched if item.expected.kind in _WRITTEN}
    mended = parts.change.mending.paths if parts.change.mending else ()
    known = (parts.leaving.paths, parts.leaving.touched, (HISTORY,), mended)
    owned = (item.files for item in parts.change.before)
    unknown = {*written}.difference(*known, *owned)
    return tuple(_strays(prefix, (written[path] for path in written if path in unknown)))


def _strays(prefix: Prefix, touched: Iterable[Touched]) -> Iterator[Stray]:
    for item in touched:
        found = look(f"{prefix.path}/{item.path}")
        if isinstance(found, File) and found.sha256 != item.expected.sha256:
            yield Stray(item.path, found.sha256)


def move_aside(prefix: Prefix, strays: Sequence[Stray], files: Files) -> None:
    """Keep a copy of files that an operation will replace, where a person finds them."""
    for stray in strays:
        files.put(prefix.path / stray.path, prefix.path / stray.aside, shared=False)
