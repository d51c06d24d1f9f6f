"""`pipguard tour` as a person types it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pipguard.messages import TOUR
from pipguard.tour import acts


def _tour(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pipguard", "tour", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **variables},
    )


def _verdicts(output: str) -> dict[str, str]:
    """The verdict of each step by its title, from the closing table."""
    rows = re.findall(r"^# +(\w+) +[\d.]+ s  (.+)$", output, re.MULTILINE)
    return {title: verdict for verdict, title in rows}


@pytest.mark.network
def test_every_step_of_the_tour_does_what_it_says(world: Path) -> None:
    done = _tour()
    titles = [TOUR[f"step-{name}"] for name in acts._ACTS]
    assert _verdicts(done.stdout) == dict.fromkeys(titles, "ok"), done.stdout + done.stderr
    assert done.returncode == 0
    assert "\x1b[" not in done.stdout + done.stderr
    assert list((world / "tmp").iterdir()) == []
    # What pip writes itself aside, nothing of the person's is touched.
    assert not {".conda", ".condarc", ".config", ".local"} & {it.name for it in world.iterdir()}


def test_steps_that_cannot_do_what_they_say_are_named_and_what_shall_be_kept_is_kept(
    thin_channel: Path, world: Path
) -> None:
    """There is neither an index nor idna here; the steps before and after still do their work."""
    done = _tour("--keep", "--channel", str(thin_channel))
    verdicts = _verdicts(done.stdout)
    assert verdicts[TOUR["step-enable"]] == "ok", done.stdout + done.stderr
    assert verdicts[TOUR["step-install"]] == "FAILED"
    assert verdicts[TOUR["step-disable"]] == "ok"
    assert done.returncode == 1
    (folder,) = (world / "tmp").iterdir()
    *_, closing, kept = done.stdout.splitlines()
    assert TOUR["step-install"] in closing
    assert kept == TOUR["kept"].format(folder=folder)
    assert (folder / "env/conda-meta/history").exists()


def test_a_channel_without_python_ends_the_tour(tmp_path: Path) -> None:
    (tmp_path / "channel/noarch").mkdir(parents=True)
    (tmp_path / "channel/noarch/repodata.json").write_text("{}")
    done = _tour("--channel", str(tmp_path / "channel"))
    assert done.returncode == 1
    assert "No environment can be created" in done.stderr


def test_without_bash_one_line_says_so(tmp_path: Path) -> None:
    done = _tour(PATH=str(tmp_path))
    assert done.returncode == 1
    assert "bash" in done.stderr.splitlines()[0]
