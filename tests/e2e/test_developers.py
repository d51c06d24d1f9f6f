"""The developers' way: a checkout takes the place of a released package, and gives it back."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import builders
import pytest
from surroundings import Guarded


@pytest.fixture
def checkout(guarded: Guarded, tmp_path: Path) -> Path:
    """A checkout of a project whose release conda has, installed, and one that depends on it."""
    guarded.offer_on_conda("delta", "1.0")
    guarded.offer_on_conda("beta", depends=("python", "delta"))
    guarded.offer("delta", "1.0")
    guarded.offer("beta", requires=["delta"])
    guarded.installs("delta==1.0", "beta")
    return builders.project(tmp_path / "checkout", "delta", "1.1.dev0")


@pytest.mark.parametrize("how", [".", "-e ."])
def test_a_checkout_replaces_condas_package_and_gives_it_back(
    guarded: Guarded, checkout: Path, how: str
) -> None:
    assert guarded.origins()["delta"] == "conda"

    taken = guarded.sh(f"pip install --no-build-isolation {how}", cwd=checkout)

    assert taken.returncode == 0, taken.stderr
    assert guarded.status()["delta"]["version"] == "1.1.dev0"
    assert guarded.origins()["delta"] == ("pip" if "-e" in how else "converted")
    assert guarded.ledger()[-1]["installed"] == ["delta-1.1.dev0"]
    assert len(list(guarded.environment.site_packages.glob("delta-*"))) == 1
    guarded.check()

    removed = guarded.pip("uninstall", "-y", "delta")

    assert removed.returncode == 0, removed.stderr
    assert "beta depends on delta" in removed.stderr
    assert not list(guarded.environment.site_packages.glob("*delta*"))
    guarded.installs("delta==1.0")
    assert guarded.origins()["delta"] == "conda"
    guarded.check()


@pytest.mark.parametrize("how", [".", "-e ."])
def test_condas_version_takes_the_place_of_a_checkout(
    guarded: Guarded, checkout: Path, how: str
) -> None:
    assert guarded.sh(f"pip install {how}", cwd=checkout).returncode == 0

    guarded.installs("delta==1.0")

    assert guarded.origins()["delta"] == "conda"
    assert len(list(guarded.environment.site_packages.glob("*delta*"))) == 2
    guarded.check()


def test_a_checkout_of_the_same_version_is_installed_anew_each_time(
    guarded: Guarded, tmp_path: Path
) -> None:
    guarded.offer_on_conda("delta", "1.0")
    guarded.offer("delta", "1.0")
    guarded.installs("delta")
    checkout = builders.project(tmp_path / "checkout", "delta", "1.0")
    for text in ("first", "second"):
        (checkout / "src/delta/__init__.py").write_text(f"said = {text!r}\n")

        guarded.installs(".", cwd=checkout)

        said = guarded.sh("python -c 'import delta; print(delta.said)'")
        assert said.stdout == f"{text}\n"
        assert guarded.origins()["delta"] == "converted"
        guarded.check()


def test_an_editable_gives_way_to_a_regular_install_of_itself_and_back(
    guarded: Guarded, tmp_path: Path
) -> None:
    checkout = builders.project(tmp_path / "checkout", "delta", entry_points=["delta = delta:main"])

    for how in ("-e .", ".", "-e ."):
        done = guarded.sh(f"pip install {how}", cwd=checkout)

        assert done.returncode == 0, done.stderr
        assert guarded.status()["delta"]["editable"] is ("-e" in how)
        assert guarded.sh("delta").stdout == "delta 1.0\n"
        guarded.check()


def test_two_checkouts_at_once_are_nothing_to_warn_of(guarded: Guarded, tmp_path: Path) -> None:
    folders = [builders.project(tmp_path / name, name) for name in ("delta", "epsilon")]
    done = guarded.pip("install", *(word for it in folders for word in ("-e", str(it))))
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stdout + done.stderr


def test_what_pip_wrote_for_an_editable_is_recorded(guarded: Guarded, tmp_path: Path) -> None:
    checkout = builders.project(tmp_path / "checkout", "delta", entry_points=["delta = delta:main"])

    guarded.installs("-e", str(checkout))

    record = guarded.environment.records()["delta"]
    written = {Path(file).name for file in record["files"]}
    assert {"delta", "__editable__.delta-1.0.pth", "RECORD", "METADATA"} <= written
    assert all((guarded.prefix / file).is_file() for file in record["files"])


def test_the_engine_removes_an_editable_by_its_record(guarded: Guarded, tmp_path: Path) -> None:
    before = guarded.tree()
    checkout = builders.project(tmp_path / "checkout", "delta", entry_points=["delta = delta:main"])
    guarded.installs("-e", str(checkout))

    program = (
        "import asyncio, pathlib, rattler, sys\n"
        "prefix = pathlib.Path(sys.argv[1])\n"
        "records = [rattler.PrefixRecord.from_path(p) for p in prefix.glob('conda-meta/*.json')]\n"
        "stay = [record for record in records if record.name.normalized != 'delta']\n"
        "asyncio.run(rattler.install(stay, target_prefix=prefix, show_progress=False))\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(guarded.prefix)], check=False)

    assert done.returncode == 0
    assert "delta" not in guarded.status()
    assert {path for path in guarded.tree() if "delta" in path} == set()
    assert guarded.tree().keys() - before.keys() <= {"CACHEDIR.TAG"}
