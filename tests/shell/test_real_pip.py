"""A real python and a real pip before marker, wrapper and shim."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from subprocess import CompletedProcess
from typing import TYPE_CHECKING

import pytest
from shell.kit import SHIMS, activated, executable, run

from pipguard.guard_record import Mode
from pipguard.hooks import disable, enable

if TYPE_CHECKING:
    from builders import Environment
    from conftest import MakeEnvironment

DOORS = (("python", "-m", "pip"), ("python", "-Im", "pip"), ("pip",), ("pip3",))
every_door = pytest.mark.parametrize("door", DOORS, ids=" ".join)


@pytest.fixture
def made(make_environment: MakeEnvironment) -> Environment:
    return make_environment("größe 1")


@pytest.fixture
def launcher(tmp_path: Path) -> Path:
    return executable(tmp_path / "pipguard", "launcher")


@every_door
def test_install_reaches_pipguard_through_every_door(
    door: tuple[str, ...], made: Environment, launcher: Path
) -> None:
    enable(made.prefix, Mode.ROUTE, launcher)
    words = ("install", "-U", "-r", "FILE", "--exists-action=b")  # as conda's `pip:` section

    done = made.run(door[0], *door[1:], *words)

    typed = " ".join(f"<{word}>" for word in words)
    assert done.stdout.splitlines()[0] == f"launcher <pip> <-p> <{made.prefix}> {typed}"


@every_door
def test_everything_else_is_what_the_real_pip_says(
    door: tuple[str, ...], made: Environment, launcher: Path
) -> None:
    before = made.run(*door, "list", "--format=json").stdout

    enable(made.prefix, Mode.ROUTE, launcher)

    assert made.run(*door, "list", "--format=json").stdout == before


@pytest.mark.parametrize("verb", ["install", "uninstall"])
def test_without_routing_the_marker_refuses(verb: str, made: Environment, launcher: Path) -> None:
    enable(made.prefix, Mode.ENFORCE, launcher)

    done = made.run("python", "-m", "pip", verb, "pip", check=False)

    assert done.returncode == 1
    assert "externally-managed-environment" in done.stderr
    assert f"pipguard pip -p '{made.prefix}' install NAME" in done.stderr


def test_marker_speaks_the_language_of_the_locale(made: Environment, launcher: Path) -> None:
    enable(made.prefix, Mode.ENFORCE, launcher)
    code = (
        "import locale; locale.getlocale = lambda *_: ('de_DE', 'UTF-8');"
        "from pip._internal.exceptions import ExternallyManagedEnvironment as E;"
        "import sysconfig, pathlib;"
        "marker = pathlib.Path(sysconfig.get_path('stdlib'), 'EXTERNALLY-MANAGED');"
        "print(E.from_config(marker).context)"
    )

    assert "unter dem Schutz von pipguard" in made.run("python", "-c", code).stdout


def test_without_the_site_configuration_the_marker_refuses(
    made: Environment, launcher: Path
) -> None:
    enable(made.prefix, Mode.ROUTE, launcher)

    done = made.run(
        "python", "-m", "pip", "install", "x", check=False,
        variables={"PIP_CONFIG_FILE": "/dev/null"},
    )  # fmt: skip

    assert "externally-managed-environment" in done.stderr


def test_bypass_gets_past_routing_and_marker(made: Environment, launcher: Path) -> None:
    enable(made.prefix, Mode.ROUTE, launcher)

    for door in DOORS:
        done = made.run(*door, "uninstall", "not-there", "-y", variables={"PIPGUARD_BYPASS": "1"})
        assert "Skipping not-there" in done.stdout + done.stderr

    ledger = (made.prefix / "conda-meta/pipguard/ledger.jsonl").read_text()
    assert len(ledger.splitlines()) == len(DOORS)


def test_shim_passes_on_byte_for_byte(made: Environment, launcher: Path) -> None:
    typed = (["--version"], ["list"], ["no-such-command"], ["download", "--help"], [])
    before = [answer(made.prefix / "bin/pip", words, made) for words in typed]

    enable(made.prefix, Mode.ROUTE, launcher)

    assert [answer(made.prefix / SHIMS / "pip", words, made) for words in typed] == before


def answer(pip: Path, words: list[str], made: Environment) -> tuple[int, str, str]:
    done = run([pip, *words], activated(made.prefix))
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def copy(made: Environment, launcher: Path, tmp_path: Path) -> Path:
    """A copy of a guarded environment in which pip is the original's by its first line."""
    enable(made.prefix, Mode.ROUTE, launcher)
    assert run(["cp", "-a", made.prefix, tmp_path / "copy"]).returncode == 0
    return tmp_path / "copy"


@every_door
def test_copy_does_not_act_on_the_original(
    door: tuple[str, ...], made: Environment, copy: Path
) -> None:
    before = made.snapshot()

    def act(*words: str, **variables: str) -> CompletedProcess[str]:
        return run(door[:1] + door[1:] + words, activated(copy), **variables)

    refused, listed = act("install", "x"), act("--version")
    bypassed = act("uninstall", "-y", "pip", PIPGUARD_BYPASS="1")

    assert (refused.returncode, refused.stdout) == (1, "")
    assert f"pipguard enable -p '{copy}'" in refused.stderr
    assert str(copy) in listed.stdout
    assert bypassed.returncode == 0, bypassed.stderr
    assert not list(copy.glob("lib/python3*/site-packages/pip"))
    assert made.snapshot() == before


def test_pip_of_a_copy_by_its_path_does_not_act_on_the_original(
    made: Environment, copy: Path
) -> None:
    if not Path("/proc/self/cmdline").exists():
        pytest.skip("only /proc tells how pip was started")
    (made.prefix.parent / "pipguard").write_text(
        f"#!/bin/sh\nexec '{sys.executable}' -m pipguard \"$@\"\n"
    )
    before = made.snapshot()

    done = run([copy / "bin/pip", "install", "x"], HOME=str(copy))

    assert done.returncode == 1
    assert f"This pip lies in {copy}" in done.stderr
    assert made.snapshot() == before


def test_pip_of_the_user_site_reaches_pipguard_for_the_python_that_started_it(
    made: Environment, launcher: Path, tmp_path: Path
) -> None:
    if not Path("/proc/self/exe").exists():
        pytest.skip("only /proc tells which python started the wrapper")
    enable(made.prefix, Mode.ROUTE, launcher)
    shutil.copytree(made.site_packages / "pip", tmp_path / "elsewhere/pip")

    done = made.run(
        "python", "-m", "pip", "install", "x",
        variables={"PYTHONPATH": str(tmp_path / "elsewhere")},
    )  # fmt: skip

    assert f"launcher <pip> <-p> <{made.prefix}> <install> <x>" in done.stdout


def test_pip_config_keeps_routing_and_disable_keeps_what_pip_config_wrote(
    made: Environment, launcher: Path
) -> None:
    enable(made.prefix, Mode.ROUTE, launcher)

    made.run("python", "-m", "pip", "config", "--site", "set", "global.timeout", "9")
    assert "launcher" in made.run("python", "-m", "pip", "install", "x").stdout
    disable(made.prefix)

    assert (made.prefix / "pip.conf").read_text().split() == ["[global]", "timeout", "=", "9"]


def test_a_venv_made_in_the_environment_is_not_affected(
    made: Environment, launcher: Path, tmp_path: Path
) -> None:
    enable(made.prefix, Mode.ROUTE, launcher)
    venv = tmp_path / "venv"
    made.run("python", "-m", "venv", "--without-pip", venv)
    shutil.copytree(made.site_packages / "pip", next(venv.glob("lib/*/site-packages")) / "pip")

    done = run([venv / "bin/python", "-m", "pip", "uninstall", "-y", "not-there"])

    assert done.returncode == 0
    assert "Skipping not-there" in done.stderr


def test_enable_and_disable_leave_a_real_environment_as_it_was(
    made: Environment, launcher: Path
) -> None:
    before = made.snapshot()

    enable(made.prefix, Mode.ROUTE, launcher)
    disable(made.prefix)

    assert made.snapshot() == before
