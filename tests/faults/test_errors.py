"""An operation in which a step fails or is interrupted: all as before, or done, and told."""

from __future__ import annotations

import errno
import os
import resource
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path

import pytest
from forking import in_child
from killing import (
    REFUSED,
    Disturber,
    EngineFailure,
    Workbench,
    attempt,
    fail,
    interrupt,
    saved,
)

from pipguard.tour.trees import differences

OLD = (("alpha", "1.0"), ("beta", "1.0"))
NEW = (("alpha", "2.0"), ("beta", "1.0"))

ERRORS = [errno.EIO, errno.EACCES, errno.ENOSPC]


@pytest.fixture
def bench(tmp_path: Path, thin_channel: Path) -> Workbench:
    bench = Workbench(tmp_path, thin_channel)
    assert in_child(bench.change(*OLD)) == 0
    return bench


def disturbances(name: str, at: int) -> Disturber:
    match name:
        case "error":
            return Disturber(at, partial(fail, ERRORS[at % len(ERRORS)]))
        case "full disk":
            return Disturber(at, partial(fail, errno.ENOSPC), lasting=True)
        case _:
            return Disturber(at, interrupt)


@pytest.mark.parametrize("name", ["error", "full disk", "interruption"])
def test_whatever_fails_at_any_step_is_told_and_leaves_before_or_after(
    bench: Workbench, name: str
) -> None:
    operate: Callable[[], None] = bench.change(*NEW)
    stride = 1 if name == "error" else 2
    with saved(bench.prefix.path) as put_back:
        before = bench.state()
        assert in_child(operate) == 0
        after = bench.state()
        refused = 0
        for at in count(1, stride):
            put_back()
            disturber = disturbances(name, at)
            code = in_child(disturber.arm, partial(attempt, operate), disturber.was_there)
            assert code in (0, REFUSED, Disturber.MISSED), at
            refused += code == REFUSED
            if code == REFUSED and name == "error":
                # Taken back at once; a disk that stays full leaves it to the next command.
                assert differences(before, bench.state()) == (), at
            assert in_child(bench.recovery) == 0
            found = bench.state()
            assert () in [differences(one, found) for one in (before, after)], at
            assert not bench.leftovers()
            if code == Disturber.MISSED:
                break
    assert refused > 10


def test_files_that_may_not_grow_leave_everything_as_it_was(bench: Workbench) -> None:
    """A quota of the operating system, which meets pipguard and the engine alike."""
    before = bench.state()
    for most in (100, 1000, 3000, 6000):
        assert in_child(partial(allow, most), partial(attempt, bench.change(*NEW))) == REFUSED, most
        assert in_child(bench.recovery) == 0
        assert differences(before, bench.state()) == (), most
        assert not bench.leftovers()


def allow(most: int) -> None:
    """Let no file grow beyond so many bytes; what is printed must not count as one."""
    for stream in (1, 2):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


@pytest.mark.parametrize("when", ["before", "half-way", "after"])
def test_an_engine_that_fails_leaves_everything_as_it_was(bench: Workbench, when: str) -> None:
    before = bench.state()
    assert in_child(EngineFailure(when).arm, partial(attempt, bench.change(*NEW))) == REFUSED
    assert differences(before, bench.state()) == ()
    assert not bench.leftovers()
