"""The rules by which each candidate finds who installs it.

Pure. Start at `decide`: it routes what is wanted, and the first rule of `_RULES` that applies wins.
What families have to say about that is in `families.py`, what is wanted in `wanted.py`;
`confirmation.py` holds the routes against what the solver found.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from pipguard.converted_names import apart, converted_name
from pipguard.errors import RoutingError
from pipguard.families import is_cuda_build, is_cuda_wheel, one_sided
from pipguard.knowledge import Knowledge, Offer
from pipguard.names import PyPIName
from pipguard.plan import Candidate, Plan, Source
from pipguard.policy import Choice
from pipguard.provenance import Listing, is_below
from pipguard.reasons import Reason
from pipguard.records import Origin
from pipguard.request import Install
from pipguard.routes import Keep, Route, ToConda, ToConverted, ToPip
from pipguard.sourced import Sourced
from pipguard.wanted import wanted


@dataclass(frozen=True, slots=True)
class _Case:
    """Everything a rule may look at."""

    request: Install
    plan: Plan
    knowledge: Knowledge
    conditions: SpecifierSet


_Rule = Callable[[Candidate, _Case], Route | None]

# pip, setuptools and wheel carry conda's own patches, and `-U` on them is a habit, not a wish.
_TOOLS = frozenset({"pip", "setuptools", "wheel"})
# What conda itself is made of: another one in its place and no command of conda works any more.
_CONDA = frozenset({"conda", "python"})


def decide(plan: Plan, request: Install, knowledge: Knowledge) -> tuple[Route, ...]:
    """Route every candidate that is wanted.

    Raises:
        RoutingError: policy denies one, or one is what conda or pipguard itself runs on.
    """
    conditions = plan.conditions()
    while True:
        known = knowledge

        def route(candidate: Candidate, known: Knowledge = known) -> Route:
            more = known.conditions.get(candidate.name, SpecifierSet())
            case = _Case(request, plan, known, conditions[candidate.name] & more)
            return _route(candidate, case)

        routes = wanted(plan, known.needed, route)
        split = one_sided(routes, known)
        if not split:
            return apart(routes, known)
        knowledge = known.without(split)


def _route(candidate: Candidate, case: _Case) -> Route:
    for rule in _RULES:
        route = rule(candidate, case)
        if route is not None:
            return route
    raise AssertionError(candidate)  # the last rule applies to everything


def _tools(candidate: Candidate, case: _Case) -> Route | None:
    if candidate.name not in _TOOLS or candidate.source is not Source.INDEX:
        return None
    offer = _best(candidate, case)
    if offer is None or _is_downgrade(candidate, offer, case.knowledge):
        return None
    return _take(candidate, offer, case, Reason.CONDA_HAS_THE_TOOL)


def _protected(candidate: Candidate, case: _Case) -> Route | None:
    """Refuse what conda, or the running pipguard, would not survive.

    Raises:
        RoutingError: it is such a thing.
    """
    name = candidate.name
    if name in _CONDA:
        raise RoutingError("conda-itself", name=name, asked=_asked(candidate))
    if name in case.knowledge.protected:
        owner = case.knowledge.owner(name)
        shown = owner.name if owner else name
        raise RoutingError("pipguard-itself", name=name, conda_name=shown)
    return None


def _asked(candidate: Candidate) -> str:
    """Word a request as conda's command line takes it."""
    clauses = str(candidate.specifier)
    return f'"{candidate.name}{clauses}"' if clauses else str(candidate.name)


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
            return _conda_by_policy(candidate, case, choice)


def _conda_by_policy(candidate: Candidate, case: _Case, choice: Sourced[Choice]) -> Route | None:
    """Take conda's, be it a major behind; only what is newer already is never given up."""
    offer = _best(candidate, case)
    if offer is None or _is_downgrade(candidate, offer, case.knowledge):
        return None
    return _take(candidate, Offer(offer.record, choice.source), case, Reason.POLICY)


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
    return _why_its_index(candidate, case.knowledge)


def _why_its_index(candidate: Candidate, knowledge: Knowledge) -> Reason | None:
    """Say why a candidate stays with the index it was found on.

    Of a list that is not PyPI's, conda's package of that name may be a stranger's.
    """
    where = candidate.found_on or candidate.url
    mirrored = any(is_below(where, mirror) for mirror in knowledge.policy.mirrors.value)
    match Listing.MAIN if mirrored else candidate.listing:
        case Listing.NAMED:
            return Reason.NAMED_INDEX
        case Listing.EXTRA:
            return Reason.EXTRA_INDEX
        case Listing.MAIN | Listing.CACHE:
            return None if candidate.name in knowledge.public else Reason.PRIVATE_NAME
        case Listing.PYPI:
            return None


def _conda_first(candidate: Candidate, case: _Case) -> Route:
    offer = _best(candidate, case)
    because = _why_not_conda(candidate, offer, case)
    if because is None and offer is not None:
        return _take(candidate, offer, case, Reason.CONDA_HAS_IT)
    name = converted_name(candidate.name, case.knowledge)
    source = _said_by(candidate, case)
    return ToConverted(candidate, name, because or Reason.NOT_ON_CONDA, source)


def _said_by(candidate: Candidate, case: _Case, offer: Offer | None = None) -> str:
    """Name who gave a project its conda name: a setting by its place."""
    override = case.knowledge.policy.names.get(candidate.name)
    if override is not None:
        return override.source
    return offer.source if offer else ""


def _why_not_conda(candidate: Candidate, offer: Offer | None, case: _Case) -> Reason | None:
    """Say why conda cannot serve a candidate; None when it can, with its best offer."""
    name, knowledge = candidate.name, case.knowledge
    if offer is None:
        return _why_no_offer(name, knowledge)
    if _is_downgrade(candidate, offer, knowledge):
        return Reason.CONDA_OLDER_THAN_INSTALLED
    offered, planned = knowledge.version(name, offer.record), Version(candidate.version)
    # Calendar versions change their major every January, which is no matter to a dependant.
    if candidate.requested and (offered.epoch, offered.major) < (planned.epoch, planned.major):
        return Reason.CONDA_TOO_OLD
    if knowledge.lacks_cuda and is_cuda_wheel(candidate, case.plan):
        allowed = knowledge.allowed(candidate, case.conditions)
        builds = [is_cuda_build(each.record) for each in allowed]
        if len(set(builds)) > 1:
            return Reason.NO_CUDA_HERE
    return knowledge.given_back.get(name)


def _why_no_offer(name: PyPIName, knowledge: Knowledge) -> Reason:
    offers = knowledge.offers.get(name, ())
    if not offers:
        absent = name not in knowledge.elsewhere
        return Reason.NOT_ON_CONDA if absent else Reason.NOT_FOR_THIS_PYTHON
    trusted = any(knowledge.trusts(name, offer.record) for offer in offers)
    return Reason.VERSION_NOT_ON_CONDA if trusted else Reason.PROVIDER_NOT_VERIFIED


def _is_downgrade(candidate: Candidate, offer: Offer, knowledge: Knowledge) -> bool:
    """Say whether conda would go back behind what is installed although pip does not.

    pip goes back only when it was told to; then the plan is older, too, and what conda offers need
    only satisfy what was said.
    """
    here = knowledge.installed.get(candidate.name)
    if here is None:
        return False
    offered = knowledge.version(candidate.name, offer.record)
    return offered < here.version <= Version(candidate.version)


def _take(candidate: Candidate, offer: Offer, case: _Case, because: Reason) -> Route:
    """Take conda's best, or keep it where it is installed already."""
    here = case.knowledge.installed.get(candidate.name)
    owner = here.owner.record if here else None
    if here is not None and owner is not None and not case.request.reinstall:
        same = owner.origin is Origin.CONDA and owner.name == offer.record.name
        current = case.conditions.contains(str(here.version), prereleases=True)
        newest = here.version >= case.knowledge.version(candidate.name, offer.record)
        if same and current and newest:
            return Keep(candidate, owner, Reason.CONDA_NEWEST, _said_by(candidate, case, offer))
    planned = Version(candidate.version)
    return ToConda(
        candidate,
        offer.record,
        because,
        _said_by(candidate, case, offer),
        least=here.version if here is not None and here.version <= planned else None,
        same_major=_major(planned)
        if candidate.requested and because is Reason.CONDA_HAS_IT
        else None,
    )


def _major(version: Version) -> Version:
    """Name the point below everything of a version's major."""
    epoch = f"{version.epoch}!" if version.epoch else ""
    return Version(f"{epoch}{version.major}.dev0")


_RULES: tuple[_Rule, ...] = (
    _tools,
    _protected,
    _policy,
    _true_pip,
    _exact_artifact,
    _conda_first,
)


def _best(candidate: Candidate, case: _Case) -> Offer | None:
    """Return the best of the first proposal, or of another that is newer and proven.

    A package that conda has renamed or split leaves a twin that nobody renews.
    """
    firsts: dict[str, Offer] = {}
    for offer in case.knowledge.allowed(candidate, case.conditions):
        firsts.setdefault(offer.record.name, offer)
    best: Offer | None = None
    for offer in firsts.values():
        proven = case.knowledge.verified.get((candidate.name, offer.record.name), False)
        if best is None or (proven and _is_newer(offer, best, candidate.name, case.knowledge)):
            best = offer
    return best


def _is_newer(offer: Offer, other: Offer, name: PyPIName, knowledge: Knowledge) -> bool:
    return knowledge.version(name, offer.record) > knowledge.version(name, other.record)
