"""Projects that are built against one another come from one side, conda or PyPI.

Pure. The seed lists the families (torch and torchvision, jax and jaxlib, …); `one_sided` says who
must go to PyPI with the rest of its family. Here is also what tells a CUDA build from another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

from pipguard.knowledge import Knowledge
from pipguard.names import PyPIName, pypi_name
from pipguard.plan import Candidate, Plan, active_requirements
from pipguard.reasons import Reason
from pipguard.records import Origin, Record
from pipguard.routes import Keep, Route, ToConda

_CUDA_LABEL = re.compile(r"cu\d+")
# NVIDIA's libraries as wheels, and what is built for one release of CUDA.
_CUDA_WHEELS = ("nvidia-*", "*-cu1?", "*-cuda1?*")


def one_sided(routes: Iterable[Route], knowledge: Knowledge) -> dict[PyPIName, Reason]:
    """Name the conda-routed members of families that have another member from PyPI.

    What the policy sends to conda stays there: somebody has decided.
    """
    listed = tuple(routes)
    routed = {route.candidate.name for route in listed}
    split = {
        knowledge.families[name]
        for name in (*_from_pypi(listed), *_staying(knowledge, routed))
        if name in knowledge.families
    }
    return {
        route.candidate.name: Reason.FAMILY_FROM_PYPI
        for route in listed
        if isinstance(route, (ToConda, Keep))
        and route.because is not Reason.POLICY
        and knowledge.families.get(route.candidate.name) in split
    }


def _from_pypi(routes: Iterable[Route]) -> Iterator[PyPIName]:
    for route in routes:
        if not isinstance(route, (ToConda, Keep)):
            yield route.candidate.name


def _staying(knowledge: Knowledge, routed: set[PyPIName]) -> Iterator[PyPIName]:
    """Name what is installed from PyPI and stays as it is."""
    for name, installed in knowledge.installed.items():
        if name not in routed and installed.owner.record.origin is not Origin.CONDA:
            yield name


def split_off(routes: Iterable[Route], knowledge: Knowledge) -> Iterator[tuple[PyPIName, PyPIName]]:
    """Yield who comes from PyPI though another one of its family stays conda's.

    pip has planned nothing for what is good enough as it is, so nothing could replace that.
    """
    listed = tuple(routes)
    routed = {route.candidate.name for route in listed}
    condas = [
        (other, knowledge.families[other])
        for other, installed in knowledge.installed.items()
        if other in knowledge.families
        and other not in routed
        and installed.owner.record.origin is Origin.CONDA
    ]
    for name in _from_pypi(listed):
        for other, family in condas:
            if knowledge.families.get(name) == family:
                yield name, other


def is_cuda_wheel(candidate: Candidate, plan: Plan) -> bool:
    """Say whether the wheel that pip chose is made for CUDA: by its name, its label, its needs."""
    label = candidate.version.partition("+")[2]
    if _CUDA_LABEL.match(label) or _is_about_cuda(candidate.name):
        return True
    extras = plan.extras()[candidate.name]
    needs = active_requirements(candidate, plan.markers, extras)
    return any(_is_about_cuda(pypi_name(requirement.name)) for requirement in needs)


def _is_about_cuda(name: PyPIName) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in _CUDA_WHEELS)


def is_cuda_build(record: Record) -> bool:
    """Say whether a conda package is made for CUDA."""
    needs = (depend.split(" ", 1)[0] for depend in record.depends)
    return "cuda" in record.build or any("cuda" in need for need in needs)
