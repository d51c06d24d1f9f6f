"""The story: one install, one uninstall, told aloud.

Calls only pure modules and seams. `install` is: lock, plan, resolve, fetch and convert, apply;
everything that can fail without touching the prefix happens before `Journal.commit`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from pipguard.confirmation import Decision
from pipguard.errors import PrefixError, RoutingError
from pipguard.leaving import Leaving, superfluous
from pipguard.names import CondaName, PyPIName
from pipguard.plan import Plan, Source
from pipguard.question import Present, Sources
from pipguard.records import InstalledRecord, Origin, Record, owners, owns, shipped
from pipguard.request import Install, Uninstall
from pipguard.resolution import Resolution, look_at, resolve
from pipguard.routes import ToConverted, ToPip, conda_name
from pipguard.seams import Change, Environment, Journal, Outcome, Planner, Reporter


@dataclass(frozen=True, slots=True)
class World:
    """Everything outside, built in one place and handed in.

    `sources` makes the seams of a resolution when they are first needed: what is satisfied
    already needs no name table, no channel and no engine. `workshop` is an empty folder for
    wheels, on a disk with room for them.
    """

    planner: Planner
    environment: Environment
    sources: Callable[[], Sources]
    journal: Journal
    reporter: Reporter
    workshop: Path


@dataclass(frozen=True, slots=True)
class Done:
    """What came of an install.

    Attributes:
        outcome: what changed; empty for a dry run and where all was satisfied.
        decisions: the routes with their reasons.
        satisfied: pip's own lines about what was satisfied already.
    """

    outcome: Outcome
    decisions: tuple[Decision, ...] = ()
    satisfied: tuple[str, ...] = ()


def install(request: Install, world: World) -> Done:
    """Do what `pip install` was asked to do, conda first.

    Raises:
        PlanError: pip found no plan, or could not fetch or build; it has said why.
        RoutingError, ConversionError, EngineError: the prefix is unchanged.
        TransactionError: applying failed.
    """
    with nullcontext() if request.dry_run else world.journal.begin():
        world.reporter.planning()
        plan = world.planner.plan()
        satisfied = world.planner.satisfied()
        if not plan.candidates and not request.exactly:
            return Done(Outcome(), satisfied=satisfied)
        everything = look_at(world.environment, plan)
        leaving = superfluous(plan, everything) if request.exactly else Leaving()
        if not (plan.candidates or leaving.versions):
            return Done(Outcome(), satisfied=satisfied)
        present = leaving.without(everything)
        resolution = resolve(request, plan, present, world.sources())
        world.reporter.routed(resolution.decisions, _brought(resolution, present))
        world.reporter.leaving(leaving.versions)
        if request.dry_run:
            return Done(Outcome(removed=leaving.versions), resolution.decisions, satisfied)
        change = _prepare(request, plan, present, resolution, world)
        outcome = world.journal.commit(leaving.joined(change, everything))
        outcome = replace(outcome, removed=leaving.versions)
        return Done(outcome, resolution.decisions, satisfied)


def _brought(resolution: Resolution, present: Present) -> tuple[Record, ...]:
    """Name what conda adds or changes beyond the routes, which a person should see."""
    routed = {conda_name(route) for route in resolution.routes}
    here = {item.record.key for item in present.all}
    return tuple(
        record
        for record in resolution.solution.records
        if record.name not in routed and record.key not in here
    )


def _prepare(
    request: Install, plan: Plan, present: Present, resolution: Resolution, world: World
) -> Change:
    """Fetch and convert what the solution really uses; afterwards nothing can be missing."""
    built = _converted(resolution, world)
    _check_promises(request, resolution, built)
    solved = {record.name: built.get(record.name, record) for record in resolution.solution.records}
    by_pip = tuple(
        (route.candidate, solved[route.conda_name])
        for route in resolution.routes
        if isinstance(route, ToPip)
    )
    return Change(
        records=tuple(record for record in solved.values() if _is_for_engine(record, by_pip)),
        before=present.records,
        true_pip=by_pip,
        uninstalls=resolution.replaced,
        reinstall=_reinstalled(request, resolution, present),
        requested=resolution.requested,
        decisions=resolution.decisions,
        versions={candidate.name: candidate.version for candidate in plan.candidates},
        compile=request.compile,
    )


def _is_for_engine(record: Record, by_pip: tuple[tuple[object, Record], ...]) -> bool:
    routed = {pip_record.name for _, pip_record in by_pip}
    return record.origin is not Origin.UNTRACKED and record.name not in routed


def _reinstalled(
    request: Install, resolution: Resolution, present: Present
) -> frozenset[CondaName]:
    """Name what is linked anew although it is there in the wanted version.

    `--force-reinstall` asks for it; a folder or a file that was named is installed again by pip
    as well, for it may hold something else under the same version.
    """
    here = {item.record.name for item in present.records}
    named = {Source.FOLDER, Source.ARCHIVE}
    return frozenset(
        conda_name(route)
        for route in resolution.routes
        if conda_name(route) in here and (request.reinstall or route.candidate.source in named)
    )


def _converted(resolution: Resolution, world: World) -> dict[CondaName, Record]:
    """Turn foreseen records into packages of the local channel."""
    routes = [route for route in resolution.routes if isinstance(route, ToConverted)]
    found: dict[CondaName, Record] = {}
    missing: list[ToConverted] = []
    for route in routes:
        stored = world.sources().converter.stored(route.candidate)
        if stored is None:
            missing.append(route)
        else:
            found[route.conda_name] = stored
    return {**found, **_freshly_converted(missing, world)}


def _freshly_converted(routes: list[ToConverted], world: World) -> Mapping[CondaName, Record]:
    if not routes:
        return {}
    world.reporter.fetching([route.candidate.name for route in routes])
    candidates = [route.candidate for route in routes]
    wheels = world.planner.fetch(candidates, world.workshop)
    world.reporter.converting([candidate.name for candidate in candidates])
    pairs = [(wheels[candidate.name], candidate) for candidate in candidates]
    records = world.sources().converter.convert(pairs)
    return {route.conda_name: record for route, record in zip(routes, records, strict=True)}


def _check_promises(
    request: Install, resolution: Resolution, built: Mapping[CondaName, Record]
) -> None:
    """Hold converted packages against the records they were solved with.

    Raises:
        RoutingError: one is another package, lacks a dependency, or has one that nobody solved for.
    """
    foreseen = resolution.solution.by_name()
    for name, real in built.items():
        promised, found = _needed(foreseen[name]), _needed(real)
        unsolved = found - foreseen.keys() if request.dependencies else frozenset()
        same = (foreseen[name].name, foreseen[name].version) == (real.name, real.version)
        if not same or promised - found or unsolved:
            raise RoutingError("wheel-differs-from-plan", name=name, version=real.version)


def _needed(record: Record) -> frozenset[CondaName]:
    """Name the packages that a record depends on, virtual ones aside."""
    names = (depend.split(" ")[0] for depend in record.depends)
    return frozenset(CondaName(name) for name in names if not name.startswith("__"))


# Uninstall


@dataclass(frozen=True, slots=True)
class Removal:
    """What an uninstall would remove.

    Attributes:
        by_engine: records that go; all dists in them go with them.
        by_pip: dists that pip removes.
        unknown: names that are not installed.
        also: dists that go because they share a package with one that was named.
        dependants: pairs of an installed package and the removed package it depends on.
    """

    by_engine: tuple[InstalledRecord, ...]
    by_pip: tuple[PyPIName, ...]
    unknown: tuple[PyPIName, ...]
    also: tuple[PyPIName, ...] = ()
    dependants: tuple[tuple[CondaName, CondaName], ...] = ()
    versions: tuple[tuple[str, str], ...] = ()


def plan_removal(request: Uninstall, world: World) -> Removal:
    """Find out who owns what was named, without touching anything.

    Where pip has overwritten what conda owns, both remove their part.
    """
    environment = world.environment
    records, found = environment.records(), environment.dists()
    owned, dists = owners(records), {dist.name: dist for dist in found}
    strays = {dist.name for dist in found if not owns(owned.get(dist.name), dist)}
    engine, pip, unknown = [], [], []
    for name in request.names:
        owner = owned.get(name)
        if owner is not None and owner.record.origin is not Origin.PIP:
            engine.append(owner)
        if name in strays or (owner is not None and owner.record.origin is Origin.PIP):
            pip.append(name)
        if owner is None and name not in dists:
            unknown.append(name)
    leaving = tuple({item.record.name: item for item in engine}.values())
    going = frozenset(name for item in leaving for name in shipped(item.files))
    pip_going = [owned[name] for name in pip if name in owned]
    return Removal(
        by_engine=leaving,
        by_pip=tuple(pip),
        unknown=tuple(unknown),
        also=tuple(sorted(going - set(request.names))),
        dependants=_dependants(records, [*leaving, *pip_going]),
        versions=tuple(
            (name, dists[name].version) for name in sorted({*going, *pip}) if name in dists
        ),
    )


def _dependants(
    records: tuple[InstalledRecord, ...], leaving: list[InstalledRecord]
) -> tuple[tuple[CondaName, CondaName], ...]:
    gone = {item.record.name for item in leaving}
    return tuple(
        (item.record.name, CondaName(depend))
        for item in records
        if item.record.name not in gone
        for depend in sorted({text.split(" ")[0] for text in item.record.depends} & gone)
    )


def uninstall(request: Uninstall, removal: Removal, world: World) -> Outcome:
    """Remove what was found: through the engine what conda-meta owns, through pip the rest.

    Raises:
        PrefixError: somebody changed the environment between the question and the answer.
        TransactionError: applying failed.
    """
    with world.journal.begin():
        # What was shown and agreed to was found before the lock was held.
        if plan_removal(request, world) != removal:
            raise PrefixError("changed-meanwhile")
        present = look_at(world.environment)
        gone = {item.record.name for item in removal.by_engine}
        pip_owned = {
            owner.record.name
            for name, owner in owners(present.records).items()
            if name in removal.by_pip
        }
        stay = tuple(item for item in present.records if item.record.name not in gone | pip_owned)
        change = Change(
            records=tuple(item.record for item in stay),
            before=present.records,
            uninstalls=removal.by_pip,
            removed=removal.versions,
            removed_specs=tuple(sorted(gone | pip_owned)),
        )
        return replace(world.journal.commit(change), removed=removal.versions)
