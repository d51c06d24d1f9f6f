"""What a converted package is called, so that it never impersonates another project.

Pure. Start at `converted_name`; `apart` keeps two packages of one run from bearing one name.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from pipguard.knowledge import Knowledge
from pipguard.names import CondaName, Known, PyPIName, Unknown, pypi_name
from pipguard.records import InstalledRecord, Origin, shipped
from pipguard.routes import Keep, Route, ToConda, conda_name


def converted_name(name: PyPIName, knowledge: Knowledge) -> CondaName:
    """Name a converted package.

    After who owns the dist already; after the conda package that provably ships it, so that
    conda's packages that depend on it are satisfied; else by the PyPI name; else, where that means
    something else in the channels, `pypi-<name>`.
    """
    here = knowledge.installed.get(name)
    if here is not None and _stands_for(name, here.owner):
        return here.owner.record.name
    for conda in _proposed(name, knowledge):
        if knowledge.verified.get((name, conda)):
            return conda
    return _own_name(name, knowledge)


def _stands_for(name: PyPIName, owner: InstalledRecord) -> bool:
    """Say whether a package, which may hold several dists, is that of this one."""
    if owner.record.origin is Origin.UNTRACKED:
        return False
    return shipped(owner.files) == {name} or pypi_name(owner.record.name) == name


def _proposed(name: PyPIName, knowledge: Knowledge) -> tuple[CondaName, ...]:
    answer = knowledge.answers.get(name, Unknown())
    proposals = answer.proposals if isinstance(answer, Known) else ()
    return tuple(proposal.conda for proposal in proposals)


def _own_name(name: PyPIName, knowledge: Knowledge) -> CondaName:
    plain = CondaName(name)
    is_another = plain in knowledge.taken and not knowledge.verified.get((name, plain))
    return CondaName(f"pypi-{name}") if is_another else plain


def apart(routes: Iterable[Route], knowledge: Knowledge) -> tuple[Route, ...]:
    """Give a converted package another name where conda's or an earlier one bears it.

    Some conda packages ship several dists; they can lend their name to one.
    """
    listed = tuple(routes)
    taken = {conda_name(route) for route in listed if isinstance(route, (ToConda, Keep))}
    found: list[Route] = []
    for route in listed:
        if isinstance(route, (ToConda, Keep)):
            found.append(route)
            continue
        name = conda_name(route)
        if name in taken:
            own = _own_name(route.candidate.name, knowledge)
            name = own if own not in taken else CondaName(f"pypi-{route.candidate.name}")
        taken.add(name)
        found.append(replace(route, conda_name=name))
    return tuple(found)
