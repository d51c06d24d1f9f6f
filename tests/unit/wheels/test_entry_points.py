"""Entry points: what link.json can express, what needs a script, what is refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pipguard.wheels.entry_points import EntryPoint, read_entry_points
from pipguard.wheels.findings import Findings


def read(text: str | bytes) -> tuple[tuple[EntryPoint, ...], list[str]]:
    findings = Findings("demo.whl")
    data = text.encode() if isinstance(text, str) else text
    entries = read_entry_points(data, findings)
    return entries, [problem.reference for problem in findings.problems]


def test_console_and_gui_scripts_are_commands_and_other_groups_are_not() -> None:
    entries, problems = read(
        "[console_scripts]\nDemo = demo.cli:main\n[gui_scripts]\nwin=demo.gui : App.run\n"
        "[pytest11]\nplugin = demo.plugin\n"
    )
    assert [entry.definition for entry in entries] == [
        "Demo = demo.cli:main",
        "win = demo.gui:App.run",
    ]
    assert all(entry.plain for entry in entries)
    assert problems == []


def test_the_obsolete_extra_suffix_is_dropped() -> None:
    (entry,), _ = read("[console_scripts]\ndemo = demo.cli:main [fast, big]\n")
    assert entry.definition == "demo = demo.cli:main"


def test_percent_signs_and_repetitions_are_read_as_pip_reads_them() -> None:
    (entry,), problems = read("[console_scripts]\nx%y = a:b\nx%y = a:c\n")
    assert (entry.name, entry.attribute, problems) == ("x%y", "c", [])


@pytest.mark.parametrize(
    "line", ["my tool = a:b", "démo = a:b", "kw = lambda.cli:main", "kw = a:class.run", "uni = ä:b"]
)
def test_what_link_json_cannot_express_becomes_a_script(line: str) -> None:
    (entry,), problems = read(f"[console_scripts]\n{line}\n")
    assert problems == []
    assert not entry.plain


def test_such_a_script_calls_its_function_and_exits_with_its_result(tmp_path: Path) -> None:
    (tmp_path / "lambda").mkdir()
    (tmp_path / "lambda/cli.py").write_text("class App:\n    def run():\n        return 7\n")
    script = tmp_path / "my tool"
    script.write_bytes(EntryPoint("my tool", "lambda.cli", "App.run").script)
    assert subprocess.run([sys.executable, script], check=False, cwd=tmp_path).returncode == 7


@pytest.mark.parametrize(
    ("line", "reference"),
    [
        ("../evil = a:b", "entry-point-path"),
        ("bin\\evil = a:b", "entry-point-path"),
        (".. = a:b", "entry-point-path"),
        ("demo = a", "entry-point-invalid"),
        ("demo = a:", "entry-point-invalid"),
        ("demo = a:b-c", "entry-point-invalid"),
        ("demo =", "entry-point-invalid"),
    ],
)
def test_a_broken_entry_point_is_refused(line: str, reference: str) -> None:
    assert read(f"[console_scripts]\n{line}\n") == ((), [reference])


@pytest.mark.parametrize("text", ["demo = a:b", b"[console_scripts]\nd\xe9mo = a:b", "[x\n"])
def test_a_file_that_cannot_be_read_is_refused(text: str | bytes) -> None:
    assert read(text) == ((), ["entry-points-unreadable"])


def test_every_broken_entry_point_is_told() -> None:
    assert read("[console_scripts]\na/b = c:d\ngood = c:d\nworse = c\n")[1] == [
        "entry-point-path",
        "entry-point-invalid",
    ]
