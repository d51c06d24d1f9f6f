"""`pipguard why NAME`: why an installed package came from where it came from."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from pipguard import ledger
from pipguard.errors import PrefixError
from pipguard.messages import HELP, ORIGINS, REASONS, TEXTS, UNROUTED
from pipguard.names import CondaName, PyPIName, pypi_name
from pipguard.prefix import Prefix
from pipguard.records import Dist, InstalledRecord, Origin, owners, owns
from pipguard.terminal import Terminal
from pipguard.verbs.arguments import add_json, chosen_prefix, parser_of, project_name
from pipguard.why import Installed, Why, removed, why


def parser() -> argparse.ArgumentParser:
    """See `Verb.parser`."""
    made = parser_of("why")
    made.add_argument("name_of_project", metavar="NAME", help=HELP["why NAME"])
    add_json(made)
    return made


def run(arguments: Sequence[str]) -> int:
    """See `Verb.run`."""
    parsed = parser().parse_args(arguments)
    name = project_name(parsed.name_of_project)
    told = _answer(name, Prefix(chosen_prefix(parsed)))
    if parsed.json:
        Terminal().json(told.to_json())
    else:
        show(told, Terminal())
    return 0


def _answer(name: PyPIName, prefix: Prefix) -> Why:
    """Find out what is there, under the name of its project or of its package; ask the ledger.

    Raises:
        PrefixError: it is not installed.
    """
    entries, records = tuple(ledger.read(prefix.own_folder)), prefix.records()
    found = _dist(name, prefix.dists(), records) or _package(name, records)
    if found is not None:
        return why(found, entries)
    gone = removed(name, entries)
    if gone is None:
        raise PrefixError("dist-not-installed", name=name, prefix=str(prefix.path))
    typed = " ".join((gone.front_door, *gone.argv))
    raise PrefixError("dist-removed", name=name, time=gone.time, command=typed)


def _dist(
    name: PyPIName, dists: Sequence[Dist], records: Sequence[InstalledRecord]
) -> Installed | None:
    """Find a project, else the one whose package is called so: torch for `pytorch`."""
    owned = owners(records)
    names = {item.record.name: dist for dist, item in owned.items()}
    found = {dist.name: dist for dist in dists}
    dist = found.get(name) or found.get(names.get(CondaName(name), name))
    if dist is None:
        return None
    owner = owned.get(dist.name)
    if owner is None:
        return Installed(dist.name, dist.version, Origin.UNTRACKED)
    origin = owner.record.origin if owns(owner, dist) else Origin.DAMAGED
    needed_by = _dependants(owner, records)
    return Installed(dist.name, dist.version, origin, owner.record, needed_by)


def _package(name: PyPIName, records: Sequence[InstalledRecord]) -> Installed | None:
    """Find a package of conda that holds no project."""
    for item in records:
        if pypi_name(item.record.name) == name:
            record, needed_by = item.record, _dependants(item, records)
            return Installed(name, record.version, record.origin, record, needed_by, is_dist=False)
    return None


def _dependants(
    owner: InstalledRecord, records: Sequence[InstalledRecord]
) -> tuple[CondaName, ...]:
    needs = (
        item.record.name
        for item in records
        if any(depend.split(" ", 1)[0] == owner.record.name for depend in item.record.depends)
    )
    return tuple(sorted(needs))


def show(told: Why, terminal: Terminal) -> None:
    """Show it to a person, what is known line by line."""
    words = {**REASONS, **UNROUTED}
    facts = {**told.to_json(), "planned": ""}
    reason = words[told.reason].format(**facts)
    origin = ORIGINS[told.origin]
    terminal.told("why-head", name=told.name, version=told.version, origin=origin, reason=reason)
    lines = {
        "why-asked": told.asked if told.requested else None,
        "why-required-by": ", ".join(told.required_by) or None,
        "why-needed-by": ", ".join(told.needed_by) or None,
        "why-package": told.conda_name and f"{told.conda_name} {told.conda_version}",
        "why-channel": told.channel,
        "why-source": told.source,
        "why-index": told.index,
        "why-since": told.since and TEXTS["why-when"].format(**facts),
    }
    for key, value in lines.items():
        if value:
            terminal.told(key, value=value)
