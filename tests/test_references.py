"""Every error and problem has its words, every wording its error, and the facts to fill it."""

from __future__ import annotations

import ast
import re
import runpy
import string
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sources import MODULES, Module

from pipguard import errors, messages

_ROOT = Path(__file__).resolve().parent.parent
_CATALOGUE = _ROOT / "docs/reference/errors.md"
_MAKER = _ROOT / ".ci/error_catalogue.py"
_RAISED = frozenset(
    name
    for name, it in vars(errors).items()
    if isinstance(it, type) and issubclass(it, errors.PipguardError)
) - {"ConversionError"}
# Which positional argument of a call is a reference into PROBLEMS.
_NOTED = {
    "Problem": 1,
    "Unpackable": 1,
    "refuse": 0,
    "warn": 0,
    "BadSetting": 2,
    "Obstacle": 0,
}
# What every error of these types has beside the facts that are given; `problems` are lines that
# `terminal.py` makes of them.
_ALWAYS = frozenset({"problems", "restored"})


@dataclass(frozen=True)
class Reference:
    """One place where a reference is written, as the pattern of the words it can be."""

    where: str
    pattern: str
    facts: frozenset[str] | None = None


def _reference(module: Module, node: ast.expr, facts: frozenset[str] | None) -> Reference | None:
    """Read a string, or an f-string as a pattern; a variable was written somewhere else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        pattern = re.escape(node.value)
    elif isinstance(node, ast.JoinedStr):
        parts = (it.value if isinstance(it, ast.Constant) else None for it in node.values)
        pattern = "".join("[a-z-]+" if part is None else re.escape(str(part)) for part in parts)
    else:
        return None
    return Reference(f"{module.name}:{node.lineno}", pattern, facts)


def _facts(call: ast.Call) -> frozenset[str] | None:
    """The names of the facts of an error; None if a ** hides them."""
    names = [keyword.arg for keyword in call.keywords]
    return None if None in names else frozenset(name for name in names if name)


def _raised(module: Module) -> Iterator[Reference]:
    for name, call in module.calls():
        if name in _RAISED and call.args:
            reference = _reference(module, call.args[0], _facts(call))
            if reference:
                yield reference


def _noted(module: Module) -> Iterator[Reference]:
    for name, call in module.calls():
        position = _NOTED.get(name)
        if position is not None and len(call.args) > position:
            reference = _reference(module, call.args[position], None)
            if reference and " " not in reference.pattern:
                yield reference


def _unworded(references: Iterator[Reference], catalogue: set[str]) -> list[str]:
    return [
        f"{it.where}: {it.pattern}"
        for it in references
        if not any(re.fullmatch(it.pattern, key) for key in catalogue)
    ]


def _unused(catalogue: set[str]) -> set[str]:
    """Entries that no code outside the catalogue writes, whole or as the result of an f-string."""
    written = [
        reference.pattern
        for module in MODULES
        if not module.name.startswith("messages")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant | ast.JoinedStr)
        and (reference := _reference(module, node, None))
    ]
    words = {it for it in written if "[" not in it}
    patterns = [it for it in written if re.fullmatch(r"[a-z]+\\-.*\[a-z-\]\+.*", it)]
    return {
        key
        for key in catalogue
        if re.escape(key) not in words and not any(re.fullmatch(it, key) for it in patterns)
    }


def _missing_facts(references: Iterator[Reference]) -> list[str]:
    """Places whose error lacks a fact that its wording asks for."""
    found = []
    for it in references:
        for key, wording in messages.ERRORS.items():
            if it.facts is not None and re.fullmatch(it.pattern, key):
                needed = {
                    field for text in wording for _, field, *_ in _FORMAT.parse(text) if field
                }
                lacking = {re.split(r"[.\[]", field)[0] for field in needed} - it.facts - _ALWAYS
                found += [f"{it.where}: {key} lacks {fact}" for fact in sorted(lacking)]
    return found


_FORMAT = string.Formatter()


def test_every_error_that_is_raised_is_worded() -> None:
    assert _unworded((it for module in MODULES for it in _raised(module)), {*messages.ERRORS}) == []


def test_every_problem_that_is_noted_is_worded() -> None:
    noted = (it for module in MODULES for it in _noted(module))
    assert _unworded(noted, {*messages.PROBLEMS}) == []


def test_every_wording_belongs_to_an_error() -> None:
    assert _unused({*messages.ERRORS}) == set()


def test_every_wording_belongs_to_a_problem() -> None:
    assert _unused({*messages.PROBLEMS}) == set()


def test_every_error_carries_the_facts_that_its_wording_needs() -> None:
    assert _missing_facts(it for module in MODULES for it in _raised(module)) == []


@pytest.mark.parametrize("key", sorted({*messages.ERRORS, *messages.PROBLEMS}))
def test_a_reference_is_in_kebab_case(key: str) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", key)


def test_an_error_without_wording_is_noticed() -> None:
    bad = Module("bad", 'raise UsageError("never-worded")\nraise PlanError(f"pip-{x}-failed")')
    assert _unworded(_raised(bad), {"pip-fetch-failed"}) == ["bad:1: never\\-worded"]


def test_a_problem_without_wording_is_noticed() -> None:
    bad = Module("bad", 'findings.refuse("never-worded", member)\nProblem(wheel, "nor-this")')
    assert len(_unworded(_noted(bad), {*messages.PROBLEMS})) == 2


def test_a_wording_without_error_is_noticed() -> None:
    assert _unused({"not-guarded", "pip-fetch-failed", "said-by-no" + "-one"}) == {"said-by-no-one"}


def test_a_missing_fact_is_noticed() -> None:
    bad = Module("bad", 'raise PrefixError("not-guarded")\nraise PrefixError("not-guarded", **f)')
    assert _missing_facts(_raised(bad)) == ["bad:1: not-guarded lacks prefix"]


def test_every_error_has_its_entry_in_the_catalogue_with_its_words() -> None:
    """`python .ci/error_catalogue.py` mends it."""
    page = _CATALOGUE.read_text("utf-8")
    assert runpy.run_path(str(_MAKER))["catalogue"](page) == page
    assert re.findall(r"^## (.+)$", page, re.MULTILINE) == sorted(messages.ERRORS)


@pytest.mark.parametrize("heading", ["Cause", "Cure"])
def test_every_error_of_the_catalogue_has_cause_and_cure(heading: str) -> None:
    entries = re.split(r"^## ", _CATALOGUE.read_text("utf-8"), flags=re.MULTILINE)[1:]
    without = [it for it in entries if not re.search(rf"^\*\*{heading}:\*\* \S", it, re.MULTILINE)]
    assert without == []


_SAID = re.compile(
    r"""(?:refuse|say|echo) ['"](?:pipguard: |\\`uv \$pg_command\\` |\$pg_name: |uv: )?"""
    r"""(?P<said>[a-z]+ [^$;,'"]+)"""
)


def test_what_the_shell_refuses_has_its_row_in_the_catalogue() -> None:
    page = _CATALOGUE.read_text("utf-8").partition("\n## ")[0]
    scripts = [it for it in (_ROOT / "activate.d").iterdir() if it.suffix == ".sh"]
    said = {it["said"] for path in scripts for it in _SAID.finditer(path.read_text("utf-8"))}
    assert len(said) > 8
    notes = {it for it in said if it.startswith("guarded in mode warn")}
    assert [it for it in sorted(said - notes) if it.split(" from ")[0].strip() not in page] == []
