"""Effective options become a request: one row for each option of pip that is acted upon."""

from __future__ import annotations

import pytest
from values import told

from pipguard.errors import UsageError
from pipguard.names import pypi_name
from pipguard.request import (
    Because,
    Install,
    PassThrough,
    Talk,
    Told,
    Uninstall,
    understand,
)

PREFIX = "/envs/demo"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, Install()),
        ({"force_reinstall": True}, Install(reinstall=True)),
        ({"ignore_installed": True}, Install(reinstall=True)),
        ({"ignore_dependencies": True}, Install(dependencies=False)),
        ({"no_binary": ["alpha"]}, Install(no_binary=frozenset({"alpha"}))),
        ({"require_hashes": True}, Install(hash_pinned=True)),
        ({"dry_run": True}, Install(dry_run=True)),
        ({"json_report_file": "-"}, Install(report="-")),
        ({"compile": False}, Install(compile=False)),
        ({"quiet": 2}, Install(talk=Talk(-2))),
        ({"verbose": 1}, Install(talk=Talk(1))),
        ({"verbose": 1, "quiet": 1}, Install(talk=Talk(0))),
        ({"progress_bar": "off"}, Install(talk=Talk(bars=False))),
        ({"progress_bar": "raw"}, Install(talk=Talk(bars=False))),
        ({"no_color": True}, Install(talk=Talk(colour=False))),
        ({"break_system_packages": True}, Install()),
        ({"yes": True, "no_input": True}, Install()),
        ({"prefix_path": PREFIX}, Install()),
        ({"prefix_path": f"{PREFIX}/"}, Install()),
        ({"python": PREFIX}, Install()),
        ({"python": f"{PREFIX}/bin/python"}, Install()),
        ({"use_user_site": False}, Install()),
    ],
)
def test_each_option_of_an_install_has_its_effect(
    options: dict[str, object], expected: Install
) -> None:
    assert understand(told(**options), PREFIX) == expected


@pytest.mark.parametrize(
    ("options", "because"),
    [
        ({"target_dir": "vendor"}, Because.OTHER_FOLDER),
        ({"root_path": "/image"}, Because.OTHER_FOLDER),
        ({"prefix_path": "/usr/local"}, Because.OTHER_PREFIX),
        ({"prefix_path": f"{PREFIX}-2"}, Because.OTHER_PREFIX),
        ({"python": "/envs/other"}, Because.OTHER_PYTHON),
        ({"python": "/usr/bin/python3"}, Because.OTHER_PYTHON),
        ({"python": "/bin/python"}, Because.OTHER_PYTHON),
        ({"python": f"{PREFIX}-2/bin/python"}, Because.OTHER_PYTHON),
        ({"python": f"{PREFIX}/envs/inner"}, Because.OTHER_PYTHON),
    ],
)
def test_what_goes_elsewhere_is_real_pips(options: dict[str, object], because: Because) -> None:
    request = understand(told("install", "alpha", **options), PREFIX)

    assert request == PassThrough(because, str(options.get("python", "")))


@pytest.mark.parametrize("command", ["list", "download", "wheel", "config"])
def test_other_commands_are_real_pips(command: str) -> None:
    assert understand(told(command, "install"), PREFIX) == PassThrough(Because.NOT_AN_INSTALL)


def test_the_user_site_is_refused_before_anything_else() -> None:
    with pytest.raises(UsageError) as caught:
        understand(told(use_user_site=True, target_dir="vendor"), PREFIX)
    assert caught.value.reference == "user-site-refused"
    assert caught.value.facts == {"prefix": PREFIX}


def test_a_user_site_that_only_the_configuration_asks_for_is_told_as_that() -> None:
    options = {"use_user_site": True}
    said = {"use_user_site": "/etc/pip.conf"}
    with pytest.raises(UsageError) as caught:
        understand(Told("install", options, options, ("alpha",), said), PREFIX)
    assert caught.value.reference == "user-site-configured"
    assert caught.value.facts["source"] == "/etc/pip.conf"


@pytest.mark.parametrize(
    ("no_binary", "built"), [((), False), (("alpha",), True), ((":all:",), True), (("b",), False)]
)
def test_a_project_must_be_built_when_it_is_named_or_all_are(
    no_binary: tuple[str, ...], *, built: bool
) -> None:
    assert Install(no_binary=frozenset(no_binary)).must_build(pypi_name("Alpha")) is built


def test_names_to_uninstall_are_normalised_and_told_once() -> None:
    request = understand(told("uninstall", "My_Dist", "alpha", "my-dist", yes=True), PREFIX)
    assert request == Uninstall((pypi_name("my-dist"), pypi_name("alpha")), confirmed=True)


def test_an_uninstall_is_unconfirmed_unless_said() -> None:
    request = understand(told("uninstall", "alpha", quiet=1), PREFIX)
    assert request == Uninstall((pypi_name("alpha"),), confirmed=False, talk=Talk(-1))


def test_an_uninstall_for_another_python_is_real_pips() -> None:
    request = understand(told("uninstall", "alpha", python="/envs/other"), PREFIX)
    assert request == PassThrough(Because.OTHER_PYTHON, "/envs/other")


@pytest.mark.parametrize("options", [{}, {"requirements": ["all.txt"]}])
def test_an_uninstall_of_names_that_nobody_has_read_is_real_pips(
    options: dict[str, object],
) -> None:
    names = ["alpha"] if options else []
    request = understand(told("uninstall", *names, yes=True, **options), PREFIX)
    assert request == PassThrough(Because.NAMES_UNREAD)


def test_without_input_nobody_is_asked() -> None:
    request = understand(told("uninstall", "alpha", no_input=True), PREFIX)
    assert request == Uninstall((pypi_name("alpha"),), unasked=True)


def test_credentials_in_options_are_not_shown() -> None:
    shown = repr(told(index_url="https://me:hunter2@acme.example/simple"))
    assert "hunter2" not in shown
