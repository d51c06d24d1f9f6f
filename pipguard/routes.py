"""Who installs each candidate, and why.

Pure. `decide` walks a table of rules, the first that applies wins; `wanted` drops what no route
needs; `confirmation.py` holds the routes against what the solver found. Each route carries a
`Reason`, which `messages/` words, the ledger stores and tests match on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from pipguard.errors import RoutingError
from pipguard.names import Answer, CondaName, Known, PyPIName, Unknown, pypi_name
from pipguard.plan import Candidate, Plan, Source, active_requirements, brought_by_extras
from pipguard.policy import Choice, Policy
from pipguard.records import Origin, Record
from pipguard.request import Install


class Reason(Enum):
    """Why a candidate takes its route; the documented set of `explain --json`."""

    CONDA_HAS_IT = "conda-has-it"
    CONDA_HAS_THE_TOOL = "conda-has-the-tool"
    CONDA_NEWEST = "conda-newest"
    POLICY = "policy"
    EDITABLE = "editable"
    VCS = "vcs"
    DIRECT_ARTIFACT = "direct-artifact"
    LOCAL_FOLDER = "local-folder"
    HASH_PINNED = "hash-pinned"
    NO_BINARY = "no-binary"
    NAMED_INDEX = "named-index"
    PRIVATE_NAME = "private-name"
    NOT_ON_CONDA = "not-on-conda"
    VERSION_NOT_ON_CONDA = "version-not-on-conda"
    NOT_FOR_THIS_PYTHON = "not-for-this-python"
    PROVIDER_NOT_VERIFIED = "provider-not-verified"
    CONDA_TOO_OLD = "conda-too-old"
    CONDA_OLDER_THAN_INSTALLED = "conda-older-than-installed"
    CONDA_CONFLICTS = "conda-conflicts"


@dataclass(frozen=True, slots=True)
class ToConda:
    """conda has it: `record` is the newest that every condition allows; the solver decides."""

    candidate: Candidate
    record: Record
    because: Reason
    source: str


@dataclass(frozen=True, slots=True)
class ToConverted:
    """Its wheel becomes a conda package called `conda_name`."""

    candidate: Candidate
    conda_name: CondaName
    because: Reason
    source: str = ""


@dataclass(frozen=True, slots=True)
class ToPip:
    """True pip installs it, after its dependencies; its record is called `conda_name`."""

    candidate: Candidate
    conda_name: CondaName
    because: Reason
    source: str = ""


@dataclass(frozen=True, slots=True)
class Keep:
    """What is installed stays, although pip would replace it."""

    candidate: Candidate
    record: Record
    because: Reason
    source: str = ""


Route = ToConda | ToConverted | ToPip | Keep


def conda_name(route: Route) -> CondaName:
    """Give the conda name under which the environment will hold the candidate."""
    if isinstance(route, (ToConda, Keep)):
        return route.record.name
    return route.conda_name


@dataclass(frozen=True, slots=True)
class Offer:
    """One conda package that may ship a candidate, and who proposed its name."""

    record: Record
    source: str


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is known about names, channels and the prefix when routes are decided.

    Attributes:
        answers: the name table's answer for each candidate.
        offers: per candidate, what the channels have for this python, proposal by proposal and
            the newest version first.
        inadmissible: candidates that channels have, but for no such python or platform.
        verified: whether a conda package really ships a dist, where that has been looked at.
        taken: conda names that exist in the channels or the prefix.
        owners: the record that owns each installed dist.
        given_back: candidates whose conda side led to a conflict.
        public: names that the seed or a table knows as projects of PyPI.
        policy: the person's settings.
    """

    answers: Mapping[PyPIName, Answer] = field(default_factory=dict)
    offers: Mapping[PyPIName, tuple[Offer, ...]] = field(default_factory=dict)
    inadmissible: frozenset[PyPIName] = frozenset()
    verified: Mapping[tuple[PyPIName, CondaName], bool] = field(default_factory=dict)
    taken: frozenset[CondaName] = frozenset()
    owners: Mapping[PyPIName, Record] = field(default_factory=dict)
    given_back: frozenset[PyPIName] = frozenset()
    public: frozenset[PyPIName] = frozenset()
    policy: Policy = field(default_factory=Policy)


@dataclass(frozen=True, slots=True)
class _Case:
    """Everything a rule may look at."""

    request: Install
    knowledge: Knowledge
    conditions: SpecifierSet


_Rule = Callable[[Candidate, _Case], Route | None]

# pip, setuptools and wheel carry conda's own patches, and `-U` on them is a habit, not a wish.
_TOOLS = frozenset({"pip", "setuptools", "wheel"})


def decide(plan: Plan, request: Install, knowledge: Knowledge) -> tuple[Route, ...]:
    """Route every candidate of the plan; the first rule that applies wins."""
    conditions = plan.conditions()
    return tuple(
        _route(candidate, _Case(request, knowledge, conditions[candidate.name]))
        for candidate in plan.candidates
    )


def _route(candidate: Candidate, case: _Case) -> Route:
    for rule in _RULES:
        route = rule(candidate, case)
        if route is not None:
            return route
    raise AssertionError(candidate)  # the last rule applies to everything


def _tools(candidate: Candidate, case: _Case) -> Route | None:
    if candidate.name not in _TOOLS or candidate.source is not Source.INDEX:
        return None
    offer = _newest(_allowed(candidate, case))
    if offer is None:
        return None
    return _take(candidate, offer, case, Reason.CONDA_HAS_THE_TOOL)


def _policy(candidate: Candidate, case: _Case) -> Route | None:
    choice = case.knowledge.policy.route_of(candidate.name, requested=candidate.requested)
    # An editable or VCS item has no other form that would be what was asked for.
    if choice is None or (candidate.by_true_pip and choice.value is not Choice.DENY):
        return None
    name = converted_name(candidate.name, case.knowledge)
    match choice.value:
        case Choice.DENY:
            raise RoutingError("denied-by-policy", name=candidate.name, source=choice.source)
        case Choice.PIP:
            return ToPip(candidate, name, Reason.POLICY, choice.source)
        case Choice.PYPI:
            return ToConverted(candidate, name, Reason.POLICY, choice.source)
        case Choice.CONDA:
            offer = _newest(_allowed(candidate, case))
            return ToConda(candidate, offer.record, Reason.POLICY, choice.source) if offer else None


def _true_pip(candidate: Candidate, case: _Case) -> Route | None:
    if not candidate.by_true_pip:
        return None
    reason = Reason.VCS if candidate.source is Source.VCS else Reason.EDITABLE
    return ToPip(candidate, converted_name(candidate.name, case.knowledge), reason)


def _exact_artifact(candidate: Candidate, case: _Case) -> Route | None:
    reason = _why_exact(candidate, case)
    if reason is None:
        return None
    return ToConverted(candidate, converted_name(candidate.name, case.knowledge), reason)


def _why_exact(candidate: Candidate, case: _Case) -> Reason | None:
    """Say why the person wants this very artifact and no conda build of it."""
    if candidate.source is Source.FOLDER:
        return Reason.LOCAL_FOLDER
    if candidate.source is Source.ARCHIVE:
        return Reason.DIRECT_ARTIFACT
    if candidate.pinned or case.request.hash_pinned:
        return Reason.HASH_PINNED
    if case.request.must_build(candidate.name):
        return Reason.NO_BINARY
    # Of an index beside the main one, conda's package of that name may be a stranger's.
    if case.request.own_indexes or candidate.on_other_index:
        return Reason.NAMED_INDEX
    private = candidate.only_local and candidate.name not in case.knowledge.public
    return Reason.PRIVATE_NAME if private else None


def _conda_first(candidate: Candidate, case: _Case) -> Route:
    because = _why_not_conda(candidate, case)
    if because is not None:
        return ToConverted(candidate, converted_name(candidate.name, case.knowledge), because)
    offer = _newest(_allowed(candidate, case))
    assert offer is not None  # noqa: S101 # _why_not_conda has seen one
    return _take(candidate, offer, case, Reason.CONDA_HAS_IT)


def _why_not_conda(candidate: Candidate, case: _Case) -> Reason | None:
    """Say why conda cannot serve a candidate; None when it can."""
    knowledge = case.knowledge
    if candidate.name in knowledge.given_back:
        return Reason.CONDA_CONFLICTS
    offers = knowledge.offers.get(candidate.name, ())
    if not offers:
        absent = candidate.name not in knowledge.inadmissible
        return Reason.NOT_ON_CONDA if absent else Reason.NOT_FOR_THIS_PYTHON
    allowed = _allowed(candidate, case)
    newest = _newest(allowed)
    if newest is None:
        trusted = any(_trusted(candidate.name, offer, knowledge) for offer in offers)
        return Reason.VERSION_NOT_ON_CONDA if trusted else Reason.PROVIDER_NOT_VERIFIED
    return _why_too_old(candidate, newest.record, knowledge)


def _why_too_old(candidate: Candidate, record: Record, knowledge: Knowledge) -> Reason | None:
    offered, planned = pep440(record), Version(candidate.version)
    owner = knowledge.owners.get(candidate.name)
    installed = pep440(owner) if owner else None
    # pip goes back to an older version only when it was told to; then the plan is older, too,
    # and what conda offers need only satisfy what was said.
    if installed is not None and offered < installed <= planned:
        return Reason.CONDA_OLDER_THAN_INSTALLED
    older_major = (offered.epoch, offered.major) < (planned.epoch, planned.major)
    return Reason.CONDA_TOO_OLD if candidate.requested and older_major else None


def _take(candidate: Candidate, offer: Offer, case: _Case, because: Reason) -> Route:
    """Take conda's newest, or keep it where it is installed already."""
    owner = case.knowledge.owners.get(candidate.name)
    here = owner is not None and owner.origin is Origin.CONDA and owner.name == offer.record.name
    if owner is not None and here and not case.request.reinstall:
        current = case.conditions.contains(str(pep440(owner)), prereleases=True)
        if current and pep440(owner) >= pep440(offer.record):
            return Keep(candidate, owner, Reason.CONDA_NEWEST, offer.source)
    return ToConda(candidate, offer.record, because, offer.source)


_RULES: tuple[_Rule, ...] = (_tools, _policy, _true_pip, _exact_artifact, _conda_first)


def _trusted(name: PyPIName, offer: Offer, knowledge: Knowledge) -> bool:
    return knowledge.verified.get((name, offer.record.name), True)


def _allowed(candidate: Candidate, case: _Case) -> tuple[Offer, ...]:
    """Return the offers, not known to be another thing, that satisfy every condition."""
    # Said in full: left open, releases of `packaging` differ about a version by itself.
    early = Version(candidate.version).is_prerelease or bool(case.conditions.prereleases)
    return tuple(
        offer
        for offer in case.knowledge.offers.get(candidate.name, ())
        if _trusted(candidate.name, offer, case.knowledge)
        and case.conditions.contains(str(pep440(offer.record)), prereleases=early)
    )


def _newest(offers: Iterable[Offer]) -> Offer | None:
    """Return the newest version of the first proposal that has any."""
    listed = tuple(offers)
    best = [offer for offer in listed if offer.record.name == listed[0].record.name]
    return max(best, key=lambda offer: pep440(offer.record), default=None)


def pep440(record: Record) -> Version:
    """Read a conda version as PEP 440; what cannot be read counts as older than everything."""
    try:
        return Version(record.version)
    except InvalidVersion:
        return Version("0.dev0")


def converted_name(name: PyPIName, knowledge: Knowledge) -> CondaName:
    """Name a converted package so that it never impersonates another project.

    The conda name that provably ships this dist, so that conda's packages that depend on it are
    satisfied; else the PyPI name; else, where that means something else, `pypi-<name>`.
    """
    owner = knowledge.owners.get(name)
    if owner is not None:
        return owner.name
    answer = knowledge.answers.get(name, Unknown())
    proposals = answer.proposals if isinstance(answer, Known) else ()
    for proposal in proposals:
        if knowledge.verified.get((name, proposal.conda)):
            return proposal.conda
    plain = CondaName(name)
    return CondaName(f"pypi-{name}") if plain in knowledge.taken else plain


def wanted(routes: Iterable[Route], plan: Plan) -> tuple[Route, ...]:
    """Drop what nobody needs once conda provides part of the plan.

    A request is always wanted; a dependency only if a wanted converted or pip-routed candidate
    requires it. Of a conda-routed candidate the channel's `depends` decide, but for what its
    extras bring.
    """
    by_name = {route.candidate.name: route for route in routes}
    roots = [name for name, route in by_name.items() if route.candidate.requested]
    # With --only-deps nothing in the plan was asked for by name, and all of it is meant.
    pending = [(name, by_name[name].candidate.extras) for name in roots or by_name]
    seen: dict[PyPIName, frozenset[str]] = {}
    while pending:
        name, extras = pending.pop()
        if name not in by_name or (name in seen and extras <= seen[name]):
            continue
        seen[name] = seen.get(name, frozenset()) | extras
        pending.extend(
            (pypi_name(requirement.name), frozenset(requirement.extras))
            for requirement in _needs(by_name[name], plan, seen[name])
        )
    return tuple(route for name, route in by_name.items() if name in seen)


def _needs(route: Route, plan: Plan, extras: frozenset[str]) -> tuple[Requirement, ...]:
    """Return what must be in the plan for a route; conda knows no extras, so these always must."""
    of = brought_by_extras if isinstance(route, (ToConda, Keep)) else active_requirements
    return of(route.candidate, plan.markers, extras)
