"""Each format over values: what is said of which dist, and what is left out."""

from __future__ import annotations

import sys

import pytest
from packaging.pylock import Pylock
from values import MARKERS, PYTHON, SHA256, by_pip, converted, from_conda

from pipguard.direct_url import DirectUrl
from pipguard.export.environment_yml import environment_yml
from pipguard.export.explicit import explicit
from pipguard.export.inventory import Artifact, Inventory, Item, Scope
from pipguard.export.pylock import pylock, unlocatable
from pipguard.export.requirements_txt import index_options, requirement, requirements_txt
from pipguard.names import CondaName, pypi_name
from pipguard.records import InstalledRecord, Origin

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

HERE = "/home/me/project"
PYPI = "https://pypi.org/simple/"
MIRROR = "https://mirror.example/simple/"


def item(name: str, **fields: object) -> Item:
    defaults: dict[str, object] = {"version": "1.0", "origin": Origin.CONVERTED}
    return Item(pypi_name(name), **(defaults | fields))  # type: ignore[arg-type]


def artifact(name: str = "alpha", index: str = PYPI, **fields: str) -> Artifact:
    url = f"https://files.example/{name}-1.0-py3-none-any.whl"
    return Artifact(url, fields.pop("sha256", SHA256), index, **fields)


def stock(
    *items: Item, records: tuple[InstalledRecord, ...] = (PYTHON,), **fields: object
) -> Inventory:
    return Inventory("demo", "linux-64", "3.12.4", records, items, **fields)  # type: ignore[arg-type]


# Lines


@pytest.mark.parametrize(
    ("direct", "line"),
    [
        (None, "alpha==1.0"),
        (DirectUrl(f"file://{HERE}/src/alpha", editable=True, is_folder=True), "-e ./src/alpha"),
        (DirectUrl("file:///home/me/alpha", is_folder=True), "../alpha"),
        (DirectUrl("file:///home/me/with%20space", is_folder=True), "../with space"),
        (
            DirectUrl(f"file://{HERE}/all", is_folder=True, subdirectory="packages/alpha"),
            "./all#subdirectory=packages/alpha",
        ),
        (
            DirectUrl("https://git.example/alpha", vcs="git", revision="main", commit="c0ffee"),
            "alpha @ git+https://git.example/alpha@c0ffee",
        ),
        (DirectUrl("https://files.example/a.whl"), "alpha @ https://files.example/a.whl"),
    ],
)
def test_each_origin_has_its_line(direct: DirectUrl | None, line: str) -> None:
    assert requirement(item("alpha", direct=direct), Scope.EXACT, HERE) == line


def test_the_folder_in_which_conda_has_built_is_nobodys() -> None:
    feedstock = DirectUrl("file:///home/conda/feedstock_root/build_artifacts/alpha", is_folder=True)
    built = item("alpha", origin=Origin.CONDA, direct=feedstock)
    assert requirement(built, Scope.EXACT, HERE) == "alpha==1.0"


@pytest.mark.parametrize(("asked", "line"), [("alpha[more]>=1", "alpha[more]>=1"), ("", "alpha")])
def test_a_wish_is_told_as_it_was_typed(asked: str, line: str) -> None:
    wished = item("alpha", requested=True, artifact=artifact(asked=asked))
    text, _ = requirements_txt(stock(wished, item("beta")), Scope.HISTORY, HERE)
    assert text.splitlines() == [line]


@pytest.mark.parametrize(
    ("python", "left"), [("3.11.2", ["alpha==1.0"]), ("3.12.0", ["alpha==1.0", "setuptools==1.0"])]
)
def test_tools_are_left_out_as_pip_freeze_does(python: str, left: list[str]) -> None:
    items = (item("alpha"), item("pip", origin=Origin.CONDA), item("setuptools"))
    inventory = Inventory("demo", "linux-64", python, (), items)
    assert requirements_txt(inventory, Scope.EXACT, HERE)[0].splitlines() == left


def test_a_repository_of_this_machine_is_told_of() -> None:
    local = DirectUrl("file:///home/me/alpha", vcs="git", commit="c0ffee")
    _, (notice,) = requirements_txt(stock(item("alpha", direct=local)), Scope.EXACT, HERE)
    assert (notice.reference, notice.name) == ("export-local-repository", "alpha")


# Indexes


@pytest.mark.parametrize(
    ("indexes", "options"),
    [
        ([PYPI, PYPI], []),
        ([MIRROR, MIRROR], [f"--index-url {MIRROR}"]),
        ([MIRROR, PYPI], [f"--extra-index-url {MIRROR}"]),
        ([MIRROR, None], [f"--extra-index-url {MIRROR}"]),
        (["https://wheels.example/torch.html"], ["--find-links https://wheels.example/torch.html"]),
        (["file:///home/me/wheels", "/home/me/index/"], []),
    ],
)
def test_the_indexes_that_dists_came_from_are_named(
    indexes: list[str | None], options: list[str]
) -> None:
    items = [
        item(f"dist{at}", artifact=artifact(index=index) if index else None)
        for at, index in enumerate(indexes)
    ]
    assert list(index_options(items)) == options


# environment.yml


def test_channels_come_in_the_order_that_conda_is_told() -> None:
    records = (
        from_conda("alpha", channel="https://conda.anaconda.org/conda-forge"),
        from_conda("beta", channel="https://conda.anaconda.org/conda-forge"),
        from_conda("gamma", channel="https://conda.example/team"),
        converted("delta"),
    )
    told = ("https://conda.example/team", "https://conda.example/unused")
    text, _ = environment_yml(stock(records=records, priorities=told), Scope.EXACT, HERE)
    assert text.splitlines() == [
        "name: demo",
        "channels:",
        "  - https://conda.example/team",
        "  - conda-forge",
        "dependencies:",
        "  - alpha=1.0=py_0",
        "  - beta=1.0=py_0",
        "  - gamma=1.0=py_0",
    ]


def test_pip_is_named_where_something_is_left_to_it() -> None:
    text, _ = environment_yml(stock(item("alpha")), Scope.NO_BUILDS, HERE)
    assert text.splitlines()[-4:] == [
        "  - python=3.11.4",
        "  - pip",
        "  - pip:",
        "      - alpha==1.0",
    ]


def test_one_dist_without_a_hash_spoils_it_for_all() -> None:
    first = item("alpha", artifact=artifact())
    for other in (item("beta"), item("beta", direct=DirectUrl("file:///b", is_folder=True))):
        assert "--hash" not in environment_yml(stock(first, other), Scope.EXACT, HERE)[0]
    assert (
        f"alpha==1.0 --hash=sha256:{SHA256}\n"
        in environment_yml(stock(first), Scope.EXACT, HERE)[0]
    )


def test_what_conda_was_asked_for_and_has_gone_is_no_wish() -> None:
    wishes = {CondaName("python"): "python=3.11", CondaName("gone"): "gone"}
    text, _ = environment_yml(stock(wishes=wishes), Scope.HISTORY, HERE)
    assert text.splitlines()[-1] == "  - python=3.11"


# explicit


def test_what_is_no_package_stands_in_a_comment() -> None:
    records = (PYTHON, by_pip("delta"))
    folder = DirectUrl(f"file://{HERE}/delta", editable=True, is_folder=True)
    delta = item("delta", origin=Origin.PIP, conda_name=CondaName("delta"), direct=folder)
    stray = item("stray", origin=Origin.UNTRACKED)
    lines = explicit(stock(delta, stray, records=records), HERE)[0].splitlines()
    assert lines[-2:] == ["# -e ./delta", "# stray==1.0"]
    assert sum(line.startswith("https:") for line in lines) == 1


# pylock


def test_a_lock_is_valid_and_holds_every_dist() -> None:
    items = (
        item("alpha", artifact=artifact()),
        item("beta", origin=Origin.CONDA),
        item(
            "gamma", direct=DirectUrl("https://g.example", vcs="git", commit="c0", subdirectory="g")
        ),
        item("delta", direct=DirectUrl(f"file://{HERE}/d", editable=True, is_folder=True)),
        item("epsilon", direct=DirectUrl("https://f.example/epsilon-1.0.tar.gz", sha256=SHA256)),
        item("zeta", artifact=Artifact(f"file://{HERE}/zeta-1.0.tar.gz", SHA256)),
    )
    inventory = stock(*items)
    assert [each.name for each in unlocatable(inventory)] == ["beta"]
    asked = {pypi_name("beta"): artifact("beta")}
    lock = Pylock.from_dict(tomllib.loads(pylock(inventory, asked, HERE, MARKERS)[0]))
    found = {package.name: package for package in lock.packages}
    assert found["alpha"].index == PYPI.rstrip("/")
    assert [wheel.hashes for wheel in found["beta"].wheels or ()] == [{"sha256": SHA256}]
    assert found["gamma"].vcs
    assert found["gamma"].vcs.commit_id == "c0"
    assert found["delta"].directory
    assert (found["delta"].directory.path, found["delta"].directory.editable) == ("./d", True)
    assert found["epsilon"].archive
    assert found["zeta"].sdist
    assert found["zeta"].sdist.path == "./zeta-1.0.tar.gz"


# The explicit list


def test_the_explicit_list_names_each_package_with_its_hash_and_its_wheel() -> None:
    alpha = converted("alpha", channel="file:///me/channel")
    records = (alpha, from_conda("beta", sha256=""), by_pip("gamma"))
    items = (
        item("alpha", conda_name=CondaName("alpha"), artifact=artifact()),
        item("gamma", origin=Origin.PIP),
    )

    text, told = explicit(stock(*items, records=records), HERE)

    assert text.splitlines()[-5:] == [
        f"# from alpha-1.0-py3-none-any.whl sha256:{SHA256}",
        f"{alpha.record.url}#sha256:{SHA256}",
        from_conda("beta").record.url,
        "# No packages; install them afterwards with pip:",
        "# gamma==1.0",
    ]
    assert [it.reference for it in told] == ["export-local-packages"]


def test_under_the_address_that_others_know_a_converted_package_is_listed_by_it() -> None:
    alpha = converted("alpha", channel="file:///me/channel", sha256="")

    text, told = explicit(stock(records=(alpha,)), HERE, "https://example.org/channel/")

    assert text.splitlines()[-1] == f"https://example.org/channel/noarch/{alpha.record.file_name}"
    assert told == ()
