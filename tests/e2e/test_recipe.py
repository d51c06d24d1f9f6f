"""The conda package of pipguard: built from the recipe by rattler-build, installed, and at work.

No conda channel is needed: the thin python lends python and pip, and everything else comes from
PyPI, made into conda packages by pipguard itself.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import builders
import pytest
from surroundings import Guarded, pipguard
from typed import ROOT

pytestmark = pytest.mark.network
_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
_BUILD = """
import sys
from pathlib import Path
from rattler_build import Stage0Recipe, ToolConfiguration, VariantConfig
recipe, output, python, *channels = sys.argv[1:]
Stage0Recipe.from_file(Path(recipe)).run_build(
    variant_config=VariantConfig({"python_min": [python]}),
    tool_config=ToolConfiguration(test_strategy="native"),
    output_dir=Path(output),
    channels=channels,
)
"""
# As the table of names tells of conda-forge.
_NAMES = {
    "python-installer": ["installer"],
    "backports.zstd": ["backports-zstd"],
    "ruamel.yaml": ["ruamel-yaml"],
}


def _run(*command: str | Path, **variables: str) -> str:
    done = subprocess.run(
        [str(it) for it in command],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **variables},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _projects() -> list[str]:
    """The projects that the recipe needs of PyPI."""
    text = (ROOT / "recipe/recipe.yaml").read_text("utf-8")
    needed = re.findall(r"^    - ([a-z.-]+) >=[\d.,<]+$", text, re.MULTILINE)
    return [*(it for name in needed for it in _NAMES.get(name, [name]) if it != "pip")]


def test_the_conda_package_is_built_installed_and_at_work(
    guarded: Guarded, thin_channel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheels, needs, built = tmp_path / "needs", tmp_path / "of-pypi", tmp_path / "built"
    wanted = ("--only-binary", ":all:", "-d", wheels, *_projects())
    monkeypatch.delenv("PIP_INDEX_URL")
    _run(sys.executable, "-m", "pip", "download", "-q", *wanted)
    guarded.offer("alpha")
    (tmp_path / "table.json").write_text(json.dumps(_NAMES))
    made = ("convert", "--as-channel", "-p", guarded.prefix, "-o", needs, *wheels.iterdir())
    done = pipguard(*map(str, made))
    assert done.returncode == 0, done.stderr

    channels = (needs.as_uri(), thin_channel.as_uri())
    recipe = ROOT / "recipe/recipe.yaml"
    _run(sys.executable, "-c", _BUILD, recipe, built, _PYTHON, *channels)

    home = builders.environment(
        tmp_path / "home of pipguard", [built.as_uri(), *channels], ["python", "conda-pipguard"]
    )
    assert home.run("pipguard", "--version").stdout.startswith("pipguard ")
    assert home.records()["conda-pipguard"]["noarch"] == "python"
    its_own = ("-p", str(home.prefix))
    for_itself = {"PIP_INDEX_URL": guarded.index.as_uri()}
    _run(home.prefix / "bin/pipguard", "enable", *its_own)
    _run(home.prefix / "bin/pipguard", "pip", *its_own, "install", "alpha", **for_itself)
    refused = home.run("pipguard", "pip", *its_own, "uninstall", "-y", "packaging", check=False)
    assert refused.returncode == 1
    assert "pipguard disable" in refused.stderr
    _run(home.prefix / "bin/pipguard", "--version")
