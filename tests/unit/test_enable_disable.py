"""The verbs `enable` and `disable`: one environment, or all that conda knows."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from shell.kit import environment, snapshot

from pipguard import cli
from pipguard.environments import everything
from pipguard.guard_record import Mode, read_guard

REGISTERED, BASE, NAMED, MAMBA, MICROMAMBA = range(5)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine on which conda has been nowhere yet."""
    monkeypatch.setenv("HOME", str(tmp_path / "z-home"))
    monkeypatch.setenv("PATH", str(tmp_path / "conda/condabin"))
    monkeypatch.setattr(os, "fsync", lambda _descriptor: None)
    assert everything(os.environ, Path.home()) == ()
    return tmp_path / "z-home"


@pytest.fixture
def every(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """One environment of each kind that conda, mamba and micromamba know, in the order of paths."""
    places = ("a/registered", "conda", "conda/envs/named", "mamba/envs/inside")
    made = [environment(tmp_path / place) for place in places]
    made.append(environment(home / "micromamba/envs/inside"))
    (home / ".conda").mkdir()
    (home / ".conda/environments.txt").write_text(f"{tmp_path / 'gone'}\n{made[REGISTERED]}\n")
    (made[BASE] / "condabin").mkdir()
    (made[BASE] / "condabin/conda").touch(mode=0o755)
    monkeypatch.setenv("MAMBA_ROOT_PREFIX", str(tmp_path / "mamba"))
    assert everything(os.environ, Path.home()) == tuple(made)
    return made


def modes(prefixes: list[Path]) -> list[Mode | None]:
    return [guard.mode if (guard := read_guard(prefix)) else None for prefix in prefixes]


def test_every_environment_is_guarded_and_base_only_enforced(every: list[Path]) -> None:
    assert cli.run(["enable", "--all"]) == 0
    assert modes(every) == [Mode.ENFORCE if number == BASE else Mode.ROUTE for number in range(5)]


def test_a_mode_that_is_named_holds_for_all_of_them(every: list[Path]) -> None:
    assert cli.run(["enable", "--all", "--mode", "warn"]) == 0
    assert modes(every) == [Mode.WARN] * 5


def test_all_of_them_are_as_before_after_disable(every: list[Path]) -> None:
    before = [snapshot(prefix) for prefix in every]
    cli.run(["enable", "--all"])

    assert cli.run(["disable", "--all"]) == 0
    assert [snapshot(prefix) for prefix in every] == before


def test_twice_is_as_once(every: list[Path], capsys: pytest.CaptureFixture[str]) -> None:
    cli.run(["enable", "--all"])
    before, told = [snapshot(prefix) for prefix in every], capsys.readouterr()

    assert cli.run(["enable", "--all"]) == 0
    assert [snapshot(prefix) for prefix in every] == before
    assert capsys.readouterr() == told
    cli.run(["disable", "--all"])
    capsys.readouterr()
    assert cli.run(["disable", "--all"]) == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("sign", ["conda-meta/pixi", "conda-meta/frozen", "pyvenv.cfg"])
def test_one_that_is_closed_is_left_alone_and_named(
    sign: str, every: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    (every[NAMED] / sign).touch()

    assert cli.run(["enable", "--all"]) == 0
    assert [mode is None for mode in modes(every)] == [number == NAMED for number in range(5)]
    assert str(every[NAMED]) in capsys.readouterr().err


def blocked(prefix: Path) -> None:
    (prefix / "etc").touch()  # a file where a folder is needed


def unreadable(prefix: Path) -> None:
    (prefix / "pip.conf").mkdir()


def broken(prefix: Path) -> None:
    (prefix / "lib/python3.11/os.py").unlink()
    (prefix / "bin/python").chmod(0o644)


@pytest.mark.parametrize("fails", [blocked, unreadable, broken])
def test_one_that_fails_keeps_no_other_from_its_guard(
    fails: Callable[[Path], None], every: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    fails(every[REGISTERED])

    assert cli.run(["enable", "--all"]) == 1
    assert None not in modes(every)[1:]
    assert str(every[REGISTERED]) in capsys.readouterr().err


def test_one_that_fails_keeps_no_other_from_being_freed(every: list[Path]) -> None:
    before = [snapshot(prefix) for prefix in every]
    cli.run(["enable", "--all"])
    (every[REGISTERED] / "libexec/pipguard/shims/pip").unlink()
    (every[REGISTERED] / "libexec/pipguard/shims/pip").mkdir()

    assert cli.run(["disable", "--all"]) == 1
    assert [snapshot(prefix) for prefix in every[1:]] == before[1:]


def test_all_and_one_by_name_is_a_usage_error() -> None:
    assert cli.run(["enable", "--all", "-n", "x"]) == 2
    assert cli.run(["disable", "--all", "-p", "/x"]) == 2


@pytest.mark.usefixtures("home")
def test_conda_without_any_environment_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["enable", "--all"]) == 0
    assert "no environment" in capsys.readouterr().out


def test_a_base_environment_is_told_its_mode_and_why(
    every: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    cli.run(["enable", "-p", str(every[BASE])])
    assert "base environment" in capsys.readouterr().out

    cli.run(["enable", "-p", str(every[BASE]), "--mode", "route"])
    assert "base environment" not in capsys.readouterr().out
    assert modes(every)[BASE] is Mode.ROUTE


def test_disabling_what_is_not_guarded_says_so(
    every: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    before = snapshot(every[0])

    assert cli.run(["disable", "-p", str(every[0])]) == 0
    assert "is not guarded" in capsys.readouterr().out
    assert snapshot(every[0]) == before
