"""The reference pages hold against the code: verbs, variables, exit codes, settings."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

from pipguard import cli, errors
from pipguard.policy import _LIMITS, _TOP_LEVEL, Choice, Prefer, examine
from pipguard.verbs import VERBS

_ROOT = Path(__file__).resolve().parent.parent
_VARIABLE = re.compile(r"\bPIPGUARD_[A-Z]+(?:_[A-Z]+)*\b")
_THOSE_OF_TOOLS = frozenset({"pip", "uv"})  # their words, `--help` among them, are the tools'


def _page(name: str) -> str:
    return (_ROOT / "docs/reference" / f"{name}.md").read_text("utf-8")


def _sections(text: str) -> dict[str, str]:
    parts = re.split(r"^## `?(.+?)`?$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def _first_cells(text: str) -> list[str]:
    cells = re.findall(r"^\| (`.+?) \|", text, re.MULTILINE)
    return [word for cell in cells for word in re.findall(r"`([^`]+)`", cell)]


def test_every_verb_has_its_section_in_the_order_of_the_help() -> None:
    assert tuple(_sections(_page("verbs"))) == VERBS


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_two_examples_and_every_option_its_row(
    verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    section = _sections(_page("verbs"))[verb]
    assert len(re.findall(rf"^pipguard {verb}\b", section, re.MULTILINE)) > 1
    if verb in _THOSE_OF_TOOLS:
        return
    with pytest.raises(SystemExit):
        import_module(f"pipguard.verbs.{verb}").run(["--help"])
    _, _, listed = capsys.readouterr().out.partition("\noptions:\n")
    options = set(re.findall(r"^  (?:-\w.*?, )?(--[a-z-]+)", listed, re.MULTILINE))
    common = {"--help", "--name"} | ({"--prefix"} if verb != "create" else set())
    assert {it for it in _first_cells(section) if it.startswith("--")} == options - common


def test_every_variable_of_the_code_is_documented_and_no_other() -> None:
    sources = [*(_ROOT / "pipguard").rglob("*.py"), *(_ROOT / "activate.d").iterdir()]
    used = {it for path in sources for it in _VARIABLE.findall(path.read_text("utf-8"))}
    page = _page("environment-variables")
    assert {it for it in _first_cells(page) if it.startswith("PIPGUARD_")} == used


def test_every_exit_code_is_documented() -> None:
    raised = {
        it.exit_code
        for it in vars(errors).values()
        if isinstance(it, type) and issubclass(it, errors.PipguardError)
    }
    documented = {int(cell) for cell in _first_cells(_page("exit-codes"))}
    not_found = 127
    assert documented == raised | {0, cli._UNEXPECTED, cli._INTERRUPTED, not_found}


def test_every_setting_of_a_policy_is_documented() -> None:
    sections = _sections(_page("policy"))
    tables = {name.strip("[]") for name in sections if name.startswith("[")}
    assert set(_first_cells(sections["Top level"])) | tables == _TOP_LEVEL
    assert set(_first_cells(sections["[packages]"])) == {it.value for it in Choice}
    assert set(_first_cells(sections["[limits]"])) == _LIMITS
    assert [it.value for it in Prefer if f"`{it.value}`" not in sections["Top level"]] == []


def test_the_example_of_a_policy_is_one() -> None:
    text = _page("policy").partition("```toml\n")[2].partition("```")[0]
    policy, problems = examine(text, "the page")
    assert problems == ()
    assert policy.packages
    assert policy.names
