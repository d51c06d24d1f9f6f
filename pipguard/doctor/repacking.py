"""The packages of converted records, put back into the local channel where that has lost them.

What is made again holds the very files that the package had, each by its hash; only the archive
around them is another one, so the record takes its hash over. Start at `repack`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipguard.bundle.sources import Sources, digest_of, subdir_of
from pipguard.conda_meta import as_text
from pipguard.problems import Problem
from pipguard.records import InstalledRecord
from pipguard.wheels.channel import LocalChannel, StoredPackage
from pipguard.wheels.metadata import PackageIndex
from pipguard.wheels.package import ConvertedPackage
from pipguard.wheels.users import note


def repack(
    items: Sequence[InstalledRecord], sources: Sources, channel: LocalChannel, workshop: Path
) -> tuple[dict[str, Path], tuple[Problem, ...]]:
    """Make packages again, and what conda-meta says of them.

    Args:
        items: the records.
        sources: where the packages, or their files, may be.
        channel: into which they go.
        workshop: an empty folder.

    Returns:
        by path in the environment, the new file of each record; and why others cannot be made.
    """
    puts: dict[str, Path] = {}
    problems: list[Problem] = []
    for item in items:
        path = sources.bring(item, workshop)
        if not isinstance(path, Path):
            problems.extend(path)
            continue
        stored = channel.add(_package(item, path))
        note(channel.folder, sources.prefix, stored.path)
        record = workshop / f"{item.record.dist_name}.json"
        record.write_bytes(as_text({**item.data, **_whereabouts(stored)}))
        record.chmod(0o644)
        puts[f"conda-meta/{record.name}"] = record
    return puts, tuple(problems)


def _package(item: InstalledRecord, path: Path) -> ConvertedPackage:
    told = {"purls": (), **item.data, "subdir": subdir_of(item)}
    return ConvertedPackage(
        path=path,
        index=PackageIndex.from_json(told),
        sha256=digest_of(path),
        md5=digest_of(path, "md5"),
        size=path.stat().st_size,
    )


def _whereabouts(stored: StoredPackage) -> dict[str, Any]:
    return {
        "url": stored.url,
        "fn": stored.path.name,
        "sha256": stored.sha256,
        "md5": stored.md5,
        "size": stored.size,
    }
