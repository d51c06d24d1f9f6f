from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import builders
import pytest

from pipguard.errors import TourError
from pipguard.tour import thin_python

_FACTS = """
import json, site, sys, sysconfig
import ctypes, sqlite3, ssl, venv, zlib
print(json.dumps({
    "prefixes": [sys.prefix, sys.base_prefix, sys.exec_prefix],
    "path": sys.path[1:],
    "site": site.getsitepackages(),
    "scheme": sysconfig.get_default_scheme(),
    "schemes": sysconfig.get_scheme_names(),
    "paths": sysconfig.get_paths(),
    "makefile": sysconfig.get_makefile_filename(),
}))
"""

_DISTUTILS = """
import warnings
warnings.simplefilter("ignore")
from distutils.command.install import install
from distutils.dist import Distribution
from distutils.sysconfig import get_python_lib
command = install(Distribution({"name": "demo"}))
command.finalize_options()
print(get_python_lib(), command.install_purelib)
"""

_HOSTS = [Path(sys.executable), Path("/usr/bin/python3")]


@pytest.fixture(scope="module", params=_HOSTS, ids=["running", "system"])
def host(request: pytest.FixtureRequest) -> Path:
    """The running python, and the distribution's where there is one that could run pipguard."""
    python: Path = request.param
    code = "import sys, venv; sys.exit(sys.version_info < (3, 10))"
    if not python.exists() or subprocess.run([python, "-I", "-c", code], check=False).returncode:
        pytest.skip("this machine's distribution has no python, no venv or an old one")
    return python


@pytest.fixture(scope="module")
def made(host: Path, tmp_path_factory: pytest.TempPathFactory) -> builders.Environment:
    """An environment of a thin python and pip made from `host`."""
    base = tmp_path_factory.mktemp("thin")
    thin_python.make(base / "channel", host)
    thin_python.make_pip(base / "channel", host)
    return builders.environment(base / "env", base / "channel")


def _facts(made: builders.Environment) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(made.run("python", "-I", "-c", _FACTS).stdout)
    return facts


def test_the_prefix_is_the_environment_and_nothing_else(made: builders.Environment) -> None:
    assert _facts(made)["prefixes"] == [str(made.prefix)] * 3


def test_install_paths_are_those_of_upstream(made: builders.Environment) -> None:
    facts = _facts(made)
    stdlib = made.site_packages.parent
    assert facts["scheme"] == "posix_prefix"
    assert not {"posix_local", "deb_system"} & {*facts["schemes"]}
    assert facts["paths"] == {
        **dict.fromkeys(("purelib", "platlib"), str(made.site_packages)),
        **dict.fromkeys(("stdlib", "platstdlib"), str(stdlib)),
        **dict.fromkeys(("include", "platinclude"), f"{made.prefix}/include/{stdlib.name}"),
        "scripts": f"{made.prefix}/bin",
        "data": str(made.prefix),
    }


def test_site_packages_is_found_and_no_other_folder_of_packages(
    made: builders.Environment,
) -> None:
    facts = _facts(made)
    assert facts["site"] == [str(made.site_packages)]
    assert [path for path in facts["path"] if "packages" in path] == facts["site"]
    assert all(Path(path).is_relative_to(made.prefix) for path in facts["path"])


def test_the_makefile_is_there_for_who_builds_extensions(made: builders.Environment) -> None:
    assert Path(_facts(made)["makefile"]).is_file()


@pytest.mark.parametrize("program", ["python", "python3", "pip", "pip3"])
def test_each_usual_name_starts(made: builders.Environment, program: str) -> None:
    made.run(program, "--version")


def test_distutils_installs_where_upstreams_does(made: builders.Environment) -> None:
    if made.run("python", "-c", "import distutils", check=False).returncode:
        pytest.skip("this python has no distutils")
    answer = made.run("python", "-c", _DISTUTILS).stdout.split()
    assert answer == [str(made.site_packages)] * 2


def test_running_pip_leaves_no_trace(made: builders.Environment) -> None:
    before = made.snapshot()
    made.run("pip", "list")
    made.run("python", "-m", "pip", "install", "pip")
    assert made.snapshot() == before


def test_pip_installs_into_the_environment_and_takes_out_again(
    made: builders.Environment, tmp_path: Path
) -> None:
    before = made.snapshot()
    made.run("pip", "install", builders.wheel(tmp_path, "demo", entry_points=["demo = demo:main"]))
    assert (made.site_packages / "demo/__init__.py").is_file()
    assert made.run("demo").stdout == "demo 1.0\n"
    made.run("pip", "uninstall", "--yes", "demo")
    assert made.snapshot() == before


def test_pip_honours_a_marker_in_the_standard_library(made: builders.Environment) -> None:
    marker = made.site_packages.parent / "EXTERNALLY-MANAGED"
    assert not marker.exists()
    marker.write_text("[externally-managed]\nError=guarded\n")
    try:
        refused = made.run("pip", "install", "demo", check=False)
    finally:
        marker.unlink()
    assert "guarded" in refused.stderr


def test_a_virtual_environment_on_top_works(made: builders.Environment, tmp_path: Path) -> None:
    made.run("python", "-m", "venv", "--without-pip", tmp_path / "venv")
    code = "import sys, sysconfig; print(sys.base_prefix, sysconfig.get_path('purelib'), *sys.path)"
    answer = subprocess.run(
        [tmp_path / "venv/bin/python", "-c", code], capture_output=True, text=True, check=True
    )
    base, purelib, *path = answer.stdout.split()
    assert Path(base) == made.prefix
    assert Path(purelib).is_relative_to(tmp_path / "venv")
    assert purelib in path
    assert str(made.site_packages) not in path


def test_no_folder_of_the_host_can_be_written_through_the_environment(
    made: builders.Environment,
) -> None:
    leading_out = {
        path.name for path in made.prefix.rglob("*") if path.is_symlink() and path.is_dir()
    }
    assert leading_out == {"lib-dynload"}


def test_a_noarch_package_is_linked_with_its_entry_points(host: Path, tmp_path: Path) -> None:
    channel = tmp_path / "channel"
    thin_python.make(channel, host)
    body = {"site-packages/demo/__init__.py": "def main():\n    print('hello')\n"}
    builders.dist_package(channel, "demo", files=body, entry_points=("demo = demo:main",))
    made = builders.environment(tmp_path / "env", channel, ["demo"])
    assert (made.site_packages / "demo/__init__.py").is_file()
    assert made.run("demo").stdout == "hello\n"


@pytest.mark.parametrize("spec", ["python", "python {0}.{1}.*", "python >={0}.{1},<{0}.99"])
def test_specs_as_people_write_them_match(
    make_environment: Callable[..., builders.Environment], spec: str
) -> None:
    made = make_environment("env", [spec.format(*sys.version_info)])
    assert set(made.records()) == {"python"}


def test_an_environment_made_from_another_outlives_it(tmp_path: Path, host: Path) -> None:
    thin_python.make(tmp_path / "first", host)
    first = builders.environment(tmp_path / "base", tmp_path / "first", ["python"])
    thin_python.make(tmp_path / "second", first.python)
    second = builders.environment(tmp_path / "env", tmp_path / "second", ["python"])
    links = [path.readlink() for path in second.prefix.rglob("*") if path.is_symlink()]
    assert not [link for link in links if link.is_relative_to(first.prefix)]
    assert _facts(second)["site"] == [str(second.site_packages)]


@pytest.mark.parametrize("option", ["--symlinks", "--copies"])
def test_a_virtual_environment_stands_for_the_python_underneath(
    make_environment: Callable[..., builders.Environment], tmp_path: Path, option: str
) -> None:
    base = make_environment("base", ["python"])
    base.run("python", "-m", "venv", "--without-pip", option, tmp_path / "venv")
    host = thin_python._ask(tmp_path / "venv/bin/python")
    assert host.stdlib == base.site_packages.parent
    assert host.executable.parent == base.prefix / "bin"


def test_the_same_python_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = (thin_python.make(tmp_path / name) for name in ("first", "second"))
    assert first.read_bytes() == second.read_bytes()


def test_pip_is_the_one_that_pipguard_uses_and_belongs_to_conda(
    made: builders.Environment,
) -> None:
    (info,) = made.site_packages.glob("pip-*.dist-info")
    assert (info / "INSTALLER").read_text() == "conda\n"
    assert not (info / "REQUESTED").exists()
    assert made.records()["pip"]["noarch"] == "python"


def test_something_that_is_no_python_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TourError) as caught:
        thin_python.make(tmp_path, Path("/bin/false"))
    assert caught.value.reference == "python-not-usable"


def test_everything_that_is_needed_and_missing_is_named_at_once(tmp_path: Path) -> None:
    host = thin_python._ask(Path(sys.executable))
    bare = dataclasses.replace(host, stdlib=tmp_path, include=tmp_path)
    with pytest.raises(TourError) as caught:
        thin_python._require(bare, [thin_python.Need.ENSUREPIP, thin_python.Need.HEADERS])
    assert caught.value.facts["missing"] == "ensurepip, headers"
