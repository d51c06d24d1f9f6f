"""Repairs what was found, by one change under the journal.

`mend` takes the steps of findings: packages that are linked again are brought first, everything
else is laid out in a folder, and then one change does it all.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from packaging.markers import default_environment

from pipguard.bundle.repack import is_whole
from pipguard.bundle.sources import Sources, digest_of
from pipguard.change import Change
from pipguard.changes.mending import Mending
from pipguard.changes.open_operation import Command
from pipguard.doctor.case import Case
from pipguard.doctor.dists import taken_over
from pipguard.doctor.findings import Finding, Forget, Remove, Repack, Restore, Rewrite, Step
from pipguard.doctor.repacking import repack
from pipguard.doctor.staging import adoptions, stage
from pipguard.engine.rattler import RattlerEngine
from pipguard.kept_bytecode import kept_in
from pipguard.names import CondaName
from pipguard.pip_tool import PipTool
from pipguard.prefix import Prefix
from pipguard.problems import Problem
from pipguard.records import InstalledRecord, Record
from pipguard.seams import Journal, Reporter
from pipguard.sources import engine_of, settle
from pipguard.transaction import Transaction
from pipguard.wheels.channel import LocalChannel

# What linking anew writes itself; all else of a record is what it was.
_LINKED = frozenset({"files", "paths_data", "link", "extracted_package_dir"})


@dataclass(frozen=True, slots=True)
class Hospital:
    """What a repair needs from outside.

    Attributes:
        prefix: the environment.
        engine: links packages.
        sources: where packages may be.
        local: the channel of converted packages.
        transaction: changes the environment.
        launcher: the `pipguard` that a guard shall start.
        workshop: an empty folder on the disk of the environment.
    """

    prefix: Prefix
    engine: RattlerEngine
    sources: Sources
    local: LocalChannel
    transaction: Transaction
    launcher: Path
    workshop: Path


@contextmanager
def hospital_of(
    prefix: Prefix, arguments: tuple[str, ...], launcher: Path, reporter: Reporter
) -> Iterator[Hospital]:
    """Build what a repair needs; its workshop goes with the block.

    Raises:
        UsageError: settings or conda's configuration cannot be used.
    """
    found = settle(prefix)
    engine = engine_of(prefix, found, reporter)
    cache = found.settings.cache.value
    caches = (engine.packages, *(it.value for it in found.config.package_dirs))
    command = Command("pipguard", arguments)
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="mending-", dir=cache) as workshop:
        yield Hospital(
            prefix=prefix,
            engine=engine,
            sources=Sources(
                prefix.path, caches, None if found.network.offline else engine.download
            ),
            local=LocalChannel(found.settings.channel.value),
            transaction=Transaction(
                prefix,
                lambda: engine,
                PipTool(prefix, ("install",)),
                command,
                reporter,
                keep=lambda: found.settings.keep.value,
                bytecode=lambda: kept_in(cache, os.environ),
            ),
            launcher=launcher,
            workshop=Path(workshop),
        )


def mend(
    case: Case, findings: Sequence[Finding], hospital: Hospital, journal: Journal
) -> tuple[Problem, ...]:
    """Take the steps of findings, all of them by one change; say which packages cannot be had.

    Raises:
        TransactionError: it failed and was taken back.
        EngineError, PrefixError, OSError: nothing was touched.
    """
    if case.evidence.target is None:
        hospital.prefix.learn(_assumed(case))
    archives, problems = _bring(case, findings, hospital)
    steps = _feasible(case, findings, archives)
    if not steps:
        return problems
    mending = stage(case, steps, hospital.workshop / "files", hospital.launcher)
    stamps = tuple((archives[name], _kept(case.records[name])) for name in archives)
    lost = [case.records[step.record.name] for step in steps if isinstance(step, Repack)]
    records, lasting = repack(lost, hospital.sources, hospital.local, hospital.workshop / "lost")
    puts = {**records, **dict(mending.puts)}
    mending = replace(mending, stamps=stamps, puts=tuple(puts.items()))
    change = replace(_change(case, findings, archives, mending), adopted=_adopted(steps))
    journal.commit(change)
    return (*problems, *lasting)


def _assumed(case: Case) -> dict[str, Any]:
    """Say of a python that does not start what its record says of it."""
    python = case.records[CondaName("python")].record.version
    minor = ".".join(python.split(".")[:2])
    markers = {**default_environment(), "python_version": minor, "python_full_version": python}
    return {
        "python": python,
        "site_packages": case.evidence.site,
        "free_threaded": f"python{minor}t/" in case.evidence.site,
        "markers": markers,
    }


# Packages


def _bring(
    case: Case, findings: Sequence[Finding], hospital: Hospital
) -> tuple[dict[CondaName, Record], tuple[Problem, ...]]:
    """Bring the packages that are to be linked again.

    Returns:
        by name, the records with the address and the hash of what was brought; and why others
        could not be had.
    """
    found: dict[CondaName, Record] = {}
    problems: list[Problem] = []
    for name in _restored(findings):
        item = case.records[name]
        _drop_if_altered(hospital.engine.packages / item.record.dist_name)
        path = hospital.sources.bring(item, hospital.workshop / "channel")
        if not isinstance(path, Path):
            problems.extend(path)
            continue
        record = replace(
            item.record, url=path.as_uri(), file_name=path.name, sha256=digest_of(path)
        )
        hospital.engine.relink_from(record)
        found[name] = record
    return found, tuple(problems)


def _restored(findings: Sequence[Finding]) -> tuple[CondaName, ...]:
    names = (
        step.record.name
        for finding in findings
        for step in finding.steps
        if isinstance(step, Restore)
    )
    return tuple(dict.fromkeys(names))


def _drop_if_altered(folder: Path) -> None:
    """Drop an extracted package that was written into: it is one on the disk with the prefix."""
    if folder.is_dir() and not is_whole(folder):
        shutil.rmtree(folder)
        folder.with_name(f"{folder.name}.lock").unlink(missing_ok=True)


def _kept(item: InstalledRecord) -> dict[str, Any]:
    return {key: value for key, value in item.data.items() if key not in _LINKED}


# The change


def _feasible(
    case: Case, findings: Sequence[Finding], archives: dict[CondaName, Record]
) -> tuple[Step, ...]:
    """Leave out what cannot be restored, and what linking puts right by itself."""
    steps = []
    for finding in findings:
        for step in finding.steps:
            if isinstance(step, Restore) and step.record.name not in archives:
                continue
            if isinstance(step, Rewrite) and case.owner.get(step.path) in archives:
                continue
            steps.append(step)
    return tuple(steps)


def _change(
    case: Case, findings: Sequence[Finding], archives: dict[CondaName, Record], mending: Mending
) -> Change:
    going = taken_over(findings)
    stay = [item.record for item in case.evidence.records if item.record.name not in going]
    return Change(
        records=tuple(archives.get(record.name, record) for record in stay),
        before=case.evidence.records,
        reinstall=frozenset(archives),
        removed=_removed(findings),
        removed_specs=tuple(sorted(going)),
        mending=mending,
    )


def _removed(findings: Sequence[Finding]) -> tuple[tuple[str, str], ...]:
    """Name the dists that go with nothing in their place."""
    going = ((it.name, dict(it.facts).get("version", "")) for it in findings if _goes(it))
    return tuple(sorted({(name, version) for name, version in going if version}))


def _adopted(steps: Sequence[Step]) -> tuple[tuple[str, str], ...]:
    """Name the dists that get a record."""
    return tuple((it.name, it.version) for step in steps for it in adoptions(step))


def _goes(finding: Finding) -> bool:
    return bool(finding.steps) and isinstance(finding.steps[0], (Forget, Remove))
