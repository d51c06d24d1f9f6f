"""Which pip plans for an environment, and what its child does when it is left alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipguard import pip_process
from pipguard.errors import PlanError
from pipguard.pip_process import own_pip_root, pip_root


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make an own pip of pipguard's: one that needs python 3.10."""
    folder = tmp_path / "own"
    info = folder / "pip-26.3.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Name: pip\nVersion: 26.3\nRequires-Python: >=3.10\n\ntext\n")
    monkeypatch.setattr(pip_process, "own_pip_root", lambda: folder)
    return folder


def _environment(folder: Path, python: str, pip: str | None = None) -> Path:
    (folder / "conda-meta").mkdir(parents=True)
    (folder / f"conda-meta/python-{python}-h12_0_cpython.json").write_text("{}")
    (folder / "conda-meta/python-dateutil-2.9-pyh_0.json").write_text("{}")
    minor = python.rpartition(".")[0]
    site_packages = folder / f"lib/python{minor}/site-packages"
    site_packages.mkdir(parents=True)
    if pip:
        (site_packages / f"pip-{pip}.dist-info").mkdir()
    return folder


@pytest.mark.parametrize("python", ["3.10.0", "3.13.1"])
def test_pipguards_own_where_it_runs(tmp_path: Path, own: Path, python: str) -> None:
    assert pip_root(_environment(tmp_path / "env", python, pip="22.2")) == own


@pytest.mark.usefixtures("own")
@pytest.mark.parametrize("pip", ["22.2", "25.3"])
def test_the_environments_where_python_is_too_old(tmp_path: Path, pip: str) -> None:
    prefix = _environment(tmp_path / "env", "3.9.18", pip)

    assert pip_root(prefix) == prefix / "lib/python3.9/site-packages"


@pytest.mark.usefixtures("own")
@pytest.mark.parametrize("pip", [None, "21.3.1", "22.1.2"])
def test_neither_where_the_environments_pip_writes_no_report(
    tmp_path: Path, pip: str | None
) -> None:
    with pytest.raises(PlanError) as refused:
        pip_root(_environment(tmp_path / "env", "3.9.18", pip))

    assert refused.value.reference == "no-pip-for-python"
    assert refused.value.facts["needed"] == "3.10"


def test_without_a_record_of_python_pipguards_own_is_tried(tmp_path: Path, own: Path) -> None:
    assert pip_root(tmp_path) == own


def test_what_own_pip_needs_is_read_from_its_real_metadata() -> None:
    assert pip_process._python_needed(own_pip_root()) >= (3, 9)


@pytest.mark.parametrize("words", [["install", "alpha"], ["install", "--no-such-option"]])
def test_a_child_whose_parent_has_gone_just_ends(words: list[str]) -> None:
    from_child, to_parent = os.pipe()
    from_parent, to_child = os.pipe()
    script = Path(pip_process.__file__).with_name("pip_child.py")
    arguments = [script, own_pip_root(), str(to_parent), str(from_parent)]
    with subprocess.Popen(
        [sys.executable, *arguments],
        pass_fds=(to_parent, from_parent),
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        for end in (from_child, to_parent, from_parent):
            os.close(end)
        os.write(to_child, f"{json.dumps(words)}\n".encode())
        os.close(to_child)
        _, errors = child.communicate(timeout=60)

    assert child.returncode == 1
    assert "Traceback" not in errors
    assert "BrokenPipe" not in errors
    assert list(Path(os.environ["TMPDIR"]).iterdir()) == []
