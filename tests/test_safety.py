"""The fixtures that keep tests harmless do bite, here and in what a test starts."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from fences import HOME, Trespass


def _child(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_home_is_a_throw_away_one(world: Path) -> None:
    assert Path.home() == world != HOME


def test_home_is_a_throw_away_one_in_a_child(world: Path) -> None:
    assert _child("import pathlib; print(pathlib.Path.home())") == str(world)


def test_temporary_files_lie_below_the_throw_away_home(world: Path) -> None:
    assert Path(tempfile.mkdtemp()).is_relative_to(world)
    assert Path(_child("import tempfile; print(tempfile.mkdtemp())")).is_relative_to(world)


@pytest.mark.parametrize(
    "name",
    [
        *("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "TMPDIR"),
        *("PIPGUARD_CACHE_DIR", "PIPGUARD_CHANNEL", "CONDARC", "CONDA_PKGS_DIRS", "PIP_CACHE_DIR"),
    ],
)
def test_places_of_the_user_lie_below_the_throw_away_home(name: str, world: Path) -> None:
    assert Path(os.environ[name]).is_relative_to(world)


_INHERITED = ("CONDA_PREFIX", "VIRTUAL_ENV", "PIPGUARD_BYPASS", "PYTHONHASHSEED", "NO_COLOR")


def test_nothing_is_inherited_that_changes_what_tools_do() -> None:
    assert not os.environ.keys() & set(_INHERITED)


def test_what_the_machine_sets_is_taken_away() -> None:
    name = test_nothing_is_inherited_that_changes_what_tools_do.__name__
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", f"{__file__}::{name}"],
        env={**os.environ, **dict.fromkeys(_INHERITED, "1")},
        cwd=Path(__file__).parent.parent,
        check=False,
    )
    assert done.returncode == 0


@pytest.mark.parametrize("host", ["192.0.2.1", "pypi.org", "2001:db8::1"])
def test_no_connection_leaves_the_machine(host: str) -> None:
    with pytest.raises(Trespass, match=host):
        socket.create_connection((host, 443), timeout=1)


def test_no_name_is_looked_up() -> None:
    with pytest.raises(Trespass):
        socket.getaddrinfo("pypi.org", 443)


def test_loopback_is_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()[:2], timeout=5).close()


def test_http_of_a_child_does_not_leave_the_machine() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import urllib.request as u; u.urlopen('http://192.0.2.1/')"],
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    )
    assert "Connection refused" in done.stderr


def test_pip_of_a_child_finds_nothing_outside() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pip", "download", "--no-deps", "six"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "No matching distribution found for six" in done.stderr


@pytest.mark.parametrize("place", [HOME, Path(sys.prefix), Path(sys.base_prefix)])
def test_nothing_real_can_be_written(place: Path) -> None:
    target = place / f"written-by-a-test-{os.getpid()}"
    for change in (
        lambda: target.write_text("x"),
        lambda: target.open("a"),
        lambda: os.open(target, os.O_CREAT | os.O_WRONLY),
        target.mkdir,
        target.unlink,
        lambda: target.symlink_to("x"),
        lambda: Path(__file__).rename(target),
        lambda: target.rename(Path(__file__)),
    ):
        with pytest.raises(Trespass):
            change()
    assert not target.exists()


def test_a_test_may_write_below_its_own_folders(tmp_path: Path, world: Path) -> None:
    for folder in (tmp_path, world):
        (folder / "file").write_text("x")


def test_a_test_may_remove_what_is_called_like_something_real(tmp_path: Path) -> None:
    """Of a folder that is removed whole, what is in it is told by name and descriptor."""
    (tmp_path / "tree/.venv/tests").mkdir(parents=True)

    shutil.rmtree(tmp_path / "tree")

    assert not (tmp_path / "tree").exists()


@pytest.mark.network
def test_the_index_is_in_reach_of_a_test_that_says_so() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pip", "download", "--no-deps", "--no-binary=:none:", "six==1.17.0"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tempfile.mkdtemp(),
    )
    assert done.returncode == 0, done.stderr
