"""Targets and conversions for the tests of `pipguard/wheels`."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from packaging.utils import parse_wheel_filename

from pipguard.errors import ConversionError
from pipguard.names import pypi_name
from pipguard.target import Target
from pipguard.wheels.archive import zstd
from pipguard.wheels.metadata import Naming
from pipguard.wheels.package import Conversion, ConvertedPackage, convert

_PLATFORMS = {
    "linux": {"os_name": "posix", "sys_platform": "linux", "platform_system": "Linux"},
    "osx": {"os_name": "posix", "sys_platform": "darwin", "platform_system": "Darwin"},
    "win": {"os_name": "nt", "sys_platform": "win32", "platform_system": "Windows"},
}


def _target(
    python: str = "3.11.7", subdir: str = "linux-64", *, free_threaded: bool = False
) -> Target:
    minor = ".".join(python.split(".")[:2])
    markers = {
        **_PLATFORMS[subdir.partition("-")[0]],
        "platform_machine": "x86_64",
        "platform_release": "",
        "platform_version": "",
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
        "implementation_version": python,
        "python_version": minor,
        "python_full_version": python,
    }
    site_packages = f"lib/python{minor}{'t' if free_threaded else ''}/site-packages"
    return Target(python, subdir, site_packages, free_threaded, markers)


@pytest.fixture
def target() -> Target:
    """Python 3.11.7 on linux-64."""
    return _target()


@pytest.fixture
def make_target() -> Callable[..., Target]:
    """Make a target from a python version, a subdir and `free_threaded`."""
    return _target


@dataclass(frozen=True)
class Unpacked:
    """What is in a `.conda` file: bytes and tar headers by path, of both components."""

    files: dict[str, bytes]
    headers: dict[str, tarfile.TarInfo] = field(repr=False)

    def json(self, name: str) -> Any:
        return json.loads(self.files[f"info/{name}"])

    @property
    def packed(self) -> set[str]:
        """Paths outside `info/`."""
        return {path for path in self.files if not path.startswith("info/")}

    def dist_info(self, name: str) -> bytes:
        (path,) = (each for each in self.files if each.endswith(f".dist-info/{name}"))
        return self.files[path]


def _unpack(path: Path) -> Unpacked:
    unpacked = Unpacked({}, {})
    with zipfile.ZipFile(path) as conda:
        for name in conda.namelist():
            if not name.endswith(".tar.zst"):
                continue
            data = zstd.decompress(conda.read(name))
            with tarfile.open(fileobj=io.BytesIO(data)) as tar:
                for member in tar:
                    stream = tar.extractfile(member)
                    assert stream is not None
                    assert member.name not in unpacked.files
                    unpacked.files[member.name] = stream.read()
                    unpacked.headers[member.name] = member
    return unpacked


@pytest.fixture
def unpack() -> Callable[[Path], Unpacked]:
    """Read a `.conda` file, with nothing but the standard library and zstd."""
    return _unpack


@dataclass(frozen=True)
class Converter:
    """Converts wheels for one target into one folder."""

    folder: Path
    target: Target

    def conversion(self, wheel: Path, **changes: Any) -> Conversion:
        name, version, _, _ = parse_wheel_filename(wheel.name)
        values = {
            "sha256": None,
            "name": pypi_name(name),
            "version": str(version),
            "target": self.target,
            "naming": Naming(),
        }
        return Conversion(wheel, **(values | changes))

    def __call__(self, wheel: Path, **changes: Any) -> ConvertedPackage:
        return convert(self.conversion(wheel, **changes), self.folder)

    def refused(self, wheel: Path, **changes: Any) -> list[tuple[str, str]]:
        """Reference and member of every problem; the folder must stay empty."""
        with pytest.raises(ConversionError) as caught:
            self(wheel, **changes)
        assert list(self.folder.iterdir()) == []
        assert all(problem.wheel == wheel.name for problem in caught.value.problems)
        return [(problem.reference, problem.member) for problem in caught.value.problems]


@pytest.fixture
def converter(tmp_path: Path, target: Target) -> Converter:
    """Convert for python 3.11.7 on linux-64."""
    folder = tmp_path / "converted"
    folder.mkdir()
    return Converter(folder, target)
