"""The embedded engine: py-rattler behind `seams.CondaEngine`.

Names, packages and the one solve are here, linking is in `linking.py`; nothing outside of this
folder knows py-rattler. Its traps are in `docs/architecture.md`. Imported late: it costs 50 ms.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

import rattler
from rattler.exceptions import GatewayError, SolverError
from rattler.package_streaming import download_to_path

from pipguard.credentials import redacted
from pipguard.engine.access import Access
from pipguard.engine.archives import check_local, listed_paths
from pipguard.engine.channels import Channel
from pipguard.engine.condarc import Priority
from pipguard.engine.contents import CONTENTS, Contents, shipped_dists
from pipguard.engine.exchange import (
    Memory,
    our_record,
    spec_names,
)
from pipguard.engine.handles import Handles
from pipguard.engine.layout import layout, local_file, read_archive, read_extracted
from pipguard.engine.linking import Linker
from pipguard.engine.neighbours import Neighbours
from pipguard.errors import EngineError, Unsolvable
from pipguard.names import CondaName
from pipguard.network import Network
from pipguard.prefix import Prefix
from pipguard.records import Record, RecordKey, Shipped, Solution
from pipguard.seams import Layout, Problem, Reporter, Shelf
from pipguard.site_dists import read_contents

_PRIORITIES = {
    Priority.STRICT: rattler.ChannelPriority.Strict,
    Priority.FLEXIBLE: rattler.ChannelPriority.Flexible,
    Priority.DISABLED: rattler.ChannelPriority.Disabled,
}
# conda's `CONDA_OVERRIDE_CUDA` and its like.
_OVERRIDES = rattler.VirtualPackageOverrides.from_env()


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
        self._shelves: dict[CondaName, Shelf] = {}
        self._handles = Handles(prefix.conda_meta)
        self._linker = Linker(prefix, self.packages, self._access, self._handles, self._reporter)

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
        shelves = unfetched | {name: self._shelf(records) for name, records in found.items()}
        self._shelves |= shelves
        return shelves

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
        return Shelf(tuple(map(self._handles.remember, fit)), *map(self._handles.remember, others))

    def _admits_python(self, record: rattler.RepoDataRecord) -> bool:
        """Whether its condition on python holds for the python in the prefix."""
        python = self._handles.python
        return python is None or all(
            rattler.MatchSpec(depend).matches(python)
            for depend in record.depends
            if depend.split(" ", 1)[0] == "python"
        )

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
        url = self._handles.offered(record).url
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
        neighbours = Neighbours(
            {item.record.name: item for item in problem.installed}, self._handles.installed.handle
        )
        heard = self._concerned(problem, neighbours)
        while True:
            memory = Memory([self._handles.foreign(record) for record in problem.extra])
            solved, refusal = self._tried(problem, heard, memory)
            # What the solver can come upon it must know as installed, or it is not on offer, or
            # in another version.
            missed = neighbours.with_needs(memory.asked) - heard
            missed = missed or neighbours.with_needs(neighbours.objecting(heard, solved))
            if not missed:
                break
            heard |= missed
        if refusal:
            raise refusal
        left_out = (item.record for item in problem.installed if item.record.name not in heard)
        return Solution((*left_out, *map(self._handles.remember, solved)))

    def _concerned(self, problem: Problem, neighbours: Neighbours) -> frozenset[CondaName]:
        """Name the installed packages that a solve begins with."""
        asked = spec_names(problem.specs) | problem.unlocked
        best = (shelf.records[:1] for name, shelf in self._shelves.items() if name in asked)
        coming = [*problem.extra, *chain.from_iterable(best)]
        needed = spec_names([depend for record in coming for depend in record.depends])
        limited = spec_names(problem.constraints)
        return neighbours.around(asked) | neighbours.with_needs(needed | limited)

    def _tried(
        self, problem: Problem, heard: Collection[CondaName], memory: Memory
    ) -> tuple[Sequence[rattler.RepoDataRecord], Unsolvable | None]:
        try:
            return self._solved(problem, heard, memory), None
        except Unsolvable as refusal:
            return (), refusal

    def _solved(
        self, problem: Problem, heard: Collection[CondaName], memory: Memory
    ) -> Sequence[rattler.RepoDataRecord]:
        """Solve for the installed packages that are heard of."""
        locked = self._handles.installed.favourites(
            [item for item in problem.installed if item.record.name in heard]
        )
        # Of a name that is asked for with a condition, rattler would load the records that satisfy
        # it alone, and a channel without any would hide nothing of those after it.
        names = sorted({*heard, *spec_names(problem.specs)})
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
            return self._access.run(work)
        except SolverError as error:
            raise Unsolvable(str(error)) from error
        except GatewayError as error:
            raise self._access.unreadable(error) from error

    # Fetching and linking

    def fetch(self, records: Sequence[Record]) -> dict[RecordKey, tuple[Shipped, ...]]:
        """See `seams.CondaEngine.fetch`; what is in a package is read where it was unpacked."""
        for record in records:
            check_local(record)
        if not records:
            return {}
        staging = self._cache / "staging"
        staging.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=staging) as folder:
            self._linker.fill(records, Path(folder))
            found = {
                item.record.key: read_contents(Path(folder), item.files)
                for item in Prefix(Path(folder)).records()
            }
        for record in records:
            self._contents.keep(record, found[record.key], hashed=True)
        return found

    def relink_from(self, record: Record) -> None:
        """Know an installed record by the archive that it shall be linked from again.

        Its `url` is that archive, and its `sha256` that of the archive.
        """
        self._handles.relink_from(record)

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

    def layouts(self, records: Sequence[Record]) -> dict[RecordKey, Layout]:
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

    def apply(
        self,
        records: Sequence[Record],
        reinstall: Collection[CondaName] = (),
        apart: Collection[CondaName] = (),
    ) -> None:
        """See `seams.CondaEngine.apply`."""
        self._linker.apply(records, reinstall, apart)

    @property
    def packages(self) -> Path:
        """The cache of extracted packages."""
        return self._cache / "pkgs"


def _channels(records: Sequence[rattler.RepoDataRecord]) -> Sequence[str | None]:
    """Name the channels of some records, in the order of their priority."""
    return tuple(dict.fromkeys(record.channel for record in records))
