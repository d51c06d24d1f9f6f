"""Packages into folders: the cache is filled, and environments are changed.

rattler links both. Start at `Linker.apply`.
"""

from __future__ import annotations

import asyncio
import errno
import os
import tempfile
from collections.abc import Awaitable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import rattler

from pipguard.changes.files import Files
from pipguard.credentials import redacted
from pipguard.engine.access import Access
from pipguard.engine.exchange import without_paths
from pipguard.engine.handles import Handles
from pipguard.engine.watching import watching
from pipguard.errors import EngineError
from pipguard.names import CondaName
from pipguard.prefix import Prefix
from pipguard.records import Origin, Record
from pipguard.seams import Reporter

# So many records take as long to read as a package to link.
_MANY = 100
# What rattler writes into every prefix.
_NOT_MOVED = frozenset({"CACHEDIR.TAG", "conda-meta/history"})

_T = TypeVar("_T")


def _run(work: Awaitable[_T]) -> _T:
    async def wait() -> _T:
        return await work

    return asyncio.run(wait())


@dataclass(frozen=True, slots=True)
class Linker:
    """Links packages, by way of the cache of extracted ones.

    Attributes:
        prefix: the environment.
        packages: that cache.
        access: how channels are reached.
        handles: what rattler calls the records.
        reporter: told how far it has come.
    """

    prefix: Prefix
    packages: Path
    access: Access
    handles: Handles
    reporter: Reporter

    @property
    def _platform(self) -> rattler.Subdir:
        return rattler.Subdir(self.prefix.target.subdir)

    def fill(self, records: Sequence[Record], folder: Path) -> None:
        """Bring packages into the cache.

        py-rattler does so only by installing, so they are linked into a throw-away prefix; hard
        links make that cheap.

        Raises:
            EngineError: a package cannot be had, or is not what its record says.
        """
        wanted = [self.handles.to_link(record, {}) for record in records]
        python = self.handles.python
        names = {record.name.normalized for record in wanted}
        remote = {it.name.normalized for it in wanted if not it.url.startswith("file:")}
        if python is not None and "python" not in names:
            wanted.append(python)
        try:
            with self.reporter.downloading() as downloaded:
                self.access.run(
                    rattler.install(
                        wanted,
                        folder,
                        cache_dir=self.packages,
                        installed_packages=[],
                        ignored_packages={"python"} - names,
                        show_progress=False,
                        execute_link_scripts=False,
                        client=self.access.client,
                        platform=self._platform,
                        reporter=watching(remote, downloaded) if remote else None,
                    )
                )
        except EngineError:
            raise
        except Exception as error:
            # py-rattler's exceptions share no base.
            raise self.access.unfetchable(error) from error

    def apply(
        self,
        records: Sequence[Record],
        reinstall: Collection[CondaName],
        apart: Collection[CondaName],
    ) -> None:
        """See `seams.CondaEngine.apply`.

        rattler wants to hear of all that is installed, and notes every path of it, to see whether
        another package has it too; of what is apart it hears without paths. At the end it reads
        every record of the prefix: where there are many, what is only added is linked elsewhere.
        """
        here = {item.record.key: item.record for item in self.prefix.records()}
        # Its own paths say where those of noarch packages go.
        bare = {
            key: without_paths(record)
            for key, record in here.items()
            if record.name in apart and record.name != "python"
        }
        others = {record.name for key, record in here.items() if key not in bare}
        coming = [record for record in records if record.key not in bare]
        python = self.handles.python
        if python and len(bare) >= _MANY and others <= {"python"} and _can_be_moved(coming):
            self._add([record for record in coming if record.name != "python"], python)
            return
        wanted = [bare.get(it.key) or self.handles.to_link(it, here) for it in records]
        handles = (bare.get(key) or self.handles.installed.handle(here[key]) for key in here)
        installed = [record for record in handles if isinstance(record, rattler.PrefixRecord)]
        with _no_cache_tag(self.prefix.path):
            self._link(wanted, installed, reinstall)

    def _add(self, records: Sequence[Record], python: rattler.PrefixRecord) -> None:
        """Link packages, with the prefix in them, into a folder of ours, and move them in."""
        staging = self.prefix.own_folder / "staging"
        staging.mkdir(parents=True, exist_ok=True)
        reporter = self.reporter
        with tempfile.TemporaryDirectory(dir=staging) as folder:
            work = rattler.install(
                [*(self.handles.to_link(it, {}) for it in records), python],
                folder,
                cache_dir=self.packages,
                installed_packages=[],
                ignored_packages={"python"},
                show_progress=False,
                client=self.access.client,
                platform=self._platform,
                reporter=watching(linked=reporter.linked) if reporter.moves else None,
                alternative_target_prefix=self.prefix.path,
            )
            try:
                _run(work)
                _move_in(Path(folder), self.prefix.path)
            except Exception as error:
                raise EngineError("link-failed", text=redacted(str(error))) from error

    def _link(
        self,
        wanted: list[rattler.RepoDataRecord],
        installed: list[rattler.PrefixRecord],
        reinstall: Collection[CondaName],
    ) -> None:
        reporter = self.reporter
        watched = watching(linked=reporter.linked) if reporter.moves else None
        try:
            _run(
                rattler.install(
                    wanted,
                    self.prefix.path,
                    cache_dir=self.packages,
                    # It would read every record of the prefix anew.
                    installed_packages=installed,
                    reinstall_packages=set(reinstall),
                    show_progress=False,
                    # conda runs them as well; a converted package can have none.
                    execute_link_scripts=True,
                    client=self.access.client,
                    platform=self._platform,
                    reporter=watched,
                )
            )
        except Exception as error:
            raise EngineError("link-failed", text=redacted(str(error))) from error


def _can_be_moved(records: Sequence[Record]) -> bool:
    """Whether packages can be linked elsewhere: none has scripts that act on where it lies."""
    return all(it.origin is Origin.CONVERTED or it.name == "python" for it in records)


def _move_in(folder: Path, prefix: Path) -> None:
    """Move what was linked into a folder to where it belongs, on the same disk."""
    for place, folders, files in os.walk(folder):
        # Records last: whoever sees one finds its files.
        folders.sort(key="conda-meta".__eq__)
        source = Path(place)
        target = prefix / source.relative_to(folder)
        target.mkdir(parents=True, exist_ok=True)
        # os.walk does not go through links to folders.
        links = [name for name in folders if (source / name).is_symlink()]
        for name in (*files, *links):
            if (source / name).relative_to(folder).as_posix() not in _NOT_MOVED:
                _move(source / name, target / name)


def _move(source: Path, target: Path) -> None:
    try:
        source.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        # A folder of the environment may be on another disk, by a link or a mount.
        Files().put(source, target, shared=False)
        source.unlink()


@contextmanager
def _no_cache_tag(prefix: Path) -> Iterator[None]:
    """Keep rattler from marking an environment as a cache, which backups then leave out."""
    tag = prefix / "CACHEDIR.TAG"
    had_one = tag.exists()
    yield
    if not had_one:
        tag.unlink(missing_ok=True)
