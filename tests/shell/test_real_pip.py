"""A real python and a real pip before marker, wrapper and shim."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from shell.kit import activated, executable, run

from pipguard.guard_record import Mode
from pipguard.hooks import disable, enable

if TYPE_CHECKING:
    from builders import Environment
    from conftest import MakeEnvironment

DOORS = (("python", "-m", "pip"), ("python", "-Im", "pip"), ("pip",), ("pip3",))
BY_PYTHON_AND_BY_NAME = (("python", "-Im", "pip"), ("pip3",))


@pytest.fixture
def made(make_environment: MakeEnvironment) -> Environment:
    return make_environment("größe 1 " + "x" * 200)


@pytest.fixture
def launcher(tmp_path: Path) -> Path:
    return executable(tmp_path / "pipguard", "launcher")


def test_every_door_leads_an_install_to_pipguard_and_all_else_to_the_real_pip(
    made: Environment, launcher: Path
) -> None:
    before = made.run("pip", "list", "--format=json").stdout
    enable(made.prefix, Mode.ROUTE, launcher)
    words = ("install", "-U", "-r", "FILE", "--exists-action=b")  # as conda's `pip:` section
    typed = " ".join(f"<{word}>" for word in words)

    for door in DOORS:
        done = made.run(*door, *words)
        assert done.stdout.splitlines()[0] == f"launcher <pip> <-p> <{made.prefix}> {typed}"
    for door in BY_PYTHON_AND_BY_NAME:
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

    for door in BY_PYTHON_AND_BY_NAME:
        done = made.run(*door, "uninstall", "not-there", "-y", variables={"PIPGUARD_BYPASS": "1"})
        assert "Skipping not-there" in done.stdout + done.stderr

    ledger = (made.prefix / "conda-meta/pipguard/ledger.jsonl").read_text()
    assert len(ledger.splitlines()) == len(BY_PYTHON_AND_BY_NAME)


@pytest.fixture
def copies(made: Environment, launcher: Path, tmp_path: Path) -> Iterator[Path]:
    """Copies of a guarded environment in which pip is the original's by its first line."""
    enable(made.prefix, Mode.ROUTE, launcher)
    made.run("pip", "list")  # compiles itself, once for all copies

    def copied(number: int) -> Path:
        copy = tmp_path / f"copy {number}"
        assert run(["cp", "-a", made.prefix, copy]).returncode == 0
        return copy

    return map(copied, count())


def test_copy_does_not_act_on_the_original(made: Environment, copies: Iterator[Path]) -> None:
    before = made.snapshot()

    for door, copy in zip(BY_PYTHON_AND_BY_NAME, copies, strict=False):
        act = partial(run, path=activated(copy))
        refused, listed = act((*door, "install", "x")), act((*door, "--version"))
        bypassed = act((*door, "uninstall", "-y", "pip"), PIPGUARD_BYPASS="1")

        assert (refused.returncode, refused.stdout) == (1, "")
        assert f"pipguard enable -p '{copy}'" in refused.stderr
        assert str(copy) in listed.stdout
        assert bypassed.returncode == 0, bypassed.stderr
        assert not list(copy.glob("lib/python3*/site-packages/pip"))
        assert made.snapshot() == before


def test_pip_of_a_copy_by_its_path_does_not_act_on_the_original(
    made: Environment, copies: Iterator[Path]
) -> None:
    if not Path("/proc/self/cmdline").exists():
        pytest.skip("only /proc tells how pip was started")
    copy = next(copies)
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
