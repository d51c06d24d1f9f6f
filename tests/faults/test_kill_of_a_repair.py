"""A repair killed anywhere leaves, after the next command, the damage as it was or none at all."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import pytest
import repairs
from killing import Workbench, killed_before_steps

from pipguard import ledger
from pipguard.operations import operations
from pipguard.records import Origin

# Of this many steps, one is killed before: a repair has some hundred.
_STRIDE = int(os.environ.get("PIPGUARD_TEST_STRIDE", "29"))


@pytest.fixture
def bench(tmp_path: Path, thin_channel: Path, monkeypatch: pytest.MonkeyPatch) -> Workbench:
    made = Workbench(tmp_path, thin_channel)
    for name, value in repairs.surroundings(made).items():
        monkeypatch.setenv(name, value)
    return made


def test_a_repair_killed_before_a_step_is_taken_back_or_done(bench: Workbench) -> None:
    findings = repairs.damaged(bench)
    operate = partial(repairs.repair, bench.prefix.path, findings)
    done = partial(assert_one_operation, bench)
    assert killed_before_steps(bench, operate, done, stride=_STRIDE) > 4


def assert_one_operation(bench: Workbench) -> None:
    """What was repaired, installed and replaced is one line of the ledger, and so for undo."""
    converted = [it for it in bench.prefix.records() if it.record.origin is Origin.CONVERTED]
    assert [it.record.name for it in converted] == ["absent", "stray"]
    past = operations(ledger.read(bench.prefix.own_folder))[-1]
    assert past.installed == ("absent-1.0",)
    assert past.renewed == ("alpha-1.0", "stray-1.0")
    assert past.adopted == ("stranded-1.0",)
    assert bench.prefix.own_folder.joinpath("journal", past.id).is_dir()
