"""What is wrong with dists that no record accounts for, and with second copies of one.

Pure. Start at `dist_findings`; it also says for which records an adopted dist takes the place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from pipguard.doctor.case import Case, files_of, in_site
from pipguard.doctor.evidence import Info
from pipguard.doctor.findings import Adopt, Ask, Finding, Forget, Kind, Move, Remove, Step
from pipguard.names import CondaName, PyPIName
from pipguard.records import InstalledRecord, Origin, Record

# So many files a dist may lack and still be the one that was installed: people delete tests.
_FEW = 0.1


def dist_findings(case: Case) -> Iterator[Finding]:
    """Judge every dist of every site-packages."""
    for name, infos in sorted(case.here.items()):
        yield from _of_one_name(case, name, infos)
    for info in case.evidence.infos:
        if info.stashed:
            yield _stashed(case, info)
        elif info.site != case.evidence.site:
            yield from _stranded(case, info)
        elif info.metadata is None and info.owner is None:
            yield _empty(info)
    yield from _put_aside(case)


def _of_one_name(case: Case, name: PyPIName, infos: list[Info]) -> Iterator[Finding]:
    lost = [info for info in infos if info.gone]
    yield from (_editable_gone(case, info) for info in lost)
    strays = [info for info in infos if info.owner is None and not info.gone]
    broken = [info for info in strays if _is_half(info)]
    yield from (_half_installed(case, info) for info in broken)
    whole = sorted(
        (info for info in strays if info not in broken), key=lambda it: (it.stands, it.changed)
    )
    yield from (_superfluous(case, info) for info in whole[:-1])
    if whole:
        yield _stray(case, name, whole[-1])


def _is_half(info: Info) -> bool:
    """Say whether an installer was stopped: it writes RECORD last. An egg-info never had one."""
    return info.rows is None and info.path.endswith(".dist-info")


def _stray(case: Case, name: PyPIName, info: Info) -> Finding:
    """Judge the one folder of a dist that may be kept though no record has it."""
    shipper = case.shippers.get(name)
    if shipper is None:
        adopt = _adoption(case, info, case.conda_name(name), None)
        return _told(Kind.UNTRACKED, info, (adopt,))
    if not (case.is_alone(shipper) and _is_later(case, info, shipper)):
        return _superfluous(case, info)
    adopt = _adoption(case, info, shipper.record.name, shipper)
    damage = case.damage(shipper)
    paths = damage.altered or damage.missing or (info.path,)
    kind = (
        Kind.OVERWRITTEN if damage.altered else Kind.MISSING if damage.missing else Kind.DUPLICATE
    )
    facts = (("version", info.version), ("recorded", shipper.record.version))
    return Finding(kind, name, paths, (adopt,), (*facts, ("installer", info.installer)))


def _is_later(case: Case, info: Info, shipper: InstalledRecord) -> bool:
    """Say whether a dist was installed over the package of a record, and not under it.

    Where both have a path, the file says who came last. Of two that are both whole, as an editable
    beside conda's package, the newer folder tells.
    """
    damage = case.damage(shipper)
    conda_wins = set(info.damage.altered) & set(shipper.files) - set(damage.paths)
    if conda_wins or len(info.damage.missing) > _FEW * len(info.rows or ()):
        return False
    if damage.paths:
        return True
    folders = [it for it in case.here[_name(info)] if it.owner == shipper.record.name]
    return all(info.changed > folder.changed for folder in folders)


def _adoption(
    case: Case, info: Info, conda_name: CondaName, shipper: InstalledRecord | None
) -> Adopt:
    """Plan the record of a dist as it is.

    What the package in whose place it comes has outside site-packages, and pip knows nothing of,
    may serve others: the new record takes it over.
    """
    own = set(files_of(info))
    kept = _kept(case, shipper, own) if shipper else ()
    instead = (shipper.record,) if shipper else ()
    others = {record.name for record in instead}
    foreign = (path for path in files_of(info) if case.owner.get(path, "") not in {"", *others})
    return Adopt(
        name=_name(info),
        version=info.version,
        info=info.path,
        conda_name=conda_name,
        instead_of=instead,
        files=kept,
        left_out=tuple(foreign),
    )


def _kept(case: Case, shipper: InstalledRecord, own: set[str]) -> tuple[str, ...]:
    return tuple(
        path
        for path in case.remains(shipper)
        if path not in own and not in_site(path) and not path.startswith("bin/")
    )


def _name(info: Info) -> PyPIName:
    if info.name is None:
        raise AssertionError  # only dists are asked for theirs
    return info.name


def _told(kind: Kind, info: Info, steps: tuple[Step, ...]) -> Finding:
    facts = (("version", info.version), ("installer", info.installer))
    return Finding(kind, info.name or _last(info.path), (info.path,), steps, facts)


def _last(path: str) -> str:
    return path.rpartition("/")[2]


def _superfluous(case: Case, info: Info) -> Finding:
    """Remove a second copy: what of it nobody else has."""
    return _told(Kind.DUPLICATE, info, (_removal(case, info),))


def _removal(case: Case, info: Info) -> Remove:
    """Remove a dist that no record has, and nothing that a record or another dist has."""
    others = {
        path
        for name in case.here
        for other in case.here[name]
        if other.path != info.path
        for path in (files_of(other) if other.owner is None else ())
    }
    return Remove((*(p for p in case.unowned(files_of(info)) if p not in others), info.path))


def _empty(info: Info) -> Finding:
    """A folder without readable metadata: a lone REQUESTED, or nothing at all."""
    return Finding(Kind.LEFTOVER, _last(info.path), (info.path,), (Remove((info.path,)),))


def _half_installed(case: Case, info: Info) -> Finding:
    """An installer was stopped before it wrote the RECORD: its files cannot be accounted for."""
    return _told(Kind.LEFTOVER, info, (_removal(case, info),))


def _editable_gone(case: Case, info: Info) -> Finding:
    owner = case.records.get(info.owner) if info.owner else None
    step: Step = Forget(owner.record, case.remains(owner)) if owner else _removal(case, info)
    facts = (("version", info.version), ("target", info.editable or ""))
    return Finding(Kind.DANGLING, _name(info), (info.path,), (step,), facts)


# What an interrupted pip has put aside


def _stashed(case: Case, info: Info) -> Finding:
    """Bring a dist back that pip has put aside and not replaced; else it is of no more use."""
    facts = (("version", info.version),)
    paths = (info.path, *(now for now, _ in info.moves if now != info.path))
    back = _returns(case, info)
    steps: tuple[Step, ...] = (back,) if back else (Remove(paths),)
    return Finding(Kind.LEFTOVER, info.name or _last(info.path), paths, steps, facts)


def _returns(case: Case, info: Info) -> Move | None:
    here = info.name in case.here or info.name in case.shippers
    where = dict(info.moves).get(info.path)
    lost = [path for path in info.damage.missing if in_site(path)]
    if here or info.name is None or where is None or lost or info.site != case.evidence.site:
        return None
    adopt = Adopt(info.name, info.version, where, case.conda_name(info.name))
    return Move(adopt, info.moves)


def _put_aside(case: Case) -> Iterator[Finding]:
    """Remove what pip has put aside and no metadata speaks for."""
    told = {path for info in case.evidence.infos for path in (info.path, *dict(info.moves))}
    for path in case.evidence.stashed:
        if path not in told:
            yield Finding(Kind.LEFTOVER, _last(path), (path,), (Remove((path,)),))


# What an upgrade of python has left behind


def _stranded(case: Case, info: Info) -> Iterator[Finding]:
    owner = case.records.get(info.owner) if info.owner else None
    if info.name is None or (owner and owner.record.origin is not Origin.PIP):
        return
    going = Forget(owner.record, case.remains(owner)) if owner else _removal(case, info)
    if info.name in case.here or info.gone:
        yield _told(Kind.STRANDED, info, (going,))
    elif _runs_here(case, info):
        yield _told(Kind.STRANDED, info, (_move(case, info, owner),))
    else:
        again = () if info.source else (Ask(f"{info.name}=={info.version}"),)
        yield _told(Kind.STRANDED, info, (going, *again))


def _runs_here(case: Case, info: Info) -> bool:
    """Say whether a dist of another python is whole, pure and meant for the present one as well."""
    target = case.evidence.target
    if not (info.pure and not info.damage.missing and target and info.metadata):
        return False
    try:
        return SpecifierSet(info.metadata.requires_python).contains(target.python, prereleases=True)
    except InvalidSpecifier:
        return True  # as pip, which passes over what it cannot read


def _move(case: Case, info: Info, owner: InstalledRecord | None) -> Move:
    """Move the files of a pure dist to the present site-packages; bytecode stays behind.

    A record of pip's that it has goes for the one that it gets.
    """
    there = case.evidence.site
    inside = [path for path in files_of(info) if path.startswith(f"{info.site}/")]
    moves = tuple(
        (path, there + path.removeprefix(info.site)) for path in inside if not path.endswith(".pyc")
    )
    adopt = Adopt(
        _name(info),
        info.version,
        there + info.path.removeprefix(info.site),
        owner.record.name if owner else case.conda_name(_name(info)),
        (owner.record,) if owner else (),
    )
    return Move(adopt, moves)


def taken_over(findings: Iterable[Finding]) -> dict[CondaName, Record]:
    """Name the records in whose place a dist comes, or that are forgotten: nobody restores them."""
    return {
        record.name: record
        for finding in findings
        for step in finding.steps
        for record in _displaced(step)
    }


def _displaced(step: Step) -> tuple[Record, ...]:
    match step:
        case Adopt(instead_of=records) | Move(adopt=Adopt(instead_of=records)):
            return records
        case Forget(record=record):
            return (record,)
        case _:
            return ()
