"""Which uv command lines the shim guards, for which environment, and that it leaves all others be.

uv is a fake here that tells its words and, where it is asked which environment it would change,
names the one in the variable `ANSWER`.
Longer than a module should be: each way to type a command has its row, in front of one shim.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from shell.kit import POSIX_SHELLS, SHIMS, Shell, activated, environment, executable, on_path, run

from pipguard.guard_record import Mode
from pipguard.hooks import enable

every_sh = pytest.mark.parametrize("shell", POSIX_SHELLS, ids=lambda shell: shell.name)
every_change = pytest.mark.parametrize("verb", ["install", "uninstall", "sync"])
every_project_command = pytest.mark.parametrize("verb", ["sync", "add", "remove", "run"])

_UV = """#!/bin/sh
case " $* " in
    *" pipguard-asks "*)
        printf '%s' "$PWD:" >>"$0.asked"
        for word; do printf ' <%s>' "$word" >>"$0.asked"; done
        echo >>"$0.asked"
        [ -n "$ANSWER" ] || exit 2
        echo "Using Python 3.11.4 environment at: $ANSWER" >&2
        echo "Would make no changes" >&2
        exit 0 ;;
esac
printf 'uv'
for word; do printf ' <%s>' "$word"; done
echo
[ -z "${UV_BREAK_SYSTEM_PACKAGES-}" ] || echo "UV_BREAK_SYSTEM_PACKAGES=$UV_BREAK_SYSTEM_PACKAGES"
exit "${CODE:-0}"
"""


def guarded(prefix: Path, mode: Mode = Mode.ROUTE) -> Path:
    enable(environment(prefix), mode, executable(prefix.parent / "pipguard", "launcher"))
    tool = prefix / "bin/uv"
    tool.write_text(_UV, encoding="utf-8")
    tool.chmod(0o755)
    return prefix


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    return guarded(tmp_path / "with space" / "größe")


def uv(
    prefix: Path, *words: str, path: str = "", cwd: Path | None = None, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Type `uv …` while an environment is active."""
    command: list[str | Path] = [prefix / SHIMS / "uv", *words]
    if cwd is not None:
        command = ["sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", cwd, *command]
    settings = {"CONDA_PREFIX": str(prefix), "ANSWER": str(prefix), **variables}
    return run(command, path or activated(prefix), **settings)


def started(done: subprocess.CompletedProcess[str]) -> str:
    return done.stdout.splitlines()[0] if done.stdout else ""


def asked(prefix: Path) -> list[str]:
    """List the words of each question to uv, behind those that every question has."""
    log = prefix / "bin/uv.asked"
    common = " <--break-system-packages>"
    lines = log.read_text("utf-8").splitlines() if log.exists() else []
    return [line.partition(common)[2].removesuffix(" <pipguard-asks>").strip() for line in lines]


def operations(prefix: Path) -> list[dict[str, str]]:
    ledger = prefix / "conda-meta/pipguard/ledger.jsonl"
    return [json.loads(line) for line in ledger.read_text().splitlines()] if ledger.exists() else []


# What is guarded


@every_sh
@every_change
def test_a_change_goes_to_the_launcher_with_every_word_as_it_was(
    shell: Shell, verb: str, prefix: Path
) -> None:
    words = ["--color", "never", "pip", verb, "x>1; y", "", "*", "-r", "a b"]

    done = run(
        [*shell.command, prefix / SHIMS / "uv", *words],
        activated(prefix),
        CONDA_PREFIX=str(prefix),
        ANSWER=str(prefix),
    )

    typed = "".join(f" <{word}>" for word in words)
    assert done.stdout.startswith(f"launcher <uv> <-p> <{prefix}>{typed}\n")
    assert "PIPGUARD_FRONT_DOOR=uv pip\n" in done.stdout


@pytest.mark.parametrize(
    "line",
    [
        "",
        "--version",
        "pip",
        "pip list",
        "pip freeze",
        "pip compile install",
        "pip tree",
        "pip check",
        "pip show install",
        "pip install --help",
        "help pip install",
        "tool install ruff",
        "run pip install x",
        "--directory pip run pip install x",
        "venv",
        "sync",
        "add x",
        "lock",
        "python install 3.12",
        "--color pip python install",
    ],
)
def test_everything_else_is_real_uvs_without_a_question(line: str, prefix: Path) -> None:
    done = uv(prefix, *line.split(), CODE="42")

    assert started(done) == "uv" + "".join(f" <{word}>" for word in line.split())
    assert (done.returncode, done.stderr, asked(prefix)) == (42, "", [])


@every_sh
def test_no_program_but_uv_is_run_on_a_pass_through(shell: Shell, prefix: Path) -> None:
    binary = shutil.which(shell.command[0]) or ""
    path = f"{prefix / SHIMS}:{prefix / 'bin'}"  # no dirname, no readlink, no cat

    done = run([binary, *shell.command[1:], prefix / SHIMS / "uv", "pip", "list"], path)

    assert (done.returncode, done.stderr, started(done)) == (0, "", "uv <pip> <list>")


# Which environment


def test_uv_is_asked_with_every_word_that_chooses_an_environment(prefix: Path) -> None:
    line = "--no-config pip --directory . install -Up3.12 --system x -r p --project=q --python=3 -q"
    words = [*line.split(), "-p", "y", "--", "--python", "z"]

    uv(prefix, *words)

    assert asked(prefix) == [
        "<--no-config> <--directory> <.> <-p3.12> <--system> <--project=q> <--python=3> <-p> <y>"
    ]


def test_flags_in_one_word_with_a_file_whose_name_has_a_p_choose_nothing(prefix: Path) -> None:
    uv(prefix, "pip", "install", "-Urpins.txt")

    assert asked(prefix) == [""]


def test_another_environment_than_the_active_one_is_guarded_as_well(
    prefix: Path, tmp_path: Path
) -> None:
    other = guarded(tmp_path / "other")

    done = uv(prefix, "pip", "install", "x", "--python", str(other), ANSWER=str(other))

    assert f"<-p> <{other}>" in done.stdout


def test_an_answer_relative_to_the_current_folder_is_understood(prefix: Path) -> None:
    done = uv(prefix, "pip", "install", "x", ANSWER=prefix.name, cwd=prefix.parent)

    assert f"<-p> <{prefix}>" in done.stdout


def test_an_answer_relative_to_the_folder_that_was_named_is_understood(
    prefix: Path, tmp_path: Path
) -> None:
    above, answer = str(prefix.parent), prefix.name

    named = uv(prefix, "--directory", above, "pip", "install", "x", ANSWER=answer, cwd=tmp_path)
    set_so = uv(prefix, "pip", "sync", "x", ANSWER=answer, cwd=tmp_path, UV_WORKING_DIR=above)

    assert f"<-p> <{prefix}>" in named.stdout
    assert f"<-p> <{prefix}>" in set_so.stdout


def test_a_folder_that_is_not_guarded_is_real_uvs(prefix: Path, tmp_path: Path) -> None:
    done = uv(prefix, "pip", "install", "x", "--python", "y", ANSWER=str(tmp_path))

    assert started(done) == "uv <pip> <install> <x> <--python> <y>"


def test_without_an_answer_uv_says_itself_what_is_wrong(prefix: Path) -> None:
    assert started(uv(prefix, "pip", "install", "x", ANSWER="")) == "uv <pip> <install> <x>"


def test_a_venv_on_top_is_not_even_asked_about(prefix: Path, tmp_path: Path) -> None:
    done = uv(prefix, "pip", "install", "x", VIRTUAL_ENV=str(tmp_path))

    assert (started(done), asked(prefix)) == ("uv <pip> <install> <x>", [])


@pytest.mark.parametrize("variable", ["UV_PYTHON", "UV_SYSTEM_PYTHON"])
def test_a_variable_that_chooses_an_environment_is_asked_about(
    variable: str, prefix: Path, tmp_path: Path
) -> None:
    variables = {variable: "1", "VIRTUAL_ENV": str(tmp_path)}

    assert started(uv(prefix, "pip", "install", "x", **variables)).startswith("launcher")


def test_a_leftover_shim_guards_nothing_where_no_guarded_environment_is_active(
    prefix: Path, tmp_path: Path
) -> None:
    done = uv(prefix, "pip", "install", "x", CONDA_PREFIX=str(tmp_path))

    assert (started(done), asked(prefix)) == ("uv <pip> <install> <x>", [])


# Which uv


def test_uv_outside_the_environment_is_found(prefix: Path, tmp_path: Path) -> None:
    (tmp_path / "tools").mkdir()
    (prefix / "bin/uv").rename(tmp_path / "tools/uv")

    path = on_path(prefix / SHIMS, prefix / "bin", tmp_path / "tools")

    assert started(uv(prefix, "pip", "list", path=path)) == "uv <pip> <list>"


def test_shims_of_other_environments_are_skipped(prefix: Path, tmp_path: Path) -> None:
    other = guarded(tmp_path / "other")

    path = on_path(prefix / SHIMS, other / SHIMS, prefix / "bin")

    assert started(uv(prefix, "pip", "list", path=path)) == "uv <pip> <list>"


def test_without_uv_the_answer_is_that_of_a_shell(prefix: Path) -> None:
    done = uv(prefix, "--version", path=str(prefix / SHIMS))

    assert done.returncode == 127
    assert "uv: command not found" in done.stderr


# Ways out


@every_change
def test_bypass_runs_real_uv_past_the_marker_and_leaves_a_line(verb: str, prefix: Path) -> None:
    done = uv(prefix, "pip", verb, "x", PIPGUARD_BYPASS="1")

    assert done.stdout == f"uv <pip> <{verb}> <x>\nUV_BREAK_SYSTEM_PACKAGES=1\n"
    assert [line["front_door"] for line in operations(prefix)] == ["uv pip"]


def test_mode_warn_says_one_line_and_runs_real_uv(tmp_path: Path) -> None:
    done = uv(guarded(tmp_path / "one", Mode.WARN), "pip", "install", "x")

    assert started(done) == "uv <pip> <install> <x>"
    assert len(done.stderr.splitlines()) == 1


def test_mode_enforce_guards_uv(tmp_path: Path) -> None:
    done = uv(guarded(tmp_path / "one", Mode.ENFORCE), "pip", "install", "x")

    assert started(done).startswith("launcher <uv>")


def test_an_install_inside_an_install_meets_the_marker(prefix: Path) -> None:
    done = uv(prefix, "pip", "install", "x", PIPGUARD_INSIDE=str(prefix))

    assert done.stdout == "uv <pip> <install> <x>\n"


def test_copy_does_not_act_on_the_original(prefix: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(prefix, copy)

    done = uv(copy, "pip", "install", "x")

    assert (done.returncode, done.stdout) == (1, "")
    assert f"pipguard enable -p '{copy}'" in done.stderr


def test_without_any_launcher_it_says_what_to_do_and_changes_nothing(prefix: Path) -> None:
    (prefix.parent / "pipguard").unlink()

    done = uv(prefix, "pip", "install", "x")

    assert (done.returncode, done.stdout) == (1, "")
    assert "PIPGUARD_BYPASS=1 uv pip" in done.stderr


# Projects


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "below").mkdir(parents=True)
    (folder / "pyproject.toml").touch()
    return folder


@every_sh
@every_project_command
def test_a_project_does_not_take_a_guarded_environment(
    shell: Shell, verb: str, prefix: Path, project: Path
) -> None:
    there = (*shell.command, "-c", 'cd "$0" && exec "$@"', project / "below")
    done = run(
        [*there, *shell.command, prefix / SHIMS / "uv", verb],
        activated(prefix),
        UV_PROJECT_ENVIRONMENT=str(prefix),
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert f"env -u UV_PROJECT_ENVIRONMENT uv {verb}" in done.stderr


def test_a_project_environment_may_be_relative_to_the_project(prefix: Path, project: Path) -> None:
    (project / "env").symlink_to(prefix)

    done = uv(prefix, "sync", cwd=project / "below", UV_PROJECT_ENVIRONMENT="env")

    assert done.returncode == 1


@pytest.mark.parametrize(
    "line",
    [
        "sync --active",
        "run --active x",
        "add --no-active --active x",
        "sync --script s.py --active",
    ],
)
def test_a_project_does_not_take_a_guarded_environment_by_the_word_active(
    line: str, prefix: Path, project: Path
) -> None:
    done = uv(prefix, *line.split(), cwd=project, VIRTUAL_ENV=str(prefix))

    assert (done.returncode, done.stdout) == (1, "")
    assert "env -u VIRTUAL_ENV uv " in done.stderr


@pytest.mark.parametrize(
    ("line", "variables"),
    [
        ("sync", {"VIRTUAL_ENV": "{prefix}"}),
        ("sync --active", {}),
        ("sync --active --no-active", {"VIRTUAL_ENV": "{prefix}"}),
        ("run -- x --active", {"VIRTUAL_ENV": "{prefix}"}),
        ("sync --active", {"VIRTUAL_ENV": "{prefix}/..", "UV_PROJECT_ENVIRONMENT": "{prefix}"}),
    ],
)
def test_an_active_environment_that_uv_would_not_take_is_untouched(
    line: str, variables: dict[str, str], prefix: Path, project: Path
) -> None:
    named = {name: value.format(prefix=prefix) for name, value in variables.items()}

    assert uv(prefix, *line.split(), cwd=project, **named).returncode == 0


def test_an_option_of_the_program_that_is_run_is_none_of_uvs(prefix: Path, project: Path) -> None:
    line = ["run", "x", "--dry-run", "--no-sync"]

    assert uv(prefix, *line, cwd=project, UV_PROJECT_ENVIRONMENT=str(prefix)).returncode == 1


@pytest.mark.parametrize("line", ["lock", "tree", "export", "venv", "build", "tool run x"])
def test_what_does_not_change_the_environment_of_a_project_is_untouched(
    line: str, prefix: Path, project: Path
) -> None:
    done = uv(prefix, *line.split(), cwd=project, UV_PROJECT_ENVIRONMENT=str(prefix))

    assert done.returncode == 0


@pytest.mark.parametrize(
    "line", ["run --no-sync x", "sync --dry-run", "add --no-sync x", "run --no-project x"]
)
def test_what_promises_to_leave_the_environment_alone_is_untouched(
    line: str, prefix: Path, project: Path
) -> None:
    done = uv(prefix, *line.split(), cwd=project, UV_PROJECT_ENVIRONMENT=str(prefix))

    assert done.returncode == 0


def test_without_a_project_nothing_is_refused(prefix: Path, tmp_path: Path) -> None:
    done = uv(prefix, "run", "x", cwd=tmp_path, UV_PROJECT_ENVIRONMENT=str(prefix))

    assert started(done) == "uv <run> <x>"


def test_a_project_with_an_environment_of_its_own_is_untouched(prefix: Path, project: Path) -> None:
    done = uv(prefix, "sync", cwd=project, UV_PROJECT_ENVIRONMENT=str(project / ".venv"))

    assert started(done) == "uv <sync>"


def test_bypass_lets_a_project_take_the_environment_and_leaves_a_line(
    prefix: Path, project: Path
) -> None:
    variables = {"UV_PROJECT_ENVIRONMENT": str(prefix), "PIPGUARD_BYPASS": "1"}

    assert started(uv(prefix, "sync", cwd=project, **variables)) == "uv <sync>"
    assert [line["front_door"] for line in operations(prefix)] == ["uv sync"]
