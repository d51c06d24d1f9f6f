"""Well-known names come out right, and a stranger of the same name is never proposed first.

The names are in `tests/data/names/curated.tsv`; the table here is made of them and of the strangers
and copies of `strangers.json`. With `PIPGUARD_TRY_TABLE=PATH` the published table is tried as well.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from fences import ENVIRONMENT

from pipguard.mapping.compact import CompactTable, compact, parse
from pipguard.mapping.seed import SEED
from pipguard.names import CondaName, Known, NameTable, PyPIName, Seed, pypi_name

_DATA = Path(__file__).parent.parent / "data/names"
_NONE = "-"


@dataclass(frozen=True)
class Curated:
    """One line: a project, and the packages of which any will do; none for `-`."""

    pypi: PyPIName
    conda: tuple[str, ...]

    def is_right(self, first: str) -> bool:
        return first in self.conda


def _curated() -> tuple[Curated, ...]:
    lines = (_DATA / "curated.tsv").read_text("utf-8").splitlines()
    pairs = (line.split("\t") for line in lines if not line.startswith("#"))
    return tuple(Curated(pypi_name(pypi), tuple(conda.split("|"))) for pypi, conda in pairs)


CURATED = _curated()
STRANGERS = json.loads((_DATA / "strangers.json").read_text("utf-8"))


def _ours() -> dict[str, list[str] | None]:
    """A table in the published form."""
    ships: dict[str, list[str] | None] = dict(STRANGERS)
    for it in CURATED:
        for conda in it.conda:
            if conda != _NONE:
                ships[conda] = sorted({*(ships.get(conda) or ()), it.pypi})
    return ships


def _names(raw: bytes, seed: Seed = SEED) -> NameTable:
    return NameTable(seed=seed, tables=(CompactTable(compact(parse(raw, 0), {})),))


def _first(names: NameTable, name: PyPIName, there: frozenset[str]) -> str:
    answer = names.lookup(name, there)
    return answer.proposals[0].conda if isinstance(answer, Known) else _NONE


def _wrong(names: NameTable, there: frozenset[str]) -> list[tuple[str, str]]:
    found = [(it, _first(names, it.pypi, there)) for it in CURATED]
    return [(it.pypi, first) for it, first in found if not it.is_right(first)]


TABLES = {"ours": json.dumps(_ours()).encode()}
if ENVIRONMENT.get("PIPGUARD_TRY_TABLE"):
    TABLES["published"] = Path(ENVIRONMENT["PIPGUARD_TRY_TABLE"]).read_bytes()
_every_table = pytest.mark.parametrize("raw", TABLES.values(), ids=list(TABLES))


def test_the_list_is_long_enough_to_count() -> None:
    assert len(CURATED) == len({it.pypi for it in CURATED}) >= 500


@_every_table
def test_of_well_known_names_98_of_100_come_out_right(raw: bytes) -> None:
    there = frozenset(json.loads(raw))
    wrong = _wrong(_names(raw), there)
    assert len(wrong) <= 0.02 * len(CURATED), wrong


@_every_table
def test_without_any_seed_most_do(raw: bytes) -> None:
    wrong = _wrong(_names(raw, Seed()), frozenset(json.loads(raw)))
    assert len(wrong) <= 0.05 * len(CURATED), wrong


def test_without_any_table_they_do_as_well() -> None:
    wrong = _wrong(NameTable(seed=SEED), frozenset(_ours()))
    assert len(wrong) <= 0.02 * len(CURATED), wrong


@_every_table
def test_a_package_that_ships_something_else_is_never_proposed_for_its_own_name(
    raw: bytes,
) -> None:
    table, names = json.loads(raw), _names(raw)
    there = frozenset(table)
    strangers = {conda for conda, dists in table.items() if pypi_name(conda) not in (dists or ())}
    proposed = [
        conda
        for conda in strangers
        if isinstance(answer := names.lookup(pypi_name(conda), there), Known)
        and answer.proposals[0].conda == CondaName(conda)
    ]
    assert proposed == []
