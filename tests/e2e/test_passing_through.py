"""What is no install and no uninstall reaches real pip untouched."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from surroundings import Guarded


def _plain(guarded: Guarded, line: str) -> subprocess.CompletedProcess[str]:
    """Run real pip by its path, without the guard."""
    return subprocess.run(
        ["bash", "-c", line],
        capture_output=True,
        text=True,
        check=False,
        env={
            "PATH": f"{guarded.prefix}/bin:/usr/bin:/bin",
            "_PIP_RUNNING_IN_SUBPROCESS": "1",
            **_settings(),
        },
        cwd=guarded.prefix.parent,
    )


def _settings() -> dict[str, str]:
    kept = ("HOME", "PIP_", "LANG", "LC_ALL", "TMPDIR", "XDG_")
    return {key: value for key, value in os.environ.items() if key.startswith(kept)}


@pytest.mark.parametrize(
    "line",
    [
        "pip --version",
        "pip list",
        "pip freeze",
        "pip show pip",
        "pip show nothere",
        "pip install --help",
        "pip help uninstall",
        "pip config list",
        "pip check",
        "pip nonsense",
        "pip",
        "pip download --no-such-option",
        "pip show install",
    ],
)
def test_it_is_real_pip_byte_for_byte(guarded: Guarded, line: str) -> None:
    guarded_run, plain_run = guarded.sh(line), _plain(guarded, line)

    assert guarded_run.stdout == plain_run.stdout
    assert guarded_run.stderr == plain_run.stderr
    assert guarded_run.returncode == plain_run.returncode


def test_the_bypass_is_real_pip_and_leaves_a_line_in_the_ledger(guarded: Guarded) -> None:
    guarded.offer("alpha")

    done = guarded.sh("PIPGUARD_BYPASS=1 pip install alpha")

    assert done.returncode == 0, done.stderr
    assert "pipguard" not in done.stderr
    assert guarded.origins()["alpha"] == "untracked"
    assert guarded.ledger()[-1]["state"] == "bypassed"


def test_an_install_works_beside_what_a_bypassed_pip_brought(guarded: Guarded) -> None:
    guarded.offer("alpha")
    guarded.offer("beta", requires=["alpha"])
    guarded.sh("PIPGUARD_BYPASS=1 pip install alpha")

    guarded.installs("beta")

    assert guarded.origins() == {"alpha": "untracked", "beta": "converted", "pip": "conda"}


def test_a_target_folder_is_real_pips_business(guarded: Guarded, tmp_path: Path) -> None:
    guarded.offer("alpha")

    done = guarded.pip("install", "--target", str(tmp_path / "elsewhere"), "alpha")

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "elsewhere/alpha-1.0.dist-info").is_dir()
    assert "alpha" not in guarded.status()
