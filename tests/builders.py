"""Builders of everything a test installs from or into: nothing here is faked.

Wheels, sdists, source trees, repositories, indexes, channels and environments are real ones, small
and made on the spot; none needs a network. Start at `wheel`, `simple_index` and `environment`.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dists import Repository, dist_folder, git_project, project, sdist, wheel, write_archive
from indexes import AUTHORITY, CERTIFICATE, IndexServer, simple_index

from pipguard.tour import packages
from pipguard.tour.creation import create
from pipguard.tour.packages import Entry, File, Link, Package
from pipguard.tour.trees import states

__all__ = [
    "AUTHORITY",
    "CERTIFICATE",
    "Environment",
    "File",
    "IndexServer",
    "Link",
    "Repository",
    "as_conda_writes",
    "channel",
    "conda_package",
    "dist_folder",
    "dist_package",
    "environment",
    "git_project",
    "project",
    "sdist",
    "simple_index",
    "wheel",
    "write_archive",
]

Files = Mapping[str, str | bytes | Entry]


def conda_package(
    channel: Path,
    name: str,
    version: str = "1.0",
    files: Files | None = None,
    **fields: object,
) -> Path:
    """Write a conda package into a channel folder; `fields` are those of `packages.Package`."""
    entries = {path: _entry(content) for path, content in (files or {}).items()}
    return packages.write(Package(name, version, files=entries, **fields), channel)  # type: ignore[arg-type]


def dist_package(
    channel: Path, name: str, version: str = "1.0", files: Files | None = None, **fields: object
) -> Path:
    """Write a noarch conda package that ships the dist `name`, importable under that name."""
    module = name.replace("-", "_")
    info = f"site-packages/{module}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    contents: dict[str, str | bytes | Entry] = {
        f"site-packages/{module}/__init__.py": f'__version__ = "{version}"\n',
        f"{info}/METADATA": metadata,
        f"{info}/INSTALLER": "conda\n",
        **(files or {}),
    }
    rows = [*(path.removeprefix("site-packages/") + ",," for path in contents)]
    contents[f"{info}/RECORD"] = "\n".join([*rows, f"{module}-{version}.dist-info/RECORD,,", ""])
    defaults = {"noarch": "python", "depends": ("python",)}
    return conda_package(channel, name.lower(), version, contents, **(defaults | fields))


def channel(folder: Path) -> str:
    """Index a channel folder and return its address."""
    packages.write_index(folder)
    return folder.resolve().as_uri()


def as_conda_writes(prefix: Path, *names: str) -> None:
    """Let records have the channels, and of noarch packages the paths, that conda gives them.

    All of them, unless some are named.
    """
    for path in (prefix / "conda-meta").glob("*.json"):
        data = json.loads(path.read_text("utf-8"))
        if names and data["name"] not in names:
            continue
        if "://" in data["channel"]:
            data["channel"] = f"{data['channel'].rstrip('/')}/{data['subdir']}"
        if data.get("noarch") == "python" and data["build"] != "pypi_0":
            scripts = {f"bin/{it.rpartition('/')[2]}" for it in _scripts(data)}
            for entry in data["paths_data"]["paths"]:
                before, site, inside = entry["_path"].partition("/site-packages/")
                if entry["path_type"] != "pyc_file" and site and before.startswith("lib/python"):
                    entry["_path"] = f"site-packages/{inside}"
                elif entry["_path"] in scripts:
                    entry["_path"] = f"python-scripts/{entry['_path'].removeprefix('bin/')}"
        path.write_text(json.dumps(data))
        path.chmod(0o644)


def _scripts(data: Mapping[str, Any]) -> list[str]:
    """The files of a package that are scripts already; those of entry points are not in it."""
    listed = Path(data["extracted_package_dir"], "info/paths.json").read_text("utf-8")
    paths = (entry["_path"] for entry in json.loads(listed)["paths"])
    return [path for path in paths if path.startswith("python-scripts/")]


@dataclass(frozen=True)
class Environment:
    """One real conda environment."""

    prefix: Path

    @property
    def python(self) -> Path:
        return self.prefix / "bin/python"

    @property
    def site_packages(self) -> Path:
        (found,) = (self.prefix / "lib").glob("python3*/site-packages")
        return found

    def run(
        self,
        program: str,
        *arguments: str | Path,
        check: bool = True,
        variables: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a program of this environment's `bin`, not activated."""
        done = subprocess.run(
            [str(self.prefix / "bin" / program), *map(str, arguments)],
            check=False,
            capture_output=True,
            text=True,
            env={**os.environ, **(variables or {})},
            cwd=cwd or self.prefix,
        )
        assert not check or not done.returncode, f"{done.args}\n{done.stdout}{done.stderr}"
        return done

    def records(self) -> dict[str, dict[str, Any]]:
        """The records of conda-meta by conda name, as the JSON that is in them."""
        paths = (self.prefix / "conda-meta").glob("*.json")
        records = [json.loads(path.read_text("utf-8")) for path in paths]
        return {record["name"]: record for record in records}

    def files(self) -> list[Path]:
        """Every regular file below the prefix; links lead into the python that lent its files."""
        paths = self.prefix.rglob("*")
        return [path for path in paths if path.is_file() and not path.is_symlink()]

    def snapshot(self, *ignored: str) -> dict[str, str]:
        """Every file below the prefix with its kind, mode and contents, for comparing states.

        `ignored` are patterns of `Path.match` against the path inside the prefix.
        """
        return {
            path: state
            for path, state in states(self.prefix).items()
            if not any(Path(path).match(pattern) for pattern in ignored)
        }


def environment(
    prefix: Path,
    channels: Path | str | Sequence[Path | str],
    specs: Sequence[str] = ("python", "pip"),
    cache: Path | None = None,
) -> Environment:
    """Create an environment as conda would: solve, link, write its history.

    `cache` is the package cache, by default a folder beside the prefix: files are hard links into
    it, and a test that alters one must not meet another test's environment.
    """
    sources = [channels] if isinstance(channels, Path | str) else list(channels)
    addresses = [channel(it) if isinstance(it, Path) else it for it in sources]
    create(prefix, addresses, specs, cache or prefix.parent / "pkgs")
    return Environment(prefix)


def _entry(content: str | bytes | Entry) -> Entry:
    if isinstance(content, File | Link):
        return content
    return File(_bytes(content))


def _bytes(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content
