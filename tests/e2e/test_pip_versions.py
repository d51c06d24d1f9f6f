"""The pips that may have to plan: what they tell of command lines and plans, and the marker."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import builders
import pytest
from filelock import FileLock
from surroundings import Guarded

from pipguard import pip_process
from pipguard.pip_tool import PipTool
from pipguard.plan import Source
from pipguard.prefix import Prefix

pytestmark = pytest.mark.network

VERSIONS = [
    pytest.param(
        "22.2",
        marks=pytest.mark.skipif(
            sys.version_info >= (3, 12), reason="it needs pkgutil's ImpImporter"
        ),
    ),
    "23.2.1",
    "25.3",
    "26.3",
]


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def root(
    version: str, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The folder of this pip, which then is pipguard's own; fetched once for all workers.

    To be asked for before `guarded`, which has an index of its own.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = shared / f"pip-{version}"
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            _download(version, folder)
    # From here on nothing but what a test names is asked.
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setattr(pip_process, "own_pip_root", lambda: folder)
    return folder


def _download(version: str, folder: Path) -> None:
    wheels = folder.with_name(f"{folder.name}-wheel")
    command = [*(sys.executable, "-m", "pip", "download", "-q", "--no-deps"), "-d", str(wheels)]
    subprocess.run([*command, f"pip=={version}"], check=True)
    (wheel,) = wheels.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)


def _tool(guarded: Guarded, *words: str) -> PipTool:
    return PipTool(Prefix(guarded.prefix), ["install", "-i", guarded.index.as_uri(), *words])


@pytest.mark.usefixtures("root")
def test_every_pip_reads_a_command_line_for_us(guarded: Guarded) -> None:
    tool = _tool(guarded, "-Uqr", "all.txt", "--dry", "-e", ".", "alpha[more]>=1", "--no-deps")

    told = tool.told()
    tool.stop()

    assert (told.command, told.arguments) == ("install", ("alpha[more]>=1",))
    seen = {name: told.options[name] for name in ("quiet", "dry_run", "ignore_dependencies")}
    assert seen == {"quiet": 1, "dry_run": True, "ignore_dependencies": True}
    assert told.typed("dry_run")


@pytest.mark.usefixtures("root")
def test_every_pip_names_what_to_uninstall(guarded: Guarded, tmp_path: Path) -> None:
    (tmp_path / "all.txt").write_text("Beta[some]>1; python_version>'3'\n")
    words = ["uninstall", "-yr", str(tmp_path / "all.txt"), "alpha", "beta"]
    tool = PipTool(Prefix(guarded.prefix), words)

    told = tool.told()
    tool.stop()

    assert sorted(name.lower() for name in told.arguments) == ["alpha", "beta"]


@pytest.mark.usefixtures("root")
def test_every_pip_says_which_file_sets_an_option(
    guarded: Guarded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pip.conf").write_text("[install]\nuser = true\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    tool = _tool(guarded, "alpha")

    told = tool.told()
    tool.stop()

    assert told.configured_by == {"use_user_site": str(tmp_path / "pip.conf")}


@pytest.mark.usefixtures("root")
def test_every_pip_plans_and_fetches_with_origins_and_limits(
    guarded: Guarded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guarded.offer("alpha", requires=["beta>=1", "gamma"], extras={"more": ["zeta"]})
    info = tmp_path / "module/gamma-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: gamma\nVersion: 1.0\n")
    monkeypatch.setenv("PYTHONPATH", str(info.parent))
    for number in ("1.5", "2.0"):
        guarded.offer("beta", number)
    builders.sdist(guarded.wheels, "zeta")
    guarded.publish(guarded.wheels.iterdir())
    (tmp_path / "limits.txt").write_text("beta<2\n")
    tool = _tool(guarded, "-c", str(tmp_path / "limits.txt"), "alpha[more]>=1", "--no-cache-dir")

    plan = tool.plan()
    wheels = tool.fetch(plan.candidates, tmp_path)
    tool.stop()

    found = {str(name): it.version for name, it in plan.by_name().items()}
    assert found == {"alpha": "1.0", "beta": "1.5", "zeta": "1.0"}
    alpha, beta, _ = (plan.by_name()[name] for name in sorted(plan.by_name()))
    assert (alpha.requested, alpha.extras, alpha.asked) == (True, {"more"}, "alpha[more]>=1")
    assert {it.source for it in plan.candidates} == {Source.INDEX}
    assert plan.elsewhere == {"gamma": "1.0"}
    assert str(beta.found_on).startswith(f"{guarded.index.as_uri()}/beta/")
    assert str(plan.limits[beta.name]) == "<2"
    assert all(it.sha256 for it in plan.candidates)
    assert alpha.metadata.requires_dist[0] == "beta>=1"
    assert {str(name): path.name for name, path in wheels.items()} == {
        name: f"{name}-{number}-py3-none-any.whl" for name, number in found.items()
    }


@pytest.mark.usefixtures("root")
def test_every_pip_does_true_pips_part(guarded: Guarded, tmp_path: Path) -> None:
    tree = builders.project(tmp_path / "tree", "delta")
    tool = _tool(guarded, "-e", str(tree))
    (delta,) = tool.plan().candidates

    tool.install(delta, tmp_path / "staged")
    # It is laid out as the environment is.
    shutil.copytree(tmp_path / "staged", guarded.prefix, dirs_exist_ok=True)
    installed = guarded.status()["delta"]
    tool.uninstall([delta.name])
    tool.stop()

    assert delta.source is Source.EDITABLE
    assert installed["editable"]
    assert "delta" not in guarded.status()


@pytest.mark.usefixtures("root")
def test_a_pip_that_cannot_be_introspected_plans_all_the_same(
    guarded: Guarded, tmp_path: Path
) -> None:
    """As if a future pip had moved its parser."""
    guarded.offer("alpha", requires=["beta"])
    guarded.offer("beta")
    package = tmp_path / "pipguard"
    shutil.copytree(Path(pip_process.__file__).parent, package)
    (package / "pip_reading.py").write_text("from pip._internal.cli.main_parser import moved\n")
    stranger = package / "pip_process.py"

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pip_process, "__file__", str(stranger))
        tool = _tool(guarded, "-q", "alpha")
        plan = tool.plan()
        wheels = tool.fetch(plan.candidates, tmp_path)
        tool.stop()

    assert {str(name) for name in wheels} == {"alpha", "beta"}
    assert all(path.is_file() for path in wheels.values())


def test_the_marker_refuses_an_install_but_not_a_plan(
    root: Path, guarded: Guarded, version: str, tmp_path: Path
) -> None:
    guarded.offer("alpha")
    variables = {"PYTHONPATH": str(root), "_PIP_RUNNING_IN_SUBPROCESS": "1"}
    words = ("-m", "pip", "install", "-i", guarded.index.as_uri(), "alpha")

    planned = guarded.environment.run(
        *("python", *words, "--dry-run", "--report", tmp_path / "report.json"),
        check=False,
        variables=variables,
    )
    installed = guarded.environment.run("python", *words, check=False, variables=variables)

    assert planned.returncode == 0, planned.stderr
    assert (tmp_path / "report.json").is_file()
    before_pep_668 = version == "22.2"
    assert (installed.returncode == 0) is before_pep_668
    assert ("externally-managed-environment" in installed.stderr) is not before_pep_668
