"""What conda packages hold, and what is remembered of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from values import SHA256, record

from pipguard.engine.contents import Contents, Seen, read_lines
from pipguard.names import PyPIName
from pipguard.records import Record, Shipped

ALPHA = Shipped(PyPIName("alpha"), "1.0")


def contents(folder: Path) -> Contents:
    return Contents(folder / "cache/contents.jsonl", folder / "pkgs")


def extract(folder: Path, it: Record, *paths: str, sha256: str = SHA256) -> None:
    """Lay a package into the package cache."""
    info = folder / "pkgs" / it.dist_name / "info"
    info.mkdir(parents=True)
    (info / "paths.json").write_text(json.dumps({"paths": [{"_path": path} for path in paths]}))
    lock = folder / "pkgs" / f"{it.dist_name}.lock"
    lock.write_bytes(bytes(8) + bytes.fromhex(sha256))


def test_what_was_seen_is_remembered_by_its_hash(tmp_path: Path) -> None:
    contents(tmp_path).keep(record("alpha"), [ALPHA], hashed=True)
    assert contents(tmp_path).of(record("alpha")) == (ALPHA,)
    assert contents(tmp_path).of(record("alpha", sha256="cd" * 32)) is None
    assert contents(tmp_path).of(record("alpha", sha256=None)) is None


def test_what_a_channel_shows_speaks_for_no_package_of_another_one(tmp_path: Path) -> None:
    hostile = record("alpha", url="https://evil.example/alpha-1.0-0.conda")
    contents(tmp_path).keep(hostile, [], hashed=False)
    assert contents(tmp_path).of(hostile) == ()
    assert contents(tmp_path).of(record("alpha")) is None
    contents(tmp_path).keep(record("alpha"), [ALPHA], hashed=True)
    assert contents(tmp_path).of(record("alpha")) == (ALPHA,)


def test_that_a_package_holds_nothing_is_remembered_as_well(tmp_path: Path) -> None:
    contents(tmp_path).keep(record("libx"), [], hashed=True)
    assert contents(tmp_path).of(record("libx")) == ()


def test_a_package_in_the_cache_tells_by_itself(tmp_path: Path) -> None:
    extract(tmp_path, record("alpha"), "site-packages/alpha-1.0.dist-info/METADATA")
    assert contents(tmp_path).of(record("alpha")) == (ALPHA,)


def test_another_package_of_that_name_in_the_cache_is_no_witness(tmp_path: Path) -> None:
    path = "site-packages/alpha-1.0.dist-info/METADATA"
    extract(tmp_path, record("alpha"), path, sha256="cd" * 32)
    assert contents(tmp_path).of(record("alpha")) is None


def test_a_record_claims_what_is_in_its_package(tmp_path: Path) -> None:
    claims = record("alpha", purls=("pkg:pypi/Alpha@1.0?source=x", "pkg:conda/alpha@1.0"))
    assert contents(tmp_path).of(claims) == (ALPHA,)


@pytest.mark.parametrize("torn", ['{"sha256": "ab', "[]", "null", '{"other": 1}', ""])
def test_a_torn_line_is_passed_over(tmp_path: Path, torn: str) -> None:
    kept = contents(tmp_path)
    kept.keep(record("alpha"), [ALPHA], hashed=True)
    with kept.memory.open("a") as file:
        file.write(torn + "\n")
    kept.keep(record("beta", sha256="cd" * 32), [], hashed=True)
    assert [line["conda"] for line in read_lines(kept.memory)] == ["alpha", "beta"]


def test_a_cache_that_cannot_be_written_costs_nothing_but_time(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    kept = contents(tmp_path)
    kept.keep(record("alpha"), [ALPHA], hashed=True)
    assert kept.of(record("alpha")) == (ALPHA,)


def test_nothing_is_written_twice(tmp_path: Path) -> None:
    for _ in range(2):
        contents(tmp_path).keep(record("alpha"), [ALPHA], hashed=True)
    assert len(contents(tmp_path).memory.read_text().splitlines()) == 1


def test_what_was_seen_is_a_table_of_names(tmp_path: Path) -> None:
    kept = contents(tmp_path)
    kept.keep(record("suite"), [ALPHA, Shipped(PyPIName("suite"), "1.0")], hashed=True)
    kept.keep(record("libx", sha256="cd" * 32), [], hashed=True)
    seen = Seen(tuple(read_lines(kept.memory)))
    assert seen.providers(PyPIName("alpha")) == ("suite",)
    assert seen.ships(record("libx").name) == ()
    assert seen.ships(record("other").name) is None
