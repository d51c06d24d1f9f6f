"""An operation killed anywhere leaves, after the next command, the old state or the new one."""

from __future__ import annotations

from pathlib import Path

import builders
import pytest
from forking import in_child
from killing import Disturber, Workbench, saved

from pipguard.tour.trees import differences

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
    kills = 0
    with saved(bench.prefix.path) as put_back:
        before = bench.state()
        operate = bench.changes(*then)
        assert in_child(operate) == 0
        after = bench.state()
        assert before != after
        for at in range(1, 10_000, stride):
            put_back()
            if in_child(Disturber(at).arm, operate) == 0:
                break
            kills += 1
            assert in_child(bench.recovery) == 0
            found = bench.state()
            mixed = [differences(one, found) for one in (before, after)]
            assert () in mixed, f"killed before step {at}: {mixed}"
            assert not bench.leftovers()
            assert not bench.bytecode_without_source()
    assert kills > 20
