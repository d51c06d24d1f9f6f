"""What is no install and no uninstall reaches real pip untouched."""

from __future__ import annotations

import os
import subprocess
import sys
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


def test_a_bypassed_install_is_drift_that_status_shows(guarded: Guarded) -> None:
    guarded.offer("alpha")

    done = guarded.sh("PIPGUARD_BYPASS=1 pip install alpha")

    assert done.returncode == 0, done.stderr
    assert "pipguard" not in done.stderr
    assert guarded.origins()["alpha"] == "untracked"


def test_every_way_out_is_real_pip_and_leaves_its_line(guarded: Guarded, tmp_path: Path) -> None:
    guarded.offer("alpha")
    elsewhere, command = tmp_path / "elsewhere", Path(sys.executable).with_name("pipguard")
    nothing, prefix = "uninstall -y nothere", f"-p '{guarded.prefix}'"
    ways = {
        f"pip install --target {elsewhere}/target alpha": "pip",
        f"pip3 install --root {elsewhere}/root alpha": "pip3",
        f"python -m pip install --prefix {elsewhere}/prefix alpha": "python -m pip",
        f"PIPGUARD_BYPASS=1 pip {nothing}": "pip",
        f"PIPGUARD_BYPASS=1 python -m pip {nothing}": "python -m pip",
        f"PIPGUARD_BYPASS=1 '{command}' pip {prefix} {nothing}": "pipguard pip",
        f"CONDA_BUILD=1 pip {nothing}": "pip",
        f"PIPGUARD_MODE=warn pip {nothing}": "pip",
        f"'{command}' enable {prefix} --mode warn && pip {nothing}": "pip",
        f"'{command}' disable {prefix}": "pipguard disable",
    }

    for line in ways:
        done = guarded.sh(line)
        assert done.returncode == 0, done.stderr

    lines = [(entry["front_door"], entry["state"]) for entry in guarded.ledger()]
    assert lines == [(door, "bypassed") for door in ways.values()]
    assert guarded.ledger()[0]["argv"] == ["install", "--target", f"{elsewhere}/target", "alpha"]
    assert len([*elsewhere.rglob("alpha-1.0.dist-info")]) == 3
    assert "alpha" not in guarded.status()


def test_what_policy_leaves_to_pip_has_its_reason_in_the_ledger(guarded: Guarded) -> None:
    guarded.offer("alpha")
    (guarded.prefix / "etc/pipguard.toml").write_text("[packages]\nalpha = 'pip'\n")

    guarded.installs("alpha")

    assert guarded.reasons() == {"alpha": "policy"}
    assert guarded.origins()["alpha"] == "pip"


def test_an_install_works_beside_what_a_bypassed_pip_brought(guarded: Guarded) -> None:
    guarded.offer("alpha")
    guarded.offer("beta", requires=["alpha"])
    guarded.sh("PIPGUARD_BYPASS=1 pip install alpha")

    guarded.installs("beta")

    assert guarded.origins() == {"alpha": "untracked", "beta": "converted", "pip": "conda"}
