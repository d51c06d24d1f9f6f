"""pipguard installed in each documented way, removed, and found again by an environment it guards.

With the real PyPI, as people install it. What the pages tell to type below `Install` is typed here.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import builders
import pytest
from typed import ROOT, fences

pytestmark = pytest.mark.network
_PAGES = (ROOT / "README.md", ROOT / "docs/getting-started.md")


@dataclass(frozen=True)
class Person:
    """Someone with a new home, a checkout of the project, and an environment in `~/envs/demo`."""

    home: Path
    environment: builders.Environment
    index: str

    def types(self, script: str) -> subprocess.CompletedProcess[str]:
        """Type in the checkout, as after a login."""
        path = f"{self.home}/.local/bin:{self.home}/tools:/usr/local/bin:/usr/bin:/bin"
        return subprocess.run(
            ["bash", "-c", f"shopt -s expand_aliases\n{script}"],
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
            env={**os.environ, "PATH": path},
        )

    def does(self, script: str) -> str:
        """Type what has to work."""
        done = self.types(script)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def pip(self, *words: str, front: str = "") -> subprocess.CompletedProcess[str]:
        """Type `pip …` in the activated environment, whose index is a local one."""
        prefix = self.environment.prefix
        return self.types(
            f"export CONDA_PREFIX={prefix} PATH={prefix}/bin:$PATH PIP_INDEX_URL={self.index}\n"
            "unset PIP_FIND_LINKS PIP_CONFIG_FILE\n"
            'for script in "$CONDA_PREFIX"/etc/conda/activate.d/*.sh; do . "$script"; done\n'
            f"{front} pip {' '.join(words)}"
        )


@pytest.fixture
def person(
    world: Path, thin_channel: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Person:
    for name in ("alpha", "beta", "gamma"):
        builders.wheel(tmp_path / "wheels", name)
    index = builders.simple_index(tmp_path / "index", (tmp_path / "wheels").iterdir())
    (world / ".condarc").write_text(f"channels:\n  - {thin_channel}\n")
    (world / "table.json").write_text("{}")
    monkeypatch.setenv("PIPGUARD_MAPPING_URL", (world / "table.json").as_uri())
    monkeypatch.setenv("PIP_ROOT_USER_ACTION", "ignore")
    monkeypatch.setenv("PIP_NO_COMPILE", "1")  # it takes a third of the time, and python does it
    monkeypatch.setenv("UV_SYSTEM_CERTS", "1")
    tools = world / "tools"
    tools.mkdir()
    uv = Path(sys.executable).with_name("uv")
    for name, command in {"uv": f'"{uv}"', "pipx": f'"{uv}" tool run pipx'}.items():
        (tools / name).write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        (tools / name).chmod(0o755)
    (tools / "python3").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (tools / "python3").chmod(0o755)
    environment = builders.environment(world / "envs/demo", [thin_channel.as_uri()])
    return Person(world, environment, index)


def _ways(page: Path) -> list[str]:
    """The fences below `Install`: each is one way to install pipguard."""
    return [
        it.text for it in fences(page.read_text("utf-8")) if it.heading == "Install" and it.is_typed
    ]


def test_the_pages_tell_the_same_of_installing() -> None:
    first, *others = map(_ways, _PAGES)
    assert len(first) == 3
    assert all(other == first for other in others)


def test_pipguard_comes_goes_and_comes_back_in_each_documented_way(person: Person) -> None:
    """One environment outlives three pipguards; without one it says what to do."""
    before = person.environment.snapshot("**/__pycache__/*", "**/__pycache__")
    venv, pipx, uv = _ways(_PAGES[0])

    person.does(f"{venv}\npipguard enable -p ~/envs/demo")
    _guards(person, "alpha")
    person.does("rm -r ~/.pipguard")
    _is_missed(person)

    person.does(uv)
    _guards(person, "beta")
    person.does("pipguard status -p ~/envs/demo | grep 'overrides: none'")
    person.does("uv tool uninstall conda-pipguard")
    _is_missed(person)

    person.does(pipx)
    _guards(person, "gamma")
    assert person.pip("uninstall", "-y", "alpha", "beta", "gamma").returncode == 0
    person.does("pipguard disable -p ~/envs/demo && pipx uninstall conda-pipguard")
    after = person.environment.snapshot("**/__pycache__/*", "**/__pycache__")
    accounts = ("conda-meta/history", "conda-meta/pipguard")
    assert {it for it in after.items() if not it[0].startswith(accounts)} == {
        it for it in before.items() if not it[0].startswith(accounts)
    }


def _guards(person: Person, name: str) -> None:
    done = person.pip("install", name)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "converted" in done.stderr


def _is_missed(person: Person) -> None:
    """Nothing is changed unguarded; what only looks works, and so does real pip on its way."""
    done = person.pip("install", "delta")
    assert done.returncode == 1
    assert "install it again" in done.stderr
    assert "PIPGUARD_BYPASS=1 pip" in done.stderr
    assert person.pip("list").returncode == 0
    done = person.pip(
        "download", "-q", "--no-deps", "-d", "$HOME", "alpha", front="PIPGUARD_BYPASS=1"
    )
    assert done.returncode == 0, done.stderr
