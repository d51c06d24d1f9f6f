"""What of a plan is wanted once conda provides a part of it.

Pure. A request is always wanted; a dependency only if a wanted converted or pip-routed candidate
requires it. Of a conda-routed candidate the channel's `depends` decide, but for what its extras
bring, which conda does not know.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from packaging.requirements import Requirement

from pipguard.names import PyPIName, pypi_name
from pipguard.plan import Candidate, Plan, active_requirements, brought_by_extras
from pipguard.routes import Keep, Route, ToConda


def wanted(
    plan: Plan, needed: Collection[PyPIName], route: Callable[[Candidate], Route]
) -> tuple[Route, ...]:
    """Route what is wanted, and nothing else, in the order of the plan.

    Args:
        plan: what pip would install.
        needed: what is wanted although no route asks for it.
        route: decides about one candidate; never asked about one that is not wanted.
    """
    by_name = plan.by_name()
    roots = [name for name, candidate in by_name.items() if candidate.requested]
    # With --only-deps nothing in the plan was asked for by name, and all of it is meant.
    pending = [(name, by_name[name].extras) for name in (*(roots or by_name), *needed)]
    routes: dict[PyPIName, Route] = {}
    seen: dict[PyPIName, frozenset[str]] = {}
    while pending:
        name, extras = pending.pop()
        if name not in by_name or (name in seen and extras <= seen[name]):
            continue
        seen[name] = seen.get(name, frozenset()) | extras
        if name not in routes:
            routes[name] = route(by_name[name])
        pending.extend(
            (pypi_name(requirement.name), frozenset(requirement.extras))
            for requirement in _needs(routes[name], plan, seen[name])
        )
    return tuple(routes[name] for name in by_name if name in routes)


def _needs(route: Route, plan: Plan, extras: frozenset[str]) -> tuple[Requirement, ...]:
    """Return what must be in the plan for a route."""
    of = brought_by_extras if isinstance(route, (ToConda, Keep)) else active_requirements
    return of(route.candidate, plan.markers, extras)
