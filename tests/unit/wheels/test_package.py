"""What is in a converted package, file by file.

Longer than a module should be: every test reads one of the few packages that are made at its top.
"""

from __future__ import annotations

import base64
import calendar
import csv
import dataclasses
import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import builders
import pytest

from pipguard.wheels.metadata import CoreMetadata, package_index
from pipguard.wheels.package import judged
from pipguard.wheels.packing import PLACEHOLDER

Converter = Any
Unpack = Callable[[Path], Any]
MakeTarget = Callable[..., Any]
PYTHON = f"#!{PLACEHOLDER}/bin/python\n".encode()


def rows(unpacked: Any) -> dict[str, tuple[str, str]]:
    text = unpacked.dist_info("RECORD").decode()
    return {path: (digest, size) for path, digest, size in csv.reader(io.StringIO(text))}


def demo(folder: Path, **files: str | bytes) -> Path:
    contents = {path.replace("__", "/"): data for path, data in files.items()}
    return builders.wheel(folder, "demo", files={"demo.py": "x = 1\n", **contents})


def test_the_layout_is_that_of_noarch_python(
    tmp_path: Path, converter: Converter, unpack: Unpack
) -> None:
    files = {
        "demo/__init__.py": "",
        "demo-1.0.data/purelib/pure.py": "",
        "demo-1.0.data/platlib/plat.py": "",
        "demo-1.0.data/scripts/run": "#!python\nprint()\n",
        "demo-1.0.data/data/share/demo/x.txt": "x",
    }
    unpacked = unpack(converter(builders.wheel(tmp_path, "demo", files=files)).path)
    info = "site-packages/demo-1.0.dist-info"
    assert unpacked.packed == {
        "site-packages/demo/__init__.py",
        "site-packages/pure.py",
        "site-packages/plat.py",
        "python-scripts/run",
        "share/demo/x.txt",
        *(f"{info}/{name}" for name in ("METADATA", "WHEEL", "RECORD", "INSTALLER")),
    }
    assert set(unpacked.files) - unpacked.packed == {
        f"info/{name}.json" for name in ("index", "paths", "link", "about")
    }


def test_the_file_is_a_stored_zip_with_the_three_parts_of_cep_35(
    tmp_path: Path, converter: Converter
) -> None:
    converted = converter(demo(tmp_path))
    with zipfile.ZipFile(converted.path) as conda:
        stem = converted.index.stem
        assert conda.namelist() == [
            "metadata.json",
            f"pkg-{stem}.tar.zst",
            f"info-{stem}.tar.zst",
        ]
        assert {info.compress_type for info in conda.infolist()} == {zipfile.ZIP_STORED}
        assert json.loads(conda.read("metadata.json")) == {"conda_pkg_format_version": 2}
    data = converted.path.read_bytes()
    assert converted.path.name == f"{stem}.conda"
    assert converted.sha256 == hashlib.sha256(data).hexdigest()
    assert converted.md5 == hashlib.md5(data, usedforsecurity=False).hexdigest()
    assert converted.size == len(data)


def test_paths_json_tells_the_hash_and_size_of_every_file(
    tmp_path: Path, converter: Converter, unpack: Unpack
) -> None:
    files = {
        "demo.py": "x = 1\n",
        "demo-1.0.data/scripts/run": "#!python\n",
        "big": b"b" * (9 << 20),
    }
    unpacked = unpack(converter(builders.wheel(tmp_path, "demo", files=files)).path)
    paths = unpacked.json("paths.json")
    assert paths["paths_version"] == 1
    assert {entry["_path"] for entry in paths["paths"]} == unpacked.packed
    for entry in paths["paths"]:
        data = unpacked.files[entry["_path"]]
        assert entry["sha256"] == hashlib.sha256(data).hexdigest()
        assert entry["size_in_bytes"] == len(data)


def test_record_lists_every_installed_file_relative_to_site_packages(
    tmp_path: Path, converter: Converter, unpack: Unpack
) -> None:
    files = {
        "demo.py": "x = 1\n",
        "demo-1.0.data/scripts/run.sh": "echo\n",
        "demo-1.0.data/scripts/run": "#!python\n",
        "demo-1.0.data/data/share/a, b.txt": "x",
    }
    wheel = builders.wheel(tmp_path, "demo", files=files, entry_points=["Demo = demo:main"])
    found = rows(unpack(converter(wheel).path))
    assert set(found) == {
        "demo.py",
        "../../../bin/run.sh",
        "../../../bin/run",
        "../../../bin/Demo",
        "../../../share/a, b.txt",
        *(f"demo-1.0.dist-info/{name}" for name in ("METADATA", "WHEEL", "RECORD", "INSTALLER")),
        "demo-1.0.dist-info/entry_points.txt",
    }
    digest = base64.urlsafe_b64encode(hashlib.sha256(b"x = 1\n").digest()).rstrip(b"=").decode()
    assert found["demo.py"] == (f"sha256={digest}", "6")
    without = {path for path, row in found.items() if row == ("", "")}
    assert without == {"../../../bin/run", "../../../bin/Demo", "demo-1.0.dist-info/RECORD"}


def test_record_names_scripts_where_windows_has_them(
    tmp_path: Path, converter: Converter, unpack: Unpack, make_target: MakeTarget
) -> None:
    files = {"demo.py": "", "demo-1.0.data/scripts/run.py": ""}
    wheel = builders.wheel(tmp_path, "demo", files=files, entry_points=["demo = demo:main"])
    found = rows(unpack(converter(wheel, target=make_target(subdir="win-64")).path))
    assert {path for path in found if path.startswith("..")} == {
        "../../Scripts/run.py",
        "../../Scripts/demo-script.py",
        "../../Scripts/demo.exe",
    }


def test_the_metadata_folder_says_conda_and_holds_nothing_of_another_installer(
    tmp_path: Path, converter: Converter, unpack: Unpack
) -> None:
    extra = {
        f"demo-1.0.dist-info/{name}": "x"
        for name in ("INSTALLER", "REQUESTED", "RECORD.jws", "RECORD.p7s", "direct_url.json")
    }
    unpacked = unpack(converter(builders.wheel(tmp_path, "demo", files=extra)).path)
    names = {path.rpartition("/")[2] for path in unpacked.packed}
    assert names == {"INSTALLER", "METADATA", "WHEEL", "RECORD"}
    assert unpacked.dist_info("INSTALLER") == b"conda\n"


def test_direct_url_is_written_only_where_the_plan_has_one(
    tmp_path: Path, converter: Converter, unpack: Unpack
) -> None:
    direct_url = {"url": "https://example.org/demo.whl", "archive_info": {}}
    unpacked = unpack(converter(demo(tmp_path), direct_url=direct_url).path)
    assert json.loads(unpacked.dist_info("direct_url.json")) == direct_url
    assert "demo-1.0.dist-info/direct_url.json" in rows(unpacked)


def test_commands_go_to_link_json_and_keep_their_case(
    tmp_path: Path, converter: Converter, unpack: Unpack
) -> None:
    groups = {
        "console_scripts": ["Demo = demo:main [x]", "my tool = demo:main"],
        "gui_scripts": ["gui = demo:gui"],
    }
    wheel = builders.wheel(tmp_path, "demo", entry_points=groups)
    unpacked = unpack(converter(wheel).path)
    assert unpacked.json("link.json") == {
        "package_metadata_version": 1,
        "noarch": {"type": "python", "entry_points": ["Demo = demo:main", "gui = demo:gui"]},
    }
    assert unpacked.files["python-scripts/my tool"].startswith(PYTHON)


def test_link_json_is_there_even_without_commands(
    tmp_path: Path, converter: Converter, unpack: Unpack
) -> None:
    link = unpack(converter(demo(tmp_path)).path).json("link.json")
    assert link["noarch"] == {"type": "python", "entry_points": []}


@pytest.mark.parametrize("first", [b"#!python", b"#!pythonw", b"#!python -E", b"#!python\r"])
@pytest.mark.parametrize("rest", [b"print()\n", b"x" * (9 << 20)])
def test_a_script_runs_the_python_of_its_prefix(
    first: bytes, rest: bytes, tmp_path: Path, converter: Converter, unpack: Unpack
) -> None:
    wheel = builders.wheel(
        tmp_path, "demo", files={"demo-1.0.data/scripts/run": first + b"\n" + rest}
    )
    unpacked = unpack(converter(wheel).path)
    assert unpacked.files["python-scripts/run"] == PYTHON + rest
    entries = {entry["_path"]: entry for entry in unpacked.json("paths.json")["paths"]}
    assert entries["python-scripts/run"]["prefix_placeholder"] == PLACEHOLDER
    assert entries["python-scripts/run"]["file_mode"] == "text"


@pytest.mark.parametrize("data", [b"#!/bin/sh\necho\n", b"\x7fELF" + bytes(9 << 20), b"#!python"])
def test_other_scripts_are_left_as_they_are(
    data: bytes, tmp_path: Path, converter: Converter, unpack: Unpack
) -> None:
    wheel = builders.wheel(tmp_path, "demo", files={"demo-1.0.data/scripts/run": data})
    unpacked = unpack(converter(wheel).path)
    assert unpacked.files["python-scripts/run"] == data
    assert not any("file_mode" in entry for entry in unpacked.json("paths.json")["paths"])


def test_the_placeholder_is_as_long_as_a_prefix_may_be() -> None:
    assert len(PLACEHOLDER) == 255
    assert PLACEHOLDER.startswith("/")


@pytest.mark.parametrize("launcher", ["run", "run.exe", "run-script.py"])
def test_launchers_that_came_along_give_way_to_the_entry_point(
    launcher: str, tmp_path: Path, converter: Converter, unpack: Unpack
) -> None:
    files = {"demo.py": "", f"demo-1.0.data/scripts/{launcher}": "#!python\n"}
    wheel = builders.wheel(tmp_path, "demo", files=files, entry_points=["run = demo:main"])
    assert not any("python-scripts" in path for path in unpack(converter(wheel).path).packed)


def test_headers_bind_the_package_to_the_minor_of_python(
    tmp_path: Path, converter: Converter, unpack: Unpack
) -> None:
    wheel = builders.wheel(
        tmp_path, "demo", files={"demo-1.0.data/headers/sub/demo.h": ""}, requires_python=">=3.9"
    )
    converted = converter(wheel)
    unpacked = unpack(converted.path)
    assert "include/python3.11/demo/sub/demo.h" in unpacked.packed
    assert converted.index.depends == ("python 3.11.*,>=3.9",)
    assert unpacked.json("index.json")["depends"] == ["python 3.11.*,>=3.9"]


def test_headers_of_a_free_threaded_python_have_their_own_folder(
    tmp_path: Path, converter: Converter, unpack: Unpack, make_target: MakeTarget
) -> None:
    wheel = builders.wheel(
        tmp_path,
        "demo",
        files={"demo-1.0.data/headers/demo.h": ""},
        tag="cp313-cp313t-linux_x86_64",
    )
    converted = converter(wheel, target=make_target("3.13.1", free_threaded=True))
    assert "include/python3.13t/demo/demo.h" in unpack(converted.path).packed
    assert converted.index.depends == ("python 3.13.* *_cp313t",)


def test_data_in_a_folder_of_one_minor_binds_too(tmp_path: Path, converter: Converter) -> None:
    wheel = builders.wheel(tmp_path, "demo", files={"demo-1.0.data/data/lib/python3.11/x": ""})
    assert converter(wheel).index.depends == ("python 3.11.*",)


def test_compiled_files_are_dropped_where_their_source_is_there(
    tmp_path: Path, converter: Converter, unpack: Unpack
) -> None:
    files = {
        "demo/a.py": "",
        "demo/__pycache__/a.cpython-311.pyc": b"",
        "demo/__pycache__/a.cpython-311.opt-1.pyc": b"",
        "demo/a.pyc": b"",
        "demo/b.pyc": b"without source",
        "demo/__pycache__/c.cpython-311.pyc": b"without source",
    }
    unpacked = unpack(converter(builders.wheel(tmp_path, "demo", files=files)).path)
    found = {path for path in unpacked.packed if path.startswith("site-packages/demo/")}
    assert found == {
        "site-packages/demo/a.py",
        "site-packages/demo/b.pyc",
        "site-packages/demo/__pycache__/c.cpython-311.pyc",
    }


def _with_member(path: Path, info: zipfile.ZipInfo, data: bytes) -> Path:
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(info, data)
    return path


def test_modes_owners_and_dates_do_not_depend_on_who_converts(
    tmp_path: Path, converter: Converter, unpack: Unpack
) -> None:
    executable = zipfile.ZipInfo("demo/tool", (2031, 5, 6, 7, 8, 10))
    executable.external_attr = 0o100777 << 16
    files = {"demo.py": "", "demo-1.0.data/scripts/run": ""}
    wheel = _with_member(builders.wheel(tmp_path, "demo", files=files), executable, b"")
    converted = converter(wheel)
    headers = unpack(converted.path).headers
    modes = {path: header.mode for path, header in headers.items()}
    assert {path for path, mode in modes.items() if mode == 0o755} == {
        "python-scripts/run",
        "site-packages/demo/tool",
    }
    assert set(modes.values()) == {0o644, 0o755}
    owners = {(each.uid, each.gid, each.uname, each.gname) for each in headers.values()}
    assert owners == {(0, 0, "", "")}
    newest = calendar.timegm((2031, 5, 6, 7, 8, 10))
    assert headers["site-packages/demo/tool"].mtime == newest
    assert headers["site-packages/demo.py"].mtime == 1704067200
    assert headers["info/index.json"].mtime == newest
    assert converted.index.timestamp == newest * 1000


def test_a_member_without_a_date_is_of_1980(
    tmp_path: Path, converter: Converter, unpack: Unpack
) -> None:
    wheel = demo(tmp_path)
    data = bytearray(wheel.read_bytes())
    at = data.rindex(b"demo.py") - 46
    data[at + 12 : at + 16] = bytes(4)
    wheel.write_bytes(data)
    header = unpack(converter(wheel).path).headers["site-packages/demo.py"]
    assert header.mtime == 315532800


def test_the_same_wheel_gives_the_same_bytes(
    tmp_path: Path, converter: Converter, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {f"demo/{number}.py": str(number) * number for number in range(300)}
    files["demo/big"] = "".join(str(number) for number in range(1_300_000))
    wheel = builders.wheel(tmp_path, "demo", files=files, entry_points=["demo = demo:main"])
    first = converter(wheel)
    data = first.path.read_bytes()
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    monkeypatch.chdir(tmp_path)
    second = converter(wheel)
    assert second.path.read_bytes() == data
    assert second == first


def test_the_record_is_the_one_that_was_foreseen_from_the_report(
    tmp_path: Path, converter: Converter, unpack: Unpack
) -> None:
    wheel = builders.wheel(
        tmp_path,
        "demo",
        requires=("six>=1", "tomli; python_version < '3.11'"),
        requires_python=">=3.9",
        tag="cp311-cp311-manylinux_2_17_x86_64",
    )
    conversion = converter.conversion(wheel)
    report = {
        "name": "demo",
        "version": "1.0",
        "requires_python": ">=3.9",
        "requires_dist": ["six>=1", 'tomli; python_version < "3.11"'],
    }
    foreseen = package_index(
        CoreMetadata.from_json(report),
        wheel.name,
        hashlib.sha256(wheel.read_bytes()).hexdigest(),
        conversion.target,
        conversion.naming,
    )
    converted = converter(wheel)
    with judged(conversion) as judgement:
        assert converted.index == foreseen == judgement.index
    assert converted.path.name == foreseen.file_name
    in_package = unpack(converted.path).json("index.json")
    expected = dataclasses.replace(foreseen, timestamp=converted.index.timestamp).to_json()
    assert in_package == json.loads(json.dumps(expected))


def test_licenses_and_a_few_words_are_kept(
    tmp_path: Path, converter: Converter, unpack: Unpack
) -> None:
    info = "demo-1.0.dist-info"
    files = {
        f"{info}/LICENSE.txt": "old place",
        f"{info}/licenses/vendor/COPYING": "new place",
        f"{info}/top_level.txt": "demo",
        "demo/LICENSE": "not of the project",
    }
    lines = ("License-Expression: MIT", "Summary: A demonstration", "Home-page: https://a.example")
    unpacked = unpack(converter(builders.wheel(tmp_path, "demo", files=files, lines=lines)).path)
    licenses = {path for path in unpacked.files if path.startswith("info/licenses/")}
    assert licenses == {"info/licenses/LICENSE.txt", "info/licenses/vendor/COPYING"}
    assert unpacked.json("about.json") == {
        "home": "https://a.example",
        "license": "MIT",
        "summary": "A demonstration",
    }


def test_two_license_files_never_meet_in_one_place(
    tmp_path: Path, converter: Converter, unpack: Unpack
) -> None:
    info = "demo-1.0.dist-info"
    files = {f"{info}/LICENSE": "a", f"{info}/licenses/LICENSE": "b", f"{info}/licenses/a/b": "c"}
    lines = ("License-File: a",)
    unpacked = unpack(
        converter(
            builders.wheel(tmp_path, "demo", files={**files, f"{info}/a": "d"}, lines=lines)
        ).path
    )
    licenses = {path for path in unpacked.files if path.startswith("info/licenses/")}
    assert licenses == {"info/licenses/LICENSE", "info/licenses/a/b"}


def test_wrong_rows_of_record_are_worth_a_warning_and_hashed_anew(
    tmp_path: Path, converter: Converter, unpack: Unpack
) -> None:
    wheel = demo(tmp_path)
    with zipfile.ZipFile(wheel) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    contents["demo.py"] = b"changed"
    contents["unlisted.py"] = b""
    converted = converter(builders.write_archive(wheel, contents))
    warnings = [(each.reference, each.member, each.detail) for each in converted.warnings]
    assert warnings == [
        ("record-hash-wrong", "demo.py", "1"),
        ("record-row-missing", "unlisted.py", "1"),
    ]
    assert set(rows(unpack(converted.path))) >= {"demo.py", "unlisted.py"}


def test_a_right_record_gives_no_warning(tmp_path: Path, converter: Converter) -> None:
    assert converter(demo(tmp_path)).warnings == ()


def test_an_unreadable_record_is_worth_a_warning(tmp_path: Path, converter: Converter) -> None:
    wheel = demo(tmp_path)
    with zipfile.ZipFile(wheel) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    contents["demo-1.0.dist-info/RECORD"] = b"one,column,too,many\n"
    converted = converter(builders.write_archive(wheel, contents))
    assert [each.reference for each in converted.warnings] == ["record-unreadable"]


def test_an_invalid_requires_python_is_worth_a_warning(
    tmp_path: Path, converter: Converter
) -> None:
    converted = converter(builders.wheel(tmp_path, "demo", requires_python=">=3.6.*"))
    assert [each.reference for each in converted.warnings] == ["requires-python-invalid"]
    assert converted.index.depends == ("python",)


@pytest.mark.parametrize(
    "name", ["a" * 90, "a" * 150, "d/" * 60 + "x", "ünïcode", "x" * 250 + "/" + "x" * 255]
)
def test_long_and_foreign_names_survive_the_tar(
    name: str, tmp_path: Path, converter: Converter, unpack: Unpack
) -> None:
    wheel = builders.wheel(tmp_path, "demo", files={f"demo/{name}": "here"})
    unpacked = unpack(converter(wheel).path)
    assert unpacked.files[f"site-packages/demo/{name}"] == b"here"
    assert f"demo/{name}" in rows(unpacked)


def test_a_package_is_readable_by_whom_the_umask_lets(tmp_path: Path, converter: Converter) -> None:
    mode = converter(demo(tmp_path)).path.stat().st_mode & 0o777
    other = tmp_path / "other"
    other.touch()
    assert mode == other.stat().st_mode & 0o777
