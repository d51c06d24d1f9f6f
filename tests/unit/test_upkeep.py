"""What any command puts right in passing, and what it leaves alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from shell.kit import environment, executable, snapshot

from pipguard import hooks
from pipguard.faults import FaultKind, check
from pipguard.guard_record import Mode, read_guard
from pipguard.hooks import enable
from pipguard.upkeep import tend


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    made = environment(tmp_path / "env")
    enable(made, Mode.ENFORCE, executable(tmp_path / "pipguard", "launcher"))
    return made


def upgrade_python(prefix: Path) -> None:
    """Move to python 3.12 as conda does: the old library goes, but for what conda did not bring."""
    (prefix / "bin/python3.11").rename(prefix / "bin/python3.12")
    (prefix / "conda-meta/python-3.11.4-h1_0_cpython.json").unlink()
    (prefix / "conda-meta/python-3.12.1-h1_0_cpython.json").write_text("{}")
    (prefix / "lib/python3.12").mkdir()
    (prefix / "lib/python3.11/os.py").rename(prefix / "lib/python3.12/os.py")


def test_nothing_is_touched_where_all_is_well(prefix: Path) -> None:
    before = snapshot(prefix)

    assert tend(prefix) is None
    assert snapshot(prefix) == before


def test_an_environment_that_is_not_guarded_is_left_alone(tmp_path: Path) -> None:
    plain = environment(tmp_path / "plain")
    before = snapshot(plain)

    assert tend(plain) is None
    assert snapshot(plain) == before


def test_marker_and_shims_follow_an_upgrade_of_python(prefix: Path) -> None:
    upgrade_python(prefix)

    fault = tend(prefix)

    assert fault
    assert fault.kind is FaultKind.PYTHON_CHANGED
    assert check(prefix) == ()
    assert (prefix / "lib/python3.12/EXTERNALLY-MANAGED").exists()
    assert (prefix / "libexec/pipguard/shims/pip3.12").exists()
    assert not (prefix / "lib/python3.11/EXTERNALLY-MANAGED").exists()
    assert not (prefix / "libexec/pipguard/shims/pip3.11").exists()
    guard = read_guard(prefix)
    assert guard
    assert guard.mode is Mode.ENFORCE


def test_a_move_of_the_standard_library_alone_is_noticed(prefix: Path) -> None:
    """Python 3.13 without the GIL keeps its name and has another folder."""
    (prefix / "lib/python3.11t").mkdir()
    (prefix / "lib/python3.11/os.py").rename(prefix / "lib/python3.11t/os.py")

    assert tend(prefix)
    assert (prefix / "lib/python3.11t/EXTERNALLY-MANAGED").exists()


@pytest.mark.parametrize(
    ("version", "placed_again"), [("0.0.1", True), ("99.0", False), ("odd!", True)]
)
def test_a_newer_pipguard_places_its_own_and_an_older_one_does_not_fight_it(
    version: str, prefix: Path, monkeypatch: pytest.MonkeyPatch, *, placed_again: bool
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(hooks, "__version__", version)
        enable(prefix, None, prefix.parent / "pipguard")

    assert bool(tend(prefix)) == placed_again
    guard = read_guard(prefix)
    assert guard
    assert (guard.version == version) != placed_again


def test_a_pipguard_that_was_installed_elsewhere_is_the_one_from_now_on(
    prefix: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only shims on PATH found it; `python -m pip` and `status` went on about the old one."""
    (prefix.parent / "pipguard").unlink()
    monkeypatch.setattr("sys.argv", [str(prefix.parent / "nowhere/pipguard"), "status"])
    monkeypatch.setattr("sys.executable", str(prefix.parent / "nowhere/python"))
    monkeypatch.setenv("PATH", str(prefix.parent / "elsewhere"))
    assert tend(prefix) is None

    found = executable(prefix.parent / "elsewhere/pipguard", "launcher")

    fault = tend(prefix)
    assert fault
    assert fault.kind is FaultKind.LAUNCHER_MISSING
    guard = read_guard(prefix)
    assert guard
    assert (guard.launcher, guard.mode) == (found, Mode.ENFORCE)
    assert check(prefix) == ()


def test_a_pipguard_in_a_home_that_is_closed_to_us_is_not_gone(
    prefix: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two people who share an environment each would have placed it again and again."""
    real = Path.stat

    def closed(path: Path, **options: bool) -> os.stat_result:
        if path == prefix.parent / "pipguard":
            raise PermissionError
        return real(path, **options)

    monkeypatch.setattr(Path, "stat", closed)
    assert tend(prefix) is None


def test_a_copy_is_never_guarded_unasked(prefix: Path) -> None:
    upgrade_python(prefix)
    copy = prefix.rename(prefix.with_name("copy"))
    before = snapshot(copy)

    assert tend(copy) is None
    assert snapshot(copy) == before


def test_what_a_person_took_away_stays_away(prefix: Path) -> None:
    (prefix / "lib/python3.11/EXTERNALLY-MANAGED").unlink()

    assert tend(prefix) is None
    assert not (prefix / "lib/python3.11/EXTERNALLY-MANAGED").exists()


def test_a_guard_that_cannot_be_read_or_placed_stops_no_command(
    prefix: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade_python(prefix)
    with monkeypatch.context() as patch:
        patch.setattr("os.access", lambda *_: False)
        assert tend(prefix) is None
    (prefix / "conda-meta/pipguard/guard.json").write_text("{")
    assert tend(prefix) is None
