"""Looks at an environment: records against files, site-packages, links, scripts, the guard.

Reads only. Start at `examine`, which makes the `Evidence` that `diagnosis.py` judges.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from pipguard.doctor.evidence import Damage, Evidence, Info
from pipguard.doctor.files import entries, hold_against_disk
from pipguard.doctor.links import broken_commands, dangling
from pipguard.doctor.site import find_sites, read_infos, with_damage
from pipguard.errors import PrefixError
from pipguard.faults import check
from pipguard.guard_record import read_guard
from pipguard.names import CondaName
from pipguard.prefix import Prefix
from pipguard.records import InstalledRecord, Origin
from pipguard.target import Target

_SCRIPTS = "bin/"
_UNREADABLE = "unreadable"


def examine(prefix: Prefix, *, full: bool = False) -> Evidence:
    """Look at an environment.

    Args:
        prefix: the environment.
        full: hash every file, whatever its size and date say.

    Raises:
        PrefixError: it is no environment, or a record cannot be read.
    """
    records = prefix.records()
    sites = find_sites(prefix.path)
    owners = {path: item.record.name for item in records for path in item.files}
    faults, placed = _guard(prefix.path)
    damages = hold_against_disk(prefix.path, records, full=full, spared=placed)
    seen = [
        read_infos(prefix.path, site, owners, present=not number)
        for number, site in enumerate(sites)
    ]
    stashed = tuple(path for _, found in seen for path in found)
    infos = with_damage(prefix.path, [info for found, _ in seen for info in found], stashed)
    firm = _firm(records, damages)
    return Evidence(
        prefix=str(prefix.path),
        site=next(iter(sites), ""),
        target=_target(prefix),
        records=records,
        damages=damages,
        infos=infos,
        stashed=stashed,
        dangles=tuple(found for site in sites[:1] for found in dangling(prefix.path, site, firm)),
        commands=tuple(broken_commands(prefix.path, _scripts(records, infos))),
        faults=faults,
        unavailable=frozenset(it.record.name for it in records if _is_lost(it)),
    )


def _firm(
    records: Sequence[InstalledRecord], damages: Mapping[CondaName, Damage]
) -> frozenset[str]:
    """Select the paths that a package brought and that are as it brought them."""
    hurt = {path for damage in damages.values() for path in damage.paths}
    brought = (it.files for it in records if it.record.origin is not Origin.PIP)
    return frozenset(path for files in brought for path in files if path not in hurt)


def _is_lost(item: InstalledRecord) -> bool:
    """Say whether the package of a converted record has gone from this machine.

    Of one that came from a channel over the network, the channel knows.
    """
    parts = urlsplit(item.record.url)
    if item.record.origin is not Origin.CONVERTED or parts.scheme != "file":
        return False
    cached = Path(item.data.get("extracted_package_dir") or "", "info/paths.json")
    return not (Path(url2pathname(parts.path)).is_file() or cached.is_file())


def _target(prefix: Prefix) -> Target | None:
    """Ask the python what it is; a damaged one may not answer, and is to be repaired first."""
    try:
        return prefix.target
    except PrefixError:
        return None


def _guard(prefix: Path) -> tuple[tuple[tuple[str, str], ...], frozenset[str]]:
    """Check the guard: its faults, and the paths that it has placed."""
    try:
        guard = read_guard(prefix)
        faults = check(prefix)
    except PrefixError:
        return ((_UNREADABLE, "conda-meta/pipguard/guard.json"),), frozenset()
    placed = frozenset(guard.files) if guard else frozenset[str]()
    return tuple((fault.kind.value, fault.path) for fault in faults), placed


def _scripts(records: tuple[InstalledRecord, ...], infos: tuple[Info, ...]) -> Iterator[str]:
    """Name the scripts that must run under the environment's python.

    What a conda package ships with another interpreter on purpose is none: linking writes the
    prefix into entry points and into text with a placeholder.
    """
    for item in records:
        from_pypi = item.record.origin is not Origin.CONDA
        for entry in entries(item):
            if entry["_path"].startswith(_SCRIPTS) and (from_pypi or _names_prefix(entry)):
                yield entry["_path"]
    for info in infos:
        if info.owner is None and not info.stashed:
            yield from (row.path for row in info.rows or () if row.path.startswith(_SCRIPTS))


def _names_prefix(entry: Mapping[str, object]) -> bool:
    return entry.get("path_type") == "unix_python_entry_point" or bool(
        entry.get("prefix_placeholder")
    )
