"""The recipe of the conda package says what pyproject.toml says."""

from __future__ import annotations

import sys
from typing import Any

from packaging.requirements import Requirement
from ruamel.yaml import YAML
from typed import ROOT

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_RECIPE: dict[str, Any] = YAML(typ="safe").load(ROOT / "recipe/recipe.yaml")
_PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
_NAMES = {"installer": "python-installer"}  # where conda-forge has another one


def _as_conda(requirement: str) -> str:
    """Write a requirement as the recipe does; a noarch package has no markers."""
    read = Requirement(requirement)
    clauses = ",".join(sorted(map(str, read.specifier), reverse=True))
    return f"{_NAMES.get(read.name, read.name)} {clauses}"


def test_it_requires_at_run_time_what_the_project_does() -> None:
    wanted = [_as_conda(it) for it in _PROJECT["project"]["dependencies"]]
    assert _RECIPE["requirements"]["run"] == ["python >=${{ python_min }}", *wanted]


def test_it_builds_with_what_the_project_is_built_with() -> None:
    wanted = [_as_conda(it) for it in _PROJECT["build-system"]["requires"]]
    assert _RECIPE["requirements"]["host"] == ["python ${{ python_min }}.*", "pip", *wanted]


def test_it_has_the_projects_name_version_licence_and_command() -> None:
    project = _PROJECT["project"]
    assert _RECIPE["package"]["name"] == project["name"]
    assert _RECIPE["context"]["version"] == project["version"]
    assert _RECIPE["about"]["license"] == project["license"]
    assert _RECIPE["about"]["summary"] == project["description"]
    commands = [f"{name} = {where}" for name, where in project["scripts"].items()]
    assert _RECIPE["build"]["python"]["entry_points"] == commands


def test_its_oldest_python_is_the_projects() -> None:
    variants = YAML(typ="safe").load(ROOT / "recipe/variants.yaml")
    assert f">={variants['python_min'][0]}" == _PROJECT["project"]["requires-python"]


def test_the_sdist_has_it() -> None:
    assert "recipe" in _PROJECT["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
