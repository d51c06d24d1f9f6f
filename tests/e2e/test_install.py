"""`pip install` typed in an activated bash, on real environments."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import builders
import rattler
from surroundings import Guarded

THIS = f"cp{sys.version_info.major}{sys.version_info.minor}"


def test_a_pure_wheel_is_converted_and_recorded(guarded: Guarded) -> None:
    guarded.offer("alpha", requires=["beta>=1"], entry_points=["alpha = alpha:main"])
    guarded.offer("beta", "1.5")

    out = guarded.installs("alpha")

    assert out.splitlines()[-1] == "Successfully installed alpha-1.0 beta-1.5"
    assert guarded.origins() == {"alpha": "converted", "beta": "converted", "pip": "conda"}
    assert guarded.reasons() == {"alpha": "not-on-conda", "beta": "not-on-conda"}
    assert guarded.sh("python -c 'import alpha, beta' && command -v alpha").returncode == 0
    guarded.check()


def test_what_conda_has_comes_from_conda(guarded: Guarded) -> None:
    guarded.offer("alpha", requires=["beta>=1"])
    guarded.offer("beta", "1.6")
    guarded.offer_on_conda("beta", "1.5")

    guarded.installs("alpha")

    assert guarded.origins()["beta"] == "conda"
    assert guarded.status()["beta"]["version"] == "1.5"
    assert guarded.reasons()["beta"] == "conda-has-it"
    guarded.check()


def test_a_compiled_wheel_is_converted(guarded: Guarded) -> None:
    guarded.offer("gamma", tag=f"{THIS}-{THIS}-manylinux_2_17_x86_64.manylinux2014_x86_64")

    guarded.installs("gamma")

    record = guarded.environment.records()["gamma"]
    assert "/linux-64/" in record["url"]
    assert f"python 3.{sys.version_info.minor}.*" in record["depends"]
    assert guarded.sh("python -c 'import gamma'").returncode == 0
    guarded.check()


def test_a_conda_package_that_ships_another_thing_is_not_taken(guarded: Guarded) -> None:
    guarded.offer("six")
    builders.conda_package(guarded.channel, "six", "1.0", {"lib/libsix.so": "no python in it"})
    builders.channel(guarded.channel)

    guarded.installs("six")

    assert guarded.origins()["six"] == "converted"
    assert guarded.status()["six"]["conda_name"] == "pypi-six"
    assert guarded.reasons()["six"] == "provider-not-verified"


def test_a_version_that_conda_lacks_is_converted(guarded: Guarded) -> None:
    guarded.offer("alpha", "1.2")
    guarded.offer("alpha", "1.1")
    guarded.offer_on_conda("alpha", "1.1")

    guarded.installs("alpha==1.2")

    assert guarded.status()["alpha"]["version"] == "1.2"
    assert guarded.reasons() == {"alpha": "version-not-on-conda"}


def test_an_older_major_on_conda_is_not_taken_for_a_name_that_was_typed(guarded: Guarded) -> None:
    guarded.offer("alpha", "2.0")
    guarded.offer_on_conda("alpha", "1.9")

    guarded.installs("alpha")

    assert guarded.status()["alpha"]["version"] == "2.0"
    assert guarded.reasons() == {"alpha": "conda-too-old"}


def test_requested_and_brought_along_are_told_apart(guarded: Guarded) -> None:
    guarded.offer("alpha", requires=["beta"])
    guarded.offer("beta")

    guarded.installs("alpha>=0.5")

    records = guarded.environment.records()
    assert records["alpha"]["requested_specs"] == ["alpha >=0.5"]
    assert records["beta"]["requested_specs"] == []


def test_history_is_in_condas_format(guarded: Guarded) -> None:
    guarded.offer("alpha", requires=["beta"])
    guarded.offer("beta")
    guarded.offer_on_conda("beta")

    guarded.installs("alpha", "beta")

    lines = (guarded.prefix / "conda-meta/history").read_text().splitlines()
    start = max(number for number, line in enumerate(lines) if line.startswith("==> "))
    build = guarded.environment.records()["alpha"]["build"]
    assert lines[start + 1 :] == [
        "# cmd: pip install alpha beta",
        f"+{guarded.channel.as_uri()}/noarch::beta-1.0-0",
        f"+pypi/pypi::alpha-1.0-{build}",
        "# update specs: ['beta']",
    ]


def test_what_comes_from_pypi_is_to_conda_as_if_pip_had_brought_it(
    guarded: Guarded, tmp_path: Path
) -> None:
    guarded.offer("alpha")
    guarded.installs("alpha", "-e", str(builders.project(tmp_path / "tree", "delta")))

    for name in ("alpha", "delta"):
        record = guarded.environment.records()[name]
        assert (record["channel"], record["subdir"]) == ("pypi", "pypi")
        assert record["package_type"] == "virtual_python_wheel"


def test_a_name_that_means_another_thing_on_pypi_is_not_exported_as_pips(guarded: Guarded) -> None:
    guarded.offer("six")
    builders.conda_package(guarded.channel, "six", "1.0", {"lib/libsix.so": "no python in it"})
    builders.channel(guarded.channel)

    guarded.installs("six")

    record = guarded.environment.records()["pypi-six"]
    assert record["channel"] == "<unknown>"
    assert "package_type" not in record


def test_no_record_holds_a_path_of_the_local_channel_as_its_channel(guarded: Guarded) -> None:
    guarded.offer("alpha")

    guarded.installs("alpha")

    # conda fails on a record without its size when it has to fetch the package again.
    record = guarded.environment.records()["alpha"]
    (package,) = Path(os.environ["PIPGUARD_CHANNEL"]).glob("noarch/alpha-*.conda")
    assert record["size"] == package.stat().st_size
    assert record["md5"] == hashlib.md5(package.read_bytes(), usedforsecurity=False).hexdigest()
    channels = {record["channel"] for record in guarded.environment.records().values()}
    assert not any(os.environ["PIPGUARD_CHANNEL"] in channel for channel in channels)


def test_a_hand_over_to_pypi_takes_the_request_out_of_condas_history(guarded: Guarded) -> None:
    guarded.offer_on_conda("alpha", "1.0")
    guarded.offer("alpha", "1.0")
    guarded.installs("alpha==1.0")
    guarded.offer("alpha", "1.2")

    guarded.installs("alpha==1.2")

    assert "# remove specs: ['alpha']" in (guarded.prefix / "conda-meta/history").read_text()


def test_every_record_can_be_read_by_the_engine(guarded: Guarded, tmp_path: Path) -> None:
    guarded.offer("alpha")
    tree = builders.project(tmp_path / "tree", "delta")

    guarded.installs("alpha", "-e", str(tree))

    folder = guarded.prefix / "conda-meta"
    read = [rattler.PrefixRecord.from_path(path) for path in folder.glob("*.json")]
    assert {record.name.normalized for record in read} == {"alpha", "delta", "pip", "python"}


def test_an_editable_install_goes_to_true_pip_after_its_dependencies(
    guarded: Guarded, tmp_path: Path
) -> None:
    guarded.offer("beta")
    tree = builders.project(tmp_path / "tree", "delta", requires=["beta"])

    out = guarded.installs("-e", str(tree))

    assert out.splitlines()[-1] == "Successfully installed beta-1.0 delta-1.0"
    status = guarded.status()
    assert status["delta"]["origin"] == "pip"
    assert status["delta"]["editable"]
    assert status["beta"]["origin"] == "converted"
    record = guarded.environment.records()["delta"]
    assert record["pipguard"]["kind"] == "editable"
    assert record["depends"] == ["python", "beta"]
    found = guarded.sh("python -c 'import delta; print(delta.__file__)'").stdout
    assert found.startswith(str(tree))
    guarded.check()


def test_a_pip_record_survives_the_next_solve(guarded: Guarded, tmp_path: Path) -> None:
    guarded.offer("alpha")
    tree = builders.project(tmp_path / "tree", "delta")
    guarded.installs("-e", str(tree))

    guarded.installs("alpha")

    assert guarded.origins()["delta"] == "pip"
    assert guarded.sh("python -c 'import delta, alpha'").returncode == 0


def test_a_repository_is_installed_by_true_pip(guarded: Guarded, tmp_path: Path) -> None:
    repository = builders.git_project(tmp_path / "repository", "epsilon")

    guarded.installs(f"git+{repository.path.as_uri()}")

    status = guarded.status()["epsilon"]
    assert status["origin"] == "pip"
    assert not status["editable"]
    assert guarded.environment.records()["epsilon"]["url"].endswith(f"@{repository.commit}")
    guarded.check()


def test_a_local_folder_is_built_and_converted(guarded: Guarded, tmp_path: Path) -> None:
    tree = builders.project(tmp_path / "tree", "delta")

    guarded.installs(str(tree))

    assert guarded.origins()["delta"] == "converted"
    assert guarded.reasons() == {"delta": "local-folder"}
    (direct,) = guarded.environment.site_packages.glob("delta-*/direct_url.json")
    assert json.loads(direct.read_text())["url"] == tree.as_uri()


def test_an_sdist_is_built_and_converted(guarded: Guarded) -> None:
    builders.sdist(guarded.wheels, "zeta")
    guarded.publish(guarded.wheels.iterdir())

    guarded.installs("zeta")

    assert guarded.origins()["zeta"] == "converted"
    assert guarded.sh("python -c 'import zeta'").returncode == 0


def test_what_is_satisfied_is_said_in_pips_words(guarded: Guarded) -> None:
    guarded.offer("alpha")
    guarded.installs("alpha")

    out = guarded.installs("alpha")

    assert out.startswith("Requirement already satisfied: alpha in ")
    assert "Successfully" not in out


def test_a_second_environment_converts_nothing(
    guarded: Guarded, make_environment: Callable[..., builders.Environment]
) -> None:
    guarded.offer("alpha")
    guarded.installs("alpha")
    before = {path: path.stat().st_ino for path in _packages()}

    second = make_environment("second")

    done = guarded.pipguard("pip", "-p", str(second.prefix), "install", "alpha")

    assert done.returncode == 0, done.stderr
    assert {path: path.stat().st_ino for path in _packages()} == before
    assert "converting" not in done.stderr


def _packages() -> list[Path]:
    return sorted(Path(os.environ["PIPGUARD_CHANNEL"]).glob("*/*.conda"))


def test_a_dry_run_changes_nothing(guarded: Guarded) -> None:
    guarded.offer("alpha")
    before = guarded.environment.snapshot()

    out = guarded.installs("--dry-run", "alpha")

    assert out.splitlines()[-1] == "Would install alpha-1.0"
    assert guarded.environment.snapshot("**/__pycache__/*", "**/__pycache__") == {
        path: state for path, state in before.items() if "__pycache__" not in path
    }


def test_an_upgrade_leaves_one_dist(guarded: Guarded) -> None:
    guarded.offer("alpha", "1.0", files={"alpha/__init__.py": "", "alpha/old.py": ""})
    guarded.installs("alpha")
    guarded.offer("alpha", "1.1")

    out = guarded.installs("-U", "alpha")

    assert out.splitlines()[-1] == "Successfully installed alpha-1.1"
    assert [path.name for path in guarded.environment.site_packages.glob("alpha-*")] == [
        "alpha-1.1.dist-info"
    ]
    assert not (guarded.environment.site_packages / "alpha/old.py").exists()
    guarded.check()


def test_a_conda_package_gives_way_to_the_version_that_was_asked_for(guarded: Guarded) -> None:
    guarded.offer_on_conda("alpha", "1.0")
    guarded.offer("alpha", "1.0")
    guarded.offer("alpha", "1.2")
    guarded.installs("alpha==1.0")
    assert guarded.origins()["alpha"] == "conda"

    guarded.installs("alpha==1.2")

    assert guarded.origins()["alpha"] == "converted"
    assert [path.name for path in guarded.environment.site_packages.glob("alpha-*")] == [
        "alpha-1.2.dist-info"
    ]
    guarded.check()


def test_quiet_is_quiet(guarded: Guarded) -> None:
    guarded.offer("alpha")

    done = guarded.pip("install", "-q", "alpha")

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
