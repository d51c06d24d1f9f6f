"""Without pip's parser a command line is still read as pip's parser reads it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

import pytest
from pip._internal.commands import create_command
from pip._internal.models.format_control import FormatControl

from pipguard import pip_options
from pipguard.pip_reading import TOLD
from pipguard.request import Install, Uninstall, understand

PREFIX = "/envs/demo"


@pytest.fixture(autouse=True)
def _nothing_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PIP_FIND_LINKS", "PIP_INDEX_URL", "PIP_RETRIES"):
        monkeypatch.delenv(name)


@pytest.mark.parametrize(
    "line",
    [
        "alpha 'beta>=1' ./tree",
        "-U alpha",
        "--upgrade-s=eager --upgrade alpha",
        "-Uqr all.txt",
        "-rall.txt -c limits.txt",
        "-e . --editable ./other -e./third",
        "--dry --force alpha -I",
        "-qq -v alpha",
        "--report - alpha",
        "--no-deps --pre --only-binary :all: alpha",
        "--no-binary Alpha_x,beta --no-binary :none: --no-binary gamma alpha",
        "-i https://a.example/simple --extra-index-url=https://b.example -f wheels alpha",
        "--no-index --find-links wheels alpha",
        "--target there alpha",
        "-t there alpha",
        "--root there alpha",
        "--prefix there alpha",
        "--python there alpha",
        "--user alpha",
        "--user --no-user alpha",
        "--no-compile --require-hashes alpha",
        "--log install --cache-dir uninstall --timeout 3 alpha",
        "-- -alpha",
        "-C one=two --config-settings three=four --use-feature fast-deps alpha",
        "--trusted-host a.example --proxy p --retries 0 --cert c --client-cert d alpha",
        "--src there --root-user-action=ignore --progress-bar off --exists-action b alpha",
        "--requirements-from-script script.py --only-deps alpha",
        "--only-dependencies alpha",
        "--abi none --platform any --implementation py --python-version 3.9 alpha",
    ],
)
def test_what_is_decided_upon_is_read_as_pip_reads_it(line: str) -> None:
    _hold_against_pip("install", shlex.split(line), {})


def _hold_against_pip(command: str, words: list[str], environ: dict[str, str]) -> None:
    """Compare what is decided upon; pip itself has the variables of the test."""
    options, arguments = create_command(command).parse_args(words)
    read = pip_options.read([command, *words], environ)

    assert (read.command, list(read.arguments)) == (command, arguments)
    default = vars(create_command(command, isolated=True).parser.get_default_values())
    for dest in TOLD:
        expected = getattr(options, dest, default.get(dest))
        assert read.options.get(dest, default.get(dest)) == expected, dest
    formats = getattr(options, "format_control", FormatControl())
    assert set(read.options.get("no_binary", ())) == formats.no_binary


def _every_option(command: str) -> Iterator[tuple[str, ...]]:
    values = {
        "--config-settings": "a=b",
        "-C": "a=b",
        "--group": "dev",
        "--python-version": "3.9",
        "--uploaded-prior-to": "2026-01-01",
    }
    for option in create_command(command).parser.option_list_all:
        for name in (*option._long_opts, *option._short_opts):
            if name in {"--help", "-h", "--version", "-V"}:  # it is not read at all
                continue
            number = "3" if option.type in {"int", "float"} else "value"
            value = values.get(name, option.choices[0] if option.choices else number)
            yield (name, value) if option.takes_value() else (name,)


@pytest.mark.parametrize("command", ["install", "uninstall"])
def test_every_option_of_pip_alone_is_read_as_pip_reads_it(command: str) -> None:
    for words in _every_option(command):
        _hold_against_pip(command, [*words, "alpha"], {})


@pytest.mark.parametrize(
    "line", ["-y alpha Beta", "-yr all.txt alpha", "--yes -qq -- alpha", "--no-input alpha"]
)
def test_an_uninstall_is_read_as_pip_reads_it(line: str) -> None:
    _hold_against_pip("uninstall", shlex.split(line), {})


@pytest.mark.parametrize(
    "variable",
    [
        "PIP_DRY_RUN=1",
        "PIP_USER=no",
        "PIP_USER=true",
        "PIP_TARGET=there",
        "PIP_PREFIX=there",
        "PIP_ROOT=there",
        "PIP_PYTHON=there",
        "PIP_QUIET=2",
        "PIP_VERBOSE=true",
        "PIP_QUIET=false",
        "PIP_FIND_LINKS=one two",
        "PIP_INDEX_URL=https://a.example",
        "PIP_EXTRA_INDEX_URL=https://a.example https://b.example",
        "PIP_NO_INDEX=1",
        "PIP_NO_DEPS=on",
        "PIP_NO_INPUT=1",
        "PIP_REPORT=-",
        "PIP_REQUIRE_HASHES=1",
        "PIP_FORCE_REINSTALL=yes",
        "PIP_IGNORE_INSTALLED=0",
        "PIP_NO_BINARY=Alpha,beta",
        "PIP_CONSTRAINT=limits.txt",
        "PIP_UPGRADE=",
    ],
)
def test_variables_are_read_as_pip_reads_them(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, _, value = variable.partition("=")
    monkeypatch.setenv(name, value)

    _hold_against_pip("install", ["alpha"], {name: value})
    _hold_against_pip("install", ["--target", "here", "-q", "alpha"], {name: value})


def test_every_option_that_takes_a_value_is_known() -> None:
    parser = create_command("install").parser
    taking = {
        name
        for option in parser.option_list_all
        if option.takes_value()
        for name in option._long_opts
    }
    known = {name for name, option in pip_options._OPTIONS.items() if option.takes_value}

    assert taking - known - set(pip_options._ALIASES) == set()


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"PIP_DRY_RUN": "1"}, {"dry_run": True}),
        ({"PIP_USER": "no"}, {"use_user_site": False}),
        ({"PIP_TARGET": "there"}, {"target_dir": "there"}),
        ({"PIP_QUIET": "2"}, {"quiet": 2}),
        ({"PIP_FIND_LINKS": "one two"}, {"find_links": ["one", "two"]}),
        ({"PIP_NO_COMPILE": "1"}, {"compile": False}),
    ],
)
def test_variables_are_options_that_nobody_typed(
    environ: dict[str, str], expected: dict[str, object]
) -> None:
    read = pip_options.read(["install", "alpha"], environ)

    assert read.options == read.configured == expected


def test_what_is_read_becomes_the_same_requests() -> None:
    install = pip_options.read(["install", "-U", "alpha"], {})
    uninstall = pip_options.read(["uninstall", "-y", "Alpha"], {})

    assert isinstance(understand(install, PREFIX), Install)
    assert understand(uninstall, PREFIX) == Uninstall(("alpha",), confirmed=True)  # type: ignore[arg-type]


def test_a_plan_is_a_dry_run_with_a_report_before_what_follows_two_dashes() -> None:
    words = pip_options.planning(["install", "--report", "mine", "--", "-alpha"], "report.json")

    options, arguments = create_command("install").parse_args(words[1:])
    assert (options.dry_run, options.json_report_file) == (True, "report.json")
    assert arguments == ["-alpha"]


def test_fetching_looks_where_the_person_said_and_for_nothing_else() -> None:
    typed = ["install", "-q", "-f", "wheels", "--user", "-r", "all.txt", "--no-index", "beta"]

    words = pip_options.fetching(typed, "folder", ["alpha==1.0"])

    options, arguments = create_command("wheel").parse_args(words[1:])
    assert arguments == ["alpha==1.0"]
    assert (options.quiet, options.no_index, options.find_links) == (1, True, ["wheels"])
    assert (options.wheel_dir, options.requirements) == ("folder", [])
    assert options.ignore_dependencies


def test_true_pip_installs_just_what_it_is_given() -> None:
    typed, wanted = ["install", "-r", "all.txt"], ["--editable", "/tree"]
    words = pip_options.installing(typed, "/staging", wanted)

    options, arguments = create_command("install").parse_args(words[1:])
    assert (options.editables, options.requirements, arguments) == (["/tree"], [], [])
    assert (options.prefix_path, options.ignore_installed) == ("/staging", True)
    assert options.override_externally_managed
