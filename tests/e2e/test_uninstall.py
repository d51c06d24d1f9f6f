"""`pip uninstall` leaves no file and no record behind."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import builders
from surroundings import Guarded


def test_nothing_is_left_of_what_was_installed(guarded: Guarded, tmp_path: Path) -> None:
    guarded.offer("alpha", requires=["beta"], entry_points=["alpha = alpha:main"])
    guarded.offer("beta")
    guarded.offer_on_conda("gamma")
    guarded.offer("gamma")
    tree = builders.project(tmp_path / "tree", "delta", entry_points=["delta = delta:main"])
    before = guarded.tree()
    guarded.installs("alpha", "gamma", "-e", str(tree))
    guarded.sh("python -c 'import alpha, beta, gamma, delta'")

    done = guarded.pip("uninstall", "-y", "alpha", "beta", "gamma", "delta")

    assert done.returncode == 0, done.stderr
    assert guarded.tree() == before
    left = [path for path in guarded.environment.site_packages.rglob("*") if "alpha" in path.name]
    assert left == []


def test_an_unknown_name_is_a_warning(guarded: Guarded) -> None:
    done = guarded.pip("uninstall", "-y", "nothere")

    assert done.returncode == 0
    assert "WARNING: Skipping nothere as it is not installed." in done.stderr


def test_nothing_is_removed_where_nobody_agrees(guarded: Guarded) -> None:
    guarded.offer("alpha")
    guarded.installs("alpha")

    for line in ("pip uninstall alpha </dev/null", "echo y | pip --no-input uninstall alpha"):
        done = guarded.sh(line)
        assert done.returncode == 2, done.stderr
    declined = _answered(guarded, "n")
    assert guarded.origins()["alpha"] == "converted"
    agreed = _answered(guarded, "y")

    assert "Proceed (Y/n)? " in declined.stdout
    assert (declined.returncode, agreed.returncode) == (0, 0)
    assert "alpha" not in guarded.status()


def _answered(guarded: Guarded, answer: str) -> subprocess.CompletedProcess[str]:
    """Type `pip uninstall alpha` at a terminal, and an answer."""
    person, terminal = os.openpty()
    try:
        os.write(person, f"{answer}\n".encode())
        return guarded.sh("pip uninstall alpha", stdin=terminal)
    finally:
        os.close(person)
        os.close(terminal)


def test_dependants_are_named(guarded: Guarded) -> None:
    guarded.offer("alpha", requires=["beta"])
    guarded.offer("beta")
    guarded.installs("alpha")

    done = guarded.pip("uninstall", "-y", "beta")

    assert done.returncode == 0
    assert "alpha depends on beta" in done.stderr
    assert "beta" not in guarded.status()


def test_an_install_works_while_a_dependency_is_missing(guarded: Guarded) -> None:
    guarded.offer("alpha", requires=["beta"])
    guarded.offer("beta")
    guarded.offer("gamma")
    guarded.installs("alpha")
    guarded.pip("uninstall", "-y", "beta")

    guarded.installs("gamma")

    assert guarded.origins() == {"alpha": "converted", "gamma": "converted", "pip": "conda"}


def test_what_a_bypassed_pip_installed_is_removed_by_pip(guarded: Guarded) -> None:
    guarded.offer("alpha")
    guarded.sh("PIPGUARD_BYPASS=1 pip install alpha")
    assert guarded.origins()["alpha"] == "untracked"

    done = guarded.pip("uninstall", "-y", "alpha")

    assert done.returncode == 0, done.stderr
    assert "alpha" not in guarded.status()


def test_names_in_any_spelling_are_found(guarded: Guarded) -> None:
    guarded.offer("al-pha.beta")
    guarded.installs("al_pha-beta")

    assert guarded.pip("uninstall", "-y", "AL.pha_beta").returncode == 0

    assert guarded.origins() == {"pip": "conda"}


def test_a_requirement_file_names_what_goes(guarded: Guarded, tmp_path: Path) -> None:
    (tmp_path / "all.txt").write_text("alpha>=0.1\n-r more.txt\n")
    (tmp_path / "more.txt").write_text("Beta[some]; python_version>'3'\n")
    for name in ("alpha", "beta", "gamma"):
        guarded.offer(name)
    guarded.installs("alpha", "beta", "gamma")

    done = guarded.pip("uninstall", "-y", "-r", str(tmp_path / "all.txt"), "nothere")

    assert done.returncode == 0, done.stderr
    assert "WARNING: Skipping nothere as it is not installed." in done.stderr
    assert guarded.origins() == {"gamma": "converted", "pip": "conda"}
    assert done.stdout.splitlines()[-2:] == [
        "  Successfully uninstalled alpha-1.0",
        "  Successfully uninstalled beta-1.0",
    ]


def test_what_shares_a_conda_package_goes_with_it_and_is_named(guarded: Guarded) -> None:
    second = {
        "site-packages/second-2.0.dist-info/METADATA": "Metadata-Version: 2.1\n"
        "Name: second\nVersion: 2.0\n",
        "site-packages/second-2.0.dist-info/INSTALLER": "conda\n",
    }
    guarded.offer_on_conda("alpha", files=second)
    guarded.offer("alpha")
    guarded.installs("alpha")
    assert guarded.origins()["second"] == "conda"

    done = guarded.pip("uninstall", "-y", "second")

    assert done.returncode == 0, done.stderr
    assert "going with it: alpha" in done.stderr
    assert guarded.origins() == {"pip": "conda"}
    assert "alpha" not in guarded.environment.records()
