"""The story: one install, told aloud. That of an uninstall is in `removal.py`.

Calls only pure modules and seams. `install` is: lock, plan, and unless all is there already,
resolve, fetch and convert, apply. Imports little: mostly there is nothing to do, and the second
half of the story is in `installing.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace

from pipguard.change import Outcome
from pipguard.request import Install
from pipguard.seams import Environment, Journal, Planner, Reporter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

    from pipguard.names import PyPIName
    from pipguard.question import Sources
    from pipguard.routes import Decision
    from pipguard.story import Story


@dataclass(frozen=True, slots=True)
class World:
    """Everything outside, built in one place and handed in.

    `sources` makes the seams of a resolution when they are first needed: what is satisfied
    already needs no name table, no channel and no engine. `workshop` makes an empty folder for
    wheels, on a disk with room for them. `protected` tells what the running pipguard needs of this
    very environment.
    """

    planner: Planner
    environment: Environment
    sources: Callable[[], Sources]
    journal: Journal
    reporter: Reporter
    workshop: Callable[[], Path]
    protected: Callable[[], frozenset[PyPIName]]


@dataclass(frozen=True, slots=True)
class Done:
    """What came of an install.

    Attributes:
        outcome: what changed; empty for a dry run and where all was satisfied.
        decisions: the routes with their reasons.
        satisfied: pip's own lines about what was satisfied already.
        stories: of a dry run, what each decision went by.
    """

    outcome: Outcome
    decisions: tuple[Decision, ...] = ()
    satisfied: tuple[str, ...] = ()
    stories: Mapping[PyPIName, Story] = field(default_factory=dict)


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
        from pipguard.installing import carry_out  # noqa: PLC0415 # what is there needs none of it

        return replace(carry_out(plan, request, world), satisfied=satisfied)
