from __future__ import annotations

import hashlib
import json
from pathlib import Path

import builders
import pytest

from pipguard.tour import packages
from pipguard.tour.packages import File, Link, Package

_DEMO = Package(
    "demo",
    "1.0",
    build="h0_7",
    files={
        "bin/demo": File(b"#!/placeholder/bin/sh\n", executable=True, placeholder="/placeholder"),
        "share/demo/data": File(b"data"),
        "share/demo/link": Link("data"),
    },
    extra={"license": "MIT"},
)


@pytest.fixture
def made(tmp_path: Path) -> builders.Environment:
    packages.write(_DEMO, tmp_path / "channel")
    return builders.environment(tmp_path / "env", tmp_path / "channel", ["demo"])


def test_files_and_links_arrive_as_they_were_written(made: builders.Environment) -> None:
    folder = made.prefix / "share/demo"
    assert (folder / "data").read_bytes() == b"data"
    assert (folder / "link").readlink() == Path("data")
    assert (folder / "data").stat().st_mode & 0o777 == 0o644


def test_a_placeholder_becomes_the_prefix(made: builders.Environment) -> None:
    script = made.prefix / "bin/demo"
    assert script.read_text() == f"#!{made.prefix}/bin/sh\n"
    assert script.stat().st_mode & 0o111


def test_the_index_says_what_the_package_says(tmp_path: Path) -> None:
    path = packages.write(_DEMO, tmp_path)
    packages.write_index(tmp_path)
    repodata = json.loads((tmp_path / "noarch/repodata.json").read_text())
    record = repodata["packages.conda"][path.name]
    assert record["build_number"] == 7
    assert record["license"] == "MIT"
    assert record["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert record["size"] == path.stat().st_size


def test_a_package_that_has_gone_leaves_the_index(tmp_path: Path) -> None:
    packages.write(_DEMO, tmp_path).unlink()
    packages.write_index(tmp_path)
    assert not json.loads((tmp_path / "noarch/repodata.json").read_text())["packages.conda"]


def test_the_same_package_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = (packages.write(_DEMO, tmp_path / name) for name in ("first", "second"))
    assert first.read_bytes() == second.read_bytes()
