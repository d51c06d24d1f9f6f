"""Words are completed with TAB, by our scripts for our verbs and by pip's for a guarded pip."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from shell.keyboard import Keyboard, keyboard
from shell.kit import SHELLS, Shell, activated

from pipguard.guard_record import Mode
from pipguard.hooks import enable

if TYPE_CHECKING:
    from conftest import MakeEnvironment

_PIPGUARD = Path(sys.executable).with_name("pipguard")
_ID = "20261121T083111724527-ce"


@dataclass(frozen=True)
class _Interactive:
    """How a shell is started for a person, told of completions, and given `tell`."""

    options: tuple[str, ...]
    setup: str
    tell: str


_TELL = """tell() { printf '%s' TO LD; printf '<%s>' "$@"; echo DO""NE; }"""
_INTERACTIVE = {
    "bash": _Interactive(
        ("--norc", "--noprofile", "-i"),
        'eval "$(\'{pipguard}\' completion bash)"; eval "$(pip completion --bash)"',
        _TELL,
    ),
    "zsh": _Interactive(
        ("-f", "-i"),
        "autoload -Uz compinit; compinit -D -u; eval \"$('{pipguard}' completion zsh)\"; "
        'eval "$(pip completion --zsh)"',
        _TELL,
    ),
    "fish": _Interactive(
        ("--no-config", "-i"),
        "'{pipguard}' completion fish | source; pip completion --fish | source",
        "function tell; printf '%s' TO LD; printf '<%s>' $argv; echo DO''NE; end",
    ),
}
# What is typed, with TAB for TAB, and the words that the line has afterwards.
_LINES = {
    "pipguard ena\t": "pipguard enable",
    "pipguard stat\t--js\t": "pipguard status --json",
    "pipguard enable --mo\tenf\t": "pipguard enable --mode enforce",
    "pipguard export --format pyl\t": "pipguard export --format pylock",
    "pipguard completion f\t": "pipguard completion fish",
    "pipguard status -n dem\t": "pipguard status -n demo",
    "pipguard undo -n demo 2026\t": f"pipguard undo -n demo {_ID}",
    "pipguard why -n demo pi\t": "pipguard why -n demo pip",
    "pipguard convert one.whl tw\t": "pipguard convert one.whl two.whl",
    "pipguard pip -n demo unin\t": "pipguard pip -n demo uninstall",
    "pip unin\t": "pip uninstall",
}


@pytest.fixture
def home(make_environment: MakeEnvironment, tmp_path: Path) -> Path:
    """Make a home with one guarded environment, in which one thing was done, and a wheel."""
    prefix = make_environment("envs/demo").prefix
    enable(prefix, Mode.ROUTE, _PIPGUARD)
    done = {"id": _ID, "state": "committed", "front_door": "pip", "argv": ["install", "rich"]}
    Path(prefix, "conda-meta/pipguard/ledger.jsonl").write_text(json.dumps(done) + "\n")
    (tmp_path / ".conda").mkdir()
    (tmp_path / ".conda/environments.txt").write_text(f"{prefix}\n")
    (tmp_path / "two.whl").touch()
    return tmp_path


def _typed(shell: Shell, home: Path, lines: list[str]) -> list[str]:
    how = _INTERACTIVE[shell.name]
    path = activated(home / "envs/demo")
    command = (shell.executable[0], *how.options)
    with keyboard(command, {"PATH": path, "HOME": str(home)}, home) as person:
        setup = how.setup.format(pipguard=_PIPGUARD)
        assert person.enter(f"{setup}; {how.tell}; tell ready") == ["ready"]
        return [_line(person, line) for line in lines]


def _line(person: Keyboard, keys: str) -> str:
    return " ".join(person.line(keys))


@pytest.mark.parametrize(
    "shell", [it for it in SHELLS if it.name in _INTERACTIVE], ids=lambda it: it.name
)
def test_a_tab_completes_verbs_options_values_and_pips_own_words(shell: Shell, home: Path) -> None:
    assert _typed(shell, home, [*_LINES]) == [*_LINES.values()]
