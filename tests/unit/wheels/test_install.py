"""Installed by rattler, a converted wheel is what pip would have installed."""

from __future__ import annotations

import asyncio
import csv
import hashlib
import os
import stat
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import builders
import pytest
import rattler
from packaging.markers import default_environment
from packaging.tags import sys_tags

from pipguard.prefix import native_subdir
from pipguard.target import Target
from pipguard.wheels.channel import LocalChannel

Converter = Any
Install = Callable[..., builders.Environment]
PLATFORM_TAG = next(iter(sys_tags())).platform


@pytest.fixture
def target() -> Target:
    """The running python, of which the thin package is made."""
    return Target(
        python=default_environment()["python_full_version"],
        subdir=native_subdir(),
        site_packages=f"lib/python{sysconfig.get_python_version()}/site-packages",
        free_threaded=bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
        markers={key: str(value) for key, value in default_environment().items()},
    )


@pytest.fixture
def install(
    tmp_path: Path, converter: Converter, make_environment: Callable[..., builders.Environment]
) -> Install:
    """Convert wheels and install them with python into a new environment."""

    def make(*wheels: Path) -> builders.Environment:
        local = LocalChannel(tmp_path / "channel")
        stored = [local.convert_into(converter.conversion(wheel)) for wheel in wheels]
        specs = [f"{each.index.name} =={each.index.version}" for each in stored]
        return make_environment("env", ("python", *specs), local.url)

    return make


def test_a_wheel_of_everything_lands_where_python_looks(tmp_path: Path, install: Install) -> None:
    files = {
        "demo.py": "def main():\n    print('called')\n",
        "demo-1.0.data/scripts/run": "#!python\nimport sys\nprint(sys.prefix)\n",
        "demo-1.0.data/scripts/shell": "#!/bin/sh\necho shell\n",
        "demo-1.0.data/data/share/demo/x.txt": "x",
        "demo-1.0.data/headers/demo.h": "",
    }
    commands = ["demo = demo:main", "my tool = demo:main"]
    made = install(builders.wheel(tmp_path, "demo", files=files, entry_points=commands))
    assert made.run("demo").stdout == "called\n"
    assert made.run("my tool").stdout == "called\n"
    assert made.run("run").stdout == f"{made.prefix}\n"
    assert made.run("shell").stdout == "shell\n"
    assert (made.prefix / "share/demo/x.txt").read_text() == "x"
    include = made.run("python", "-c", "import sysconfig; print(sysconfig.get_path('include'))")
    assert Path(include.stdout.strip(), "demo/demo.h").is_file()


def test_a_compiled_wheel_uses_the_noarch_python_machinery(
    tmp_path: Path, install: Install
) -> None:
    interpreter = f"cp{sys.version_info[0]}{sys.version_info[1]}"
    files = {
        "demo/__init__.py": "",
        "demo/core.so": b"\x7fELF",
        "demo-1.0.data/scripts/x": "#!python\n",
    }
    wheel = builders.wheel(
        tmp_path, "demo", files=files, tag=f"{interpreter}-{interpreter}-{PLATFORM_TAG}"
    )
    made = install(wheel)
    record = made.records()["demo"]
    assert (record["subdir"], record["noarch"]) == (native_subdir(), "python")
    assert (made.site_packages / "demo/core.so").read_bytes() == b"\x7fELF"
    assert (made.prefix / "bin/x").is_file()
    assert record["purls"] == ["pkg:pypi/demo@1.0"]


def test_every_row_of_record_is_a_file_and_importlib_finds_them(
    tmp_path: Path, install: Install
) -> None:
    files = {
        "demo.py": "",
        "demo-1.0.data/scripts/run": "#!python\n",
        "demo-1.0.data/data/etc/x": "",
    }
    made = install(builders.wheel(tmp_path, "demo", files=files, entry_points=["demo = demo:main"]))
    code = (
        "from importlib.metadata import distribution as d; "
        "print(*(f.locate().exists() for f in d('demo').files), d('demo').read_text('INSTALLER'))"
    )
    *exist, installer = made.run("python", "-c", code).stdout.split()
    assert (set(exist), installer) == ({"True"}, "conda")
    assert len(exist) == 9


def test_the_hashes_in_conda_meta_are_those_of_the_files(tmp_path: Path, install: Install) -> None:
    files = {"demo.py": "x = 1\n", "demo-1.0.data/scripts/run": "#!python\n"}
    made = install(builders.wheel(tmp_path, "demo", files=files, entry_points=["demo = demo:main"]))
    entries = made.records()["demo"]["paths_data"]["paths"]
    assert len(entries) == 8
    for entry in entries:
        data = (made.prefix / entry["_path"]).read_bytes()
        expected = entry.get("sha256_in_prefix") or entry["sha256"]
        assert hashlib.sha256(data).hexdigest() == expected, entry["_path"]


def test_removal_leaves_nothing(tmp_path: Path, install: Install) -> None:
    files = {
        "demo/__init__.py": "",
        "demo-1.0.data/data/share/demo/x": "",
        "demo-1.0.data/scripts/x": "",
    }
    made = install(builders.wheel(tmp_path, "demo", files=files, entry_points=["demo = demo:main"]))
    before = made.snapshot()
    assert any("demo" in path for path in before)
    asyncio.run(_remove(made.prefix, "demo"))
    assert not any("demo" in path for path in made.snapshot())


async def _remove(prefix: Path, name: str) -> None:
    records = [
        rattler.PrefixRecord.from_path(path) for path in (prefix / "conda-meta").glob("*.json")
    ]
    kept = [record for record in records if record.name.normalized != name]
    await rattler.install(kept, prefix, show_progress=False)
    await asyncio.sleep(0.02)


def _tree(made: builders.Environment) -> Iterator[tuple[str, tuple[bool, str]]]:
    """Every file but compiled ones and those that say who installed it.

    Scripts that run python differ in their text, so of them only the fact is told. Scripts are
    always executable for us and for `installer`; for pip only where the zip says so.
    """
    for folder, _, names in os.walk(made.prefix):
        for name in names:
            path = Path(folder, name)
            skipped = path.suffix == ".pyc" or name in ("INSTALLER", "REQUESTED", "RECORD")
            if skipped or path.parent.name == "conda-meta":
                continue
            executable = path.parent.name == "bin" or bool(path.stat().st_mode & stat.S_IXUSR)
            data = path.read_bytes()
            runs_python = data.startswith(f"#!{made.prefix}/bin/python".encode())
            text = "python" if runs_python else hashlib.sha256(data).hexdigest()
            yield path.relative_to(made.prefix).as_posix(), (executable, text)


_FILES = """
import sys
from importlib.metadata import files
for name in sys.argv[1:]:
    print(*sorted(str(it) for it in files(name) if it.locate().exists()), sep="\\n")
"""


def _told(made: builders.Environment, *names: str) -> list[str]:
    """What pip and importlib say of dists, but for where and by whom they were installed."""
    pip = ("-m", "pip", "--disable-pip-version-check")
    files, listed, shown, checked = (
        made.run("python", *words, check=False).stdout
        for words in (
            ("-c", _FILES, *names),
            (*pip, "list"),
            (*pip, "show", "--files", *names),
            (*pip, "check"),
        )
    )
    # pip checks dists in the order in which the file system lists them.
    checked = "".join(sorted(checked.splitlines(keepends=True)))
    lines = f"{files}{listed}{shown}{checked}".replace(str(made.prefix), "PREFIX").splitlines()
    return [line for line in lines if not line.endswith((".pyc", "/REQUESTED"))]


def _records_of(made: builders.Environment, wheels: Iterable[Path]) -> dict[str, set[str]]:
    """The paths in each RECORD, but for what is pip's alone."""
    found = {}
    for wheel in wheels:
        name = "-".join(wheel.name.split("-")[:2])
        text = (made.site_packages / f"{name}.dist-info/RECORD").read_text()
        paths = {row[0] for row in csv.reader(text.splitlines())}
        found[name] = {path for path in paths if not path.endswith((".pyc", "/REQUESTED"))}
    return found


Both = Callable[..., tuple[builders.Environment, builders.Environment]]


@pytest.fixture
def install_both(
    tmp_path: Path,
    make_environment: Callable[..., builders.Environment],
    converter: Converter,
) -> Both:
    """Install wheels, without their dependencies, by rattler and by pip: two environments."""

    def make(*wheels: Path) -> tuple[builders.Environment, builders.Environment]:
        local = LocalChannel(tmp_path / "channel")
        stored = [local.convert_into(converter.conversion(wheel)) for wheel in wheels]
        specs = [f"{each.index.name} =={each.index.version}" for each in stored]
        _without_dependencies(local, {each.index.name for each in stored})
        by_rattler = make_environment("by-rattler", ("python", "pip", *specs), local.url)
        by_pip = make_environment("by-pip", ("python", "pip"))
        by_pip.run(
            *("python", "-m", "pip", "install", "--no-deps", "--no-compile", "--no-index"),
            *("--find-links", wheels[0].parent, *(wheel.name.split("-")[0] for wheel in wheels)),
        )
        return by_rattler, by_pip

    return make


def _without_dependencies(local: LocalChannel, names: set[str]) -> None:
    """Drop from repodata what wheels depend on beside python, as `pip --no-deps` does."""
    for subdir in ("noarch", native_subdir()):
        repodata = local._read(subdir)
        for entry in repodata["packages.conda"].values():
            if entry["name"] in names:
                entry["depends"] = [each for each in entry["depends"] if each.startswith("python ")]
        local._write(subdir, repodata)


def test_a_made_up_wheel_is_installed_file_by_file_as_pip_does(
    tmp_path: Path, install_both: Both
) -> None:
    files = {
        "demo/__init__.py": "",
        "demo/data.bin": b"\0\1",
        "demo-1.0.data/purelib/pure.py": "",
        "demo-1.0.data/platlib/plat.py": "",
        "demo-1.0.data/scripts/run": "#!python\nprint()\n",
        "demo-1.0.data/scripts/shell": "#!/bin/sh\n",
        "demo-1.0.data/data/share/x": "",
        "demo-1.0.data/headers/demo.h": "",
        "demo-1.0.dist-info/licenses/LICENSE": "",
    }
    wheel = builders.wheel(
        tmp_path, "demo", files=files, entry_points=["demo = demo:main"], requires=["absent>=1"]
    )
    by_rattler, by_pip = install_both(wheel)
    assert dict(_tree(by_rattler)) == dict(_tree(by_pip))
    assert _records_of(by_rattler, [wheel]) == _records_of(by_pip, [wheel])
    told = _told(by_rattler, "demo")
    assert told == _told(by_pip, "demo")
    assert {"demo/__init__.py", "Requires: absent", "  ../../../bin/run"} <= set(told)
    assert "demo 1.0 requires absent, which is not installed." in told

    # And the comparison can fail.
    (by_rattler.site_packages / "demo/data.bin").unlink()
    (by_rattler.site_packages / "demo/data.bin").write_text("changed")
    different = set(_tree(by_rattler)) ^ set(_tree(by_pip))
    assert {path.rpartition("/")[2] for path, _ in different} == {"data.bin"}


@pytest.mark.network
def test_real_wheels_are_installed_file_by_file_as_pip_does(
    tmp_path: Path, install_both: Both
) -> None:
    names = ("rich", "cffi", "uv", "greenlet", "jupyterlab-widgets")
    downloads = tmp_path / "downloads"
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--quiet"]
    subprocess.run(
        [*command, "--only-binary", ":all:", "--dest", downloads, *names],
        check=True,
        stderr=subprocess.DEVNULL,
    )
    wheels = sorted(downloads.glob("*.whl"))
    by_rattler, by_pip = install_both(*wheels)
    assert dict(_tree(by_rattler)) == dict(_tree(by_pip))
    assert _records_of(by_rattler, wheels) == _records_of(by_pip, wheels)
    assert len(wheels) == len(names)
    assert _told(by_rattler, *names) == _told(by_pip, *names)
