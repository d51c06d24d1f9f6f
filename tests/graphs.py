"""Random package graphs: an index, a channel that has part of it, and what pip would choose.

`Graph.plan` is pip in a few lines: the newest that satisfies everything, going back where that
leads nowhere. It is slow, and right by being plain; `test_random_graphs.py` holds it against real
pip.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random

from hypothesis import strategies as st
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version
from values import MARKERS, candidate, record

from pipguard.names import CondaName, PyPIName, pypi_name
from pipguard.plan import Candidate, Plan
from pipguard.records import Record, Shipped
from pipguard.wheels.specifiers import match_spec

NAMES = tuple(f"dist-{letter}" for letter in "abcdefgh")
VERSIONS = ("1.0", "1.1", "1.2.post1", "2.0", "2.1", "3.0")
SPECIFIERS = ("", ">=1.1", "<2", "!=1.1", "~=1.0", ">=2", "==2.*", ">1.0,<3")
EXTRA = "x"
_HALF, _SOMETIMES = 0.5, 0.25
# By one's own version: a name, and what is required of it.
Requires = tuple[str, ...]


@dataclass(frozen=True)
class Package:
    """One conda package: what it depends on, and what its metadata says."""

    record: Record
    says: Requires


@dataclass(frozen=True)
class Graph:
    """What PyPI has, what a channel has, and what somebody types.

    Attributes:
        index: versions by name, with their Requires-Dist.
        channel: conda packages of the same names, perhaps of other versions.
        typed: requirements.
        strangers: names whose conda packages hold another dist.
    """

    index: Mapping[str, Mapping[str, Requires]]
    channel: tuple[Package, ...]
    typed: tuple[str, ...]
    strangers: frozenset[str] = frozenset()

    def plan(self, installed: Mapping[str, str] | None = None) -> Plan | None:
        """Choose as pip does; None where it finds nothing."""
        here = installed or {}
        asked = [Requirement(text) for text in self.typed]
        chosen = self._chosen(asked, {}, here)
        if chosen is None:
            return None
        typed = {pypi_name(it.name): it for it in asked}
        items = (
            self._candidate(name, version, typed)
            for name, version in chosen.items()
            if here.get(name) != version
        )
        return Plan(tuple(items), MARKERS)

    def _chosen(
        self, demands: Sequence[Requirement], chosen: Mapping[str, str], here: Mapping[str, str]
    ) -> dict[str, str] | None:
        if not demands:
            return dict(chosen)
        demand, *rest = demands
        name = str(pypi_name(demand.name))
        if name in chosen:
            more = active(self.index[name][chosen[name]], demand.extras) if demand.extras else []
            fits = demand.specifier.contains(chosen[name])
            return self._chosen([*rest, *more], chosen, here) if fits else None
        for version in self._fitting(name, demand.specifier, here):
            needs = active(self.index[name][version], demand.extras)
            found = self._chosen([*rest, *needs], {**chosen, name: version}, here)
            if found is not None:
                return found
        return None

    def _fitting(
        self, name: str, specifier: SpecifierSet, here: Mapping[str, str]
    ) -> Iterator[str]:
        """Yield what is installed first, then the newest; pip keeps what is good enough."""
        newest = sorted(self.index.get(name, ()), key=Version, reverse=True)
        order = dict.fromkeys([*([here[name]] if name in here else []), *newest])
        yield from (version for version in order if specifier.contains(version))

    def _candidate(
        self, name: str, version: str, typed: Mapping[PyPIName, Requirement]
    ) -> Candidate:
        asked = typed.get(pypi_name(name))
        fields = {"asked": str(asked), "extras": asked.extras} if asked else {}
        return candidate(name, version, requires=self.index[name][version], **fields)

    def without_channel(self) -> Graph:
        return replace(self, channel=())

    @property
    def contents(self) -> dict[tuple[str, str, str, str], tuple[Shipped, ...]]:
        """What is in the packages of the channel."""
        return {it.record.key: (self._inside(it),) for it in self.channel}

    def _inside(self, package: Package) -> Shipped:
        name = str(package.record.name)
        if name in self.strangers:
            return Shipped(pypi_name(f"not-{name}"), package.record.version, ())
        return Shipped(pypi_name(name), package.record.version, package.says)

    def with_strangers(self) -> Graph:
        """Let every second name of the channel be another thing on PyPI."""
        names = sorted({str(it.record.name) for it in self.channel})
        return replace(self, strangers=frozenset(names[::2]))


def graphs() -> st.SearchStrategy[Graph]:
    """Draw an index, a channel, and what is typed.

    Of one number: drawn piece by piece, a graph takes Hypothesis five times as long as installing
    from it, and nothing is made of the pieces, for examples are not shrunk.
    """
    return st.integers(min_value=0, max_value=2**62).map(lambda seed: _graph(Random(seed)))  # noqa: S311 # no secret


def active(requires: Requires, extras: Collection[str] = ()) -> list[Requirement]:
    """Select what holds with these extras."""
    parsed = map(Requirement, requires)
    wanted = [{"extra": extra} for extra in ("", *extras)]
    return [it for it in parsed if it.marker is None or any(map(it.marker.evaluate, wanted))]


def _graph(chosen: Random) -> Graph:
    index = {name: _versions(number, chosen) for number, name in enumerate(NAMES)}
    typed: Requires = ()
    while not typed:
        typed = _requirements(NAMES, chosen)
    return Graph(index, tuple(_channel(index, chosen)), typed)


def _versions(number: int, chosen: Random) -> dict[str, Requires]:
    versions = chosen.sample(VERSIONS, chosen.randint(1, 3))
    return {version: _metadata(NAMES[number + 1 :], chosen) for version in versions}


def _metadata(later: Sequence[str], chosen: Random) -> Requires:
    """Choose what a dist requires: some of it for an extra alone."""
    return tuple(
        f"{text}; extra == '{EXTRA}'" if chosen.random() < _SOMETIMES else text
        for text in _requirements(later, chosen)
    )


def _requirements(later: Sequence[str], chosen: Random) -> Requires:
    """Choose requirements on names that come later, so that versions of a circle never matter."""
    names = chosen.sample(later, min(len(later), chosen.randint(0, 3)))
    brackets = (f"[{EXTRA}]" if chosen.random() < _SOMETIMES else "" for _ in names)
    pairs = zip(names, brackets, strict=True)
    return tuple(f"{name}{extra}{chosen.choice(SPECIFIERS)}" for name, extra in pairs)


def _channel(index: Mapping[str, Mapping[str, Requires]], chosen: Random) -> Iterator[Package]:
    """Yield packages of part of the index; recipes may say less than the metadata, or more."""
    for number, name in enumerate(NAMES):
        later = NAMES[number + 1 :]
        for version in chosen.sample(VERSIONS, chosen.randint(0, 2)):
            says = index[name].get(version) or _metadata(later, chosen)
            less, more = chosen.random() < _HALF, chosen.random() < _HALF
            extra = _requirements(later, chosen) if more else ()
            recipe = (*(says[1:] if less else says), *extra)
            yield Package(_record(name, version, recipe), says)


def _record(name: str, version: str, requires: Iterable[str]) -> Record:
    parsed = active(tuple(requires))
    depends = [match_spec(CondaName(it.name), str(it.specifier)) for it in parsed]
    return record(name, version, depends=["python", *dict.fromkeys(depends)])


@dataclass
class Held:
    """The dists of an environment with what they require; says what `pip check` would say."""

    dists: dict[str, tuple[str, Requires]] = field(default_factory=dict)

    def complaints(self) -> list[str]:
        found = []
        for name, (_, requires) in self.dists.items():
            for requirement in active(requires):
                there = self.dists.get(requirement.name)
                if there is None or not requirement.specifier.contains(there[0], prereleases=True):
                    found.append(f"{name}: {requirement}")
        return sorted(found)
