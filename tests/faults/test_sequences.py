"""Whatever is done in whatever order: conda-meta and the disk agree after every step."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from forking import in_child
from killing import Workbench
from ordeals import sequence, unaccounted


@pytest.mark.parametrize("seed", range(3))
def test_after_any_sequence_every_file_is_accounted_for(
    tmp_path: Path, thin_channel: Path, seed: int
) -> None:
    bench = Workbench(tmp_path, thin_channel)
    assert [*unaccounted(bench)] == []
    done = sequence(bench, Random(seed), 12)  # noqa: S311 # to be repeated
    assert all(done.values()), done


def test_the_judge_sees_what_is_wrong(tmp_path: Path, thin_channel: Path) -> None:
    bench = Workbench(tmp_path, thin_channel)
    assert in_child(bench.change(("alpha", "1.0"), ("beta", "1.0"))) == 0
    site = bench.prefix.path / bench.prefix.target.site_packages
    (site / "alpha/part1.py").unlink()
    (site / "alpha/part1.py").write_text("altered")
    (site / "alpha/part2.py").unlink()
    (site / "mine.py").write_text("")
    next(bench.prefix.conda_meta.glob("beta-*.json")).unlink()
    words = {problem.partition(":")[0] for problem in unaccounted(bench)}
    assert words == {"altered", "missing", "untracked", "broken"}
