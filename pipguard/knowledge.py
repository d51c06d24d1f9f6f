"""What is known about names, channels and the prefix when routes are decided.

Pure. `learning.py` gathers a `Knowledge`, `routes.py` decides by it; what the course of a
resolution brings to light makes a new one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from pipguard.names import Answer, CondaName, PyPIName
from pipguard.plan import Candidate
from pipguard.policy import Policy
from pipguard.reasons import Reason
from pipguard.records import InstalledRecord, Record, RecordKey


@dataclass(frozen=True, slots=True)
class Offer:
    """One conda package that may ship a candidate, and who proposed its name."""

    record: Record
    source: str


@dataclass(frozen=True, slots=True)
class Installed:
    """A dist that is in the environment.

    Attributes:
        version: the dist's own, which conda's may differ from.
        owner: what accounts for it, a stand-in where conda-meta does not.
    """

    version: Version
    owner: InstalledRecord


@dataclass(frozen=True, slots=True)
class Knowledge:
    """All that a decision may look at beside the plan.

    Attributes:
        answers: the name table's answer for each candidate.
        offers: per candidate, what the channels have for this python, proposal by proposal, and of
            each the best first.
        elsewhere: per candidate, a package that a channel has for another python only.
        verified: whether a conda package really ships a dist, where that has been looked at.
        versions: of a dist in a conda package, where that has been looked at.
        taken: conda names that exist in the channels or the prefix.
        installed: the dists that are there.
        given_back: candidates that must come from PyPI although conda may have them, and why.
        needed: candidates that are wanted although no route asks for them.
        conditions: versions that what will be linked asks for beyond the plan.
        public: names that the person, the seed or a table knows as projects of PyPI.
        families: the family that a candidate or an installed dist belongs to.
        protected: what pipguard itself runs on, where that is in this environment.
        lacks_cuda: whether this machine has no CUDA, and nobody said that this is as it should be.
        policy: the person's settings.
    """

    answers: Mapping[PyPIName, Answer] = field(default_factory=dict)
    offers: Mapping[PyPIName, tuple[Offer, ...]] = field(default_factory=dict)
    elsewhere: Mapping[PyPIName, Record] = field(default_factory=dict)
    verified: Mapping[tuple[PyPIName, CondaName], bool] = field(default_factory=dict)
    versions: Mapping[tuple[PyPIName, RecordKey], Version] = field(default_factory=dict)
    taken: frozenset[CondaName] = frozenset()
    installed: Mapping[PyPIName, Installed] = field(default_factory=dict)
    given_back: Mapping[PyPIName, Reason] = field(default_factory=dict)
    needed: frozenset[PyPIName] = frozenset()
    conditions: Mapping[PyPIName, SpecifierSet] = field(default_factory=dict)
    public: frozenset[PyPIName] = frozenset()
    families: Mapping[PyPIName, str] = field(default_factory=dict)
    protected: frozenset[PyPIName] = frozenset()
    lacks_cuda: bool = False
    policy: Policy = field(default_factory=Policy)

    def version(self, name: PyPIName, record: Record) -> Version:
        """Tell the version of a dist in a conda package: as it was seen, else as conda has it."""
        return self.versions.get((name, record.key)) or pep440(record.version)

    def trusts(self, name: PyPIName, record: Record) -> bool:
        """Say whether a package may ship a dist: nobody has seen that it does not."""
        return self.verified.get((name, record.name), True)

    def allowed(self, candidate: Candidate, conditions: SpecifierSet) -> tuple[Offer, ...]:
        """Return the offers, not known to be another thing, that satisfy every condition."""
        name = candidate.name
        # Said in full: left open, releases of `packaging` differ about a version by itself.
        early = Version(candidate.version).is_prerelease or bool(conditions.prereleases)
        withdrawn = {Version(each) for each in candidate.yanked} - {Version(candidate.version)}
        return tuple(
            offer
            for offer in self.offers.get(name, ())
            if self.trusts(name, offer.record)
            and conditions.contains(str(self.version(name, offer.record)), prereleases=early)
            and self.version(name, offer.record) not in withdrawn
        )

    def owner(self, name: PyPIName) -> Record | None:
        """Return what accounts for an installed dist."""
        found = self.installed.get(name)
        return found.owner.record if found else None

    def without(self, names: Mapping[PyPIName, Reason]) -> Knowledge:
        """Give these names back to PyPI as well."""
        return replace(self, given_back={**names, **self.given_back})


def pep440(version: str) -> Version:
    """Read a version as PEP 440; what cannot be read counts as older than everything."""
    try:
        return Version(version)
    except InvalidVersion:
        return UNREADABLE


UNREADABLE = Version("0.dev0")
"""Stands for every version that is not PEP 440."""
