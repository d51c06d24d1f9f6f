"""The verbs `enable` and `disable`: one environment, or all that conda knows."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from shell.kit import environment, snapshot

from pipguard import cli
from pipguard.guard_record import Mode, read_guard
from pipguard.verbs import everywhere


@pytest.fixture
def every(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Every environment that conda knows: two plain ones and a base."""
    made = [environment(tmp_path / name) for name in ("a", "b", "base")]
    (made[2] / "condabin").mkdir()
    monkeypatch.setattr(everywhere, "everything", lambda *_: tuple(made))
    monkeypatch.setattr(os, "fsync", lambda _descriptor: None)
    return made


def modes(prefixes: list[Path]) -> list[Mode | None]:
    return [guard.mode if (guard := read_guard(prefix)) else None for prefix in prefixes]


def test_every_environment_is_guarded_and_base_only_enforced(every: list[Path]) -> None:
    assert cli.run(["enable", "--all"]) == 0
    assert modes(every) == [Mode.ROUTE, Mode.ROUTE, Mode.ENFORCE]


def test_a_mode_that_is_named_holds_for_all_of_them(every: list[Path]) -> None:
    assert cli.run(["enable", "--all", "--mode", "warn"]) == 0
    assert modes(every) == [Mode.WARN] * 3


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
    (every[0] / sign).touch()

    assert cli.run(["enable", "--all"]) == 0
    assert modes(every) == [None, Mode.ROUTE, Mode.ENFORCE]
    assert str(every[0]) in capsys.readouterr().err


def test_one_that_fails_keeps_no_other_from_its_guard(
    every: list[Path],
) -> None:
    (every[0] / "etc").touch()  # a file where a folder is needed

    assert cli.run(["enable", "--all"]) == 1
    assert modes(every)[1:] == [Mode.ROUTE, Mode.ENFORCE]


def test_all_and_one_by_name_is_a_usage_error() -> None:
    assert cli.run(["enable", "--all", "-n", "x"]) == 2
    assert cli.run(["disable", "--all", "-p", "/x"]) == 2


def test_conda_without_any_environment_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(everywhere, "everything", lambda *_: ())

    assert cli.run(["enable", "--all"]) == 0
    assert "no environment" in capsys.readouterr().out


def test_a_base_environment_is_told_its_mode_and_why(
    every: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    cli.run(["enable", "-p", str(every[2])])
    assert "base environment" in capsys.readouterr().out

    cli.run(["enable", "-p", str(every[2]), "--mode", "route"])
    assert "base environment" not in capsys.readouterr().out
    assert modes(every)[2] is Mode.ROUTE


def test_disabling_what_is_not_guarded_says_so(
    every: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    before = snapshot(every[0])

    assert cli.run(["disable", "-p", str(every[0])]) == 0
    assert "is not guarded" in capsys.readouterr().out
    assert snapshot(every[0]) == before
