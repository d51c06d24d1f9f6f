"""The second half of an install, once pip has planned something: what becomes of the plan.

Calls only pure modules and seams. `carry_out` is: resolve, fetch and convert, apply; everything
that can fail without touching the prefix happens before `Journal.commit`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pipguard.change import Change, Outcome
from pipguard.errors import RoutingError
from pipguard.guard import Done, World
from pipguard.leaving import Leaving, superfluous
from pipguard.names import CondaName
from pipguard.plan import Plan, Source
from pipguard.present import Present, look_at
from pipguard.records import Origin, Record
from pipguard.request import Install
from pipguard.resolution import Resolution, resolve
from pipguard.routes import ToConverted, ToPip, conda_name
from pipguard.seams import Reporter
from pipguard.story import stories


def carry_out(plan: Plan, request: Install, world: World) -> Done:
    """Do what pip has planned: resolve, fetch and convert, apply.

    Raises:
        RoutingError, ConversionError, EngineError: the prefix is unchanged.
        PlanError: pip could not fetch or build.
        TransactionError: applying failed.
    """
    world.reporter.resolving(len(plan.candidates))
    everything = look_at(world.environment, plan)
    leaving = Leaving()
    if request.exactly:
        leaving = superfluous(plan, everything, world.protected())
    if not (plan.candidates or leaving.versions):
        return Done(Outcome())
    present = leaving.without(everything)
    resolution = resolve(request, plan, present, world.sources())
    _tell(resolution, world.reporter)
    world.reporter.leaving(leaving.versions)
    if request.dry_run:
        told = stories(resolution.question)
        return Done(Outcome(removed=leaving.versions), resolution.decisions, stories=told)
    change = _prepare(request, plan, present, resolution, world)
    outcome = world.journal.commit(leaving.joined(change, everything))
    return Done(replace(outcome, removed=leaving.versions), resolution.decisions)


def _tell(resolution: Resolution, reporter: Reporter) -> None:
    """Show what will be, before anything is fetched to be converted."""
    reporter.routed(resolution.decisions, resolution.beside)
    reporter.left_out(resolution.left_out)
    for name, other in resolution.splits:
        reporter.noticed("family-split", name=name, other=other)
    for gap in resolution.gaps:
        reference = "requirement-unmet" if gap.found else "requirement-missing"
        requirement = str(gap.requirement)
        reporter.noticed(reference, dist=gap.dist, requirement=requirement, found=gap.found)


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
    wheels = world.planner.fetch(candidates, world.workshop())
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
