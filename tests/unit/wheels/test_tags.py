"""Tags: the table of the specification, for more than one kind of target."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pipguard.errors import ConversionError
from pipguard.target import Target
from pipguard.wheels.tags import Demand, read_tags

MakeTarget = Callable[..., Target]


def demand(tag: str, target: Target) -> Demand | str:
    try:
        return read_tags(f"demo-1.0-{tag}.whl", target)
    except ConversionError as error:
        (problem,) = error.problems
        return problem.reference


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("py3-none-any", Demand(any_platform=True)),
        ("py2.py3-none-any", Demand(any_platform=True)),
        ("py38-none-any", Demand(any_platform=True, least=(3, 8))),
        ("cp311-none-any", Demand(any_platform=True, exact=(3, 11))),
        (
            "cp311-cp311-manylinux_2_28_x86_64",
            Demand(any_platform=False, system="__glibc >=2.28", exact=(3, 11)),
        ),
        (
            "cp311-cp311-manylinux2014_x86_64.manylinux_2_5_x86_64.manylinux_2_28_x86_64",
            Demand(any_platform=False, system="__glibc >=2.5", exact=(3, 11)),
        ),
        (
            "cp38-abi3-manylinux2010_x86_64",
            Demand(any_platform=False, system="__glibc >=2.12", least=(3, 8)),
        ),
        ("py3-none-manylinux1_x86_64", Demand(any_platform=False, system="__glibc >=2.5")),
        (
            "py3-none-manylinux_2_17_x86_64.musllinux_1_1_x86_64",
            Demand(any_platform=False, system="__glibc >=2.17"),
        ),
        ("cp311-cp311-linux_x86_64", Demand(any_platform=False, exact=(3, 11))),
        ("cp311-cp311-musllinux_1_2_x86_64", "wheel-musllinux"),
        ("cp312-cp312-manylinux_2_28_x86_64", "wheel-not-for-target"),
        ("cp312-abi3-manylinux_2_28_x86_64", "wheel-not-for-target"),
        ("cp311-cp311-manylinux_2_28_aarch64", "wheel-not-for-target"),
        ("cp311-cp311-macosx_11_0_x86_64", "wheel-not-for-target"),
        ("py2-none-any", "wheel-not-for-target"),
        ("pp310-pypy310_pp73-manylinux2014_x86_64", "wheel-not-for-target"),
        ("cp311", "wheel-name-invalid"),
    ],
)
def test_on_linux(tag: str, expected: Demand | str, target: Target) -> None:
    assert demand(tag, target) == expected


@pytest.mark.parametrize(
    ("tag", "subdir", "system"),
    [
        ("cp311-cp311-macosx_11_0_arm64", "osx-arm64", "__osx >=11.0"),
        ("cp311-cp311-macosx_10_9_universal2", "osx-arm64", "__osx >=10.9"),
        ("cp311-cp311-macosx_10_9_x86_64.macosx_11_0_arm64", "osx-64", "__osx >=10.9"),
        ("cp311-cp311-macosx_10_9_x86_64.macosx_11_0_arm64", "osx-arm64", "__osx >=11.0"),
        ("cp311-cp311-win_amd64", "win-64", ""),
        ("cp311-cp311-win_arm64", "win-arm64", ""),
    ],
)
def test_on_macos_and_windows(tag: str, subdir: str, system: str, make_target: MakeTarget) -> None:
    found = demand(tag, make_target(subdir=subdir))
    assert found == Demand(any_platform=False, system=system, exact=(3, 11))


def test_a_free_threaded_python_takes_its_own_abi_and_not_the_stable_one(
    make_target: MakeTarget,
) -> None:
    free_threaded = make_target("3.13.1", free_threaded=True)
    own = Demand(any_platform=False, exact=(3, 13), free_threaded=True)
    assert demand("cp313-cp313t-linux_x86_64", free_threaded) == own
    assert demand("cp313-cp313-linux_x86_64", free_threaded) == "wheel-not-for-target"
    assert demand("cp39-abi3-linux_x86_64", free_threaded) == "wheel-not-for-target"
    assert demand("cp313-cp313t-linux_x86_64", make_target("3.13.1")) == "wheel-not-for-target"
    assert demand("py3-none-any", free_threaded) == Demand(any_platform=True)


def test_the_lowest_of_several_stable_abi_tags_counts(target: Target) -> None:
    found = demand("cp39.cp37.cp38-abi3-manylinux_2_17_x86_64", target)
    assert isinstance(found, Demand)
    assert found.python == ">=3.7"
