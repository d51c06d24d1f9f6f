"""What one install asks of the solver, and what it requests, in conda's terms.

Pure. Core type is `Question`; `pose` makes the solver's `Problem` of it, `without_company` takes
from the answer what `--no-deps` leaves out, `requested` words what the person asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from pipguard.knowledge import Knowledge, pep440
from pipguard.names import CondaName, Known, PyPIName, Unknown, pypi_name
from pipguard.plan import Candidate, Plan, Source, brought_by_extras
from pipguard.policy import Policy
from pipguard.present import Present
from pipguard.records import Origin, Record, Solution, by_pip
from pipguard.request import Install
from pipguard.routes import Keep, Route, ToConda, ToConverted, ToPip, conda_name
from pipguard.seams import CondaEngine, Converter, Environment, NameTable, Problem
from pipguard.sourced import Sourced
from pipguard.wheels.dependencies import Naming
from pipguard.wheels.specifiers import in_order, match_spec


@dataclass(frozen=True, slots=True)
class Sources:
    """The seams that a resolution asks, and what a person has settled.

    Attributes:
        pinned: specs that every solve must respect.
        protected: what pipguard itself runs on, where that is in this environment.
        cuda_settled: whether somebody said if there is CUDA (`CONDA_OVERRIDE_CUDA`).
    """

    engine: CondaEngine
    names: NameTable
    converter: Converter
    environment: Environment
    policy: Policy = field(default_factory=Policy)
    pinned: tuple[Sourced[str], ...] = ()
    protected: frozenset[PyPIName] = frozenset()
    cuda_settled: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """One attempt: the request, its plan, what is present, and the routes that were decided.

    `strictly` says that no installed dist may change which pip leaves alone; `company` are conda
    packages that are wanted beside the routes.
    """

    request: Install
    plan: Plan
    present: Present
    routes: tuple[Route, ...]
    knowledge: Knowledge
    strictly: bool = True
    company: tuple[str, ...] = ()

    @property
    def naming(self) -> Naming:
        """Conda names of this run: of what is routed, and of what is in the prefix already."""
        here = {name: item.record.name for name, item in self.present.owners.items()}
        routed = {route.candidate.name: conda_name(route) for route in self.routes}
        return Naming(
            names={**here, **routed},
            versions={item.name: item.version for item in self.plan.candidates},
            extras={item.name: item.metadata for item in self.plan.candidates},
        )

    @property
    def conditions(self) -> dict[PyPIName, SpecifierSet]:
        """Every condition on the version of a dist."""
        found = self.plan.conditions()
        for name, specifier in self.knowledge.conditions.items():
            found[name] = found.get(name, SpecifierSet()) & specifier
        return found

    @property
    def displaced(self) -> frozenset[CondaName]:
        """Conda names whose dist will be held under another name, or by another owner."""
        owner = self.present.owners
        names = set()
        for route in self.routes:
            held = owner.get(route.candidate.name)
            if held is not None and held.record.name != conda_name(route):
                names.add(held.record.name)
            if held is not None and held.record.origin is Origin.UNTRACKED:
                names.add(held.record.name)
        return frozenset(names)

    @property
    def unlocked(self) -> frozenset[CondaName]:
        """Conda names that may change freely, for something was decided about them."""
        routes = (route for route in self.routes if not isinstance(route, Keep))
        return frozenset(conda_name(route) for route in routes)

    @property
    def fixed(self) -> frozenset[CondaName]:
        """Conda names of the dists that pip leaves alone."""
        if not self.strictly:
            return frozenset()
        holding = frozenset(item.record.name for item in self.present.owners.values())
        return holding - self.unlocked - self.displaced


def pose(question: Question, sources: Sources) -> Problem:
    """Put the one question to the solver."""
    foreseen = _foreseen(question, sources)
    specs, exact = _specs(question, foreseen)
    displaced = question.displaced
    stay = tuple(item for item in question.present.all if item.record.name not in displaced)
    return Problem(
        specs=(*specs, *question.company),
        constraints=(
            f"python {sources.environment.target.minor}.*",
            *exact,
            *_limits(question),
            *(pin.value for pin in (*sources.environment.pinned(), *sources.pinned)),
        ),
        extra=tuple(foreseen.values()),
        installed=stay,
        unlocked=question.unlocked,
        fixed=question.fixed,
    )


def _limits(question: Question) -> tuple[str, ...]:
    """Word the conditions of the command line for what conda may bring along beside the plan."""
    planned, here = question.plan.by_name(), question.present.owners
    return tuple(
        _limit(conda, specifier)
        for name, specifier in question.plan.limits.items()
        if name not in planned and name not in here
        for conda in _conda_names(name, question.knowledge)
    )


def _conda_names(name: PyPIName, knowledge: Knowledge) -> tuple[CondaName, ...]:
    """Name the packages that are this project: the best proposal, and its spellings.

    A proposal further down may be a part of another project, to which nobody has set a limit.
    """
    answer = knowledge.answers.get(name, Unknown())
    if not isinstance(answer, Known):
        return ()
    first, *others = (proposal.conda for proposal in answer.proposals)
    return (first, *(conda for conda in others if pypi_name(conda) == name))


def _limit(conda: CondaName, specifier: SpecifierSet) -> str:
    try:
        return match_spec(conda, str(specifier))
    except InvalidSpecifier:
        # `===` with what is no PEP 440 version: no package of conda is that.
        return f"{conda} <0dev0"


def _foreseen(question: Question, sources: Sources) -> dict[CondaName, Record]:
    """Make the records of what no channel has, before any wheel is fetched."""
    naming, target = question.naming, sources.environment.target
    found = {}
    for route in question.routes:
        if isinstance(route, (ToConverted, ToPip)):
            record = sources.converter.foresee(route.candidate, target, naming)
            if isinstance(route, ToPip):
                record = by_pip(record, _shown_url(route.candidate))
            if not question.request.dependencies:
                record = replace(record, depends=_python_only(record.depends))
            found[record.name] = record
    return found


def _shown_url(candidate: Candidate) -> str:
    if candidate.vcs and candidate.commit:
        return f"{candidate.vcs}+{candidate.url}@{candidate.commit}"
    return candidate.url


def _python_only(depends: Iterable[str]) -> tuple[str, ...]:
    """With --no-deps nothing else may be demanded from the environment."""
    return tuple(
        depend for depend in depends if depend.startswith(("python ", "__")) or depend == "python"
    )


def _specs(
    question: Question, foreseen: Mapping[CondaName, Record]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what must be there, and what the routed names must be where they are."""
    conditions = question.conditions
    specs: list[str] = []
    exact: list[str] = []
    for route in question.routes:
        name = conda_name(route)
        if name in foreseen:
            record = foreseen[name]
            specs.append(name)
            exact.append(f"{name} =={record.version} {record.build}")
        elif isinstance(route, ToConda):
            specs.append(name)
            allowed = conditions.get(route.candidate.name, SpecifierSet())
            exact.extend(_from_conda(route, allowed, question))
    return tuple(specs), tuple(exact)


def _from_conda(route: ToConda, allowed: SpecifierSet, question: Question) -> Iterator[str]:
    """Say in conda's terms which versions may serve a candidate."""
    record, offered = route.record, pep440(route.record.version)
    version = question.knowledge.version(route.candidate.name, record)
    if version != offered or not _is_sayable(allowed):
        # conda counts otherwise than the dist, or than PEP 440.
        yield f"{record.name} =={record.version}"
        return
    yield match_spec(record.name, str(allowed))
    # conda has no notion of pre-releases, which were left out when this was decided.
    yield f"{record.name} <={record.version}"
    for least in (route.least, route.same_major if question.strictly else None):
        if least is not None and least <= offered:
            yield match_spec(record.name, f">={least.public}")


def _is_sayable(specifier: SpecifierSet) -> bool:
    try:
        match_spec(CondaName("any"), str(specifier))
    except InvalidSpecifier:
        return False
    return True


def without_company(solution: Solution, question: Question) -> Solution:
    """Leave as they were, or away, the python packages that conda would bring along.

    That is what `--no-deps` asks for. Libraries of other kinds stay: pip's wheels hold theirs, and
    conda's packages do not load without them.
    """
    routed = {conda_name(route) for route in question.routes}
    here = {item.record.name: item.record for item in question.present.all}
    kept = (
        record if record.name in routed or not _needs_python(record) else here.get(record.name)
        for record in solution.records
    )
    return Solution(tuple(record for record in kept if record is not None))


def _needs_python(record: Record) -> bool:
    return any(depend.split(" ")[0] == "python" for depend in record.depends)


def requested(question: Question) -> dict[CondaName, str]:
    """Word what the person asked for in conda's terms; extras become requests of their own."""
    by_name = {route.candidate.name: route for route in question.routes}
    asked: dict[CondaName, SpecifierSet] = {}
    for route in question.routes:
        candidate = route.candidate
        if not candidate.requested:
            continue
        name = conda_name(route)
        # Several dists may be one package.
        asked[name] = asked.get(name, SpecifierSet()) & _wish(candidate, question.plan)
        for extra in _extra_names(candidate, question.plan):
            if extra in by_name:
                asked.setdefault(conda_name(by_name[extra]), SpecifierSet())
    return {name: _worded(name, specifier) for name, specifier in asked.items()}


def _wish(candidate: Candidate, plan: Plan) -> SpecifierSet:
    """Join all that was said about the versions of a name, on as many lines as it was."""
    if candidate.source is not Source.INDEX:
        return SpecifierSet()
    return plan.requests.get(candidate.name, SpecifierSet()) & candidate.specifier


def _worded(name: CondaName, specifier: SpecifierSet) -> str:
    return match_spec(name, in_order(specifier)) if _is_sayable(specifier) else str(name)


def _extra_names(candidate: Candidate, plan: Plan) -> set[PyPIName]:
    """Name the dependencies that only the extras in brackets bring."""
    brought = brought_by_extras(candidate, plan.markers, plan.extras()[candidate.name])
    return {pypi_name(requirement.name) for requirement in brought}
