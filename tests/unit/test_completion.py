"""What is completed with TAB: scripts that follow the parsers, and words that they ask for."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import pytest

from pipguard import cli
from pipguard.verbs.completion import SCRIPTS

_ROOT = Path(__file__).resolve().parents[2]


def _environment(path: Path) -> Path:
    (path / "conda-meta/pipguard").mkdir(parents=True)
    return path


def _done(identity: str, *words: str, **fields: str) -> str:
    known = {"id": identity, "state": "committed", "front_door": "pip", "argv": words}
    return json.dumps({**known, **fields}) + "\n"


def listed(capsys: pytest.CaptureFixture[str], *words: str) -> list[list[str]]:
    assert cli.run(["completion", "--list", *words]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    return [line.split("\t") for line in said.out.splitlines()]


def test_the_scripts_are_those_of_the_parsers() -> None:
    """`python .ci/completion_scripts.py` mends it."""
    maker = runpy.run_path(str(_ROOT / ".ci/completion_scripts.py"))
    kept = {name: Path(maker["FOLDER"], name).read_text("utf-8") for name in SCRIPTS.values()}
    assert maker["scripts"]() == kept


@pytest.mark.parametrize("shell", SCRIPTS)
def test_a_script_asks_the_pipguard_that_has_printed_it(
    shell: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here = tmp_path / "it's here" / "pipguard"
    monkeypatch.setattr("pipguard.verbs.completion.launcher", lambda: here)
    assert cli.run(["completion", shell]) == 0
    assert "s here/pipguard'" in capsys.readouterr().out


def test_operations_that_stand_are_listed_newest_first_with_what_was_typed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prefix = _environment(tmp_path / "env")
    lines = (
        _done("1", "install", "rich"),
        _done("2", "install", "x", state="failed"),
        _done("3", "uninstall", "rich"),
        _done("4", "3", undoes="3"),
    )
    Path(prefix, "conda-meta/pipguard/ledger.jsonl").write_text("".join(lines))

    found = listed(capsys, "operations", "undo", "-p", str(prefix), "")

    assert found == [["4", "pip 3"], ["1", "pip install rich"]]


def test_what_was_typed_cannot_add_a_line_or_colour(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prefix = _environment(tmp_path / "env")
    line = _done("1", "install", "a\nb\tc\x1b[31m")
    Path(prefix, "conda-meta/pipguard/ledger.jsonl").write_text(line)

    found = listed(capsys, "operations", "undo", "-p", str(prefix), "")

    assert found == [["1", "pip install a b c [31m"]]


def test_environments_are_listed_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    prefix = _environment(tmp_path / "envs/demo")
    (tmp_path / ".conda").mkdir()
    (tmp_path / ".conda/environments.txt").write_text(f"{prefix}\n")
    monkeypatch.setattr(Path, "home", lambda: tmp_path)

    assert ["demo", str(prefix)] in listed(capsys, "environments", "status", "-n", "")


def test_a_name_that_a_shell_would_run_is_not_put_into_the_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = [_environment(tmp_path / "envs" / it) for it in ("a$(id)", "a;id", "a`id`", "añ-1+b")]
    (tmp_path / ".conda").mkdir()
    (tmp_path / ".conda/environments.txt").write_text("".join(f"{path}\n" for path in paths))
    monkeypatch.setattr(Path, "home", lambda: tmp_path)

    found = dict(listed(capsys, "environments", "status", "-n", ""))

    assert {name for name in found if name.startswith("a")} == {"añ-1+b"}


@pytest.mark.parametrize(
    "words", [("operations", "undo", "-p", "/nowhere", ""), ("no-such-kind", ""), ("operations",)]
)
def test_what_cannot_be_told_says_nothing(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert listed(capsys, *words) == []
