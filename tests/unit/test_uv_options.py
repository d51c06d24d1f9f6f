"""A command line of `uv pip` is read as uv reads it."""

from __future__ import annotations

import pytest

from pipguard.errors import UsageError
from pipguard.uv_options import UvCommand, read
from pipguard.uv_table import OPTIONS, Meaning


def understood(line: str, **variables: str) -> UvCommand:
    command = read(line.split(), variables)
    assert command is not None
    return command


def given(line: str, **variables: str) -> list[tuple[str, str]]:
    return [(it.option.name, it.value) for it in understood(line, **variables).given]


@pytest.mark.parametrize("line", ["", "pip", "pip list", "run pip install", "tool install x"])
def test_what_changes_no_environment_is_none_of_ours(line: str) -> None:
    assert read(line.split(), {}) is None


@pytest.mark.parametrize("verb", ["install", "uninstall", "sync"])
def test_verb_and_words_are_told_apart_from_options(verb: str) -> None:
    command = understood(f"--color never pip -v {verb} a -q b")

    assert (command.verb, command.arguments) == (verb, ("a", "b"))
    assert [it.option.name for it in command.given] == ["--color", "--verbose", "--quiet"]


@pytest.mark.parametrize(
    "line",
    ["-r f", "-rf", "-r=f", "--requirements f", "--requirements=f", "--requirement f"],
)
def test_a_value_is_the_next_word_or_glued_on(line: str) -> None:
    assert given(f"pip install {line}") == [("--requirements", "f")]


def test_flags_in_one_word_may_end_in_an_option_with_a_value() -> None:
    expected = [("--upgrade", ""), ("--quiet", ""), ("--requirements", "f")]

    assert given("pip install -Uqr f") == given("pip install -Uqrf") == expected


def test_two_dashes_end_the_options() -> None:
    assert understood("pip install -- -r -e").arguments == ("-r", "-e")


def test_one_dash_is_a_word() -> None:
    assert given("pip install -r -") == [("--requirements", "-")]
    assert understood("pip sync -").arguments == ("-",)


@pytest.mark.parametrize("word", ["--nonsense", "--upgrad", "-Z", "-UZ", "--upgrade=yes"])
def test_an_option_that_uv_does_not_have_is_refused(word: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(["pip", "install", word], {})

    assert caught.value.reference == "uv-option-unknown"


@pytest.mark.parametrize("word", ["-r", "-Ur", "--index"])
def test_an_option_without_its_value_is_refused(word: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(["pip", "install", word], {})

    assert caught.value.reference == "uv-value-missing"


# Variables


@pytest.mark.parametrize("value", ["1", "true", "yes", "ON"])
def test_a_variable_switches_a_flag_on(value: str) -> None:
    assert given("pip install x", UV_OFFLINE=value) == [("--offline", "")]


@pytest.mark.parametrize("value", ["", "0", "false"])
def test_a_variable_may_also_leave_a_flag_off(value: str) -> None:
    assert given("pip install x", UV_OFFLINE=value) == []


def test_a_variable_that_is_a_list_gives_an_option_several_times() -> None:
    assert given("pip sync x", UV_INDEX="a b") == [("--index", "a"), ("--index", "b")]


def test_a_variable_with_one_value_keeps_its_spaces() -> None:
    assert given("pip install x", UV_EXCLUDE_NEWER="2 days") == [("--exclude-newer", "2 days")]


def test_what_is_typed_replaces_the_variable() -> None:
    typed = given("pip install x --constraint typed", UV_CONSTRAINT="a b", UV_INDEX="i")

    assert typed == [("--index", "i"), ("--constraints", "typed")]


@pytest.mark.parametrize(
    ("line", "variable"),
    [
        ("--no-compile-bytecode", "UV_COMPILE_BYTECODE"),
        ("--build-isolation", "UV_NO_BUILD_ISOLATION"),
        ("--no-offline", "UV_OFFLINE"),
    ],
)
def test_a_typed_flag_overrules_the_variable_that_says_the_contrary(
    line: str, variable: str
) -> None:
    assert given(f"pip install x {line}", **{variable: "1"}) == [(line, "")]


def test_variables_of_an_install_mean_nothing_to_an_uninstall() -> None:
    assert given("pip uninstall x", UV_OFFLINE="1", UV_INDEX="a") == []


def test_in_a_message_a_variable_is_called_by_its_name() -> None:
    (option,) = understood("pip install x", UV_OFFLINE="1").given

    assert option.shown == "UV_OFFLINE"


# The table


def test_no_spelling_and_no_variable_stands_in_two_rows() -> None:
    names = [name for option in OPTIONS for name in option.names]
    variables = [option.variable for option in OPTIONS if option.variable]

    assert len(names) == len(set(names))
    assert len(variables) == len(set(variables))


def test_what_goes_to_pip_has_a_word_of_pips() -> None:
    lacking = [it.name for it in OPTIONS if it.meaning in {Meaning.SAME, Meaning.ASKED}]

    assert [name for name in lacking if not _pip_word(name)] == []


def _pip_word(name: str) -> str:
    return next(option.pip for option in OPTIONS if option.name == name)


def test_what_uv_must_resolve_reaches_uv() -> None:
    silent = [it for it in OPTIONS if it.meaning is Meaning.PINNED and not it.compiles]

    # What it installs anew is no business of a resolution.
    assert [it.name for it in silent] == ["--reinstall-package"]
