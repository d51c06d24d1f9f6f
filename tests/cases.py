"""Golden decisions as data: a case of `tests/data/decisions.toml` made into an outside world.

The words of a line are explained at the top of that file. Everything is made of the values and
fakes that other tests use; the name table is the real one with the real seed.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from fakes import Outside, Package, package
from packaging.specifiers import SpecifierSet
from values import by_pip, candidate, converted, dist, from_conda, installed, record

from pipguard.errors import PipguardError
from pipguard.mapping.seed import SEED
from pipguard.names import CondaName, NameTable, PyPIName, pypi_name
from pipguard.plan import Candidate, Source
from pipguard.policy import Policy, parse
from pipguard.present import look_at
from pipguard.provenance import Listing
from pipguard.records import Dist, InstalledRecord
from pipguard.request import Install
from pipguard.resolution import Resolution, resolve
from pipguard.routes import Beside, Decision

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FILE = Path(__file__).parent / "data/decisions.toml"
_POLICY = "policy.toml"


@dataclass(frozen=True)
class Table:
    """A downloaded table of two or three lines."""

    conda: Mapping[str, tuple[PyPIName, ...]]

    def providers(self, name: PyPIName) -> Sequence[CondaName]:
        return [CondaName(conda) for conda, dists in self.conda.items() if name in dists]

    def ships(self, conda: CondaName) -> Sequence[PyPIName] | None:
        return self.conda.get(conda)


@dataclass(frozen=True)
class Line:
    """`alpha 1.0 | asked: alpha>=1 | needs: beta & gamma`: words, then what is said about them."""

    words: tuple[str, ...]
    said: Mapping[str, str]

    @classmethod
    def of(cls, text: str) -> Line:
        head, *parts = (part.strip() for part in text.split("|"))
        pairs = (part.partition(":") for part in parts)
        return cls(tuple(head.split()), {key.strip(): value.strip() for key, _, value in pairs})

    def listed(self, key: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in self.said.get(key, "").split("&") if part.strip())


@dataclass(frozen=True)
class Case:
    """One row: what there is, what was typed, what comes of it."""

    name: str
    plan: tuple[str, ...]
    routes: tuple[str, ...] = ()
    channel: tuple[str, ...] = ()
    installed: tuple[str, ...] = ()
    table: Mapping[str, Any] = field(default_factory=dict)
    policy: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    limits: Mapping[str, str] = field(default_factory=dict)
    pins: tuple[str, ...] = ()
    cuda: str = "absent"
    left: tuple[str, ...] = ()
    brought: tuple[str, ...] = ()
    splits: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    requested: tuple[str, ...] = ()
    obstacles: tuple[str, ...] = ()
    error: str = ""
    solves: int = 1

    def world(self) -> Outside:
        """Make everything outside of it."""
        lines = [Line.of(text) for text in self.installed]
        outside = Outside.of(
            *(_candidate(Line.of(text)) for text in self.plan),
            channel=[_package(Line.of(text)) for text in self.channel],
            present=[_installed(line) for line in lines if line.words[-1] != "nobody"],
            others=[_stray(line) for line in lines if line.words[-1] == "nobody"],
            names=self._names(),
            policy=self._policy(),
            pinned=self.pins,
            cuda_settled=self.cuda == "settled",
        )
        if self.cuda == "present":
            outside.engine.virtual |= {CondaName("__cuda")}
        limits = {pypi_name(name): SpecifierSet(text) for name, text in self.limits.items()}
        outside.planner.made = replace(outside.planner.made, limits=limits)
        return outside

    def _policy(self) -> Policy:
        return parse(self.policy, _POLICY)

    def _names(self) -> NameTable:
        shipped = {
            conda: tuple(map(pypi_name, [dists] if isinstance(dists, str) else dists))
            for conda, dists in self.table.items()
        }
        return NameTable(SEED, tables=(Table(shipped),), overrides=self._policy().names)

    def resolved(self, outside: Outside) -> Resolution:
        """Do what was typed."""
        request = Install(**_options(self.options))
        present = look_at(outside.environment)
        return resolve(request, outside.planner.made, present, outside.sources())

    def outcome(self) -> Case:
        """Fill in what came of it, in the words of the case."""
        outside = self.world()
        try:
            found = self.resolved(outside)
        except PipguardError as error:
            obstacles = getattr(error, "obstacles", ())
            return replace(
                self,
                routes=(),
                error=error.reference,
                solves=self.solves,
                obstacles=tuple(f"{it.reference} {it.name}" for it in obstacles),
            )
        return replace(
            self,
            routes=tuple(map(_told, found.decisions)),
            left=tuple(it.name for it in found.left_out),
            brought=tuple(map(_changed, found.beside)),
            splits=tuple(map(" and ".join, found.splits)),
            gaps=tuple(f"{it.dist}: {it.requirement}" for it in found.gaps),
            requested=tuple(sorted(found.requested.values())) if self.requested else (),
            error="",
            obstacles=(),
            solves=len(outside.engine.problems),
        )


def cases() -> list[Case]:
    """Read the file."""
    document = tomllib.loads(FILE.read_text())
    return [Case(**{key: _frozen(value) for key, value in row.items()}) for row in document["case"]]


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _options(options: Mapping[str, Any]) -> dict[str, Any]:
    names = options.get("no_binary")
    return {**options, **({"no_binary": frozenset(names)} if names else {})}


def _candidate(line: Line) -> Candidate:
    name, version = line.words
    said = line.said
    fields: dict[str, Any] = {"requires": line.listed("needs"), "extras": line.listed("extras")}
    if "asked" in said:
        fields["asked"] = said["asked"]
    if "source" in said:
        fields["source"] = Source(said["source"])
    if "found" in said:
        listing, _, page = said["found"].partition(" on ")
        fields |= {"listing": Listing(listing), "found_on": page or None}
    fields["yanked"] = frozenset(line.listed("yanked"))
    fields["pinned"] = "hash" in said
    return candidate(name, version, **fields)


def _package(line: Line) -> Package:
    name, version = line.words
    about: dict[str, Any] = {"depends": line.listed("needs")}
    if "build" in line.said:
        about["build"] = line.said["build"]
    ships = line.listed("ships") if "ships" in line.said else (name,)
    return package(record(name, version, **about), *(ships or ("",)), requires=line.listed("says"))


_BY = {"conda": from_conda, "converted": converted, "pip": by_pip}


def _installed(line: Line) -> InstalledRecord:
    name, version, _, origin = line.words
    made = _BY[origin](name, version, depends=line.listed("needs"))
    ships = line.listed("ships")
    return installed(made.record, *ships) if ships else made


def _stray(line: Line) -> Dist:
    name, version, *_ = line.words
    return dist(name, version, requires=line.listed("says"))


def _told(it: Decision) -> str:
    words = f"{it.name}: {it.route} {it.version}, {it.reason}"
    under = f", as {it.conda_name}" if it.conda_name != it.name else ""
    source = f", by {it.source}" if it.source == _POLICY else ""
    return words + under + source


def _changed(it: Beside) -> str:
    if it.is_untracked:
        return f"{it.name} {it.version} by nobody"
    return f"{it.name} {it.was} -> {it.version}" if it.was else f"{it.name} {it.version}"
