"""Runs of disturbed operations: short ones in `tests/faults`, long ones in `bench/faults.py`."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path
from random import Random
from signal import SIGKILL
from typing import Any

import repairs
from forking import in_child
from killing import REFUSED, Disturber, Workbench, attempt, saved
from meddling import MEDDLERS

from pipguard import hooks, upkeep
from pipguard.engine.conditions import broken
from pipguard.guard_record import Mode
from pipguard.tour.trees import differences, states

Wanted = tuple[tuple[str, str], ...]

STATES: tuple[Wanted, ...] = (
    (),
    (("beta", "1.0"),),
    (("gamma", "1.0"),),
    (("alpha", "1.0"), ("beta", "1.0")),
    (("alpha", "2.0"), ("beta", "1.0")),
    (("alpha", "2.0"), ("beta", "1.0"), ("gamma", "2.0")),
    (("alpha", "1.0"), ("beta", "1.0"), ("gamma", "1.0")),
)
"""What an environment may hold beside python, each reachable from each."""

OLD = (("alpha", "1.0"), ("beta", "1.0"))
NEW = (("alpha", "2.0"), ("beta", "1.0"))
ONE = (("beta", "1.0"),)
OTHER = (("beta", "1.0"), ("gamma", "1.0"))


class GuardKiller:
    """Ends a process before its so-manieth change of a disk, whoever makes it."""

    def __init__(self, at: int, folder: Path) -> None:
        self.disturber, self.folder = Disturber(at), folder

    def arm(self) -> None:
        from fences import FENCES  # noqa: PLC0415 # an audit hook: for good, in a process that dies

        FENCES.writes, FENCES.free = True, (str(self.folder), "/dev/null")
        FENCES.on_change = lambda *_: self.disturber.step()


def kills_of_operations(bench: Workbench, random: Random, wanted: int) -> Counter[str]:
    """Kill before each step once, then at random moments until there were enough."""
    found: Counter[str] = Counter()
    cases: dict[str, tuple[tuple[tuple[str, str], ...], Callable[[], object]]] = {
        "install": (ONE, bench.change(*OLD)),
        "upgrade": (OLD, bench.change(*NEW)),
        "uninstall": (OLD, bench.change(*ONE)),
        "two changes": (OLD, bench.changes(NEW, OTHER)),
        "undo": (OLD, bench.undo),
    }
    for name, (first, operate) in cases.items():
        assert in_child(bench.change(*first)) == 0
        with saved(bench.prefix.path) as put_back:
            for at in count(1):
                if not killed(bench, Disturber(at), operate):
                    break
                found[f"{name}, before a step"] += 1
                put_back()
    while found.total() < wanted:
        name = random.choice([*cases])
        first, operate = cases[name]
        assert in_child(bench.change(*first)) == 0
        disturber = random.choice(
            [Disturber(moment=random.uniform(0, 0.3)), Disturber(linking=random.uniform(0, 0.05))]
        )
        found[f"{name}, at a random moment"] += killed(bench, disturber, operate)
    return found


def kills_of_a_repair(bench: Workbench, stride: int = 1) -> Counter[str]:
    """Kill a repair of every kind, with what it installs and replaces, before its steps."""
    found: Counter[str] = Counter()
    os.environ.update(repairs.surroundings(bench))
    findings = repairs.damaged(bench)
    operate = partial(repairs.repair, bench.prefix.path, findings)
    with saved(bench.prefix.path) as put_back:
        for at in count(1, stride):
            if not killed(bench, Disturber(at), operate):
                break
            found["repair, before a step"] += 1
            put_back()
        put_back()
    hooks.disable(bench.prefix.path)
    return found


def kills_of_the_guard(bench: Workbench, folder: Path) -> Counter[str]:
    """Kill `enable` and `disable` before each change of the disk; any command ends them."""
    found: Counter[str] = Counter()
    prefix, launcher = bench.prefix.path, folder / "pipguard"
    launcher.write_text("#!/bin/sh\n")
    launcher.chmod(0o755)
    (prefix / "pip.conf").write_text("[global]\nindex-url = https://host.invalid/simple\n")
    enable = partial(hooks.enable, prefix, Mode.ROUTE, launcher)
    acts = {"enable": enable, "disable": partial(hooks.disable, prefix)}
    for (name, act), other in zip(acts.items(), reversed(acts.values()), strict=True):
        other()
        before = states(prefix)
        act()
        after = states(prefix)
        for at in count(1):
            other()
            code = in_child(GuardKiller(at, folder).arm, act)
            assert code in (0, -SIGKILL)
            upkeep.tend(prefix)
            # The ledger has a line for each `disable`.
            ledger, found_now = "conda-meta/pipguard/ledger.jsonl", states(prefix)
            mixed = [differences(state, found_now, ledger) for state in (before, after)]
            assert () in mixed, (name, at, mixed)
            if code == 0:
                break
            found[f"{name}, before a change"] += 1
    hooks.disable(prefix)
    (prefix / "pip.conf").unlink()
    return found


def changes_of_others(bench: Workbench, random: Random, wanted: int) -> Counter[str]:
    """Kill an upgrade anywhere, let somebody else in, then the next command."""
    found: Counter[str] = Counter()
    assert in_child(bench.change(*OLD)) == 0
    with saved(bench.prefix.path) as put_back:
        before = bench.state()
        assert in_child(bench.change(*NEW)) == 0
        after = bench.state()
        while found.total() < wanted:
            put_back()
            meddle = random.choice(MEDDLERS)
            disturber = Disturber(random.randint(15, 60))
            if in_child(disturber.arm, bench.change(*NEW)) == 0:
                continue
            theirs = meddle(bench)
            there = bench.state()
            assert in_child(bench.recovery) == 0
            state = bench.state()
            assert all(state.get(path) == there[path] for path in theirs), (meddle, disturber.at)
            mixed = [
                [it for it in differences(one, state) if it not in theirs]
                for one in (before, after)
            ]
            assert [] in mixed, (meddle, disturber.at, mixed)
            found[meddle.__name__] += 1
        put_back()
    return found


def sequences(bench: Workbench, random: Random, wanted: int) -> Counter[str]:
    """Do sequences of six operations each, one after the other in the same environment."""
    found: Counter[str] = Counter()
    for _ in range(wanted):
        found.update(sequence(bench, random, 6))
        found["sequences"] += 1
    return found


def sequence(bench: Workbench, random: Random, length: int) -> dict[str, int]:
    """Install, upgrade, uninstall, undo, some of them killed; count what was done.

    After each: conda-meta accounts for every file with its hash, nothing is missing or untracked,
    every condition of every package is met, and a killed operation is done or was not begun.
    """
    done = {"changes": 0, "undone": 0, "killed": 0}
    for _ in range(length):
        undoing = random.random() < 0.3
        operate = bench.undo if undoing else bench.change(*random.choice(STATES))
        if random.random() < 0.3:
            done["killed"] += killed(
                bench, Disturber(random.randint(1, 60)), partial(attempt, operate)
            )
        else:
            code = in_child(partial(attempt, operate))
            assert code in (0, REFUSED)
            done["undone" if undoing else "changes"] += code == 0
        problems = [*unaccounted(bench)]
        assert problems == []
    return done


def killed(bench: Workbench, disturber: Disturber, operate: Callable[[], object]) -> bool:
    """Kill an operation and let the next command come; tell whether it did not come to its end.

    It must be done then, or not have begun.
    """
    with saved(bench.prefix.path) as put_back:
        before = bench.state()
        assert in_child(operate) in (0, REFUSED)
        after = bench.state()
        put_back()
        code = in_child(disturber.arm, operate)
        assert in_child(bench.recovery) == 0
    mixed = [differences(state, bench.state()) for state in (before, after)]
    assert () in mixed, mixed
    assert not bench.leftovers()
    assert not bench.bytecode_without_source()
    assert code in (0, REFUSED, -SIGKILL), code
    return code < 0


def unaccounted(bench: Workbench) -> Iterator[str]:
    """Say what conda-meta and the disk do not agree on."""
    records = [json.loads(path.read_bytes()) for path in bench.prefix.conda_meta.glob("*.json")]
    listed = {entry["_path"]: entry for data in records for entry in data["paths_data"]["paths"]}
    here = {path for path in bench.everything() if not path.startswith("conda-meta/")}
    here -= {"CACHEDIR.TAG"}  # rattler's, who made the environment
    yield from (f"untracked: {path}" for path in here - listed.keys())
    yield from (f"missing: {path}" for path in listed.keys() - here)
    for path in here & listed.keys():
        if not _is_as_listed(bench, listed[path]):
            yield f"altered: {path}"
    yield from (f"broken: {name} needs {condition}" for name, condition in broken(records))


def _is_as_listed(bench: Workbench, entry: dict[str, Any]) -> bool:
    path = bench.prefix.path / entry["_path"]
    expected = entry.get("sha256_in_prefix") or entry.get("sha256")
    if path.is_symlink() or not expected or entry["path_type"] == "pyc_file":
        return True
    return hashlib.sha256(path.read_bytes()).hexdigest() == expected
