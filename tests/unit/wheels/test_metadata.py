"""The record of a package, from metadata alone."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import pytest
from rattler import IndexJson, MatchSpec

from pipguard.errors import ConversionError
from pipguard.names import CondaName, pypi_name
from pipguard.target import Target
from pipguard.wheels.metadata import (
    CoreMetadata,
    Naming,
    PackageIndex,
    narrowed,
    package_index,
)

MakeTarget = Callable[..., Target]
SHA256 = "ab" * 32
DEMO = CoreMetadata("Demo.Project", "1.0", requires_python=">=3.9")


def index(target: Target, metadata: CoreMetadata = DEMO, **changes: Any) -> PackageIndex:
    values: dict[str, Any] = {
        "wheel_name": "demo_project-1.0-py3-none-any.whl",
        "sha256": SHA256,
        "naming": Naming(),
    } | changes
    return package_index(metadata, target=target, **values)


def test_a_pure_wheel_is_noarch_and_keeps_its_requires_python(target: Target) -> None:
    found = index(target)
    assert found.subdir == "noarch"
    assert found.depends == ("python >=3.9",)
    assert found.name == "demo-project"
    assert found.purls == ("pkg:pypi/demo-project@1.0",)


def test_a_compiled_wheel_is_bound_to_platform_minor_and_glibc(target: Target) -> None:
    found = index(target, wheel_name="demo_project-1.0-cp311-cp311-manylinux_2_28_x86_64.whl")
    assert found.subdir == "linux-64"
    assert found.noarch == "python"
    assert found.depends == ("python 3.11.*", "__glibc >=2.28")


def test_a_platform_marker_binds_even_a_pure_wheel(target: Target) -> None:
    metadata = dataclasses.replace(DEMO, requires_dist=('six; sys_platform == "linux"',))
    assert index(target, metadata).subdir == "linux-64"


def test_patches_in_requires_python_stay_beside_the_minor_of_the_tag(target: Target) -> None:
    metadata = dataclasses.replace(DEMO, requires_python=">=3.9,!=3.11.2,!=3.9.1")
    found = index(target, metadata, wheel_name="demo_project-1.0-cp311-cp311-linux_x86_64.whl")
    assert found.depends == ("python 3.11.*,!=3.11.2",)


def test_the_stable_abi_is_a_lower_bound(target: Target) -> None:
    found = index(target, wheel_name="demo_project-1.0-cp310-abi3-linux_x86_64.whl")
    assert found.depends == ("python >=3.10",)


def test_a_free_threaded_wheel_asks_for_a_python_without_the_gil(make_target: MakeTarget) -> None:
    found = index(
        make_target("3.13.1", free_threaded=True),
        wheel_name="demo_project-1.0-cp313-cp313t-linux_x86_64.whl",
    )
    assert found.depends == ("python 3.13.* *_cp313t",)


def test_bounds_from_markers_are_joined_to_the_dependency_on_python(target: Target) -> None:
    metadata = dataclasses.replace(DEMO, requires_dist=("tomli; python_version < '3.11'",))
    assert index(target, metadata).depends == ("python >=3.11",)


def test_an_invalid_requires_python_is_ignored_as_pip_does(target: Target) -> None:
    found = index(target, dataclasses.replace(DEMO, requires_python=">=3.6.*"))
    assert found.depends == ("python",)


def test_every_dependency_is_in_the_strict_syntax(target: Target) -> None:
    requires = ("a<2", "b~=1.4", "c==1.0+x", "d!=1.*,>=0.5", "e>1")
    metadata = dataclasses.replace(DEMO, requires_dist=requires, requires_python=">=3.9,<4")
    found = index(target, metadata, wheel_name="demo_project-1.0-py3-none-manylinux1_x86_64.whl")
    assert len(found.depends) == 7
    assert all(MatchSpec(each, strict=True) for each in found.depends)


def test_a_local_version_begins_the_build_string(target: Target) -> None:
    found = index(
        target,
        dataclasses.replace(DEMO, version="1.0+cu121"),
        wheel_name="demo_project-1.0+cu121-py3-none-any.whl",
    )
    assert found.version == "1.0"
    assert found.build.startswith("cu121_pypi_h")
    assert found.purls == ("pkg:pypi/demo-project@1.0%2Bcu121",)
    assert MatchSpec("demo-project ==1.0 cu121_*").build == "cu121_*"


@pytest.mark.parametrize(
    "changes",
    [
        {"sha256": "cd" * 32},
        {"naming": Naming(names={pypi_name("demo-project"): CondaName("demo")})},
        {"direct_url": {"url": "https://example.org/demo.whl"}},
        {"metadata": dataclasses.replace(DEMO, requires_dist=("six",))},
    ],
)
def test_other_content_is_another_build(changes: dict[str, Any], target: Target) -> None:
    assert index(target, **changes).build != index(target).build


def test_the_build_is_the_same_where_nothing_differs(make_target: MakeTarget) -> None:
    builds = {index(make_target(python)).build for python in ("3.9.1", "3.11.7", "3.14.0")}
    assert len(builds) == 1
    assert index(make_target(subdir="osx-64")).build in builds
    assert index(make_target(subdir="win-64")).build not in builds


def test_the_build_string_has_the_form_that_is_documented(target: Target) -> None:
    prefix, digest, number = index(target).build.split("_")
    assert (prefix, digest[0], len(digest), number) == ("pypi", "h", 9, "0")


def test_the_report_and_the_wheel_give_the_same_record(target: Target) -> None:
    text = b"""\
Metadata-Version: 2.4
Name: Demo.Project
Version: 1.0
Summary: A demonstration
License-Expression: MIT
License-File: LICENSE
Home-page: https://example.org
Requires-Python: >=3.9
Requires-Dist: six>=1.0
Requires-Dist: tomli; extra == "toml"
Provides-Extra: toml

The description.
"""
    report = {
        "metadata_version": "2.4",
        "name": "Demo.Project",
        "version": "1.0",
        "summary": "A demonstration",
        "license_expression": "MIT",
        "license_file": ["LICENSE"],
        "home_page": "https://example.org",
        "requires_python": ">=3.9",
        "requires_dist": ["six>=1.0", 'tomli; extra == "toml"'],
        "provides_extra": ["toml"],
        "description": "The description.",
    }
    from_wheel, from_report = CoreMetadata.from_text(text), CoreMetadata.from_json(report)
    assert from_wheel == from_report
    assert from_wheel.license_files == ("LICENSE",)
    assert index(target, from_wheel) == index(target, from_report)


def test_a_license_text_is_not_taken_for_its_name() -> None:
    text = CoreMetadata.from_json({"name": "a", "version": "1", "license": "MIT\n\nPermission is"})
    assert text.license == ""
    assert CoreMetadata.from_json({"name": "a", "version": "1", "license": "BSD"}).license == "BSD"


def test_metadata_that_is_not_utf8_cannot_be_read() -> None:
    with pytest.raises(UnicodeDecodeError):
        CoreMetadata.from_text("Name: démo".encode("latin-1"))


def test_the_home_page_may_be_a_project_url() -> None:
    urls = ("Source, https://example.org/src", "Homepage, https://example.org")
    assert CoreMetadata("a", "1", project_urls=urls).home == "https://example.org"
    assert CoreMetadata("a", "1").home == ""


def test_rattler_reads_the_record(target: Target, tmp_path: Any) -> None:
    found = dataclasses.replace(index(target), timestamp=1_700_000_000_000)
    path = tmp_path / "index.json"
    path.write_text(json.dumps(found.to_json()))
    read = IndexJson.from_path(path)
    assert (read.name.normalized, str(read.version), str(read.build)) == (
        "demo-project",
        "1.0",
        found.build,
    )
    assert list(read.depends) == ["python >=3.9"]
    assert read.noarch.python


def test_a_record_survives_its_journey_through_json(target: Target) -> None:
    found = dataclasses.replace(index(target), timestamp=5, license="MIT")
    again = PackageIndex.from_json(json.loads(json.dumps(found.to_json())))
    assert again == found
    assert again.timestamp == 5


def test_the_timestamp_is_no_part_of_the_identity(target: Target) -> None:
    assert dataclasses.replace(index(target), timestamp=5) == index(target)


def test_narrowing_binds_the_minor_once_and_gives_another_build(target: Target) -> None:
    pure = index(target)
    bound = narrowed(pure, target)
    assert bound.depends == ("python 3.11.*,>=3.9",)
    assert bound.build != pure.build
    assert narrowed(bound, target) == bound
    local = dataclasses.replace(pure, build="cu121_pypi_h00000000_0")
    assert narrowed(local, target).build.startswith("cu121_pypi_h")


def test_a_python_without_the_gil_has_a_folder_of_headers_of_its_own(
    make_target: MakeTarget,
) -> None:
    usual, threaded = make_target("3.13.0"), make_target("3.13.0", free_threaded=True)
    pure = index(usual)
    bound = narrowed(pure, threaded)
    assert bound.depends == ("python 3.13.*,>=3.9 *_cp313t",)
    assert bound.build != narrowed(pure, usual).build
    assert narrowed(bound, threaded) == bound


def test_a_version_that_is_not_pep_440_is_refused(target: Target) -> None:
    with pytest.raises(ConversionError) as caught:
        index(target, dataclasses.replace(DEMO, version="1.0-kernel"))
    assert [problem.reference for problem in caught.value.problems] == ["version-invalid"]


@pytest.mark.parametrize("name", ["../evil", "", ".hidden", "a/b", "UPPER"])
def test_a_name_that_cannot_be_a_file_name_is_refused(name: str, target: Target) -> None:
    naming = Naming(names={pypi_name("demo-project"): CondaName(name)})
    with pytest.raises(ConversionError) as caught:
        index(target, naming=naming)
    assert [problem.reference for problem in caught.value.problems] == ["conda-name-invalid"]
