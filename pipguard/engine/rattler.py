"""The embedded engine: py-rattler behind `seams.CondaEngine`.

Everything that knows py-rattler is in this file; its traps and their sources are in
`docs/architecture.md`. It is imported late, for it costs 50 ms.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import rattler
from rattler.exceptions import GatewayError, SolverError
from rattler.package_streaming import download_to_path

from pipguard.credentials import redacted
from pipguard.engine.access import Access
from pipguard.engine.archives import check_local, listed_paths
from pipguard.engine.channels import Channel
from pipguard.engine.condarc import Priority
from pipguard.engine.contents import CONTENTS, Contents, shipped_dists
from pipguard.engine.exchange import Memory, foreign_record, our_record, spec_names
from pipguard.engine.installed import Installed
from pipguard.engine.layout import layout, local_file, read_archive, read_extracted
from pipguard.engine.watching import watching
from pipguard.errors import EngineError, Unsolvable
from pipguard.names import CondaName
from pipguard.network import Network
from pipguard.prefix import Prefix, read_contents
from pipguard.records import Origin, Record, Shipped, Solution
from pipguard.seams import Layout, Problem, Reporter, Shelf

_PRIORITIES = {
    Priority.STRICT: rattler.ChannelPriority.Strict,
    Priority.FLEXIBLE: rattler.ChannelPriority.Flexible,
    Priority.DISABLED: rattler.ChannelPriority.Disabled,
}
# conda's `CONDA_OVERRIDE_CUDA` and its like.
_OVERRIDES = rattler.VirtualPackageOverrides.from_env()

_T = TypeVar("_T")
_Key = tuple[str, str, str, str]


def _run(work: Awaitable[_T]) -> _T:
    async def wait() -> _T:
        return await work

    return asyncio.run(wait())


class RattlerEngine:
    """Solves, fetches and links with py-rattler.

    Args:
        prefix: the environment.
        channels: in the order of their priority.
        cache: the folder for packages and repodata.
        priority: what a channel that has a name means for the channels after it.
        network: how to reach them, and whether only what the cache holds may be used.
        reporter: told what does not stop the work, and how far it has come.
    """

    def __init__(
        self,
        prefix: Prefix,
        channels: Sequence[Channel],
        cache: Path,
        *,
        priority: Priority = Priority.STRICT,
        network: Network | None = None,
        reporter: Reporter | None = None,
    ) -> None:
        self._prefix = prefix
        self._reporter = reporter or Reporter()
        told = self._reporter.noticed
        self._access = Access(channels, cache, network or Network(), told, self._is_kept)
        self._cache = cache
        self._priority = priority
        self._known: dict[_Key, rattler.RepoDataRecord] = {}
        self._made_here: dict[_Key, Record] = {}
        self._again: dict[_Key, rattler.RepoDataRecord] = {}
        self._installed = Installed(prefix.conda_meta, self._foreign)

    @property
    def _platforms(self) -> list[rattler.Subdir]:
        return [rattler.Subdir(self._prefix.target.subdir), rattler.Subdir("noarch")]

    # Names and packages

    def shelves(self, names: Collection[CondaName]) -> dict[CondaName, Shelf]:
        """See `seams.CondaEngine.shelves`."""
        if not names:
            return {}
        specs = [rattler.MatchSpec(name) for name in sorted(names)]
        found: dict[CondaName, list[rattler.RepoDataRecord]] = {}
        for record in self._access.records(specs, self._platforms):
            found.setdefault(CondaName(record.name.normalized), []).append(record)
        # What cannot be fetched is not on offer, but its name is taken.
        unfetched = dict.fromkeys(self._access.unfetched & {*names}, Shelf())
        return unfetched | {name: self._shelf(records) for name, records in found.items()}

    def _is_kept(self, record: rattler.RepoDataRecord) -> bool:
        return self._contents.lies_here(our_record(record))

    def _shelf(self, records: Sequence[rattler.RepoDataRecord]) -> Shelf:
        """Put one name's records in the order of preference, those of hidden channels left out."""
        ranks = {channel: rank for rank, channel in enumerate(_channels(records))}
        if self._priority is Priority.STRICT:
            records = [record for record in records if ranks[record.channel] == 0]
        best = sorted(records, key=lambda it: (it.version, it.build_number), reverse=True)
        if self._priority is Priority.FLEXIBLE:
            best.sort(key=lambda record: ranks[record.channel])
        fit = [record for record in best if self._admits_python(record)]
        others = [] if fit else best[:1]
        return Shelf(tuple(map(self._remember, fit)), *map(self._remember, others))

    def _admits_python(self, record: rattler.RepoDataRecord) -> bool:
        """Whether its condition on python holds for the python in the prefix."""
        python = self._installed_python
        return python is None or all(
            rattler.MatchSpec(depend).matches(python)
            for depend in record.depends
            if depend.split(" ", 1)[0] == "python"
        )

    @cached_property
    def _installed_python(self) -> rattler.PrefixRecord | None:
        found = sorted(self._prefix.conda_meta.glob("python-[0-9]*.json"))
        return rattler.PrefixRecord.from_path(found[0]) if found else None

    def _remember(self, record: rattler.RepoDataRecord) -> Record:
        known = our_record(record)
        self._known.setdefault(known.key, record)
        return self._made_here.get(known.key, known)

    def virtual_packages(self) -> frozenset[CondaName]:
        """See `seams.CondaEngine.virtual_packages`."""
        found = (each.into_generic() for each in self._virtual_packages)
        return frozenset(CondaName(each.name.normalized) for each in found)

    @cached_property
    def _virtual_packages(self) -> list[rattler.VirtualPackage]:
        return rattler.VirtualPackage.detect(_OVERRIDES)

    def ships(self, record: Record) -> tuple[Shipped, ...]:
        """See `seams.CondaEngine.ships`; the cheapest witness is heard first."""
        known = self._contents.of(record)
        if known is None:
            known = self._look_into(record)
            self._contents.keep(record, known, hashed=False)
        return known

    @cached_property
    def _contents(self) -> Contents:
        return Contents(self._cache / CONTENTS, self.packages)

    def _look_into(self, record: Record) -> tuple[Shipped, ...]:
        url = self._known[record.key].url

        try:
            return shipped_dists(self._access.run(listed_paths(self._access.client, url)))
        except EngineError:
            raise
        except Exception as error:
            # py-rattler's exceptions share no base.
            raise EngineError(
                "package-unreadable", package=record.dist_name, text=redacted(str(error))
            ) from error

    # The one solve

    def solve(self, problem: Problem) -> Solution:
        """See `seams.CondaEngine.solve`."""
        memory = Memory([self._foreign(record) for record in problem.extra])
        installed = {item.record.name: item for item in problem.installed}
        locked = self._installed.favourites(problem.installed)
        # Of a name that is asked for with a condition, rattler would load the records that satisfy
        # it alone, and a channel without any would hide nothing of those after it.
        names = sorted({*installed, *spec_names(problem.specs)})
        constraints = [*problem.specs, *problem.constraints]
        work = rattler.solve(
            # First, so that a name is offered from one side only: a record made here comes before
            # the channels' packages of its name, or hides them (see decisions/0003).
            [memory, *self._access.sources],
            [rattler.MatchSpec(name) for name in names],
            gateway=self._access.gateway,
            platforms=self._platforms,
            locked_packages=[
                record
                for name, record in locked.items()
                if name not in problem.unlocked | problem.fixed
            ],
            pinned_packages=[record for name, record in locked.items() if name in problem.fixed],
            virtual_packages=self._virtual_packages,
            channel_priority=_PRIORITIES[self._priority],
            constraints=[rattler.MatchSpec(spec) for spec in constraints],
            channel_relations="disabled",
        )
        try:
            solved = self._access.run(work)
        except SolverError as error:
            raise Unsolvable(str(error)) from error
        except GatewayError as error:
            raise self._access.unreadable(error) from error
        return Solution(tuple(map(self._remember, solved)))

    def _foreign(self, record: Record) -> rattler.RepoDataRecord:
        """Make a record for rattler out of one of ours that no channel has, and remember ours."""
        self._made_here[record.key] = record
        return foreign_record(record)

    # Fetching and linking

    def fetch(self, records: Sequence[Record]) -> dict[_Key, tuple[Shipped, ...]]:
        """See `seams.CondaEngine.fetch`.

        py-rattler fills its cache only by installing, so packages are linked into a throw-away
        prefix; hard links make that cheap.
        """
        for record in records:
            check_local(record)
        if not records:
            return {}
        staging = self._cache / "staging"
        staging.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=staging) as folder:
            self._stage(records, Path(folder))
            found = {
                item.record.key: read_contents(Path(folder), item.files)
                for item in Prefix(Path(folder)).records()
            }
        for record in records:
            self._contents.keep(record, found[record.key], hashed=True)
        return found

    def _stage(self, records: Sequence[Record], folder: Path) -> None:
        wanted = [self._handle(record, {}) for record in records]
        python = self._installed_python
        names = {record.name.normalized for record in wanted}
        remote = {it.name.normalized for it in wanted if not it.url.startswith("file:")}
        if python is not None and "python" not in names:
            wanted.append(python)
        try:
            with self._reporter.downloading() as downloaded:
                self._access.run(
                    rattler.install(
                        wanted,
                        folder,
                        cache_dir=self.packages,
                        installed_packages=[],
                        ignored_packages={"python"} - names,
                        show_progress=False,
                        execute_link_scripts=False,
                        client=self._access.client,
                        platform=self._platforms[0],
                        reporter=watching(remote, downloaded) if remote else None,
                    )
                )
        except EngineError:
            raise
        except Exception as error:
            # py-rattler's exceptions share no base.
            raise self._access.unfetchable(error) from error

    def relink_from(self, record: Record) -> None:
        """Know an installed record by the archive that it shall be linked from again.

        Its `url` is that archive, and its `sha256` that of the archive.
        """
        handle = self._installed.read(record)
        handle.url, handle.file_name = record.url, record.file_name
        handle.sha256 = bytes.fromhex(record.sha256) if record.sha256 else None
        handle.subdir = record.url.split("/")[-2]
        self._again[record.key] = handle

    def download(self, url: str, path: Path) -> None:
        """Bring a package of a channel to a file.

        Raises:
            EngineError: it cannot be had.
        """
        try:
            self._access.run(download_to_path(self._access.client, url, path))
        except EngineError:
            raise
        except Exception as error:
            # py-rattler's exceptions share no base.
            raise self._access.unfetchable(error) from error

    def layouts(self, records: Sequence[Record]) -> dict[_Key, Layout]:
        """See `seams.CondaEngine.layouts`; packages made here are read where they lie."""
        here = {record.key: self._info(record) for record in records}
        self.fetch([record for record in records if here[record.key] is None])
        found = {}
        for record in records:
            info = here[record.key] or self._info(record)
            if info is None:
                raise EngineError("package-unreadable", package=record.dist_name, text="info/")
            found[record.key] = layout(info, self.packages / record.dist_name, self._prefix.target)
        return found

    def _info(self, record: Record) -> Mapping[str, Any] | None:
        """Read the `info/` of a package, from its archive if that lies here; None without it."""
        try:
            file = local_file(record.url)
            if file and record.file_name.endswith(".conda"):
                return read_archive(file)
            return read_extracted(self.packages / record.dist_name)
        except (OSError, ValueError, KeyError):
            return None

    def apply(self, records: Sequence[Record], reinstall: Collection[CondaName] = ()) -> None:
        """See `seams.CondaEngine.apply`."""
        here = {item.record.key: item.record for item in self._prefix.records()}
        wanted = [self._handle(record, here) for record in records]
        handles = map(self._installed.handle, here.values())
        installed = [record for record in handles if isinstance(record, rattler.PrefixRecord)]
        with _no_cache_tag(self._prefix.path):
            self._link(wanted, installed, reinstall)

    def _link(
        self,
        wanted: list[rattler.RepoDataRecord],
        installed: list[rattler.PrefixRecord],
        reinstall: Collection[CondaName],
    ) -> None:
        reporter = self._reporter
        watched = watching(linked=reporter.linked) if reporter.moves else None
        try:
            _run(
                rattler.install(
                    wanted,
                    self._prefix.path,
                    cache_dir=self.packages,
                    # It would read every record of the prefix anew.
                    installed_packages=installed,
                    reinstall_packages=set(reinstall),
                    show_progress=False,
                    # conda runs them as well; a converted package can have none.
                    execute_link_scripts=True,
                    client=self._access.client,
                    platform=self._platforms[0],
                    reporter=watched,
                )
            )
        except Exception as error:
            raise EngineError("link-failed", text=redacted(str(error))) from error

    @property
    def packages(self) -> Path:
        """The cache of extracted packages."""
        return self._cache / "pkgs"

    def _handle(self, record: Record, here: Mapping[_Key, Record]) -> rattler.RepoDataRecord:
        """Find or make what rattler calls this record; an installed one stays itself."""
        if record.key in self._again:
            return self._again[record.key]
        installed = here.get(record.key)
        if installed is not None and installed.sha256 == record.sha256:
            return self._installed.handle(installed)
        if record.origin is Origin.CONVERTED:
            return self._foreign(record)
        return self._known[record.key]


@contextmanager
def _no_cache_tag(prefix: Path) -> Iterator[None]:
    """Keep rattler from marking an environment as a cache, which backups then leave out."""
    tag = prefix / "CACHEDIR.TAG"
    had_one = tag.exists()
    yield
    if not had_one:
        tag.unlink(missing_ok=True)


def _channels(records: Sequence[rattler.RepoDataRecord]) -> Sequence[str | None]:
    """Name the channels of some records, in the order of their priority."""
    return tuple(dict.fromkeys(record.channel for record in records))
