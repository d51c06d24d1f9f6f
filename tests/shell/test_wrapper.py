"""What `python -m pip` meets: the wrapper that pip takes for the environment's interpreter."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from shell.kit import POSIX_SHELLS, Shell, environment, executable, run, runner

from pipguard.guard_record import Mode
from pipguard.hooks import enable

WRAPPER = "libexec/pipguard/pip-python"
every_sh = pytest.mark.parametrize("shell", POSIX_SHELLS, ids=lambda shell: shell.name)


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    made = environment(tmp_path / "with space" / "größe")
    enable(made, Mode.ROUTE, executable(made.parent / "pipguard", "launcher"))
    return made


def pip(
    wrapper_of: Path, *words: str, runner_of: Path | None = None, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Start the wrapper as pip does."""
    command = [wrapper_of / WRAPPER, runner(runner_of or wrapper_of), *words]
    return run(list(command), _PIP_RUNNING_IN_SUBPROCESS="1", **variables)


def started(done: subprocess.CompletedProcess[str]) -> str:
    return done.stdout.splitlines()[0] if done.stdout else ""


@every_sh
def test_a_change_goes_to_the_launcher_without_pips_own_file(shell: Shell, prefix: Path) -> None:
    command = [*shell.command, prefix / WRAPPER, runner(prefix), "install", "-r", "a b", "", "*"]

    done = run(command, _PIP_RUNNING_IN_SUBPROCESS="1")

    assert started(done) == f"launcher <pip> <-p> <{prefix}> <install> <-r> <a b> <> <*>"
    assert "PIPGUARD_FRONT_DOOR=python -m pip\n" in done.stdout


@every_sh
def test_everything_else_goes_to_the_python_of_the_environment(shell: Shell, prefix: Path) -> None:
    done = run([*shell.command, prefix / WRAPPER, runner(prefix), "list", "a b"])

    assert started(done) == f"python of {prefix} <{runner(prefix)}> <list> <a b>"


def test_marker_variable_of_pip_does_not_leak_into_the_launcher(prefix: Path) -> None:
    assert "_PIP_RUNNING" not in pip(prefix, "install", "x").stdout


def test_wrapper_loop_ends_at_the_second_turn(prefix: Path) -> None:
    first = pip(prefix, "install", "x")
    (inside,) = (line for line in first.stdout.splitlines() if line.startswith("PIPGUARD_INSIDE="))

    second = pip(prefix, "install", "x", PIPGUARD_INSIDE=inside.partition("=")[2])

    assert started(second) == f"python of {prefix} <{runner(prefix)}> <install> <x>"
    assert "PIP_BREAK" not in second.stdout


def test_bypass_runs_the_real_pip_past_the_marker_and_is_recorded(prefix: Path) -> None:
    done = pip(prefix, "install", "x", PIPGUARD_BYPASS="1")

    assert started(done) == f"python of {prefix} <{runner(prefix)}> <install> <x>"
    assert "PIP_BREAK_SYSTEM_PACKAGES=1\n" in done.stdout
    (line,) = (prefix / "conda-meta/pipguard/ledger.jsonl").read_text().splitlines()
    assert json.loads(line)["front_door"] == "python -m pip"


def test_mode_enforce_in_the_variable_sends_pip_into_the_marker(prefix: Path) -> None:
    done = pip(prefix, "install", "x", PIPGUARD_MODE="enforce")

    assert started(done).startswith(f"python of {prefix}")
    assert "PIP_BREAK" not in done.stdout


@pytest.mark.parametrize("verb", ["install", "uninstall"])
def test_copy_does_not_act_on_the_original(verb: str, prefix: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(prefix, copy)

    done = pip(prefix, verb, "x", runner_of=copy)

    assert (done.returncode, done.stdout) == (1, "")
    assert f"copied or moved from {prefix}, nothing was changed" in done.stderr
    assert f"pipguard enable -p '{copy}'" in done.stderr


def test_copy_lists_itself_and_not_the_original(prefix: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(prefix, copy)
    executable(copy / "bin/python", "python of the copy")

    assert started(pip(prefix, "list", runner_of=copy)).startswith("python of the copy")


def test_clone_without_guard_refuses_changes(prefix: Path) -> None:
    shutil.rmtree(prefix / "conda-meta/pipguard")

    done = pip(prefix, "install", "x")

    assert (done.returncode, done.stdout) == (1, "")
    assert "clone whose guard is not set up" in done.stderr


def test_copy_of_pip_conf_alone_refuses_changes(prefix: Path, tmp_path: Path) -> None:
    done = pip(prefix, "install", "x", runner_of=environment(tmp_path / "bystander"))

    assert (done.returncode, done.stdout) == (1, "")
    assert f"pipguard enable -p '{tmp_path / 'bystander'}'" in done.stderr


def test_environment_reached_through_a_symbolic_link_is_no_copy(
    prefix: Path, tmp_path: Path
) -> None:
    link = tmp_path / "link"
    link.symlink_to(prefix)
    enable(link, Mode.ROUTE, prefix.parent / "pipguard")

    done = run([link / WRAPPER, runner(prefix.resolve()), "install", "x"])

    assert started(done) == f"launcher <pip> <-p> <{link}> <install> <x>"


def test_pip_from_elsewhere_started_by_a_foreign_python_changes_nothing(
    prefix: Path, tmp_path: Path
) -> None:
    user_site = tmp_path / "lib/python3.11/site-packages/pip/__pip-runner__.py"

    done = run([prefix / WRAPPER, user_site, "install", "x"])

    assert (done.returncode, done.stdout) == (1, "")
    assert "outside the environment" in done.stderr


def test_pip_from_elsewhere_lists_with_the_python_of_the_environment(
    prefix: Path, tmp_path: Path
) -> None:
    done = run([prefix / WRAPPER, tmp_path / "pip.pyz", "list"])

    assert started(done) == f"python of {prefix} <{tmp_path / 'pip.pyz'}> <list>"


def test_without_pipguard_every_other_subcommand_still_works(prefix: Path) -> None:
    (prefix.parent / "pipguard").unlink()

    assert started(pip(prefix, "list")).startswith(f"python of {prefix}")
    done = pip(prefix, "install", "x")
    assert (done.returncode, done.stdout) == (1, "")
    assert "nothing was changed" in done.stderr
