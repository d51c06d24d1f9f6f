"""The guard of an environment with the layout of Windows: placed, inspected, its script run.

Not run on Windows by anyone yet. A program is a launcher, a line that says which python, and a zip
archive: python runs the whole as it runs a zip, here as there.
"""

from __future__ import annotations

import configparser
import io
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from shell.kit import executable, run, snapshot

from pipguard.faults import check
from pipguard.guard_record import Mode
from pipguard.hooks import disable, enable

SHIMS = "libexec/pipguard/shims"
MARKER = "Lib/EXTERNALLY-MANAGED"


def environment(prefix: Path, *, pip: bool = True) -> Path:
    """Make an environment of Windows whose python and pip tell where they are."""
    for folder in ("conda-meta", "Lib/site-packages/pip", "Scripts", "Library/bin"):
        (prefix / folder).mkdir(parents=True)
    (prefix / "conda-meta/python-3.12.4-h1_0_cpython.json").write_text("{}")
    for file in ("os.py", "site-packages/pip/__pip-runner__.py"):
        (prefix / "Lib" / file).write_text("")
    executable(prefix / "python.exe", "python")
    for name in ("pip", "pip3") if pip else ():
        executable(prefix / f"Scripts/{name}.exe", name)
    return prefix


def guarded(prefix: Path, mode: Mode = Mode.ROUTE, *, pip: bool = True) -> Path:
    enable(environment(prefix, pip=pip), mode, executable(prefix.parent / "pipguard", "launcher"))
    return prefix


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    return guarded(tmp_path / "with space" / "größe")


def start(
    program: Path, *words: str, path: str = "", **variables: str
) -> subprocess.CompletedProcess[str]:
    """Do what the launcher does: have python run the program."""
    prefix = program.parents[3]
    block = (prefix, prefix / "Library/bin", prefix / SHIMS, prefix / "Scripts")
    path = path or ":".join(map(str, (*block, "/usr/bin", "/bin")))
    return run([sys.executable, "-I", program, *words], path, **variables)


def pip(prefix: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return start(prefix / SHIMS / "pip.exe", *words, **variables)


def started(done: subprocess.CompletedProcess[str]) -> str:
    return done.stdout.splitlines()[0] if done.stdout else done.stderr


def ledger(prefix: Path) -> list[str]:
    file = prefix / "conda-meta/pipguard/ledger.jsonl"
    lines = file.read_text().splitlines() if file.exists() else []
    return [json.loads(line)["front_door"] for line in lines]


# What is placed


def test_programs_activation_marker_and_route_lie_where_windows_has_them(prefix: Path) -> None:
    activation = {
        f"etc/conda/{verb}.d/zz-pipguard.{shell}"
        for verb in ("activate", "deactivate")
        for shell in ("bat", "nu", "ps1")
    }
    shims = {f"{SHIMS}/{name}" for name in (".pipguard-shim", "pip.exe", "pip3.exe", "pip3.12.exe")}
    route = {"pip.ini", "libexec/pipguard/pip-python.exe"}
    files = {str(path.relative_to(prefix)) for path in prefix.rglob("*") if path.is_file()}
    before = set(snapshot(environment(prefix.parent / "plain")))

    assert files - before == {
        "conda-meta/pipguard/guard.json", MARKER, *activation, *shims, *route,
    }  # fmt: skip
    assert check(prefix) == ()


@pytest.mark.parametrize("mode", list(Mode))
def test_disable_leaves_every_file_as_it_was(mode: Mode, tmp_path: Path) -> None:
    prefix = environment(tmp_path / "env")
    (prefix / "pip.ini").write_bytes(b"[global]\r\ntimeout = 3\r\n")
    before = snapshot(prefix)

    enable(prefix, mode, executable(tmp_path / "pipguard", "launcher"))
    assert snapshot(prefix) != before
    disable(prefix)

    assert snapshot(prefix) == before


def test_the_same_guard_has_the_same_bytes(prefix: Path) -> None:
    before = snapshot(prefix)

    enable(prefix, None, prefix.parent / "pipguard")

    assert snapshot(prefix) == before


def test_pip_is_sent_to_a_program(prefix: Path) -> None:
    parser = configparser.RawConfigParser()
    parser.read(prefix / "pip.ini")

    assert parser["global"]["python"] == str(prefix / "libexec/pipguard/pip-python.exe")


@pytest.mark.parametrize(
    ("program", "up"), [(f"{SHIMS}/pip.exe", 3), ("libexec/pipguard/pip-python.exe", 2)]
)
def test_a_program_is_a_launcher_the_environments_own_python_and_a_script(
    program: str, up: int, prefix: Path
) -> None:
    data = (prefix / program).read_bytes()

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        (script,) = archive.infolist()
        source = archive.read(script)
    launcher, _, rest = data.partition(b'#!"<launcher_dir>')
    assert launcher.startswith(b"MZ")
    assert rest.startswith(b"\\.." * up + b'\\python.exe" -I\r\nPK')
    assert script.filename == "__main__.py"
    compile(source, program, "exec")


@pytest.mark.parametrize("verb", ["activate", "deactivate"])
def test_lines_of_cmd_end_as_cmd_has_them(verb: str, prefix: Path) -> None:
    data = (prefix / f"etc/conda/{verb}.d/zz-pipguard.bat").read_bytes()

    assert data.count(b"\n") == data.count(b"\r\n") > 10


# What the programs do


@pytest.mark.parametrize("verb", ["install", "uninstall"])
def test_a_change_goes_to_the_launcher_with_every_argument_as_it_was(
    verb: str, prefix: Path
) -> None:
    words = ["--log", "a b", verb, "x>1; y", "", "*", "größe\n-"]

    done = pip(prefix, *words)

    typed = "".join(f" <{word}>" for word in words)
    assert done.stdout.startswith(f"launcher <pip> <-p> <{prefix}>{typed}\n")
    assert "PIPGUARD_FRONT_DOOR=pip\n" in done.stdout


def test_everything_else_is_real_pips_with_its_exit_code(prefix: Path) -> None:
    done = start(prefix / SHIMS / "pip3.exe", "list", "a b")
    assert started(done) == "pip3 <list> <a b>"
    assert "_PIP_RUNNING_IN_SUBPROCESS=1" in done.stdout

    (prefix / "Scripts/pip.exe").write_text("#!/bin/sh\nexit 42\n")
    assert pip(prefix, "check").returncode == 42


def test_pip_for_another_python_answers_for_that_python(prefix: Path) -> None:
    assert "_PIP_RUNNING" not in pip(prefix, "--python", "other", "list").stdout
    assert "_PIP_RUNNING" not in pip(prefix, "list", PIP_PYTHON="other").stdout


def test_a_pip_that_lies_elsewhere_is_left_alone(prefix: Path, tmp_path: Path) -> None:
    venv = executable(tmp_path / "venv/Scripts/pip.exe", "venv").parent

    path = f"{venv}:{prefix}:{prefix / SHIMS}:{prefix / 'Scripts'}"

    assert started(pip(prefix, "install", "x", path=path)) == "venv <install> <x>"


def test_environment_without_pip_never_reaches_the_pip_of_the_system(tmp_path: Path) -> None:
    bare = guarded(tmp_path / "bare", pip=False)
    system = executable(tmp_path / "system/pip.exe", "system").parent

    done = pip(bare, "list", path=f"{bare}:{bare / SHIMS}:{bare / 'Scripts'}:{system}")

    assert started(done) == f"launcher <pip> <-p> <{bare}> <list>"


def test_program_named_by_its_path_does_not_reach_the_pip_of_the_system(
    prefix: Path, tmp_path: Path
) -> None:
    system = executable(tmp_path / "system/pip.exe", "system").parent

    assert started(pip(prefix, "list", path=str(system))) == "pip <list>"


def test_without_any_pip_it_says_so(prefix: Path) -> None:
    done = pip(prefix, "list", path=str(prefix / SHIMS))

    assert (done.returncode, done.stdout) == (1, "")
    assert "command not found" in done.stderr


@pytest.mark.parametrize("variable", ["PIPGUARD_BYPASS", "CONDA_BUILD"])
def test_a_bypass_runs_real_pip_past_the_marker_and_leaves_a_line(
    variable: str, prefix: Path
) -> None:
    done = pip(prefix, "install", "x", **{variable: "1"})

    assert started(done) == "pip <install> <x>"
    assert "PIP_BREAK_SYSTEM_PACKAGES=1" in done.stdout
    assert ledger(prefix) == ["pip"]


def test_mode_warn_says_one_line_and_runs_real_pip(tmp_path: Path, prefix: Path) -> None:
    done = pip(guarded(tmp_path / "one", Mode.WARN), "install", "x")
    assert done.stdout == "pip <install> <x>\n"
    assert "pipguard explain" in done.stderr

    assert "PIP_BREAK" in pip(prefix, "install", "x", PIPGUARD_MODE="warn").stdout


def test_an_install_inside_an_install_meets_the_marker(prefix: Path) -> None:
    done = pip(prefix, "install", "x", PIPGUARD_INSIDE=str(prefix))

    assert started(done) == "pip <install> <x>"
    assert "PIP_BREAK" not in done.stdout


def test_copy_does_not_act_on_the_original(prefix: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(prefix, copy)
    runner = str(copy / "Lib/site-packages/pip/__pip-runner__.py")

    shim = pip(copy, "install", "x")
    wrapper = start(prefix / "libexec/pipguard/pip-python.exe", runner, "install", "x")

    for done in (shim, wrapper):
        assert (done.returncode, done.stdout) == (1, "")
        assert f"copied or moved from {prefix}" in done.stderr
        assert f'pipguard enable -p "{copy}"' in done.stderr


def test_clone_without_guard_refuses_changes_and_still_lists(prefix: Path) -> None:
    shutil.rmtree(prefix / "conda-meta/pipguard")

    assert started(pip(prefix, "list")) == "pip <list>"
    assert "clone whose guard is not set up" in pip(prefix, "install", "x").stderr


def test_without_any_launcher_it_says_what_to_do_and_changes_nothing(prefix: Path) -> None:
    (prefix.parent / "pipguard").unlink()

    done = pip(prefix, "install", "x")

    assert (done.returncode, done.stdout) == (1, "")
    assert "nothing was changed" in done.stderr
    assert started(pip(prefix, "list")) == "pip <list>"


# `python -m pip`


def routed(prefix: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Start the wrapper as pip does."""
    runner = str(prefix / "Lib/site-packages/pip/__pip-runner__.py")
    return start(prefix / "libexec/pipguard/pip-python.exe", runner, *words, **variables)


def test_a_change_by_python_m_pip_goes_to_the_launcher(prefix: Path) -> None:
    done = routed(prefix, "install", "a b", _PIP_RUNNING_IN_SUBPROCESS="1")

    assert started(done) == f"launcher <pip> <-p> <{prefix}> <install> <a b>"
    assert "PIPGUARD_FRONT_DOOR=python -m pip\n" in done.stdout
    assert "_PIP_RUNNING" not in done.stdout


def test_everything_else_goes_to_the_python_of_the_environment(prefix: Path) -> None:
    runner = prefix / "Lib/site-packages/pip/__pip-runner__.py"

    assert started(routed(prefix, "list", "a b")) == f"python <{runner}> <list> <a b>"


def test_mode_enforce_sends_python_m_pip_into_the_marker(prefix: Path) -> None:
    assert started(routed(prefix, "install", "x", PIPGUARD_MODE="enforce")).startswith("python")


def test_pip_from_elsewhere_changes_nothing(prefix: Path, tmp_path: Path) -> None:
    runner = str(tmp_path / "pip.pyz")

    done = start(prefix / "libexec/pipguard/pip-python.exe", runner, "install", "x")

    assert (done.returncode, done.stdout) == (1, "")
    assert "outside the environment" in done.stderr
