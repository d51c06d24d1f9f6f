"""Wheels that nobody would think of: refused or converted, and nothing else happens.

`bench/fuzz.py` runs the same for as long as it is told to.
"""

from __future__ import annotations

import dataclasses
import io
import stat
import tarfile
import tempfile
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from values import TARGET

from pipguard.errors import ConversionError
from pipguard.names import pypi_name
from pipguard.wheels.archive import zstd
from pipguard.wheels.dependencies import Naming
from pipguard.wheels.hostile import Limits
from pipguard.wheels.package import Conversion, convert

NAME = "demo-1.0-py3-none-any.whl"
INFO = "demo-1.0.dist-info"
DATA = "demo-1.0.data"

# Pieces that mean something to a zip, a wheel, pip, python or conda, and pieces that do not.
_parts = st.sampled_from(
    (
        *("..", ".", "", "demo", "Demo", "info", "conda-meta", "bin", "scripts", "data", "purelib"),
        *("headers", "python-scripts", "site-packages", "evil", INFO, DATA, "other-1.dist-info"),
        *("C:", "pip.conf", ".condarc", "__pycache__", "x.cpython-311.pyc", "x.py", "x" * 300),
        *(".demo-post-link.sh", "METADATA", "RECORD", "WHEEL", "entry_points.txt", "ö", "\u202e"),
        *("a\\b", "\0"),
    )
)
_names = st.one_of(
    st.lists(_parts, min_size=1, max_size=5).map("/".join),
    st.lists(_parts, min_size=1, max_size=3).map(lambda parts: "/".join([DATA, *parts])),
    st.text(min_size=1, max_size=12),
)
_contents = st.one_of(
    st.sampled_from([b"", b"#!python\nx", b"#!python", bytes(70_000)]), st.binary()
)
_modes = st.sampled_from(
    [0, stat.S_IFREG | 0o644, stat.S_IFREG | 0o4777, stat.S_IFLNK | 0o777, stat.S_IFIFO]
)
_methods = st.sampled_from([zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED, zipfile.ZIP_BZIP2])
_members = st.lists(st.tuples(_names, _contents, _modes, _methods), max_size=5)

_markers = st.sampled_from(
    ("python_version", "extra", "sys_platform", "os_name", "'3.9'", "'3.99999999'", "'x'", "'3.a'")
)
_operators = st.sampled_from(("<", ">=", "~=", "==", "===", "in", "not in", "!", "and"))
_values = st.one_of(
    st.sampled_from(
        ["demo", "Demo", "1.0", "1.00", "v1.0", ">=3.8", "=>3", "six>=1", "six (>=1", "*"]
    )
    | st.sampled_from(
        ["a; python_version < '3'", "a[b,c]; extra == 'x'", "a @ file:///x", "../../evil"]
    )
    | st.sampled_from(["1.0+local.1", "1!2.0", "2.1", "0.1", "999", "MIT\n continued"]),
    st.sampled_from(["1" * 5000, "3.999999999", f"a; {'(' * 300}extra", f"a{' ' * 3000}!"]),
    st.builds("a; {} {} {}".format, _markers, _operators, _markers),
    st.text(max_size=12),
)
_keys = st.sampled_from(
    (
        *("Name", "Version", "Requires-Dist", "Requires-Python", "Provides-Extra", "License-File"),
        *("Metadata-Version", "Wheel-Version", "Tag", "Summary", "Home-Page", "License"),
    )
)
_lines = st.lists(st.builds("{}: {}\n".format, _keys, _values), max_size=4).map("".join)
_metadata = st.builds("Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n{}".format, _lines)
_wheel = st.one_of(st.just("Wheel-Version: 1.0\nTag: py3-none-any\n"), _lines)
_rows = st.lists(
    st.builds("{},{},{}\n".format, _names, st.sampled_from(["", "sha256=x", "md5=", '"']), _values),
    max_size=4,
).map("".join)
_command = st.builds(
    "{} = {}\n".format,
    st.one_of(_names, st.sampled_from(["demo", "a b", "[x]", "%(x)s", "="])),
    st.one_of(st.sampled_from(["demo:main", "demo", "a.b:c.d [x]", "a:b:c", "a:", "%"]), _values),
)
_entry_points = st.builds(
    "{}\n{}".format,
    st.sampled_from(["[console_scripts]", "[gui_scripts]", "[other]", "[", ""]),
    st.lists(_command, max_size=3).map("".join),
)
_bytes_of = st.sampled_from(["utf-8", "utf-16", "latin-1"])


@st.composite
def wheels(draw: st.DrawFn) -> dict[str, Any]:
    """What is in a wheel: its four texts as bytes, and members that came along."""
    coding = draw(st.one_of(st.just("utf-8"), _bytes_of))
    texts = {"METADATA": _metadata, "WHEEL": _wheel, "RECORD": _rows}
    if draw(st.booleans()):
        texts["entry_points.txt"] = _entry_points
    return {
        "texts": {name: draw(text).encode(coding, "replace") for name, text in texts.items()},
        "members": draw(_members),
        "unpacked": draw(st.sampled_from([32 << 30, 60_000])),
        "subdir": draw(st.sampled_from(["linux-64", "osx-arm64", "win-64"])),
    }


def write(path: Path, wheel: dict[str, Any]) -> Path:
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w") as archive:
        warnings.simplefilter("ignore")  # names twice are what this is about
        for name, text in wheel["texts"].items():
            archive.writestr(f"{INFO}/{name}", text)
        for name, data, mode, method in wheel["members"]:
            info = zipfile.ZipInfo("placeholder")
            info.filename, info.external_attr, info.compress_type = name, mode << 16, method
            archive.writestr(info, data)
    return path


def judged(wheel: dict[str, Any]) -> str:
    """Convert in a folder of its own; says how it ended, and fails if anything else happened."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        out = root / "inside/out"
        out.mkdir(parents=True)
        path = write(root / NAME, wheel)
        conversion = Conversion(
            wheel=path,
            sha256=None,
            name=pypi_name("demo"),
            version="1.0",
            target=dataclasses.replace(TARGET, subdir=wheel["subdir"]),
            naming=Naming(),
            limits=Limits(unpacked=wheel["unpacked"]),
        )
        try:
            made = [convert(conversion, out).path]
        except ConversionError:
            made = []
        assert sorted(it for it in root.rglob("*") if it.is_file()) == sorted([*made, path])
        for each in made:
            assert list(_unsafe(each)) == []
        return "converted" if made else "refused"


def _unsafe(package: Path) -> Iterator[str]:
    """Name what conda would put somewhere else than a prefix's own places."""
    with zipfile.ZipFile(package) as conda:
        for name in conda.namelist():
            if name.endswith(".tar.zst"):
                data = zstd.decompress(conda.read(name))
                with tarfile.open(fileobj=io.BytesIO(data)) as tar:
                    for member in tar:
                        parts = member.name.split("/")
                        mine = name.startswith("info-") == (parts[0] == "info")
                        if not (member.isreg() and mine) or {"", ".", ".."} & {*parts}:
                            yield member.name


@settings(max_examples=200, deadline=None)
@given(wheels())
def test_a_wheel_of_anything_is_refused_or_converted_and_writes_nowhere_else(
    wheel: dict[str, Any],
) -> None:
    judged(wheel)
