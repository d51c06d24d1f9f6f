"""Builders of dists: wheels, source trees, sdists and repositories. Reached through `builders`."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import shutil
import subprocess
import tarfile
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_BACKEND = Path(__file__).parent / "data/in_tree_backend.py"
_PYPROJECT = """\
[build-system]
requires = []
build-backend = "in_tree_backend"
backend-path = ["."]

[project]
name = "{name}"
dynamic = ["version"]
"""

Contents = Mapping[str, str | bytes]


@dataclass(frozen=True)
class Metadata:
    """What a dist says about itself, in the words of core metadata."""

    name: str
    version: str = "1.0"
    requires: Sequence[str] = ()
    extras: Mapping[str, Sequence[str]] = field(default_factory=dict)
    requires_python: str = ""
    lines: Sequence[str] = ()

    @property
    def module(self) -> str:
        return self.name.replace("-", "_").replace(".", "_")

    @property
    def stem(self) -> str:
        """How files of this dist are named: PEP 427's escaping."""
        return f"{self.module}-{self.version}"

    def text(self) -> str:
        """Write METADATA."""
        extras = [
            line
            for extra, requires in self.extras.items()
            for line in (f"Provides-Extra: {extra}", *(_extra(it, extra) for it in requires))
        ]
        python = [f"Requires-Python: {self.requires_python}"] if self.requires_python else []
        return "\n".join(
            [
                *("Metadata-Version: 2.1", f"Name: {self.name}", f"Version: {self.version}"),
                *python,
                *(f"Requires-Dist: {it}" for it in self.requires),
                *extras,
                *self.lines,
                "",
            ]
        )


def _extra(requirement: str, extra: str) -> str:
    """Write a requirement that holds for an extra, beside a marker it may have."""
    name, _, marker = requirement.partition(";")
    condition = f"({marker.strip()}) and " if marker else ""
    return f'Requires-Dist: {name.strip()}; {condition}extra == "{extra}"'


def wheel(
    folder: Path,
    name: str,
    version: str = "1.0",
    *,
    files: Contents | None = None,
    entry_points: Sequence[str] | Mapping[str, Sequence[str]] = (),
    tag: str = "py3-none-any",
    **metadata: object,
) -> Path:
    """Write a valid wheel into `folder` and return its path.

    Args:
        folder: made when it is not there.
        name: as in METADATA; escaped in file names.
        version: as in METADATA.
        files: by path in the wheel; by default one importable module with `__version__`.
        entry_points: console scripts as `name = module:function`, or all groups by name.
        metadata: further fields of `Metadata`: requires, extras, requires_python, lines.
        tag: one tag, compressed or not; the last two parts decide what the wheel says it is.
    """
    about = Metadata(name, version, **metadata)  # type: ignore[arg-type]
    info = f"{about.stem}.dist-info"
    contents: dict[str, str | bytes] = {**(_module(about) if files is None else files)}
    contents[f"{info}/METADATA"] = about.text()
    contents[f"{info}/WHEEL"] = _wheel_text(tag)
    if entry_points:
        contents[f"{info}/entry_points.txt"] = _entry_points(entry_points)
    contents[f"{info}/RECORD"] = _record(contents, info)
    return write_archive(folder / f"{about.stem}-{tag}.whl", contents)


def write_archive(target: Path, contents: Contents) -> Path:
    """Write a zip of exactly these members: `wheel` does, and tests that want a broken one."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in contents.items():
            member = zipfile.ZipInfo(path, (2024, 1, 1, 0, 0, 0))
            member.external_attr = (0o755 if ".data/scripts/" in path else 0o644) << 16
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, data)
    return target


def dist_folder(site_packages: Path, name: str, version: str = "1.0", **fields: object) -> None:
    """Unpack a wheel as an installer does that knows no scripts: files, INSTALLER, RECORD."""
    made = wheel(site_packages / ".wheels", name, version, **fields)  # type: ignore[arg-type]
    with zipfile.ZipFile(made) as archive:
        archive.extractall(site_packages)  # noqa: S202 # of our own making
    (info,) = site_packages.glob(f"{Metadata(name, version).stem}.dist-info")
    (info / "INSTALLER").write_text("pip\n")
    with (info / "RECORD").open("a") as record:
        record.write(f"{info.name}/INSTALLER,,\n")
    shutil.rmtree(made.parent)


def project(
    folder: Path,
    name: str,
    version: str = "1.0",
    *,
    files: Contents | None = None,
    entry_points: Sequence[str] = (),
    **metadata: object,
) -> Path:
    """Write a source tree that builds and installs, editable too, without a network."""
    about = Metadata(name, version, **metadata)  # type: ignore[arg-type]
    for path, content in (_module(about) if files is None else files).items():
        target = folder / "src" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(_bytes(content))
    shutil.copy(_BACKEND, folder)
    (folder / "pyproject.toml").write_text(_PYPROJECT.format(name=name))
    described = {
        "name": name,
        "version": version,
        "metadata": about.text(),
        "entry_points": _entry_points(entry_points) if entry_points else "",
    }
    (folder / "project.json").write_text(json.dumps(described))
    return folder


def sdist(folder: Path, name: str, version: str = "1.0", **fields: object) -> Path:
    """Write `<name>-<version>.tar.gz` of a source tree as `project` makes it."""
    tree = project(folder / f".{name}-{version}", name, version, **fields)  # type: ignore[arg-type]
    stem = f"{name.replace('-', '_')}-{version}"
    target = folder / f"{stem}.tar.gz"
    with tarfile.open(target, "w:gz") as archive:
        archive.add(tree, stem)
        metadata = json.loads((tree / "project.json").read_text())["metadata"].encode()
        member = tarfile.TarInfo(f"{stem}/PKG-INFO")
        member.size = len(metadata)
        archive.addfile(member, io.BytesIO(metadata))
    shutil.rmtree(tree)
    return target


@dataclass(frozen=True)
class Repository:
    """A git repository with one commit."""

    path: Path
    commit: str

    @property
    def url(self) -> str:
        """What pip is given."""
        return f"git+{self.path.resolve().as_uri()}@{self.commit}"


def git_project(folder: Path, name: str, version: str = "1.0", **fields: object) -> Repository:
    """Write a source tree and commit it to a new repository."""
    tree = project(folder, name, version, **fields)  # type: ignore[arg-type]
    _git(tree, "init", "--quiet", "--initial-branch=main")
    _git(tree, "add", ".")
    _git(tree, "commit", "--quiet", "--message", f"{name} {version}")
    return Repository(tree, _git(tree, "rev-parse", "HEAD"))


def _git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=test", "-c", "user.email=test@example.org")
    done = subprocess.run(
        [shutil.which("git") or "git", *who, *arguments],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


def _module(about: Metadata) -> Contents:
    return {
        f"{about.module}/__init__.py": f'__version__ = "{about.version}"\n\n\n'
        f'def main():\n    print("{about.name}", __version__)\n'
    }


def _wheel_text(tag: str) -> str:
    python, abi, platforms = tag.split("-")
    tags = [
        f"Tag: {one}-{two}-{three}"
        for one in python.split(".")
        for two in abi.split(".")
        for three in platforms.split(".")
    ]
    pure = str(platforms == "any").lower()
    lines = ["Wheel-Version: 1.0", "Generator: builders", f"Root-Is-Purelib: {pure}", *tags, ""]
    return "\n".join(lines)


def _entry_points(groups: Sequence[str] | Mapping[str, Sequence[str]]) -> str:
    named = groups if isinstance(groups, Mapping) else {"console_scripts": groups}
    return "\n".join(line for group, lines in named.items() for line in (f"[{group}]", *lines, ""))


def _record(contents: Contents, info: str) -> str:
    rows: Iterable[str] = (
        f"{path},sha256={digest(data)},{len(_bytes(data))}" for path, data in contents.items()
    )
    return "\n".join([*rows, f"{info}/RECORD,,", ""])


def digest(data: str | bytes) -> str:
    """Encode a sha256 as RECORD has it."""
    return base64.urlsafe_b64encode(hashlib.sha256(_bytes(data)).digest()).rstrip(b"=").decode()


def _bytes(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content
