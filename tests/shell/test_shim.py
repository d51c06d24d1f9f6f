"""Whom the shim lets serve a command, for which environment, and how it hands over.

Longer than a module should be: each way to type a command has its row, in front of one shim.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from shell.kit import (
    POSIX_SHELLS,
    SHIMS,
    SYSTEM_PATH,
    Shell,
    activated,
    environment,
    executable,
    on_path,
    run,
    runner,
)

from pipguard.guard_record import Mode
from pipguard.hooks import enable
from pipguard.placement import prototypes

WRAPPER = "libexec/pipguard/pip-python"
LEDGER = "conda-meta/pipguard/ledger.jsonl"
every_sh = pytest.mark.parametrize("shell", POSIX_SHELLS, ids=lambda shell: shell.name)
every_change = pytest.mark.parametrize("verb", ["install", "uninstall"])


def guarded(prefix: Path, mode: Mode = Mode.ROUTE, *, pip: bool = True) -> Path:
    enable(environment(prefix, pip=pip), mode, executable(prefix.parent / "pipguard", "launcher"))
    return prefix


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    return guarded(tmp_path / "with space" / "größe")


def pip(
    prefix: Path, *words: str, name: str = "pip", path: str = "", **variables: str
) -> subprocess.CompletedProcess[str]:
    return run([prefix / SHIMS / name, *words], path or activated(prefix), **variables)


def started(done: subprocess.CompletedProcess[str]) -> str:
    return done.stdout.splitlines()[0] if done.stdout else ""


def operations(prefix: Path) -> list[dict[str, object]]:
    ledger = prefix / LEDGER
    return [json.loads(line) for line in ledger.read_text().splitlines()] if ledger.exists() else []


# Who serves


@every_sh
@every_change
def test_a_change_goes_to_the_launcher_with_every_argument_as_it_was(
    shell: Shell, verb: str, prefix: Path
) -> None:
    words = ["--log", "a b", verb, "x>1; y", "", "*", "größe\n-"]

    done = run([*shell.command, prefix / SHIMS / "pip", *words], activated(prefix))

    typed = "".join(f" <{word}>" for word in words)
    assert done.stdout.startswith(f"launcher <pip> <-p> <{prefix}>{typed}\n")
    assert "PIPGUARD_FRONT_DOOR=pip\n" in done.stdout


@every_sh
def test_everything_else_goes_to_the_real_pip_of_the_same_name(shell: Shell, prefix: Path) -> None:
    done = run([*shell.command, prefix / SHIMS / "pip3", "list", "a b"], activated(prefix))

    assert started(done) == f"pip3 of {prefix} <list> <a b>"


def test_a_requirement_that_contains_the_word_install_is_no_change(prefix: Path) -> None:
    assert started(pip(prefix, "show", "installer")).startswith("pip of")


@pytest.mark.parametrize("name", ["pip", "pip3", "pip3.11"])
def test_the_front_door_is_the_name_that_was_typed(name: str, prefix: Path) -> None:
    assert f"PIPGUARD_FRONT_DOOR={name}\n" in pip(prefix, "install", "x", name=name).stdout


def test_pip_with_a_version_is_served_by_pip_where_conda_brings_no_such_file(prefix: Path) -> None:
    assert started(pip(prefix, "list", name="pip3.11")) == f"pip of {prefix} <list>"


def test_the_exit_code_of_the_real_pip_is_kept(prefix: Path) -> None:
    (prefix / "bin/pip").write_text("#!/bin/sh\nexit 42\n")

    assert pip(prefix, "check").returncode == 42


def test_no_program_but_the_real_pip_is_run_on_a_pass_through(prefix: Path) -> None:
    path = f"{prefix / SHIMS}:{prefix / 'bin'}"  # no dirname, no readlink, no cat

    done = pip(prefix, "list", path=path)

    assert (done.returncode, done.stderr, started(done)) == (0, "", f"pip of {prefix} <list>")


# Which environment


def test_a_leftover_shim_serves_the_environment_whose_pip_it_shadows(tmp_path: Path) -> None:
    one, two = guarded(tmp_path / "one"), guarded(tmp_path / "two")

    done = pip(one, "install", "x", path=on_path(one / SHIMS, two / "bin", one / "bin"))

    assert f"<-p> <{two}>" in done.stdout


def test_a_venv_before_the_environment_keeps_its_own_pip(prefix: Path, tmp_path: Path) -> None:
    venv = executable(tmp_path / "venv/bin/pip", "venv").parent

    done = pip(prefix, "install", "x", path=on_path(prefix / SHIMS, venv, prefix / "bin"))

    assert started(done) == "venv <install> <x>"


@every_sh
@pytest.mark.parametrize("verb", ["list", "install"])
def test_shim_named_by_its_path_under_sudo_does_not_reach_the_pip_of_the_system(
    shell: Shell, verb: str, prefix: Path, tmp_path: Path
) -> None:
    system = executable(tmp_path / "system/pip", "system").parent

    done = run([*shell.executable, prefix / SHIMS / "pip", verb, "x"], f"{system}:{SYSTEM_PATH}")

    expected = {"list": f"pip of {prefix} <list> <x>"}
    assert started(done) == expected.get(verb, f"launcher <pip> <-p> <{prefix}> <install> <x>")


def test_shim_on_path_with_a_slash_behind_it_is_no_shim_named_by_its_path(
    prefix: Path, tmp_path: Path
) -> None:
    other = guarded(tmp_path / "other")

    done = run(["bash", "-c", "pip list"], on_path(f"{prefix / SHIMS}/", other / "bin"))

    assert started(done) == f"pip of {other} <list>"


@every_sh
def test_environment_without_pip_never_reaches_the_pip_of_the_system(
    shell: Shell, tmp_path: Path
) -> None:
    prefix = guarded(tmp_path / "bare", pip=False)
    system = executable(tmp_path / "system/pip", "system").parent

    path = on_path(prefix / SHIMS, prefix / "bin", system)
    done = run([*shell.command, prefix / SHIMS / "pip", "list"], path)

    assert started(done) == f"launcher <pip> <-p> <{prefix}> <list>"


@pytest.mark.parametrize("variables", [{}, {"PIPGUARD_BYPASS": "1"}], ids=["plain", "bypass"])
@pytest.mark.parametrize("mode", list(Mode))
def test_environment_without_pip_is_served_by_the_guards_own_pip_in_every_mode(
    mode: Mode, variables: dict[str, str], tmp_path: Path
) -> None:
    prefix = guarded(tmp_path / "bare", mode, pip=False)

    done = pip(prefix, "install", "x", **variables)

    assert started(done) == f"launcher <pip> <-p> <{prefix}> <install> <x>"


def test_shim_of_another_python_does_not_take_an_environment_without_it(tmp_path: Path) -> None:
    bare = guarded(tmp_path / "bare", pip=False)
    other = environment(tmp_path / "other", minor="3.12")
    enable(other, Mode.ROUTE, tmp_path / "pipguard")
    system = executable(tmp_path / "system/pip3.12", "system").parent

    path = on_path(other / SHIMS, bare / "bin", system)

    assert started(pip(other, "list", name="pip3.12", path=path)) == "system <list>"


def test_without_any_pip_the_answer_is_that_of_a_shell(prefix: Path) -> None:
    done = pip(prefix, "list", path=str(prefix / SHIMS))

    assert done.returncode == 127
    assert "not found" in done.stderr


def test_shim_recursion_ends_when_a_copy_of_the_shim_lies_elsewhere(
    prefix: Path, tmp_path: Path
) -> None:
    stray = tmp_path / "stray"
    stray.mkdir()
    shutil.copy(prefix / SHIMS / "pip", stray)

    done = run([stray / "pip", "list"], on_path(stray, prefix / SHIMS, prefix / "bin"))

    assert started(done) == f"pip of {prefix} <list>"


def test_shim_recursion_ends_when_the_shim_is_linked_from_elsewhere(
    prefix: Path, tmp_path: Path
) -> None:
    (tmp_path / "pip").symlink_to(prefix / SHIMS / "pip")

    done = run([tmp_path / "pip", "list"], on_path(tmp_path, prefix / SHIMS, prefix / "bin"))

    assert started(done) == f"pip of {prefix} <list>"


def test_an_empty_entry_of_path_means_the_current_folder(
    prefix: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(executable(tmp_path / "here/pip", "pip of this folder").parent)

    done = pip(prefix, "list", path=f"{prefix / SHIMS}::{prefix / 'bin'}")

    assert started(done) == "pip of this folder <list>"


# Copies and clones


@every_change
def test_copy_does_not_act_on_the_original(verb: str, prefix: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(prefix, copy, symlinks=True)

    done = pip(copy, verb, "x")

    assert (done.returncode, done.stdout) == (1, "")
    assert f"copied or moved from {prefix}, nothing was changed" in done.stderr
    assert f"pipguard enable -p '{copy}'" in done.stderr


@pytest.mark.parametrize("with_pip", [True, False])
def test_clone_without_guard_refuses_changes(tmp_path: Path, *, with_pip: bool) -> None:
    clone = guarded(tmp_path / "clone", pip=with_pip)
    shutil.rmtree(clone / "conda-meta/pipguard")  # `conda create --clone` leaves conda-meta out
    executable(tmp_path / "system/pip", "system")

    done = pip(
        clone, "install", "x", path=on_path(clone / SHIMS, clone / "bin", tmp_path / "system")
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert "clone whose guard is not set up, nothing was changed" in done.stderr


def test_clone_still_lists(prefix: Path) -> None:
    shutil.rmtree(prefix / "conda-meta/pipguard")

    assert started(pip(prefix, "list")) == f"pip of {prefix} <list>"


def test_environment_reached_through_a_symbolic_link_is_no_copy(
    prefix: Path, tmp_path: Path
) -> None:
    link = tmp_path / "link"
    link.symlink_to(prefix)

    assert f"<-p> <{link}>" in pip(link, "install", "x").stdout


def test_a_guard_without_its_handover_says_so_and_changes_nothing(prefix: Path) -> None:
    (prefix / "libexec/pipguard/handover.sh").unlink()

    assert started(pip(prefix, "list")) == f"pip of {prefix} <list>"
    for command in ([prefix / SHIMS / "pip"], [prefix / WRAPPER, runner(prefix)]):
        done = run([*command, "install", "x"], activated(prefix))
        assert (done.returncode, done.stdout) == (1, "")
        assert (
            f"incomplete, nothing was changed; type: pipguard enable -p '{prefix}'" in done.stderr
        )


# Ways out


@every_sh
@every_change
def test_bypass_runs_the_real_pip_past_the_marker(shell: Shell, verb: str, prefix: Path) -> None:
    shim = prefix / SHIMS / "pip"

    done = run([*shell.command, shim, verb, "x"], activated(prefix), PIPGUARD_BYPASS="1")

    assert started(done) == f"pip of {prefix} <{verb}> <x>"
    assert "PIP_BREAK_SYSTEM_PACKAGES=1\n" in done.stdout


@pytest.mark.parametrize("value", ["", "0", "no", "Off", "FALSE"])
def test_bypass_that_says_no_is_none(value: str, prefix: Path) -> None:
    assert started(pip(prefix, "install", "x", PIPGUARD_BYPASS=value)).startswith("launcher")


def test_bypass_leaves_a_line_in_the_ledger(prefix: Path) -> None:
    pip(prefix, "install", "https://user:secret@host/x.whl", PIPGUARD_BYPASS="1")
    pip(prefix, "uninstall", '"\\', name="pip3", PIPGUARD_BYPASS="1")

    first, second = operations(prefix)
    assert first | {"id": "", "time": ""} == {
        "schema": 1, "id": "", "time": "", "front_door": "pip", "state": "bypassed",
    }  # fmt: skip
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", str(first["time"]))
    assert second["front_door"] == "pip3"
    assert first["id"] != second["id"]


def test_bypass_of_a_pass_through_leaves_no_line(prefix: Path) -> None:
    pip(prefix, "list", PIPGUARD_BYPASS="1")

    assert operations(prefix) == []


def test_bypass_works_where_the_ledger_cannot_be_written(prefix: Path) -> None:
    (prefix / LEDGER).mkdir()

    done = pip(prefix, "install", "x", PIPGUARD_BYPASS="1")

    assert (started(done), done.stderr) == (f"pip of {prefix} <install> <x>", "")


def test_conda_build_has_the_real_pip(prefix: Path) -> None:
    done = pip(prefix, "install", "x", CONDA_BUILD="1")

    assert started(done) == f"pip of {prefix} <install> <x>"
    assert "PIP_BREAK_SYSTEM_PACKAGES=1\n" in done.stdout


def test_mode_warn_says_one_line_and_runs_the_real_pip(tmp_path: Path) -> None:
    prefix = guarded(tmp_path / "one", Mode.WARN)

    done = pip(prefix, "install", "x")

    assert started(done) == f"pip of {prefix} <install> <x>"
    assert "PIP_BREAK_SYSTEM_PACKAGES" not in done.stdout  # a marker there would not be ours
    assert re.fullmatch(r"pipguard: .*pipguard explain.*\n", done.stderr)
    assert [operation["state"] for operation in operations(prefix)] == ["bypassed"]


def test_mode_warn_is_silent_about_what_changes_nothing(tmp_path: Path) -> None:
    assert pip(guarded(tmp_path / "one", Mode.WARN), "list").stderr == ""


def test_mode_enforce_guards_the_shim(tmp_path: Path) -> None:
    prefix = guarded(tmp_path / "one", Mode.ENFORCE)

    assert started(pip(prefix, "install", "x")).startswith("launcher")


def test_mode_of_the_environment_gives_way_to_the_variable(tmp_path: Path, prefix: Path) -> None:
    lenient = guarded(tmp_path / "one", Mode.WARN)

    assert started(pip(lenient, "install", "x", PIPGUARD_MODE="route")).startswith("launcher")
    warned = pip(prefix, "install", "x", PIPGUARD_MODE="warn")
    assert started(warned) == f"pip of {prefix} <install> <x>"
    assert "PIP_BREAK_SYSTEM_PACKAGES=1\n" in warned.stdout  # past our marker


# pip's second start, nested installs, the launcher


def test_routed_pip_does_not_start_twice_on_a_pass_through(prefix: Path) -> None:
    assert "_PIP_RUNNING_IN_SUBPROCESS=1\n" in pip(prefix, "list").stdout


@pytest.mark.parametrize("option", ["--python", "--python=other", "--py"])
def test_pip_for_another_python_answers_for_that_python(option: str, prefix: Path) -> None:
    assert "_PIP_RUNNING" not in pip(prefix, option, "other", "list").stdout
    assert "_PIP_RUNNING" not in pip(prefix, "list", PIP_PYTHON="other").stdout


def test_pip_that_is_not_routed_is_left_to_its_own_configuration(tmp_path: Path) -> None:
    prefix = guarded(tmp_path / "one", Mode.ENFORCE)

    assert "_PIP_RUNNING" not in pip(prefix, "list").stdout


def test_marker_variable_of_pip_does_not_leak_into_the_launcher(prefix: Path) -> None:
    done = pip(prefix, "install", "x", _PIP_RUNNING_IN_SUBPROCESS="1")

    assert started(done).startswith("launcher")
    assert "_PIP_RUNNING" not in done.stdout


def test_variables_that_a_person_exported_reach_pip_unchanged(prefix: Path) -> None:
    """An assignment in sh changes an exported variable for every child."""
    names = re.findall(r"\b([A-Za-z_]+)=|read -r (\w+)|for (\w+);", all_of_the_shell())
    exported = {name: "theirs" for found in names for name in found if name}
    exported |= dict.fromkeys(("prefix", "name", "mode", "home", "rest", "tool"), "theirs")
    allowed = re.compile("__pipguard_|pg_|PIP|_PIP|PATH$|CONDA_BUILD$")
    theirs = {name: value for name, value in exported.items() if not allowed.match(name)}
    for tool in ("bin/pip", "bin/python"):
        (prefix / tool).write_text("#!/bin/sh\nexec env\n")

    shim = prefix / SHIMS / "pip"
    shimmed = run([shim, "list"], activated(prefix), **theirs)
    bypassed = run([shim, "install"], activated(prefix), PIPGUARD_BYPASS="1", **theirs)
    wrapped = run([prefix / WRAPPER, runner(prefix), "list"], **theirs)

    assert {"prefix", "mode"} <= set(theirs)
    for done in (shimmed, bypassed, wrapped):
        told = dict(line.partition("=")[::2] for line in done.stdout.splitlines())
        assert {name: told.get(name) for name in theirs} == theirs
        assert [name for name in told if name.startswith("pg_")] == []


def all_of_the_shell() -> str:
    return "".join(path.read_text() for path in prototypes().glob("*.sh"))


def test_variables_of_the_guard_do_not_leak_into_a_pass_through(prefix: Path) -> None:
    told = pip(prefix, "list").stdout

    assert "PIPGUARD" not in told
    assert "PIP_BREAK" not in told


def test_install_inside_an_install_meets_the_marker_instead_of_the_guard(prefix: Path) -> None:
    done = pip(prefix, "install", "x", PIPGUARD_INSIDE=str(prefix))

    assert started(done) == f"pip of {prefix} <install> <x>"
    assert "PIP_BREAK" not in done.stdout
    assert operations(prefix) == []


def test_install_inside_an_install_of_an_environment_without_pip_is_refused(tmp_path: Path) -> None:
    prefix = guarded(tmp_path / "bare", pip=False)

    done = pip(prefix, "install", "x", PIPGUARD_INSIDE=str(prefix))

    assert (done.returncode, done.stdout) == (1, "")


def test_install_inside_the_install_of_another_environment_is_guarded(
    prefix: Path, tmp_path: Path
) -> None:
    done = pip(prefix, "install", "x", PIPGUARD_INSIDE=str(tmp_path))

    assert started(done).startswith("launcher")
    assert f"PIPGUARD_INSIDE={prefix}\n" in done.stdout


@pytest.mark.parametrize("broken", ["missing", "not executable", "a folder"])
def test_launcher_out_of_reach_is_looked_for_on_path(
    broken: str, prefix: Path, tmp_path: Path
) -> None:
    put_out_of_reach(prefix.parent / "pipguard", broken)
    executable(tmp_path / "elsewhere/pipguard", "other launcher")

    path = on_path(prefix / SHIMS, prefix / "bin", tmp_path / "elsewhere")

    assert started(pip(prefix, "install", "x", path=path)).startswith("other launcher <pip> <-p>")


@every_sh
def test_launcher_whose_python_is_gone_is_as_good_as_none(
    shell: Shell, prefix: Path, tmp_path: Path
) -> None:
    (prefix.parent / "pipguard").write_text("#!/gone/bin/python\n")
    other = executable(tmp_path / "elsewhere/pipguard", "other launcher").parent
    path, pip = activated(prefix), [*shell.executable, prefix / SHIMS / "pip", "install", "x"]

    assert started(run(pip, f"{path}:{other}")).startswith("other launcher <pip> <-p>")
    done = run(pip, f"{path}:{prefix.parent}")
    assert (done.returncode, done.stdout) == (1, "")
    assert "nothing was changed" in done.stderr
    assert "PIPGUARD_BYPASS=1" in done.stderr


def put_out_of_reach(launcher: Path, how: str) -> None:
    if how == "not executable":
        launcher.chmod(0o644)
        return
    launcher.unlink()
    if how == "a folder":
        launcher.mkdir()


def test_without_any_launcher_it_says_what_to_do_and_changes_nothing(prefix: Path) -> None:
    (prefix.parent / "pipguard").unlink()

    done = pip(prefix, "install", "x")

    assert (done.returncode, done.stdout) == (1, "")
    assert "nothing was changed" in done.stderr
    assert "PIPGUARD_BYPASS=1" in done.stderr


def test_without_any_launcher_and_any_pip_no_way_is_offered_that_leads_nowhere(
    tmp_path: Path,
) -> None:
    prefix = guarded(tmp_path / "bare", pip=False)
    (tmp_path / "pipguard").unlink()

    for words in (["list"], ["install", "x"]):
        done = pip(prefix, *words)
        assert (done.returncode, done.stdout) == (1, "")
        assert f"conda install -p '{prefix}' pip" in done.stderr
        assert "BYPASS" not in done.stderr


def test_launcher_with_every_kind_of_quote_in_its_path_is_started(tmp_path: Path) -> None:
    prefix = environment(tmp_path / "one")
    launcher = executable(tmp_path / 'it\'s "a" $HOME `x` \\ folder' / "pipguard", "launcher")
    enable(prefix, Mode.ROUTE, launcher)

    assert started(pip(prefix, "install", "x")).startswith("launcher")
