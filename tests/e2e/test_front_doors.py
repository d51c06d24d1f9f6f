"""Every way to reach pip leads to one result, in every shell that is here."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import builders
import pytest
from surroundings import Guarded

SHELLS = [shell for shell in ("bash", "zsh", "dash") if shutil.which(shell)]


@pytest.mark.parametrize("shell", SHELLS)
def test_plain_pip_is_guarded_in_every_shell(guarded: Guarded, shell: str) -> None:
    guarded.offer("alpha")

    done = guarded.sh("command -v pip && pip install alpha", shell=shell)

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == f"{guarded.prefix}/libexec/pipguard/shims/pip"
    assert guarded.origins()["alpha"] == "converted"


@pytest.mark.parametrize("name", ["pip", "pip3", f"pip3.{sys.version_info.minor}"])
def test_every_spelling_of_pip_is_guarded(guarded: Guarded, name: str) -> None:
    guarded.offer("alpha")

    assert guarded.sh(f"{name} install -q alpha").returncode == 0

    assert guarded.origins()["alpha"] == "converted"
    assert guarded.ledger()[-1]["front_door"] == name


@pytest.mark.parametrize("words", ["-m pip", "-Im pip"])
def test_python_m_pip_is_routed(guarded: Guarded, words: str) -> None:
    guarded.offer("alpha")

    done = guarded.sh(f"python {words} install alpha")

    assert done.returncode == 0, done.stderr
    assert guarded.origins()["alpha"] == "converted"
    assert guarded.ledger()[-1]["front_door"] == "python -m pip"


def test_pip_by_its_path_without_activation_is_routed(guarded: Guarded) -> None:
    guarded.offer("alpha")

    done = guarded.environment.run("pip", "install", "alpha", check=False)

    assert done.returncode == 0, done.stderr
    assert guarded.origins()["alpha"] == "converted"


def test_condas_pip_section_is_routed(guarded: Guarded, tmp_path: Path) -> None:
    guarded.offer("alpha")
    requirements = tmp_path / "condaenv.requirements.txt"
    requirements.write_text("alpha\n")

    done = guarded.environment.run(
        *("python", "-m", "pip", "install", "-U", "-r", requirements, "--exists-action=b"),
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "Successfully installed alpha-1.0" in done.stdout
    assert guarded.origins()["alpha"] == "converted"


def test_an_environment_without_pip_never_reaches_the_systems_pip(
    guarded: Guarded, make_environment: Callable[..., builders.Environment], tmp_path: Path
) -> None:
    guarded.offer("alpha")
    bare = make_environment("bare", specs=("python",))
    assert guarded.pipguard("enable", "-p", str(bare.prefix)).returncode == 0
    system = tmp_path / "system"
    system.mkdir()
    (system / "pip").write_text("#!/bin/sh\necho the pip of the system\n")
    (system / "pip").chmod(0o755)

    inside = guarded.in_environment(bare)
    installed = inside.sh(f'PATH="$PATH:{system}"; pip install alpha')
    listed = inside.sh(f'PATH="$PATH:{system}"; pip list')

    assert installed.returncode == 0, installed.stderr
    assert "system" not in installed.stdout + listed.stdout
    assert "alpha" in listed.stdout
    assert "alpha" in builders.Environment(bare.prefix).records()


def test_a_venv_on_top_is_left_alone(guarded: Guarded, tmp_path: Path) -> None:
    guarded.offer("alpha")

    done = guarded.sh(
        f"python -m venv {tmp_path}/venv && . {tmp_path}/venv/bin/activate && pip install alpha"
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert list((tmp_path / "venv").glob("lib/python3*/site-packages/alpha"))
    assert "alpha" not in guarded.status()
