"""Dependencies: markers settled for the target, bounds only where another python differs."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from packaging.specifiers import SpecifierSet

from pipguard.errors import ConversionError
from pipguard.names import CondaName, pypi_name
from pipguard.target import Target
from pipguard.wheels.core import CoreMetadata
from pipguard.wheels.dependencies import Dependencies, Naming, resolve

MakeTarget = Callable[..., Target]


def settle(
    target: Target, *requires: str, python: str = ">=3.8", naming: Naming | None = None
) -> Dependencies:
    metadata = CoreMetadata("Demo", "1.0", requires_dist=requires)
    return resolve(metadata, SpecifierSet(python), target, naming or Naming())


def test_markers_are_settled_for_the_target_and_never_dropped(target: Target) -> None:
    found = settle(
        target,
        'pexpect>4.3; sys_platform != "win32"',
        'colorama; sys_platform == "win32"',
        "jedi>=0.16",
    )
    assert found.specs == ("pexpect >4.3,!=4.3.post.*", "jedi >=0.16")
    assert found.by_platform


def test_extras_nobody_asked_for_do_not_bind_the_package(target: Target) -> None:
    found = settle(target, 'pywin32; extra == "w" and sys_platform == "win32"', "six")
    assert found == Dependencies(("six",), "", "", by_platform=False)


@pytest.mark.parametrize(
    ("marker", "python", "least", "below"),
    [
        ('python_version < "3.11"', ">=3.8", ">=3.11", ""),
        ('python_version < "3.9"', ">=3.9", "", ""),
        ('python_version >= "3.13"', ">=3.8", "", "<3.13"),
        ('python_version == "3.11"', ">=3.8", ">=3.11", "<3.12"),
        ('python_version >= "3.13"', ">=3.8,<3.13", "", ""),
        ('python_full_version <= "3.11.0a6"', ">=3.8", ">=3.11", ""),
        ('python_full_version < "3.11.4"', ">=3.8", ">=3.11.4", ""),
        ('python_full_version <= "3.11.4"', ">=3.8", ">=3.11.5", ""),
        ('python_full_version >= "3.11.9"', ">=3.8", "", "<3.11.9"),
        ('python_version in "3.9 3.10"', ">=3.8", ">=3.11", ""),
        ('python_version < "4"', ">=3.8", "", ""),
        ('sys_platform == "win32" and python_version < "3.10"', ">=3.8", "", ""),
        ('python_version < "3.10"', "==3.11.*", "", ""),
        ('python_version < "3.8"', ">=3.7.2", ">=3.8", ""),
    ],
)
def test_a_python_bound_is_named_only_where_a_possible_python_decides_otherwise(
    marker: str, python: str, least: str, below: str, target: Target
) -> None:
    found = settle(target, f"tomli; {marker}", python=python)
    assert (found.least, found.below) == (least, below)


def test_extras_of_dependencies_are_folded_in_from_the_plan(target: Target) -> None:
    uvicorn = CoreMetadata(
        "uvicorn",
        "0.30",
        requires_dist=(
            "click>=7",
            "httptools>=0.5; extra == 'standard'",
            "colorama; sys_platform == 'win32' and extra == 'standard'",
            "uvicorn[reload]; extra == 'standard'",
            "watchfiles; extra == 'reload'",
            "black; extra == 'dev'",
        ),
        provides_extra=("standard", "reload", "dev"),
    )
    naming = Naming(extras={pypi_name("uvicorn"): uvicorn})
    found = settle(target, "uvicorn[Standard]>=0.20", naming=naming)
    assert found.specs == ("uvicorn >=0.20", "httptools >=0.5", "watchfiles")
    assert found.by_platform


def test_extras_that_need_each_other_come_to_an_end(target: Target) -> None:
    one = CoreMetadata("one", "1", requires_dist=("two[b]; extra == 'a'", "demo; extra == 'a'"))
    two = CoreMetadata("two", "1", requires_dist=("one[a]; extra == 'b'", "six; extra == 'b'"))
    naming = Naming(extras={pypi_name("one"): one, pypi_name("two"): two})
    assert settle(target, "one[a]", naming=naming).specs == ("one", "two", "six")


def test_an_extra_of_a_dependency_that_does_not_hold_is_not_folded(target: Target) -> None:
    other = CoreMetadata("other", "1", requires_dist=("six; extra == 'x'",))
    naming = Naming(extras={pypi_name("other"): other})
    assert settle(target, "other[x]; sys_platform == 'win32'", naming=naming).specs == ()


def test_names_come_from_the_run_and_fall_back_to_the_canonical_name(target: Target) -> None:
    naming = Naming(names={pypi_name("torch"): CondaName("pytorch")})
    found = settle(target, "Torch>=2", "Ruamel.Yaml", naming=naming)
    assert found.specs == ("pytorch >=2", "ruamel-yaml")


def test_a_requirement_by_url_means_the_version_of_the_plan(target: Target) -> None:
    naming = Naming(versions={pypi_name("other"): "1.5+cu1"})
    assert settle(target, "other @ https://example.org/o.zip", naming=naming).specs == (
        "other ==1.5 cu1_*",
    )
    assert settle(target, "other @ https://example.org/o.zip").specs == ("other",)


def test_every_invalid_requirement_is_named(target: Target) -> None:
    with pytest.raises(ConversionError) as caught:
        settle(target, "good", "bad >= ", "worse (>=1", "odd ===nonsense")
    details = [problem.detail for problem in caught.value.problems]
    assert details == ["bad >= ", "worse (>=1", "odd ===nonsense"]
    assert {problem.reference for problem in caught.value.problems} == {"requires-dist-invalid"}


def test_the_same_metadata_gives_other_dependencies_elsewhere(make_target: MakeTarget) -> None:
    requires = ('colorama; platform_system == "Windows"', 'tomli; python_version < "3.11"')
    assert settle(make_target(subdir="win-64"), *requires).specs == ("colorama",)
    older = settle(make_target("3.10.2"), *requires)
    assert (older.specs, older.below) == (("tomli",), "<3.11")
