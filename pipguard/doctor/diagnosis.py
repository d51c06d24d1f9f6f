"""From what was seen to findings, each with the steps that would cure it.

Pure. The rules, in one place:

- what pip installed last, and whole, keeps its version: it is adopted, in the place of the conda
  package of that dist if there is one (`dists.py`);
- what conda has linked over a dist of pip's, and all that is half there, gives way to conda's;
- a record whose files do not hold is restored where a package is behind it, else it is made to say
  what is there, or forgotten where nothing is.

Start at `diagnose`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pipguard.doctor.case import Case, files_of, in_site
from pipguard.doctor.dists import dist_findings, taken_over
from pipguard.doctor.evidence import Info
from pipguard.doctor.findings import (
    Adopt,
    Finding,
    Forget,
    Kind,
    Move,
    Place,
    Remove,
    Repack,
    Restore,
    Rewrite,
    Step,
    in_order,
)
from pipguard.doctor.overlaps import overlaps
from pipguard.doctor.requirements import unmet
from pipguard.doctor.runtimes import second_runtimes
from pipguard.names import PyPIName
from pipguard.records import InstalledRecord, Origin, shipped
from pipguard.wheels.core import CoreMetadata


def diagnose(case: Case) -> tuple[Finding, ...]:
    """Judge an environment."""
    dists = tuple(dist_findings(case))
    records = tuple(_records(case, dists))
    found = [
        *dists,
        *records,
        *_dangles(case, dists),
        *_commands(case),
        *_guard(case),
        *_requirements(case, (*dists, *records)),
        *second_runtimes(case.evidence.records, _strays(case)),
        *_unavailable(case),
        *overlaps(case.evidence.records),
    ]
    return in_order(found)


# Records


def _records(case: Case, dists: tuple[Finding, ...]) -> Iterator[Finding]:
    """Judge the records whose files do not hold and in whose place nothing comes."""
    displaced = taken_over(dists)
    for item in case.evidence.records:
        if item.record.name in case.evidence.damages and item.record.name not in displaced:
            yield from _record(case, item)


def _record(case: Case, item: InstalledRecord) -> Iterator[Finding]:
    damage, name = case.damage(item), item.record.name
    step = (
        _of_pip(case, item)
        if item.record.origin is Origin.PIP
        else Restore(item.record, item.dists)
    )
    facts = (("version", item.record.version),)
    if _dist_has_gone(case, item):
        yield Finding(Kind.STALE_RECORD, name, damage.missing, (step,), facts)
        return
    if damage.altered:
        yield Finding(Kind.OVERWRITTEN, name, damage.altered, (step,), facts)
    if damage.missing:
        yield Finding(Kind.MISSING, name, damage.missing, (step,), facts)


def _dist_has_gone(case: Case, item: InstalledRecord) -> bool:
    """Say whether a record ships dists, and nothing in site-packages is left of them."""
    left = [path for path in case.remains(item) if in_site(path) and not path.endswith(".pyc")]
    return bool(shipped(item.files)) and not left


def _of_pip(case: Case, item: InstalledRecord) -> Step:
    """Cure the record of what true pip installed: no package is behind it."""
    info = next((it for it in case.evidence.infos if it.owner == item.record.name), None)
    if info is None or info.name is None:
        return Forget(item.record, case.remains(item))
    return Adopt(info.name, info.version, info.path, item.record.name, (item.record,))


# Text files


def _dangles(case: Case, dists: tuple[Finding, ...]) -> Iterator[Finding]:
    """Judge lines that lead nowhere; those of a dist that goes anyway go with it."""
    going = {path for finding in dists for step in finding.steps for path in _deleted(step)}
    for dangle in case.evidence.dangles:
        if dangle.path not in going:
            name = dangle.path.rpartition("/")[2]
            facts = tuple(("target", target) for target in dangle.targets)
            steps = (Rewrite(dangle.path, dangle.left),)
            yield Finding(Kind.DANGLING, name, (dangle.path,), steps, facts)


def _deleted(step: Step) -> tuple[str, ...]:
    match step:
        case Remove(paths=paths) | Forget(files=paths):
            return paths
        case _:
            return ()


def _commands(case: Case) -> Iterator[Finding]:
    """Judge commands; those that are no longer what their record says are restored with it."""
    damaged = {path for damage in case.evidence.damages.values() for path in damage.paths}
    for command in case.evidence.commands:
        if command.path in damaged:
            continue
        name = command.path.rpartition("/")[2]
        facts = (("interpreter", command.interpreter),)
        steps = (Rewrite(command.path, command.content),)
        yield Finding(Kind.SCRIPT, name, (command.path,), steps, facts)


# The guard


def _guard(case: Case) -> Iterator[Finding]:
    """Judge the guard; a python that only lacks a file was not upgraded, and is restored."""
    restored = {path for damage in case.evidence.damages.values() for path in damage.missing}
    faults = [it for it in case.evidence.faults if f"{it[1]}/os.py" not in restored]
    if faults:
        paths = tuple(dict.fromkeys(path for _, path in faults if not path.startswith("/")))
        kinds = tuple(("fault", kind) for kind in dict.fromkeys(kind for kind, _ in faults))
        yield Finding(Kind.GUARD, "pipguard", paths, (Place(),), kinds)


# What fits together


def _requirements(case: Case, findings: Iterable[Finding]) -> Iterator[Finding]:
    if case.evidence.target is not None:
        yield from unmet(_dists_afterwards(case, findings), case.evidence.target.markers)


def _dists_afterwards(case: Case, findings: Iterable[Finding]) -> dict[PyPIName, CoreMetadata]:
    """Name the dists that there will be once all else is cured.

    Of several folders of one dist, the one written last counts. What comes back is known by name
    and version alone, so what it requires is not asked.
    """
    steps = [step for finding in findings for step in finding.steps]
    going = {path for step in steps for path in _deleted(step)}
    found = {}
    for name, infos in case.here.items():
        left = [info for info in infos if not going & {info.path, f"{info.path}/METADATA"}]
        latest = max(left, key=_changed, default=None)
        if latest and latest.metadata:
            found[name] = latest.metadata
    back = {name: CoreMetadata(name, version) for step in steps for name, version in _back(step)}
    return {**found, **back}


def _back(step: Step) -> Iterator[tuple[PyPIName, str]]:
    match step:
        case Restore(dists=dists):
            yield from dists
        case Move(adopt=adopt):
            yield adopt.name, adopt.version
        case _:
            return


def _changed(info: Info) -> float:
    return info.changed


def _strays(case: Case) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name, infos in case.here.items():
        for info in infos:
            if info.owner is None:
                yield name, files_of(info)


def _unavailable(case: Case) -> Iterator[Finding]:
    for name in sorted(case.evidence.unavailable):
        record = case.records[name].record
        facts = (("version", record.version),)
        yield Finding(Kind.UNAVAILABLE, name, (), (Repack(record),), facts)
