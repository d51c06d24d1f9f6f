"""Routing where the real thing matters: what a package holds, what an index says, what is typed."""

from __future__ import annotations

from pathlib import Path

import builders
from surroundings import Guarded


def offer_asking(guarded: Guarded, name: str, *requires: str) -> None:
    """Put a conda package into the channel whose metadata asks for more than its recipe."""
    head = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
    metadata = head + "".join(f"Requires-Dist: {it}\n" for it in requires)
    files = {f"site-packages/{name}-1.0.dist-info/METADATA": metadata}
    builders.conda_package(
        guarded.channel, name, "1.0", files, noarch="python", depends=("python",)
    )
    builders.channel(guarded.channel)


def test_what_condas_package_does_not_need_is_never_fetched(guarded: Guarded) -> None:
    guarded.offer("torch", "2.5", requires=["nvidia-cublas-cu12"])
    guarded.offer("nvidia-cublas-cu12", "12.4").unlink()
    ships = "site-packages/torch-2.5.dist-info/METADATA"
    text = "Metadata-Version: 2.1\nName: torch\nVersion: 2.5\n"
    builders.conda_package(guarded.channel, "pytorch", "2.5", {ships: text}, noarch="python")
    builders.channel(guarded.channel)

    done = guarded.pip("install", "torch")

    assert done.stdout.splitlines()[-1] == "Successfully installed torch-2.5"
    assert guarded.origins() == {"torch": "conda", "pip": "conda"}
    assert "nvidia-cublas-cu12" in done.stderr
    assert set(guarded.environment.records()) == {"python", "pip", "pytorch"}


def test_what_a_conda_packages_metadata_asks_for_comes_along(guarded: Guarded) -> None:
    guarded.offer("alpha", requires=["beta", "gamma"])
    guarded.offer("beta")
    guarded.offer("gamma")
    guarded.offer_on_conda("gamma")
    offer_asking(guarded, "alpha", "beta", "gamma")

    guarded.installs("alpha")

    origins = {"alpha": "conda", "beta": "converted", "gamma": "conda", "pip": "conda"}
    assert guarded.origins() == origins
    guarded.check()


def test_an_upgrade_keeps_condas_newest_and_says_how_to_get_pypis(guarded: Guarded) -> None:
    guarded.offer("alpha", "1.0")
    guarded.offer_on_conda("alpha", "1.0")
    guarded.installs("alpha")
    guarded.offer("alpha", "1.1")

    kept = guarded.pip("install", "-U", "alpha")
    assert "`pip install alpha==1.1`" in kept.stderr
    assert guarded.origins()["alpha"] == "conda"
    guarded.installs("alpha==1.1")
    assert guarded.status()["alpha"]["version"] == "1.1"
    guarded.installs("-U", "alpha")
    assert guarded.status()["alpha"]["version"] == "1.1"


def test_a_withdrawn_release_is_not_taken_from_conda_either(guarded: Guarded) -> None:
    guarded.offer("alpha", "1.0")
    guarded.offer("alpha", "1.2")
    for version in ("1.0", "1.2"):
        guarded.offer_on_conda("alpha", version)
    page = guarded.index / "alpha/index.html"
    link = '<a href="alpha-1.2-py3-none-any.whl'
    page.write_text(page.read_text().replace(link, link.replace("<a", '<a data-yanked=""')))

    guarded.installs("alpha")

    assert guarded.status()["alpha"]["version"] == "1.0"
    assert guarded.reasons() == {"alpha": "conda-has-it"}


def test_all_that_was_said_about_a_version_is_recorded(guarded: Guarded, tmp_path: Path) -> None:
    guarded.offer("alpha", "1.5")
    guarded.offer_on_conda("alpha", "1.5")
    (tmp_path / "all.txt").write_text("alpha>=1\nalpha!=1.3\n")
    (tmp_path / "limits.txt").write_text("alpha<1.9\n")

    guarded.installs("alpha<2", "-r", str(tmp_path / "all.txt"), "-c", str(tmp_path / "limits.txt"))

    (spec,) = guarded.environment.records()["alpha"]["requested_specs"]
    assert spec == "alpha >=1,!=1.3,<2dev0"


def test_a_request_without_a_solution_names_what_stands_in_its_way(guarded: Guarded) -> None:
    guarded.offer("alpha", "2.0")
    guarded.offer("beta")
    pinned = guarded.prefix / "conda-meta/pinned"
    pinned.write_text("alpha <2\nopenssl 3.*\n")
    before = guarded.tree()

    done = guarded.pip("install", "alpha>=2", "beta")

    assert done.returncode == 1
    assert "`alpha <2`" in done.stderr
    assert str(pinned) in done.stderr
    assert "openssl" not in done.stderr.partition("solver says")[0]
    assert "Nothing was changed." in done.stderr
    assert guarded.tree() == before
