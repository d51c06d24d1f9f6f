"""A bundle makes the environment again without any network, file by file."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import builders
import pytest
from surroundings import Guarded, pipguard

from pipguard.tour.creation import create


@pytest.fixture
def furnished(guarded: Guarded) -> Guarded:
    """An environment with a dist of each origin, commands, and a file with the prefix in it."""
    entry_points = ("alpha = alpha:main",)
    guarded.offer_on_conda("alpha", entry_points=entry_points, depends=("python", "tool"))
    placeholder = "/opt" + "/placeholder" * 20
    text = f"home = {placeholder}\n".encode()
    binary = b"\x00\x01" + f"{placeholder}/share".encode() + b"\x00" * 8 + b"end"
    files = {
        "etc/tool.conf": builders.File(text, placeholder=placeholder),
        "lib/libtool.so": builders.File(binary, placeholder=placeholder),
        "bin/tool": builders.File(b"#!/bin/sh\necho tool\n", executable=True),
        "lib/libtool.so.1": builders.Link("libtool.so"),
    }
    builders.conda_package(guarded.channel, "tool", "1.0", files, subdir="linux-64")
    builders.channel(guarded.channel)
    guarded.offer("alpha")
    data = {"beta/__init__.py": "", "beta-1.0.data/scripts/beta-run": "#!python\nprint('ran')\n"}
    guarded.offer("beta", files=data, requires=["gamma"], entry_points=["beta = beta:main"])
    guarded.offer("gamma")
    guarded.installs("alpha", "beta")
    return guarded


@pytest.fixture
def other_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on another file system, where there is one: a rename does not lead there."""
    memory = Path("/dev/shm")  # noqa: S108 # what there is
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else tmp_path) as folder:
        yield Path(folder)


def bundle(guarded: Guarded, folder: Path) -> subprocess.CompletedProcess[str]:
    return pipguard("bundle", "-p", str(guarded.prefix), str(folder))


def contents(prefix: Path) -> dict[str, str]:
    """The hash of every file that a package brings, the prefix in it taken out."""
    return {
        path.relative_to(prefix).as_posix(): _hash(path, prefix)
        for path in sorted(prefix.rglob("*"))
        if path.is_file() and not path.is_symlink() and _is_brought(path.relative_to(prefix))
    }


def _hash(path: Path, prefix: Path) -> str:
    """Hash a file as if every prefix had one length; in binaries NUL bytes make up for it."""
    data = path.read_bytes()
    if str(prefix).encode() in data:
        data = re.sub(rb"\0+", b"\0", data.replace(str(prefix).encode(), b"PREFIX"))
    return hashlib.sha256(data).hexdigest()


def _is_brought(path: Path) -> bool:
    return path.parts[0] not in {"conda-meta", "CACHEDIR.TAG"} and path.suffix != ".pyc"


def test_a_bundle_makes_the_environment_again(furnished: Guarded, tmp_path: Path) -> None:
    folder, again = tmp_path / "bundle", tmp_path / "again"
    done = bundle(furnished, folder)
    assert done.returncode == 0, done.stderr
    shutil.rmtree(furnished.channel)  # nothing but the bundle is left
    shutil.rmtree(tmp_path / "index")

    done = pipguard("create", "-p", str(again), str(folder))

    assert done.returncode == 0, done.stderr
    assert contents(again) == contents(furnished.prefix)
    other = furnished.in_environment(builders.Environment(again))
    assert other.origins() == furnished.origins()
    assert other.sh("alpha --help; beta-run").stdout == "ran\n"
    other.check()
    for name, record in furnished.environment.records().items():
        made = other.environment.records()[name]
        assert made["requested_specs"] == record["requested_specs"], name


def test_it_is_an_ordinary_channel(furnished: Guarded, tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    assert bundle(furnished, folder).returncode == 0

    specs = ["python", "pip", "alpha", "beta", "tool"]
    create(tmp_path / "again", [folder.as_uri()], specs, tmp_path / "pkgs-again")

    theirs = contents(tmp_path / "again")
    mine = {
        path: digest
        for path, digest in contents(furnished.prefix).items()
        if not path.startswith(("etc/conda/", "libexec/")) and path != "pip.conf"
    }
    mine = {path: digest for path, digest in mine.items() if "EXTERNALLY" not in path}
    assert {path: theirs.get(path) for path in mine} == mine


def test_its_wheels_are_those_that_were_converted(furnished: Guarded, tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    assert bundle(furnished, folder).returncode == 0

    names = sorted(path.name for path in (folder / "wheels").iterdir())
    assert names == ["beta-1.0-py3-none-any.whl", "gamma-1.0-py3-none-any.whl"]
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    pip = (sys.executable, "-m", "pip", "--python", tmp_path / "venv/bin/python")
    lock = folder / "pylock.toml"
    done = subprocess.run(
        [*pip, "install", "-r", lock], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    ran = subprocess.run(
        [tmp_path / "venv/bin/beta-run"], capture_output=True, text=True, check=True
    )
    assert ran.stdout == "ran\n"


def test_what_no_cache_has_any_more_is_made_of_what_is_installed(
    furnished: Guarded, tmp_path: Path, world: Path
) -> None:
    for gone in (furnished.channel, tmp_path / "pkgs", world / ".cache", world / ".local"):
        shutil.rmtree(gone, ignore_errors=True)
    folder = tmp_path / "bundle"

    done = bundle(furnished, folder)

    assert done.returncode == 0, done.stderr
    assert pipguard("create", "-p", str(tmp_path / "again"), str(folder)).returncode == 0
    assert contents(tmp_path / "again") == contents(furnished.prefix)


def test_repositories_and_editables_are_packages_of_it_too(
    furnished: Guarded, tmp_path: Path, other_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(other_disk))
    folder, again = tmp_path / "bundle", tmp_path / "again"
    checkout = builders.project(tmp_path / "src", "delta", entry_points=["delta = delta:main"])
    repository = builders.git_project(tmp_path / "repository", "epsilon", requires=["gamma"])
    furnished.installs("-e", str(checkout))
    furnished.installs(repository.url)

    done = bundle(furnished, folder)

    assert done.returncode == 0, done.stderr
    shutil.rmtree(checkout)
    assert pipguard("create", "-p", str(again), str(folder)).returncode == 0
    other = furnished.in_environment(builders.Environment(again))
    assert other.origins() == {**furnished.origins(), "delta": "converted", "epsilon": "converted"}
    assert other.sh("delta; python -c 'import epsilon'").stdout == "delta 1.0\n"
    other.check()


def test_an_environment_that_does_not_hold_is_not_bundled(
    furnished: Guarded, tmp_path: Path
) -> None:
    furnished.offer("zeta")
    assert furnished.sh("PIPGUARD_BYPASS=1 pip install zeta").returncode == 0
    (furnished.environment.site_packages / "gamma/__init__.py").unlink()

    done = bundle(furnished, tmp_path / "bundle")

    assert done.returncode == 1
    assert "gamma, zeta" in done.stderr
    assert not (tmp_path / "bundle").exists()


def test_a_bundle_that_was_altered_makes_nothing(furnished: Guarded, tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    assert bundle(furnished, folder).returncode == 0
    (broken,) = folder.glob("noarch/gamma-*.conda")
    broken.write_bytes(b"broken")

    done = pipguard("create", "-p", str(tmp_path / "again"), str(folder))

    assert done.returncode == 1
    assert broken.name in done.stderr
    assert not (tmp_path / "again").exists()


def test_no_place_of_this_machine_is_in_its_lists(furnished: Guarded, tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    assert bundle(furnished, folder).returncode == 0
    for name in ("explicit.txt", "pylock.toml", "bundle.json"):
        text = (folder / name).read_text()
        assert str(furnished.prefix) not in text, name
        assert str(folder) not in text, name
    manifest = json.loads((folder / "bundle.json").read_text())
    assert manifest["mode"] == "route"
