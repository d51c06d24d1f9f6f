"""Hostile and broken wheels: one test per case; what is refused leaves nothing behind.

Longer than a module should be: it is one list, a case for each row of the catalogue of problems.
"""

from __future__ import annotations

import dataclasses
import io
import stat
import struct
import tracemalloc
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Any

import builders
import pytest

from pipguard.errors import ConversionError
from pipguard.wheels.hostile import Limits

METADATA = "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n"
WHEEL = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
GOOD = {
    "demo/__init__.py": "",
    "demo-1.0.dist-info/METADATA": METADATA,
    "demo-1.0.dist-info/WHEEL": WHEEL,
    "demo-1.0.dist-info/RECORD": "",
}
NAME = "demo-1.0-py3-none-any.whl"

Converter = Any
Member = tuple[zipfile.ZipInfo | str, str | bytes]


def wheel(
    folder: Path, changes: Mapping[str, str | bytes | None] | None = None, name: str = NAME
) -> Path:
    """Write the good wheel with members added, replaced or (None) taken away."""
    members = {**GOOD, **(changes or {})}
    kept = {path: data for path, data in members.items() if data is not None}
    return builders.write_archive(folder / name, kept)


def raw_wheel(folder: Path, *members: Member) -> Path:
    """Write the good wheel with further members as they are, names twice included."""
    path = folder / NAME
    with zipfile.ZipFile(path, "w") as archive:
        for member, data in [*GOOD.items(), *members]:
            archive.writestr(member, data)
    return path


def test_the_good_wheel_is_accepted(tmp_path: Path, converter: Converter) -> None:
    assert converter(wheel(tmp_path)).path.exists()


@pytest.mark.parametrize(
    "path",
    [
        "../evil.py",
        "demo/../../evil.py",
        "/etc/evil",
        "demo\\..\\evil.py",
        "C:/evil.py",
        "demo//twice.py",
        "./demo/x.py",
        "demo-1.0.data/scripts/../../evil",
        "demo-1.0.data/data/../evil",
    ],
)
def test_a_path_that_could_leave_the_prefix(
    path: str, tmp_path: Path, converter: Converter
) -> None:
    assert converter.refused(wheel(tmp_path, {path: "x"})) == [("member-path-unsafe", path)]


@pytest.mark.parametrize(
    "path", ["x" * 256, "é" * 128, "a/" * 2100 + "x", "a/" * 30_000 + "x"], ids=len
)
def test_a_path_that_no_file_system_takes(path: str, tmp_path: Path, converter: Converter) -> None:
    """One of thirty thousand folders cost a gigabyte of memory."""
    assert converter.refused(wheel(tmp_path, {path: ""})) == [
        ("member-path-long", f"{path[:255]}…")
    ]


def test_a_path_with_a_nul_byte(tmp_path: Path, converter: Converter) -> None:
    path = wheel(tmp_path, {"demo/evilX.py": "x"})
    path.write_bytes(path.read_bytes().replace(b"demo/evilX.py", b"demo/evil\0.py"))
    assert converter.refused(path) == [("member-path-unsafe", "demo/evil\0.py")]


@pytest.mark.parametrize("name", ["other", "../../evil", ""])
def test_metadata_of_another_name(name: str, tmp_path: Path, converter: Converter) -> None:
    text = METADATA.replace("demo", name)
    problems = converter.refused(wheel(tmp_path, {"demo-1.0.dist-info/METADATA": text}))
    assert problems == [("metadata-name-differs", "METADATA")]
    assert list(tmp_path.parent.rglob("*evil*")) == []


def test_metadata_of_another_version(tmp_path: Path, converter: Converter) -> None:
    text = METADATA.replace("1.0", "1.1")
    problems = converter.refused(wheel(tmp_path, {"demo-1.0.dist-info/METADATA": text}))
    assert problems == [("metadata-version-differs", "METADATA")]


def test_a_file_name_of_another_version_than_the_plan(tmp_path: Path, converter: Converter) -> None:
    text = METADATA.replace("1.0", "1.1")
    path = wheel(tmp_path, {"demo-1.0.dist-info/METADATA": text})
    assert converter.refused(path, version="1.1") == [("wheel-name-differs", "")]


def test_two_metadata_folders(tmp_path: Path, converter: Converter) -> None:
    path = wheel(tmp_path, {"other-1.0.dist-info/METADATA": METADATA})
    assert converter.refused(path) == [("dist-info-several", "")]


def test_a_metadata_folder_of_another_project(tmp_path: Path, converter: Converter) -> None:
    members = {path.replace("demo-", "other-"): data for path, data in GOOD.items()}
    path = builders.write_archive(tmp_path / NAME, members)
    assert converter.refused(path) == [("dist-info-name", "other-1.0.dist-info")]


def test_no_metadata_folder(tmp_path: Path, converter: Converter) -> None:
    path = builders.write_archive(tmp_path / NAME, {"demo/__init__.py": ""})
    assert converter.refused(path) == [("dist-info-missing", "")]


@pytest.mark.parametrize("name", ["METADATA", "WHEEL", "RECORD"])
def test_an_incomplete_metadata_folder(name: str, tmp_path: Path, converter: Converter) -> None:
    missing = f"demo-1.0.dist-info/{name}"
    problems = converter.refused(wheel(tmp_path, {missing: None}))
    assert problems == [("dist-info-incomplete", missing)]


@pytest.mark.parametrize("version", ["2.0", "", "one"])
def test_an_unknown_wheel_version(version: str, tmp_path: Path, converter: Converter) -> None:
    text = WHEEL.replace("1.0", version, 1)
    problems = converter.refused(wheel(tmp_path, {"demo-1.0.dist-info/WHEEL": text}))
    assert problems == [("wheel-version-unknown", "WHEEL")]


def test_a_newer_minor_wheel_version_is_worth_a_warning(
    tmp_path: Path, converter: Converter
) -> None:
    text = WHEEL.replace("1.0", "1.9", 1)
    converted = converter(wheel(tmp_path, {"demo-1.0.dist-info/WHEEL": text}))
    assert [warning.reference for warning in converted.warnings] == ["wheel-version-newer"]


def test_a_wheel_older_than_the_first_standard_is_accepted_as_pip_does(
    tmp_path: Path, converter: Converter
) -> None:
    """Of pip's own test wheels, five say 0.1."""
    text = WHEEL.replace("1.0", "0.1", 1)
    assert converter(wheel(tmp_path, {"demo-1.0.dist-info/WHEEL": text})).warnings == ()


def test_a_path_that_is_a_file_and_a_folder(tmp_path: Path, converter: Converter) -> None:
    problems = converter.refused(wheel(tmp_path, {"demo/x": "1", "demo/x/y/z": "2"}))
    assert problems == [("member-file-and-folder", "site-packages/demo/x")]


def test_a_file_and_a_folder_that_meet_by_way_of_the_data_folder(
    tmp_path: Path, converter: Converter
) -> None:
    problems = converter.refused(wheel(tmp_path, {"demo-1.0.data/purelib/demo": "1"}))
    assert problems == [("member-file-and-folder", "site-packages/demo")]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_that_is_in_it_twice_with_different_bytes(
    tmp_path: Path, converter: Converter
) -> None:
    path = raw_wheel(tmp_path, ("demo/x.py", "one"), ("demo/x.py", "two"))
    assert converter.refused(path) == [("member-duplicate", "site-packages/demo/x.py")]


def test_two_schemes_that_bring_one_path_with_different_bytes(
    tmp_path: Path, converter: Converter
) -> None:
    extra = {"demo/x.py": "one", "demo-1.0.data/platlib/demo/x.py": "two"}
    problems = converter.refused(wheel(tmp_path, extra))
    assert problems == [("member-duplicate", "site-packages/demo/x.py")]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_that_is_in_it_twice_with_the_same_bytes_is_packed_once(
    tmp_path: Path, converter: Converter, unpack: Callable[[Path], Any]
) -> None:
    path = raw_wheel(tmp_path, ("demo/x.py", "one"), ("demo/x.py", "one"))
    assert unpack(converter(path).path).files["site-packages/demo/x.py"] == b"one"


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices(kind: int, tmp_path: Path, converter: Converter) -> None:
    member = zipfile.ZipInfo("demo/link")
    member.create_system = 3
    member.external_attr = (kind | 0o777) << 16
    problems = converter.refused(raw_wheel(tmp_path, (member, "/etc/passwd")))
    assert problems == [("member-not-a-file", "demo/link")]


def test_more_bytes_than_the_limit(tmp_path: Path, converter: Converter) -> None:
    path = wheel(tmp_path, {"demo/big": bytes(5000)})
    assert converter.refused(path, limits=Limits(unpacked=4000)) == [("wheel-too-large", "")]


def test_a_wheel_of_nothing_but_zeros(tmp_path: Path, converter: Converter) -> None:
    path = wheel(tmp_path, {"demo/zeros": bytes(65 << 20)})
    assert converter.refused(path) == [("wheel-ratio", "")]


def test_a_small_wheel_may_pack_as_well_as_it_likes(tmp_path: Path, converter: Converter) -> None:
    assert converter(wheel(tmp_path, {"demo/zeros": bytes(1 << 20)})).size > 0


def _declare(path: Path, member: str, *, size: int | None = None, crc: int | None = None) -> None:
    """Make the zip's directory say something else of a member."""
    data = bytearray(path.read_bytes())
    at = data.rindex(member.encode()) - 46
    assert data[at : at + 4] == b"PK\1\2"
    if crc is not None:
        struct.pack_into("<I", data, at + 16, crc)
    if size is not None:
        struct.pack_into("<I", data, at + 24, size)
    path.write_bytes(data)


@pytest.mark.parametrize("declared", [1, 999, 1001, 300_000])
@pytest.mark.parametrize("factor", [1, 10_000])
def test_a_member_of_another_size_than_declared(
    declared: int, factor: int, tmp_path: Path, converter: Converter
) -> None:
    """With the factor the member is streamed, without it is read at once."""
    path = wheel(tmp_path, {"demo/liar": b"x" * 1000 * factor})
    _declare(path, "demo/liar", size=declared * factor)
    limits = Limits(ratio=1 << 30)
    assert converter.refused(path, limits=limits) == [("member-size-differs", "demo/liar")]


def test_a_small_declared_size_does_not_let_a_large_member_into_memory(
    tmp_path: Path, converter: Converter
) -> None:
    path = wheel(tmp_path, {"demo/liar": bytes(60 << 20)})
    _declare(path, "demo/liar", size=10)
    tracemalloc.start()
    try:
        assert converter.refused(path) == [("member-size-differs", "demo/liar")]
        assert tracemalloc.get_traced_memory()[1] < 20 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("size", [100, 9 << 20])
def test_a_member_with_a_wrong_checksum(size: int, tmp_path: Path, converter: Converter) -> None:
    path = wheel(tmp_path, {"demo/bad": b"x" * size})
    _declare(path, "demo/bad", crc=1)
    assert converter.refused(path) == [("member-corrupt", "demo/bad")]


@pytest.mark.parametrize("size", [100, 9 << 20])
def test_a_member_whose_data_is_no_deflate_stream(
    size: int, tmp_path: Path, converter: Converter
) -> None:
    path = wheel(tmp_path, {"demo/bad": b"x" * size})
    data = bytearray(path.read_bytes())
    at = data.index(b"demo/bad") + len("demo/bad")
    data[at : at + 2] = b"\xff\xff"
    path.write_bytes(data)
    assert converter.refused(path) == [("member-corrupt", "demo/bad")]


def test_a_local_header_that_names_another_file(tmp_path: Path, converter: Converter) -> None:
    path = wheel(tmp_path, {"demo/name": b"x"})
    data = path.read_bytes()
    path.write_bytes(data.replace(b"demo/name", b"demo/evil", 1))
    assert converter.refused(path) == [("member-corrupt", "demo/name")]


def test_an_encrypted_member(tmp_path: Path, converter: Converter) -> None:
    path = wheel(tmp_path, {"demo/secret": b"x"})
    data = bytearray(path.read_bytes())
    data[data.rindex(b"demo/secret") - 46 + 8] |= 1
    path.write_bytes(data)
    assert converter.refused(path) == [("member-encrypted", "demo/secret")]


@pytest.mark.parametrize(
    "path",
    [
        "info/index.json",
        "conda-meta/evil.json",
        "Conda-Meta/evil.json",
        "conda-meta",
        ".condarc",
        "condarc",
        "condarc.d/evil.yml",
        "condabin/conda",
        "pkgs/x",
        "envs/x/bin/python",
        "python-scripts/x",
        "site-packages/x.py",
        "pip.conf",
        "pip.ini",
        "pyvenv.cfg",
        "bin/pyvenv.cfg",
        "Scripts/pyvenv.cfg",
        "etc/pipguard.toml",
        "libexec/pipguard/shims/pip",
        "etc/conda/activate.d/zz-pipguard.sh",
        "lib/python3.11/EXTERNALLY-MANAGED",
    ],
)
def test_data_in_places_that_belong_to_conda_pip_or_the_guard(
    path: str, tmp_path: Path, converter: Converter
) -> None:
    problems = converter.refused(wheel(tmp_path, {f"demo-1.0.data/data/{path}": "x"}))
    assert problems == [("member-reserved", path)]


@pytest.mark.parametrize(
    "path",
    [
        "scripts/.demo-post-link.sh",
        "scripts/.demo-pre-unlink.sh",
        "scripts/.demo-pre-link.sh",
        "scripts/.Demo-Post-Link.BAT",
        "data/bin/.demo-post-link.sh",
        "data/Scripts/.demo-pre-unlink.bat",
    ],
)
def test_scripts_that_conda_would_run_on_its_own(
    path: str, tmp_path: Path, converter: Converter
) -> None:
    problems = converter.refused(wheel(tmp_path, {f"demo-1.0.data/{path}": "echo evil"}))
    assert [reference for reference, _ in problems] == ["member-link-script"]


def test_a_script_that_tells_python_of_another_home(tmp_path: Path, converter: Converter) -> None:
    problems = converter.refused(wheel(tmp_path, {"demo-1.0.data/scripts/pyvenv.cfg": "home = /x"}))
    assert problems == [("member-reserved", "python-scripts/pyvenv.cfg")]


def test_a_command_that_conda_would_run_on_its_own(tmp_path: Path, converter: Converter) -> None:
    text = "[console_scripts]\n.demo-post-link.sh = demo:main\n"
    problems = converter.refused(wheel(tmp_path, {"demo-1.0.dist-info/entry_points.txt": text}))
    assert problems == [("member-link-script", "python-scripts/.demo-post-link.sh")]


@pytest.mark.parametrize(
    ("line", "reference"),
    [("../demo = demo:main", "entry-point-path"), ("demo = demo", "entry-point-invalid")],
)
def test_broken_entry_points(
    line: str, reference: str, tmp_path: Path, converter: Converter
) -> None:
    text = f"[console_scripts]\n{line}\n"
    problems = converter.refused(wheel(tmp_path, {"demo-1.0.dist-info/entry_points.txt": text}))
    assert problems == [(reference, "entry_points.txt")]


def test_metadata_that_is_not_utf8(tmp_path: Path, converter: Converter) -> None:
    data = METADATA.encode() + "Author: Jürgen\n".encode("latin-1")
    problems = converter.refused(wheel(tmp_path, {"demo-1.0.dist-info/METADATA": data}))
    assert problems == [("metadata-not-utf8", "METADATA")]


@pytest.mark.parametrize(
    "requirement",
    [
        f"a; {'(' * 5000}os_name == 'x'{')' * 5000}",
        f"a>={'1' * 5000}",
        f"a; python_version < '{'3' * 5000}'",
        "a; python_version ~= '3.a'",
        "a; '3.9' < '3.9'",
    ],
    ids=["depth", "digits", "marker-digits", "no-comparison", "no-variable"],
)
def test_a_requirement_that_makes_a_parser_fail_in_its_own_way(
    requirement: str, tmp_path: Path, converter: Converter
) -> None:
    """Packaging raised RecursionError, ValueError and UndefinedComparison for them."""
    text = f"{METADATA}Requires-Dist: {requirement}\n"
    problems = converter.refused(wheel(tmp_path, {"demo-1.0.dist-info/METADATA": text}))
    assert problems == [("requires-dist-invalid", "METADATA")]


def test_numbers_that_python_will_not_read(tmp_path: Path, converter: Converter) -> None:
    digits = "3" * 5000
    text = METADATA.replace("1.0", digits)
    problems = converter.refused(wheel(tmp_path, {"demo-1.0.dist-info/METADATA": text}))
    assert ("metadata-version-differs", "METADATA") in problems
    text = f"{METADATA}Requires-Python: >={digits}\n"
    converted = converter(wheel(tmp_path, {"demo-1.0.dist-info/METADATA": text}))
    assert [it.reference for it in converted.warnings] == ["requires-python-invalid"]


@pytest.mark.parametrize("number", ["3.999999999", f"3.{'9' * 5000}"], ids=["large", "huge"])
def test_a_python_of_the_far_future_is_not_walked_to(
    number: str, tmp_path: Path, converter: Converter
) -> None:
    lines = (
        f"Requires-Dist: a; python_version >= '3.8' and platform_version != '{number}'\n"
        "Requires-Dist: b; python_version < '3.999999999'\n"
    )
    path = wheel(tmp_path, {"demo-1.0.dist-info/METADATA": METADATA + lines})
    assert converter(path).index.depends == ("python >=3.8,<3.999999999dev0", "a", "b")


def test_an_entry_point_of_many_blanks_takes_no_time(tmp_path: Path, converter: Converter) -> None:
    """Three thousand of them took a regular expression minutes, which no Ctrl-C ended."""
    text = f"[console_scripts]\ndemo = demo{' ' * 3000}!\n"
    problems = converter.refused(wheel(tmp_path, {"demo-1.0.dist-info/entry_points.txt": text}))
    assert problems == [("entry-point-invalid", "entry_points.txt")]


def test_an_invalid_requirement(tmp_path: Path, converter: Converter) -> None:
    text = METADATA + "Requires-Dist: six (>=1\n"
    problems = converter.refused(wheel(tmp_path, {"demo-1.0.dist-info/METADATA": text}))
    assert problems == [("requires-dist-invalid", "METADATA")]


@pytest.mark.parametrize("path", ["demo-1.0.data/evil/x", "demo-1.0.data/x", "x.data/scripts/"])
def test_an_unknown_kind_of_data(path: str, tmp_path: Path, converter: Converter) -> None:
    if path.endswith("/"):
        assert converter(wheel(tmp_path, {path: ""})).size > 0  # an empty folder is nothing
    else:
        problems = converter.refused(wheel(tmp_path, {path: "x"}))
        assert problems == [("data-scheme-unknown", path)]


def test_names_that_differ_only_in_case_are_refused_where_they_are_one_file(
    tmp_path: Path, converter: Converter, make_target: Callable[..., Any]
) -> None:
    path = wheel(tmp_path, {"demo/a.py": "1", "demo/A.py": "2"})
    for subdir in ("osx-arm64", "win-64"):
        problems = converter.refused(path, target=make_target(subdir=subdir))
        assert {member for _, member in problems} == {
            "site-packages/demo/a.py",
            "site-packages/demo/A.py",
        }
        assert {reference for reference, _ in problems} == {"member-case-differs"}
    assert converter(path).size > 0


@pytest.mark.parametrize(
    ("path", "reference"),
    [
        ("Menu/demo.json", "member-menu"),
        ("etc/conda/activate.d/demo.sh", "member-activation"),
        ("etc/conda/deactivate.d/demo.sh", "member-activation"),
    ],
)
def test_files_that_do_more_than_lie_there_are_worth_a_warning(
    path: str, reference: str, tmp_path: Path, converter: Converter
) -> None:
    converted = converter(wheel(tmp_path, {f"demo-1.0.data/data/{path}": "{}"}))
    warnings = [(warning.reference, warning.member) for warning in converted.warnings]
    assert (reference, path) in warnings


def test_another_sha256_than_promised(tmp_path: Path, converter: Converter) -> None:
    assert converter.refused(wheel(tmp_path), sha256="0" * 64) == [("wheel-hash-differs", "")]


@pytest.mark.parametrize("data", [b"", b"PK", b"this is no zip", b"PK\5\6" + bytes(18)])
def test_a_file_that_is_no_wheel(data: bytes, tmp_path: Path, converter: Converter) -> None:
    path = tmp_path / NAME
    path.write_bytes(data)
    (problem,) = converter.refused(path)
    assert problem[0] in ("wheel-unreadable", "dist-info-missing")


def test_a_wheel_cut_short(tmp_path: Path, converter: Converter) -> None:
    path = wheel(tmp_path)
    path.write_bytes(path.read_bytes()[:-10])
    assert converter.refused(path) == [("wheel-unreadable", "")]


def test_a_wheel_for_another_platform(tmp_path: Path, converter: Converter) -> None:
    path = wheel(tmp_path, name="demo-1.0-cp311-cp311-win_amd64.whl")
    assert converter.refused(path) == [("wheel-not-for-target", "")]


def test_a_wheel_for_musl(tmp_path: Path, converter: Converter) -> None:
    path = wheel(tmp_path, name="demo-1.0-cp311-cp311-musllinux_1_2_x86_64.whl")
    assert converter.refused(path) == [("wheel-musllinux", "")]


def test_all_problems_are_told_at_once(tmp_path: Path, converter: Converter) -> None:
    bad = {
        "demo-1.0.dist-info/METADATA": METADATA.replace("demo", "other")
        + "Requires-Dist: six (>=1\nRequires-Dist: five (>=1\n",
        "demo-1.0.dist-info/WHEEL": WHEEL.replace("1.0", "3.0", 1),
        "demo-1.0.dist-info/entry_points.txt": "[console_scripts]\na/b = c:d\nd = e\n",
        "demo-1.0.data/data/.condarc": "",
        "demo-1.0.data/scripts/.demo-post-link.sh": "",
    }
    assert sorted(reference for reference, _ in converter.refused(wheel(tmp_path, bad))) == [
        "entry-point-invalid",
        "entry-point-path",
        "member-link-script",
        "member-reserved",
        "metadata-name-differs",
        "requires-dist-invalid",
        "requires-dist-invalid",
        "wheel-version-unknown",
    ]


def test_every_damaged_member_is_told(tmp_path: Path, converter: Converter) -> None:
    path = wheel(tmp_path, {"demo/one": b"1" * 50, "demo/two": b"2" * 50})
    _declare(path, "demo/one", crc=1)
    _declare(path, "demo/two", size=7)
    assert converter.refused(path) == [
        ("member-corrupt", "demo/one"),
        ("member-size-differs", "demo/two"),
    ]


def test_a_failure_while_writing_leaves_nothing(
    tmp_path: Path, converter: Converter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pipguard.wheels.package._write_info", fail)
    with pytest.raises(OSError, match="No space"):
        converter(wheel(tmp_path))
    assert list(converter.folder.iterdir()) == []


def test_a_wheel_of_unusual_compression_is_read_as_pip_reads_it(
    tmp_path: Path, converter: Converter, unpack: Callable[[Path], Any]
) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_BZIP2) as archive:
        for name, data in {**GOOD, "demo/x.py": "x = 1"}.items():
            archive.writestr(name, data)
    path = tmp_path / NAME
    path.write_bytes(buffer.getvalue())
    assert unpack(converter(path).path).files["site-packages/demo/x.py"] == b"x = 1"


def test_limits_are_those_of_the_documentation() -> None:
    assert dataclasses.astuple(Limits()) == (32 << 30, 100, 64 << 20)


@pytest.mark.parametrize("seed", range(8))
def test_a_damaged_wheel_is_refused_or_converted_and_nothing_else(
    seed: int, tmp_path: Path, converter: Converter
) -> None:
    """Found negative offsets, names that are no UTF-8 and zip versions of the far future."""
    files = {"demo.py": "x = 1", "démo.py": "", "demo-1.0.data/scripts/run": "#!python\n"}
    path = builders.wheel(tmp_path, "demo", files=files, entry_points=["demo = demo:main"])
    good = path.read_bytes()
    directory = good.index(b"PK\1\2")
    random = Random(seed)  # noqa: S311 # must give the same damage every time
    outcomes = set()
    for _ in range(150):
        data = bytearray(good)
        for _ in range(random.choice([1, 1, 3])):
            start = random.choice([0, directory, directory])
            data[random.randrange(start, len(data))] ^= 1 << random.randrange(8)
        path.write_bytes(data)
        try:
            converter(path).path.unlink()
            outcomes.add("converted")
        except ConversionError as error:
            outcomes.add(error.problems[0].reference)
        assert list(converter.folder.iterdir()) == []
    assert outcomes >= {"converted", "member-corrupt", "wheel-unreadable"}
