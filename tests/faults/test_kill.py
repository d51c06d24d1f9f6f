"""An operation killed anywhere leaves, after the next command, the old state or the new one."""

from __future__ import annotations

from pathlib import Path

import builders
import pytest
from forking import in_child
from killing import Workbench, killed_before_steps

NOTHING: tuple[tuple[str, str], ...] = ()
OLD = (("alpha", "1.0"), ("beta", "1.0"))
NEW = (("alpha", "2.0"), ("beta", "1.0"))
ONE = (("beta", "1.0"),)
OTHER = (("beta", "1.0"), ("gamma", "1.0"))


@pytest.fixture
def bench(tmp_path: Path, thin_channel: Path) -> Workbench:
    return Workbench(tmp_path, thin_channel)


@pytest.mark.parametrize(
    ("first", "then", "stride"),
    [(NOTHING, [OLD], 1), (OLD, [NEW], 1), (OLD, [ONE], 1), (OLD, [NEW, OTHER], 2)],
    ids=["install", "upgrade", "remove", "upgrade, then replace"],
)
def test_killed_before_each_step(
    bench: Workbench,
    first: tuple[tuple[str, str], ...],
    then: list[tuple[tuple[str, str], ...]],
    stride: int,
) -> None:
    assert in_child(bench.change(*first)) == 0
    builders.as_conda_writes(bench.prefix.path)
    assert killed_before_steps(bench, bench.changes(*then), stride=stride) > 20
