"""Lines of conda-meta/history as conda writes and reads them (`conda/history.py`)."""

from __future__ import annotations

import ast
import re
from datetime import datetime, timezone

import pytest
from values import record

from pipguard.conda_history import Revision, canonical_channel, wishes
from pipguard.records import Record

_NOON = datetime(2026, 11, 21, 12, 0, 5, tzinfo=timezone.utc)
# What conda reads revisions and wishes with.
_HEAD = re.compile(r"==>\s*(.+?)\s*<==")
_SPECS = re.compile(r"#\s*(\w+)\s*specs:\s*(.+)?")


def revision(
    before: tuple[Record, ...] = (),
    after: tuple[Record, ...] = (),
    command: str = "pip install alpha",
    **specs: tuple[str, ...],
) -> list[str]:
    return Revision(_NOON, command, before, after, **specs).lines().splitlines()


def test_a_revision_reads_as_conda_wrote_it() -> None:
    old = record("alpha", "1.0", channel="https://conda.anaconda.org/conda-forge")
    new = record("alpha", "1.1", channel="https://conda.anaconda.org/conda-forge/")
    stays = record("beta")
    assert revision((old, stays), (new, stays), update_specs=("alpha >=1",)) == [
        "==> 2026-11-21 12:00:05 <==",
        "# cmd: pip install alpha",
        "-conda-forge/noarch::alpha-1.0-py_0",
        "+conda-forge/noarch::alpha-1.1-py_0",
        "# update specs: ['alpha >=1']",
    ]


def test_conda_can_read_head_and_wishes_back() -> None:
    lines = revision(update_specs=("alpha >=1", "it's"), remove_specs=("beta",))
    assert _HEAD.fullmatch(lines[0])
    wishes = [_SPECS.fullmatch(line) for line in lines[2:]]
    assert [(it[1], ast.literal_eval(it[2])) for it in wishes if it] == [
        ("remove", ["beta"]),
        ("update", ["alpha >=1", "it's"]),
    ]


def test_what_did_not_change_is_not_told() -> None:
    assert revision((record("alpha"),), (record("alpha"),)) == [
        "==> 2026-11-21 12:00:05 <==",
        "# cmd: pip install alpha",
    ]


def test_a_revision_ends_its_last_line() -> None:
    assert Revision(_NOON, "pip install alpha", (), ()).lines().endswith("\n")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_line_end_in_the_command_line_forges_no_history(end: str) -> None:
    command = f"pip install alpha{end}+conda-forge/noarch::evil-1.0-0"
    assert len(revision(command=command)) == 2


@pytest.mark.parametrize(
    ("channel", "shown"),
    [
        ("https://conda.anaconda.org/conda-forge", "conda-forge"),
        ("https://conda.anaconda.org/conda-forge/", "conda-forge"),
        ("https://repo.example/main/", "https://repo.example/main"),
        ("file:///converted", "file:///converted"),
        ("pypi", "pypi"),
    ],
)
def test_a_channel_is_shown_by_condas_word_for_it(channel: str, shown: str) -> None:
    assert canonical_channel(channel) == shown


@pytest.mark.parametrize(
    ("lines", "wished"),
    [
        (["# update specs: ['python=3.11', 'numpy']"], {"python": "python=3.11", "numpy": "numpy"}),
        (["# update specs: ['numpy']", "# remove specs: ['numpy']"], {}),
        (["# update specs: ['numpy']", "# update specs: ['numpy>=2']"], {"numpy": "numpy>=2"}),
        (["# install specs: a>=1,<2,b"], {"a": "a>=1,<2", "b": "b"}),
        (["# update specs: ['conda-forge::pkg']"], {"pkg": "conda-forge::pkg"}),
        (["# cmd: conda install x", "+channel/noarch::x-1.0-0", "# update specs: nonsense ["], {}),
    ],
)
def test_wishes_are_read_as_conda_reads_them(lines: list[str], wished: dict[str, str]) -> None:
    assert wishes("\n".join(lines)) == wished
