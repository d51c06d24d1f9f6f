"""Paths of noarch packages in conda's records (conda/core/path_actions.py)."""

from __future__ import annotations

from typing import Any

import pytest

from pipguard.short_paths import is_short, spelled_out

SITE = "lib/python3.12/site-packages"


def written(*paths: str, files: tuple[str, ...], noarch: str | None = "python") -> dict[str, Any]:
    entries = [{"_path": path} for path in paths]
    return {"noarch": noarch, "files": list(files), "paths_data": {"paths": entries}}


def paths_of(data: dict[str, Any]) -> list[str]:
    return [entry["_path"] for entry in data["paths_data"]["paths"]]


def test_paths_that_conda_copied_from_the_package_become_those_in_the_environment() -> None:
    files = (
        f"{SITE}/alpha/site-packages/x.py",
        f"{SITE}/alpha/__pycache__/a.pyc",
        "bin/run",
        "etc/a",
    )
    short = ("site-packages/alpha/site-packages/x.py", files[1], "python-scripts/run", "etc/a")
    data = written(*short, files=files)
    assert is_short(data)
    assert paths_of(spelled_out(data)) == list(files)
    assert not is_short(data)


def test_on_windows_they_are_elsewhere() -> None:
    files = ("Lib/site-packages/alpha.py", "Scripts/run.exe")
    data = written("site-packages/alpha.py", "python-scripts/run.exe", files=files)
    assert paths_of(spelled_out(data)) == list(files)


@pytest.mark.parametrize(
    "data",
    [
        written(f"{SITE}/alpha.py", files=(f"{SITE}/alpha.py",)),
        written("site-packages/alpha.py", files=("site-packages/alpha.py",), noarch=None),
        written("site-packages/alpha.py", files=()),
        {"noarch": "python", "files": ["a"]},
        {"noarch": "python", "files": [], "paths_data": None},
    ],
)
def test_what_is_not_known_to_be_elsewhere_stays(data: dict[str, Any]) -> None:
    before = repr(data)
    assert repr(spelled_out(data)) == before
