"""A proof holds where all is well, and each thing that can be wrong fails it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import builders
import pytest

from pipguard import ledger
from pipguard.hooks import enable
from pipguard.prefix import Prefix
from pipguard.tour import proofs
from pipguard.tour.narrator import Flaw
from pipguard.tour.session import Ran
from pipguard.tour.trees import states


def references(flaws: Iterable[Flaw]) -> list[str]:
    return [flaw.reference for flaw in flaws]


@pytest.fixture
def made(make_environment: Callable[..., builders.Environment], tmp_path: Path) -> Path:
    """An environment with a dist of conda's and one that was converted."""
    channel = tmp_path / "channel"
    builders.dist_package(channel, "native")
    converted = builders.dist_package(channel, "foreign", build="pypi_h01234567_0")
    assert converted.exists()
    prefix: Path = make_environment("env", ["native", "foreign"], channel).prefix
    return prefix


def _site_packages(prefix: Path) -> Path:
    return builders.Environment(prefix).site_packages


def _rewrite(path: Path, text: str) -> None:
    path.unlink()  # it is a hard link into the cache
    path.write_text(text)


def test_a_sound_environment_passes(made: Path) -> None:
    assert references(proofs.recorded(made)) == []
    assert references(proofs.listed(made)) == []
    assert references(proofs.accounted(made, states(made))) == []


def test_a_file_that_is_not_what_its_record_says_is_noticed(made: Path) -> None:
    _rewrite(_site_packages(made) / "native/__init__.py", "altered")
    (_site_packages(made) / "foreign/__init__.py").unlink()
    assert references(proofs.recorded(made)) == ["file-missing", "file-altered"]


def test_a_record_that_rattler_cannot_read_is_noticed(made: Path) -> None:
    (path,) = (made / "conda-meta").glob("native-*.json")
    _rewrite(path, json.dumps({**json.loads(path.read_text()), "version": "not one"}))
    assert "record" in references(proofs.recorded(made))


@pytest.mark.parametrize(("dist", "found"), [("native", []), ("foreign", ["file-altered"])])
def test_the_record_of_a_converted_dist_must_be_true(
    made: Path, dist: str, found: list[str]
) -> None:
    (info,) = _site_packages(made).glob(f"{dist}-*.dist-info")
    _rewrite(info / "RECORD", f"{dist}/__init__.py,sha256=wrong,3\n")
    assert references(proofs.listed(made)) == found


def test_files_that_are_in_no_record_are_noticed(made: Path) -> None:
    before = states(made)
    (_site_packages(made) / "stray.py").write_text("")
    (made / "conda-meta/history").write_text("longer")
    assert [flaw.subject for flaw in proofs.accounted(made, before)] == [
        str((_site_packages(made) / "stray.py").relative_to(made))
    ]


def test_a_dist_that_is_in_no_record_is_noticed(made: Path) -> None:
    info = _site_packages(made) / "stray-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stray\nVersion: 1.0\n")
    assert references(proofs.listed(made)) == ["unaccounted"]


def test_a_pure_package_is_not_compiled(made: Path) -> None:
    assert references(proofs.compiled(made, "native")) == ["not-compiled"]
    assert references(proofs.compiled(made, "absent")) == ["not-installed"]


def test_a_guard_with_a_hole_is_noticed(made: Path) -> None:
    guard = enable(made, None, Path("/bin/sh"))
    assert references(proofs.guarded(made)) == []
    (made / next(iter(guard.files))).unlink()
    assert references(proofs.guarded(made)) == ["guard"]


def test_the_newest_operation_must_have_come_and_gone_as_it_should(made: Path) -> None:
    assert references(proofs.routed(made, "pip", {})) == ["no-operation"]
    ledger.append(Prefix(made).own_folder, ledger.Entry("pip", ("install",), "committed"))
    assert references(proofs.routed(made, "pip", {})) == []
    assert references(proofs.routed(made, "pip3", {"x": "conda"})) == ["operation", "route"]


_STATUS = {"guarded": True, "overrides": (), "dists": [{"name": "a", "origin": "conda"}]}


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, []),
        ({"guarded": False}, ["overridden"]),
        ({"overrides": ("bypass-set",)}, ["overridden"]),
        ({"overrides": ("break-system-packages:/etc/pip.conf",)}, []),
        ({"dists": [{"name": "a", "origin": "pip"}]}, ["origin"]),
        ({"dists": [*_STATUS["dists"], {"name": "b", "origin": "damaged"}]}, ["origin"]),  # type: ignore[misc]
    ],
)
def test_every_origin_must_be_the_expected_one(
    change: Mapping[str, object], found: list[str]
) -> None:
    assert references(proofs.origins({**_STATUS, **change}, {"a": "conda"})) == found


def test_a_command_must_succeed_and_say_what_it_should() -> None:
    ran = Ran("pip check", 1, "one broken requirement")
    assert references(proofs.ended_well(ran, "broken", "No broken")) == ["status", "unsaid"]
