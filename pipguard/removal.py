"""The story of an uninstall: who owns what was named, and what else goes with it.

Calls only pure modules and seams. `plan_removal` looks, `uninstall` does what was agreed to.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from pipguard.change import Change, Outcome
from pipguard.errors import PrefixError, RoutingError
from pipguard.guard import World
from pipguard.names import CondaName, PyPIName
from pipguard.present import look_at
from pipguard.records import InstalledRecord, Origin, owners, owns, shipped
from pipguard.request import Uninstall


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

    Raises:
        RoutingError: pipguard, which is at work, would be taken away.
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
    for name in sorted(world.protected() & {*going, *pip}):
        raise RoutingError("pipguard-at-work", name=name)
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
