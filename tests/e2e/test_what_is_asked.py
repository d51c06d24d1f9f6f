"""Whatever the command line asks holds for what comes from conda, and in that environment alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import builders
import pytest


def test_the_extra_of_a_dependency_brings_what_conda_lacks(guarded: Any) -> None:
    guarded.offer("alpha", requires=["beta[more]"])
    guarded.offer("beta", extras={"more": ["gamma"]})
    guarded.offer("gamma")
    guarded.offer_on_conda("beta")

    guarded.installs("alpha")

    assert guarded.origins()["beta"] == "conda"
    assert guarded.origins()["gamma"] == "converted"
    guarded.check()


def test_an_extra_of_a_package_from_conda_brings_its_dependencies(guarded: Any) -> None:
    guarded.offer("beta", extras={"more": ["gamma"]})
    guarded.offer("gamma")
    guarded.offer_on_conda("beta")

    guarded.installs("beta[more]")

    assert guarded.origins()["beta"] == "conda"
    assert guarded.origins()["gamma"] == "converted"
    guarded.check()


def test_a_constraint_holds_for_what_comes_from_conda(guarded: Any, tmp_path: Path) -> None:
    (tmp_path / "constraints.txt").write_text("beta<2\n")
    guarded.offer("alpha", requires=["beta"])
    guarded.offer("beta", "1.5")
    guarded.offer("beta", "2.0")
    guarded.offer_on_conda("beta", "1.5")
    guarded.offer_on_conda("beta", "2.0")

    guarded.installs("-c", str(tmp_path / "constraints.txt"), "alpha")

    assert guarded.status()["beta"]["version"] == "1.5"


def test_every_requirement_on_one_name_holds_for_what_comes_from_conda(guarded: Any) -> None:
    for version in ("1.5", "2.0"):
        guarded.offer("beta", version)
        guarded.offer_on_conda("beta", version)

    guarded.installs("beta>1", "beta<2")

    assert guarded.status()["beta"]["version"] == "1.5"


def test_an_install_for_another_python_leaves_the_guarded_environment_alone(
    guarded: Any, make_environment: Callable[..., builders.Environment]
) -> None:
    guarded.offer("alpha")
    other = make_environment("other")

    done = guarded.pip("--python", str(other.python), "install", "alpha")

    assert done.returncode == 0, done.stderr
    assert "alpha" not in guarded.status()
    assert list(other.site_packages.glob("alpha-*"))


def test_a_prefix_that_is_a_link_to_the_guarded_one_is_guarded(
    guarded: Any, tmp_path: Path
) -> None:
    guarded.offer("alpha")
    (tmp_path / "link").symlink_to(guarded.prefix)

    done = guarded.pip("install", "--prefix", str(tmp_path / "link"), "alpha")

    assert done.returncode == 0, done.stderr
    assert guarded.origins()["alpha"] == "converted"


def test_what_real_pip_has_overwritten_is_removed_whole(guarded: Any) -> None:
    guarded.offer_on_conda("alpha", "1.0", files={"site-packages/alpha/old.py": ""})
    guarded.offer("alpha", "1.0")
    guarded.installs("alpha")
    guarded.offer("alpha", "2.0", files={"alpha/__init__.py": "", "alpha/new.py": ""})
    done = guarded.sh("PIPGUARD_BYPASS=1 pip install alpha==2.0")
    assert done.returncode == 0, done.stderr

    done = guarded.pip("uninstall", "-y", "alpha")

    assert done.returncode == 0, done.stderr
    assert "alpha" not in guarded.status()
    assert "alpha" not in guarded.environment.records()
    assert list(guarded.environment.site_packages.glob("alpha*")) == []


@pytest.mark.parametrize(
    ("where", "reason"), [("configuration", "extra-index"), ("requirements file", "named-index")]
)
def test_a_private_package_is_not_swapped_for_a_stranger_of_its_name(
    guarded: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str, reason: str
) -> None:
    private = tmp_path / "private"
    wheel = builders.wheel(tmp_path / "built", "alpha", "1.0")
    builders.simple_index(private, [wheel])
    guarded.offer_on_conda("alpha", "1.0")
    (tmp_path / "requirements.txt").write_text("alpha\n")
    with builders.IndexServer(private) as server:
        if where == "configuration":
            monkeypatch.setenv("PIP_EXTRA_INDEX_URL", server.url)
        else:
            (tmp_path / "requirements.txt").write_text(f"--index-url {server.url}\nalpha\n")
        guarded.installs("-r", str(tmp_path / "requirements.txt"))

    assert guarded.origins()["alpha"] == "converted"
    assert guarded.reasons() == {"alpha": reason}


def test_a_local_folder_beside_the_main_index_is_a_cache_of_it(
    guarded: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Debian images and air-gapped machines configure folders that mirror parts of PyPI."""
    guarded.offer("alpha")
    guarded.offer_on_conda("alpha")
    guarded.offer_on_conda("acme")
    folder = tmp_path / "folder"
    builders.wheel(folder, "alpha")
    builders.wheel(folder, "acme")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))

    guarded.installs("alpha", "acme")

    assert guarded.reasons() == {"acme": "private-name", "alpha": "conda-has-it"}
