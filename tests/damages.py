"""Damages as they are found in the field, done to real environments by the real tools.

Each is a function that damages a `Guarded` environment; what a doctor should find is said where
they are used, in `e2e/test_doctor.py`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import builders
from surroundings import Guarded

Damage = Callable[[Guarded], None]
UV = Path(sys.executable).with_name("uv")
POETRY = shutil.which("poetry") or ""

# Links a package without looking at what is there, as conda does.
_LINK = """\
import asyncio, os, pathlib, rattler, sys
prefix, channel, name, cache = sys.argv[1:]
here = [rattler.PrefixRecord.from_path(it) for it in pathlib.Path(prefix).glob("conda-meta/*.json")]
async def main():
    asked = [rattler.Channel(channel)], [rattler.Subdir("noarch")], [rattler.MatchSpec(name)]
    query = rattler.Gateway(cache_dir=cache).query(*asked, recursive=False)
    (found,) = [record for records in await query for record in records]
    await rattler.install([*here, found], prefix, show_progress=False)
asyncio.run(main())
for it in pathlib.Path(prefix).glob("conda-meta/*.json"):
    it.chmod(0o644)
os._exit(0)
"""
# Real pip, which ends as if it were killed when it has put the old version aside.
_KILLED = """\
import os, sys
from pip._internal.cli.main import main
from pip._internal.operations.install import wheel
from pip._internal.req import req_install
for module in (wheel, req_install):  # older ones have imported it by then
    module.install_wheel = lambda *_, **__: os._exit(9)
main(sys.argv[1:])
"""


def real_pip(guarded: Guarded, line: str) -> None:
    """Go behind the guard's back, as with an older pip, another tool or another's container."""
    done = guarded.sh(f"PIPGUARD_BYPASS=1 pip {line}")
    assert done.returncode == 0, done.stdout + done.stderr


def by_conda(guarded: Guarded, name: str, **details: object) -> None:
    """Let conda link a package of a channel, whatever is there."""
    guarded.offer_on_conda(name, **details)
    cache = str(guarded.prefix.parent / "gateway")
    command = [sys.executable, "-c", _LINK, str(guarded.prefix), guarded.channel.as_uri()]
    subprocess.run([*command, name, cache], check=True)
    builders.as_conda_writes(guarded.prefix, name)


def replaced(path: Path, text: str) -> None:
    """Write a file anew, as editors do: what other environments link to stays."""
    mode = path.stat().st_mode
    path.unlink()
    path.write_text(text)
    path.chmod(mode)


# pip and conda, each behind the other's back


def pip_upgraded_over_conda(guarded: Guarded) -> None:
    by_conda(guarded, "upgraded", entry_points=("upgraded = upgraded:main",))
    guarded.offer("upgraded", "2.0", entry_points=["upgraded = upgraded:main"])
    real_pip(guarded, "install -U upgraded")


def pip_ignored_conda(guarded: Guarded) -> None:
    by_conda(guarded, "ignored")
    guarded.offer("ignored", "2.0")
    real_pip(guarded, "install --ignore-installed ignored")


def conda_installed_over_pip(guarded: Guarded) -> None:
    """What is left of pip's is its metadata, and a module that conda's version has not."""
    files = {"linked/__init__.py": "__version__ = '2.0'\n", "linked/new.py": ""}
    guarded.offer("linked", "2.0", files=files)
    real_pip(guarded, "install linked")
    by_conda(guarded, "linked")


def pip_uninstalled_what_conda_has(guarded: Guarded) -> None:
    by_conda(guarded, "uninstalled")
    real_pip(guarded, "uninstall -y uninstalled")


def pip_installed_by_itself(guarded: Guarded) -> None:
    guarded.offer("stray", requires=["stray-too"], entry_points=["stray = stray:main"])
    guarded.offer("stray-too")
    real_pip(guarded, "install stray")


def _project(guarded: Guarded, name: str, requires: Sequence[str], *tables: str) -> Path:
    """Write a project with these dependencies; it is built without a network."""
    folder = builders.project(guarded.prefix.parent / name, name, requires=requires)
    table = {"name": name, "version": "1.0", "requires-python": ">=3.10", "dependencies": requires}
    lines = (f"{key} = {json.dumps(value)}" for key, value in table.items())
    build = 'requires = []\nbuild-backend = "in_tree_backend"\nbackend-path = ["."]'
    text = "\n".join(["[project]", *lines, *(tables or ("[build-system]", build)), ""])
    (folder / "pyproject.toml").write_text(text)
    return folder


def uv_has_synced_a_project(guarded: Guarded) -> None:
    """What the project does not need has gone, be it conda's or converted."""
    by_conda(guarded, "needless")
    guarded.offer("kept")
    guarded.offer("synced", "2.0")
    guarded.installs("kept")
    folder = _project(guarded, "synced-app", ["synced", "kept"])
    prefix, cache = str(guarded.prefix), str(guarded.prefix.parent / "uv-cache")
    own = {"UV_PROJECT_ENVIRONMENT": prefix, "UV_CACHE_DIR": cache}
    own["UV_DEFAULT_INDEX"] = guarded.index.as_uri()
    command = [str(UV), "sync", "--python", guarded.environment.python]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, cwd=folder, env={**os.environ, **own}
    )
    assert done.returncode == 0, done.stderr


def poetry_has_installed_a_project(guarded: Guarded) -> None:
    """Not into an environment of its own (`virtualenvs.create false`); an update over conda's."""
    by_conda(guarded, "updated")
    guarded.offer("updated", "2.0")
    guarded.offer("locked", entry_points=["locked = locked:main"])
    with builders.IndexServer(guarded.index) as server:
        tables = (
            f'[[tool.poetry.source]]\nname = "index"\nurl = "{server.url}"',
            '[tool.poetry]\npackages = [{ include = "poetic_app", from = "src" }]',
            '[build-system]\nrequires = ["poetry-core"]\nbuild-backend = "poetry.core.masonry.api"',
        )
        folder = _project(guarded, "poetic-app", ["updated>=2", "locked"], *tables)
        done = guarded.sh(f"POETRY_VIRTUALENVS_CREATE=false {POETRY} install -n", cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr


def poetry_was_here(guarded: Guarded) -> None:
    """What poetry 2.5 leaves, for where there is none.

    Its own account of a project has absolute paths, by the name under which it knew the
    environment, no REQUESTED, and no script of distlib's.
    """
    by_conda(guarded, "replaced")
    guarded.offer("replaced", "2.0")
    real_pip(guarded, "uninstall -y replaced")
    site = guarded.environment.site_packages
    for name, version in (("replaced", "2.0"), ("added", "1.0")):
        builders.dist_folder(site, name, version)
        (site / f"{name}-{version}.dist-info/INSTALLER").write_text("Poetry 2.5.1")
    sources, info = guarded.prefix.parent / "verses/src", site / "verses-0.1.dist-info"
    for folder in (sources / "verses", info):
        folder.mkdir(parents=True)
    script = f"#!{guarded.environment.python}\nimport sys\nfrom verses import main\n"
    files = {
        site / "verses.pth": f"{sources}\n",
        guarded.prefix / "bin/verses": script,
        info / "METADATA": "Metadata-Version: 2.4\nName: verses\nVersion: 0.1\n",
        info / "WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        info / "entry_points.txt": "[console_scripts]\nverses=verses:main\n\n",
        info / "INSTALLER": "poetry",
        info / "direct_url.json": json.dumps(
            {"dir_info": {"editable": True}, "url": sources.parent.as_uri()}
        ),
    }
    name = guarded.prefix.with_name("by-another-name")
    name.symlink_to(guarded.prefix)
    rows = []
    for path, text in files.items():
        path.write_text(text)
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=")
        known = name / path.relative_to(guarded.prefix)
        rows.append(f"{known},sha256={digest.decode()},{len(text)}\n")
    own = name / info.relative_to(guarded.prefix) / "RECORD"
    (info / "RECORD").write_text("".join((*rows, f"{own},,\n")))


# People


def a_file_was_edited_in_place(guarded: Guarded) -> None:
    """What other environments link to, and the package cache, are altered with it."""
    by_conda(guarded, "edited")
    with (guarded.environment.site_packages / "edited/__init__.py").open("a") as file:
        file.write("debugging = True\n")


def a_file_was_deleted(guarded: Guarded) -> None:
    guarded.offer("deleted")
    guarded.installs("deleted")
    (guarded.environment.site_packages / "deleted/__init__.py").unlink()


def a_checkout_was_deleted(guarded: Guarded) -> None:
    """Of one editable that is known to conda-meta, and of one that is not."""
    for name, install in (("known", guarded.installs), ("unknown", None)):
        checkout = builders.project(guarded.prefix.parent / name, name)
        if install:
            install("-e", str(checkout))
        else:
            real_pip(guarded, f"install -e {checkout}")
        shutil.rmtree(checkout)


def a_develop_install_was_left(guarded: Guarded) -> None:
    site = guarded.environment.site_packages
    (site / "easy-install.pth").write_text("/gone/project\nimport sys\n")
    (site / "project.egg-link").write_text("/gone/project\n.\n")


def a_command_of_another_prefix_was_copied(guarded: Guarded) -> None:
    guarded.offer("moved", entry_points=["moved = moved:main"])
    guarded.installs("moved")
    script = guarded.prefix / "bin/moved"
    text = script.read_text().partition("\n")[2]
    replaced(script, f"#!/gone/env/bin/python3.11\n{text}")


def the_guard_was_altered(guarded: Guarded) -> None:
    (guarded.prefix / "libexec/pipguard/pip-python").unlink()
    replaced(guarded.prefix / "libexec/pipguard/shims/pip", "#!/bin/sh\nexit 0\n")


def the_local_channel_was_deleted(guarded: Guarded) -> None:
    """And the cache as well: of what was converted, only what is installed is left."""
    guarded.offer("lost", entry_points=["lost = lost:main"])
    guarded.installs("lost")
    for record in guarded.environment.records().values():
        if record["name"] == "lost":
            shutil.rmtree(Path(record["url"].removeprefix("file://")).parents[1])
            shutil.rmtree(record["extracted_package_dir"])


# Interrupted


def pip_was_killed_in_an_upgrade(guarded: Guarded) -> None:
    guarded.offer("killed")
    real_pip(guarded, "install killed")
    guarded.offer("killed", "2.0")
    command = [guarded.environment.python, "-c", _KILLED, "install", "-U", "killed"]
    variables = {**os.environ, "_PIP_RUNNING_IN_SUBPROCESS": "1", "PIP_BREAK_SYSTEM_PACKAGES": "1"}
    done = subprocess.run(command, check=False, capture_output=True, env=variables)
    assert done.returncode == 9, done.stderr


def pip_was_killed_upgrading_itself(guarded: Guarded) -> None:
    (guarded.environment.site_packages / "~ip").mkdir()
    (guarded.environment.site_packages / "~ip/__init__.py").touch()


def an_installer_was_killed(guarded: Guarded) -> None:
    """One before it wrote its RECORD, one before it wrote anything but REQUESTED."""
    site = guarded.environment.site_packages
    builders.dist_folder(site, "torn")
    (site / "torn-1.0.dist-info/RECORD").unlink()
    (site / "lone-1.0.dist-info").mkdir()
    (site / "lone-1.0.dist-info/REQUESTED").touch()


# Python


def python_was_upgraded(guarded: Guarded) -> None:
    """What pip had installed for the python before lies in that one's folder, record or not."""
    site = guarded.environment.site_packages
    old = site.parents[1] / "python3.9/site-packages"
    old.mkdir(parents=True)
    checkout = builders.project(
        guarded.prefix.parent / "tree", "tree", entry_points=["tree = tree:x"]
    )
    guarded.installs("-e", str(checkout))
    for path in [*site.glob("tree-*"), *site.glob("*tree*.pth")]:
        path.rename(old / path.name)
    (record,) = guarded.prefix.glob("conda-meta/tree-*.json")
    replaced(record, record.read_text().replace(f"{site.parent.name}/", "python3.9/"))
    for name, tag in (("pure", "py3-none-any"), ("compiled", "cp39-cp39-linux_x86_64")):
        builders.dist_folder(old, name, tag=tag)


def the_standard_library_lost_a_file(guarded: Guarded) -> None:
    (guarded.environment.site_packages.parent / "os.py").unlink()
