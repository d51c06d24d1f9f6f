"""PATH through activation, reactivation, switch, stack and deactivation, in every shell present."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from rattler.shell import ActivationVariables, PathModificationBehavior, activate
from rattler.shell import Shell as Of
from shell.activator import scripts
from shell.kit import (
    POSIX_SHELLS,
    SHELLS,
    SHIMS,
    SYSTEM_PATH,
    Shell,
    Step,
    activated,
    environment,
    evaluated,
    executable,
    run,
    shims_on,
    unguarded,
    walk,
    without_shims,
)

from pipguard.guard_record import Mode
from pipguard.hooks import enable

ACTIVATORS = ("conda", "mamba")
NAME = "with space-größe-環境-[a]&(b);#*?~%@,=-" + "x" * 150

every_shell = pytest.mark.parametrize("shell", SHELLS, ids=lambda shell: shell.name)
every_posix_shell = pytest.mark.parametrize("shell", POSIX_SHELLS, ids=lambda shell: shell.name)
# xonsh swallows what a script of bash says; there, only the shim tells of a copy.
every_telling_shell = pytest.mark.parametrize(
    "shell", [shell for shell in SHELLS if shell.name != "xonsh"], ids=lambda shell: shell.name
)
every_activator = pytest.mark.parametrize("activator", ACTIVATORS)


def guarded(prefix: Path) -> Path:
    launcher = executable(prefix.parent / "pipguard", "launcher")
    enable(environment(prefix), Mode.ROUTE, launcher)
    return prefix


def tour(one: Path, two: Path) -> list[Step]:
    """Go through everything an activator does, starting and ending with nothing active."""
    return [
        Step("activate", one),
        Step("reactivate"),
        Step("reactivate"),
        Step("activate", two),
        Step("stack", one),
        Step("reactivate"),
        Step("deactivate"),
        Step("deactivate"),
        Step("deactivate"),
    ]


ACTIVE = (None, "one", "one", "one", "two", "one", "one", "two", "one", None)


@every_shell
@every_activator
def test_no_duplicate_after_reactivate_and_no_leftover_after_deactivate(
    shell: Shell, activator: str, tmp_path: Path
) -> None:
    places = {"one": guarded(tmp_path / f"1 {NAME}" / NAME), "two": guarded(tmp_path / "2" / NAME)}
    steps, variables = tour(places["one"], places["two"]), tmp_path / "variables"
    probe = "\n".join(shell.append.format(command, variables) for command in shell.listing)

    paths = walk(shell, activator, steps, tmp_path / "log", probe=probe)

    # One shim folder leads PATH while something is active, and none is there before and after.
    for path, active in zip(paths, ACTIVE, strict=True):
        expected = [str(places[active] / SHIMS)] if active else []
        assert shims_on(path) == expected
        assert path.split(":")[: len(expected)] == expected
    # The rest of PATH is what the activator makes of unguarded environments.
    others = [path.split(":") for path in unguarded(activator, steps)]
    if activator == "conda":
        assert list(map(without_shims, paths)) == others
    else:  # mamba drops neighbours that are equal, which a shim folder between them prevents
        without = [deduplicated(without_shims(path)) for path in paths]
        assert without == list(map(deduplicated, others))
    # No variable or function is left behind, either.
    assert "__pipguard" not in variables.read_text(encoding="utf-8", errors="replace")


def deduplicated(path: list[str]) -> list[str]:
    return [entry for entry, _ in itertools.groupby(path)]


RATTLERS = {"bash": Of.bash, "zsh": Of.zsh, "fish": Of.fish, "xonsh": Of.xonsh}


@pytest.mark.parametrize(
    "shell", [shell for shell in SHELLS if shell.name in RATTLERS], ids=lambda shell: shell.name
)
def test_one_shim_folder_leads_path_after_a_switch_by_rattlers_own_activator(
    shell: Shell, tmp_path: Path
) -> None:
    one, two = guarded(tmp_path / "one"), guarded(tmp_path / "two")
    path = SYSTEM_PATH
    for prefix, active in ((one, None), (two, one)):
        variables = ActivationVariables(active, path.split(":"), PathModificationBehavior.Replace)
        script = activate(prefix, variables, RATTLERS[shell.name]).script

        path = evaluated(shell, f"{script}\nprintenv PATH", tmp_path / "log", path).strip()

        assert shims_on(path) == path.split(":")[:1] == [str(prefix / SHIMS)]


@every_shell
@every_activator
def test_leftover_after_switch_serves_what_it_shadows_and_is_gone_once_all_is_deactivated(
    shell: Shell, activator: str, tmp_path: Path
) -> None:
    one, plain = guarded(tmp_path / "one"), environment(tmp_path / "plain")
    steps = [Step("activate", one), Step("activate", plain), *[Step("deactivate")] * 2]

    before, _, switched, _, after = walk(shell, activator, steps, tmp_path / "log")

    assert run(["pip", "install", "x"], switched).stdout.startswith(f"pip of {plain} <install> <x>")
    assert after == before


@every_posix_shell
def test_activation_survives_shells_that_stop_at_every_error(shell: Shell, tmp_path: Path) -> None:
    one, two = guarded(tmp_path / "one"), guarded(tmp_path / "two")

    paths = walk(shell, "conda", tour(one, two), tmp_path / "log", setup="set -eu")

    assert len(paths) == len(ACTIVE)
    assert paths[-1] == paths[0]


@every_posix_shell
def test_empty_entries_of_path_stay_where_they_are(shell: Shell, tmp_path: Path) -> None:
    prefix, tool = guarded(tmp_path / "one"), "/usr/bin/printenv"
    script = tmp_path / "script"
    path = f":/usr/bin:{prefix / SHIMS}::/bin:"
    script.write_text(
        f". '{prefix}/etc/conda/activate.d/zz-pipguard.sh'; {tool} PATH\n"
        f". '{prefix}/etc/conda/deactivate.d/zz-pipguard.sh'; {tool} PATH\n"
    )

    told = run([*shell.executable, script], path, CONDA_PREFIX=str(prefix)).stdout.splitlines()

    assert told == [f"{prefix / SHIMS}::/usr/bin::/bin:", ":/usr/bin::/bin:"]


@every_posix_shell
def test_activation_without_a_conda_prefix_does_nothing(shell: Shell, tmp_path: Path) -> None:
    prefix, script = guarded(tmp_path / "one"), tmp_path / "script"
    script.write_text(f"set -eu; . '{prefix}/etc/conda/activate.d/zz-pipguard.sh'; printenv PATH\n")

    done = run([*shell.executable, script])

    assert (done.stdout.strip(), done.stderr) == ("/usr/local/bin:/usr/bin:/bin", "")


@every_telling_shell
def test_activating_a_copy_says_what_to_do_and_does_not_fail(shell: Shell, tmp_path: Path) -> None:
    original = guarded(tmp_path / "original")
    copy = original.rename(tmp_path / "it's a copy")

    told = activation_of(copy, shell, tmp_path)

    assert "copied or moved" in told
    assert f"pipguard enable -p '{copy}'" in told


@every_telling_shell
def test_activating_a_clone_says_what_to_do(shell: Shell, tmp_path: Path) -> None:
    clone = guarded(tmp_path / "clone")
    (clone / "conda-meta/pipguard/guard.json").unlink()

    assert "copied or moved" in activation_of(clone, shell, tmp_path)


def upgraded(prefix: Path) -> Path:
    (prefix / "bin/python3.11").rename(prefix / "bin/python3.12")
    return prefix


@every_shell
def test_activating_after_an_upgrade_of_python_has_the_guard_placed_again(
    shell: Shell, tmp_path: Path
) -> None:
    prefix = upgraded(guarded(tmp_path / "it's one"))
    (tmp_path / "pipguard").write_text(f"#!/bin/sh\necho \"$@\" >'{tmp_path}/called'\n")

    assert activation_of(prefix, shell, tmp_path) == ""
    assert (tmp_path / "called").read_text() == f"enable -p {prefix}\n"


@every_telling_shell
def test_activating_after_an_upgrade_of_python_without_pipguard_says_what_to_do(
    shell: Shell, tmp_path: Path
) -> None:
    prefix = upgraded(guarded(tmp_path / "one"))
    (tmp_path / "pipguard").unlink()

    told = activation_of(prefix, shell, tmp_path)

    assert "another python" in told
    assert f"pipguard enable -p '{prefix}'" in told


@every_shell
def test_activating_where_python_was_removed_is_quiet(shell: Shell, tmp_path: Path) -> None:
    prefix = guarded(tmp_path / "one")
    for python in prefix.glob("bin/python*"):
        python.unlink()

    assert activation_of(prefix, shell, tmp_path) == ""


@every_posix_shell
@pytest.mark.parametrize("damage", ["", "/elsewhere", "/elsewhere\n"])
def test_activation_survives_a_damaged_sentinel(shell: Shell, damage: str, tmp_path: Path) -> None:
    prefix = guarded(tmp_path / "one")
    (prefix / SHIMS / ".pipguard-shim").write_text(damage)

    assert "copied or moved" in activation_of(prefix, shell, tmp_path)


@every_shell
def test_activating_through_a_symbolic_link_is_quiet(shell: Shell, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(guarded(tmp_path / "one"))

    assert activation_of(link, shell, tmp_path) == ""


def activation_of(prefix: Path, shell: Shell, folder: Path) -> str:
    """What is said when an environment is activated; in a shell that stops at every error."""
    (line,) = scripts(shell.script, str(prefix), "activate")
    file = folder / f"script.{shell.script}"
    file.write_text(f"set -eu\n{line}\n" if shell.script == "sh" else f"{line}\n")
    done = run([*shell.executable, file], CONDA_PREFIX=str(prefix), HOME=str(folder))
    assert (done.returncode, done.stdout) == (0, "")
    return done.stderr


@pytest.mark.parametrize(
    "shell",
    [it for it in POSIX_SHELLS if it.name in {"bash", "dash"}],
    ids=lambda shell: shell.name,
)
@every_activator
@pytest.mark.parametrize("before", [None, "one", "two"])
def test_conda_run_meets_the_shim_and_no_other(
    shell: Shell, activator: str, before: str | None, tmp_path: Path
) -> None:
    """As `conda run` does it: a script that activates, and then the command."""
    one, _ = guarded(tmp_path / "one"), guarded(tmp_path / "two")
    active = tmp_path / before if before else None
    variables = {"CONDA_PREFIX": str(active), "CONDA_SHLVL": "1"} if active else {}
    script = f"{Step('activate', one).line(shell, activator)}\nprintenv PATH\npip install x"

    path, done, *_ = evaluated(
        shell, script, tmp_path / "log", activated(active) if active else SYSTEM_PATH, **variables
    ).splitlines()

    assert shims_on(path) == path.split(":")[:1] == [str(one / SHIMS)]
    assert done == f"launcher <pip> <-p> <{one}> <install> <x>"
