"""A repair killed anywhere leaves, after the next command, the damage as it was or none at all."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import builders
import pytest
from forking import in_child
from killing import Disturber, Workbench, saved

from pipguard.doctor.findings import Finding, Kind
from pipguard.guard_record import Mode
from pipguard.hooks import enable
from pipguard.prefix import Prefix
from pipguard.terminal import Terminal
from pipguard.tour.trees import differences
from pipguard.verbs.doctor import Scope, Treatment, look

# Of this many steps, one is killed before: a repair has some hundred.
_STRIDE = int(os.environ.get("PIPGUARD_TEST_STRIDE", "17"))
_SCOPE = Scope(frozenset(Kind))


@pytest.fixture
def bench(tmp_path: Path, thin_channel: Path) -> Workbench:
    made = Workbench(tmp_path, thin_channel)
    assert in_child(made.change(("alpha", "1.0"), ("beta", "1.0"))) == 0
    enable(made.prefix.path, Mode.ROUTE, Path("/bin/true"))
    return made


def damage(prefix: Path) -> None:
    """One of every cure: link again, record, move, delete, write anew, place."""
    (site,) = prefix.glob("lib/python3.*/site-packages")
    (site / "alpha/part0.py").unlink()
    (site / "alpha/part0.py").write_text("edited = True\n")
    builders.dist_folder(site, "stray")
    old = prefix / "lib/python3.9/site-packages"
    old.mkdir(parents=True)
    builders.dist_folder(old, "stranded")
    (site / "~eft").mkdir()
    (site / "~eft/__init__.py").touch()
    (site / "easy-install.pth").write_text("/gone/project\nimport sys\n")
    (prefix / "libexec/pipguard/shims/pip").unlink()


def repair(prefix: Path, findings: tuple[Finding, ...]) -> None:
    treatment = Treatment(Prefix(prefix), _SCOPE, ("doctor",), Terminal())
    assert not treatment.give(findings, migrated=False)


def test_a_repair_killed_before_a_step_is_taken_back_or_done(bench: Workbench) -> None:
    damage(bench.prefix.path)
    _, findings = look(bench.prefix, _SCOPE)
    assert len({it.fix for it in findings}) == 6

    operate = partial(repair, bench.prefix.path, findings)
    kills = 0
    with saved(bench.prefix.path) as put_back:
        before = bench.state()
        assert in_child(operate) == 0
        after = bench.state()
        for at in range(1, 10_000, _STRIDE):
            put_back()
            if in_child(Disturber(at).arm, operate) == 0:
                break
            kills += 1
            assert in_child(bench.recovery) == 0
            mixed = [differences(one, bench.state()) for one in (before, after)]
            assert () in mixed, f"killed before step {at}: {mixed}"
            assert not bench.leftovers()
    assert kills > 4
