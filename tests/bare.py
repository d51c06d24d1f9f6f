"""Channels of repodata alone, and an environment of records alone: all that the solver looks at.

No package lies behind them, so that thousands are made in no time; nothing can be linked.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from values import TARGET, candidate, record

from pipguard.engine.channels import Channel
from pipguard.engine.condarc import Priority
from pipguard.engine.rattler import RattlerEngine
from pipguard.names import pypi_name
from pipguard.plan import Candidate
from pipguard.prefix import Prefix
from pipguard.records import InstalledRecord, Record, Shipped, Solution
from pipguard.seams import Problem

_BUILD_PYTHON = record("python", TARGET.python, build="h1_0_cpython", subdir=TARGET.subdir)


def channel(folder: Path, records: Iterable[Record]) -> Channel:
    """Write the repodata of these records below a folder."""
    listed = tuple(records)
    for subdir in (TARGET.subdir, "noarch"):
        packages = {it.file_name: _entry(it) for it in listed if it.subdir == subdir}
        (folder / subdir).mkdir(parents=True, exist_ok=True)
        document = {"info": {"subdir": subdir}, "packages": {}, "packages.conda": packages}
        (folder / subdir / "repodata.json").write_text(json.dumps(document))
    url = folder.resolve().as_uri()
    return Channel(url, url, url)


def prefix(folder: Path, installed: Iterable[InstalledRecord] = ()) -> Prefix:
    """Write the records of an environment with python 3.11 in it, which is never started."""
    (folder / "conda-meta").mkdir(parents=True)
    for item in (InstalledRecord(_BUILD_PYTHON, ()), *installed):
        path = folder / "conda-meta" / f"{item.record.dist_name}.json"
        whence = {"url": item.record.url, "channel": item.record.channel}
        more = {"fn": item.record.file_name, "files": list(item.files)}
        path.write_text(json.dumps({**_entry(item.record), **whence, **more}))
    made = Prefix(folder)
    # A cached property; asking would start the interpreter.
    made.__dict__["target"] = TARGET
    return made


class Engine(RattlerEngine):
    """The real one, but that packages need not exist to be opened; it counts its solves.

    `contents` has what would be in them, by default the dist of the package's name.
    """

    contents: Mapping[tuple[str, str, str, str], tuple[Shipped, ...]] = {}
    solves = 0

    def ships(self, record: Record) -> tuple[Shipped, ...]:
        return self.contents.get(record.key) or (Shipped(pypi_name(record.name), record.version),)

    def fetch(
        self, records: Sequence[Record]
    ) -> dict[tuple[str, str, str, str], tuple[Shipped, ...]]:
        return {record.key: self.ships(record) for record in records}

    def solve(self, problem: Problem) -> Solution:
        self.solves += 1
        return super().solve(problem)


def engine(environment: Prefix, *channels: Channel, priority: Priority = Priority.STRICT) -> Engine:
    """The real engine over these."""
    return Engine(environment, channels, environment.path / "cache", priority=priority)


def _entry(it: Record) -> dict[str, Any]:
    return {
        "name": it.name,
        "version": it.version,
        "build": it.build,
        "build_number": 0,
        "subdir": it.subdir,
        "depends": list(it.depends),
        "sha256": it.sha256,
        **({"noarch": "python"} if it.subdir == "noarch" else {}),
        **({"purls": list(it.purls)} if it.purls else {}),
    }


def closure(size: int) -> list[Candidate]:
    """One request, and a dependency that needs the next two, and so on."""
    return [
        candidate(
            f"dist-{number}",
            requires=[f"dist-{other}>=1" for other in range(number + 1, min(number + 3, size))],
            **({"asked": "dist-0"} if number == 0 else {}),
        )
        for number in range(size)
    ]
