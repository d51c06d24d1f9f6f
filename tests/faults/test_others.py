"""Killed, then changed by somebody else: the next command loses nothing of theirs."""

from __future__ import annotations

from pathlib import Path

import pytest
from forking import in_child
from killing import Disturber, Workbench, saved
from meddling import MEDDLERS

from pipguard.tour.trees import differences

OLD = (("alpha", "1.0"), ("beta", "1.0"))
NEW = (("alpha", "2.0"), ("beta", "1.0"))


@pytest.fixture
def bench(tmp_path: Path, thin_channel: Path) -> Workbench:
    bench = Workbench(tmp_path, thin_channel)
    assert in_child(bench.change(*OLD)) == 0
    return bench


def test_nothing_of_others_is_lost_to_a_repair(bench: Workbench) -> None:
    with saved(bench.prefix.path) as put_back:
        before = bench.state()
        assert in_child(bench.change(*NEW)) == 0
        after = bench.state()
        for number, meddle in enumerate(MEDDLERS):
            for at in (20 + number, 30 + number, 40 + number):
                put_back()
                assert in_child(Disturber(at).arm, bench.change(*NEW)) < 0
                theirs = meddle(bench)
                assert theirs
                there = bench.state()
                assert in_child(bench.recovery) == 0
                found = bench.state()
                assert {path: found.get(path) for path in theirs} == {
                    path: there[path] for path in theirs
                }, (meddle, at)
                mixed = [
                    [it for it in differences(one, found) if it not in theirs]
                    for one in (before, after)
                ]
                assert [] in mixed, (meddle, at, mixed)
                assert not bench.leftovers()
