"""Which pip plans for an environment, and what its child does when it is left alone."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipguard import pip_process
from pipguard.errors import PlanError
from pipguard.pip_process import PipChild, own_pip_root, pip_root


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make an own pip of pipguard's: one that needs python 3.10."""
    folder = tmp_path / "own"
    info = folder / "pip-26.3.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Name: pip\nVersion: 26.3\nRequires-Python: >=3.10\n\ntext\n")
    monkeypatch.setattr(pip_process, "own_pip_root", lambda: folder)
    return folder


def _environment(folder: Path, python: str, pip: str | None = None) -> Path:
    (folder / "conda-meta").mkdir(parents=True)
    (folder / f"conda-meta/python-{python}-h12_0_cpython.json").write_text("{}")
    (folder / "conda-meta/python-dateutil-2.9-pyh_0.json").write_text("{}")
    minor = python.rpartition(".")[0]
    site_packages = folder / f"lib/python{minor}/site-packages"
    site_packages.mkdir(parents=True)
    if pip:
        (site_packages / f"pip-{pip}.dist-info").mkdir()
    return folder


@pytest.mark.parametrize("python", ["3.10.0", "3.13.1"])
def test_pipguards_own_where_it_runs(tmp_path: Path, own: Path, python: str) -> None:
    assert pip_root(_environment(tmp_path / "env", python, pip="22.2")) == own


@pytest.mark.usefixtures("own")
@pytest.mark.parametrize("pip", ["22.2", "25.3"])
def test_the_environments_where_python_is_too_old(tmp_path: Path, pip: str) -> None:
    prefix = _environment(tmp_path / "env", "3.9.18", pip)

    assert pip_root(prefix) == prefix / "lib/python3.9/site-packages"


@pytest.mark.usefixtures("own")
@pytest.mark.parametrize("pip", [None, "21.3.1", "22.1.2"])
def test_neither_where_the_environments_pip_writes_no_report(
    tmp_path: Path, pip: str | None
) -> None:
    with pytest.raises(PlanError) as refused:
        pip_root(_environment(tmp_path / "env", "3.9.18", pip))

    assert refused.value.reference == "no-pip-for-python"
    assert refused.value.facts["needed"] == "3.10"


def test_without_a_record_of_python_pipguards_own_is_tried(tmp_path: Path, own: Path) -> None:
    assert pip_root(tmp_path) == own


def test_what_own_pip_needs_is_read_from_its_real_metadata() -> None:
    assert pip_process._python_needed(own_pip_root()) >= (3, 9)


@pytest.mark.parametrize("words", [["install", "alpha"], ["install", "--no-such-option"]])
def test_a_child_whose_parent_has_gone_just_ends(words: list[str]) -> None:
    from_child, to_parent = os.pipe()
    from_parent, to_child = os.pipe()
    script = Path(pip_process.__file__).with_name("pip_child.py")
    arguments = [script, own_pip_root(), str(to_parent), str(from_parent)]
    with subprocess.Popen(
        [sys.executable, *arguments],
        pass_fds=(to_parent, from_parent),
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        for end in (from_child, to_parent, from_parent):
            os.close(end)
        os.write(to_child, f"{json.dumps(words)}\n".encode())
        os.close(to_child)
        _, errors = child.communicate(timeout=60)

    assert child.returncode == 1
    assert "Traceback" not in errors
    assert "BrokenPipe" not in errors
    assert list(Path(os.environ["TMPDIR"]).iterdir()) == []


# Steps while a child is silent.

_CHILD = """\
#!{python}
import json, os, sys, time
to_parent, from_parent = map(int, sys.argv[-2:])
orders = os.fdopen(from_parent, "rb", buffering=0)
orders.readline()
def mark():
    os.write(1, b"\\0\\n")
def tell(**message):
    say(json.dumps(message).encode() + b"\\n")
def say(data):
    while data:
        data = data[os.write(to_parent, data):]
def wait(name):
    while not os.path.exists(os.path.join({folder!r}, name)):
        time.sleep(0.002)
{does}
"""

Talks = Callable[[str], PipChild]


@pytest.fixture
def talks(tmp_path: Path) -> Iterator[Talks]:
    """Start a child that does this after it has heard its command line."""
    started: list[PipChild] = []

    def starts(does: str) -> PipChild:
        program = tmp_path / "child"
        made = _CHILD.format(python=sys.executable, folder=str(tmp_path), does=does)
        program.write_text(made)
        program.chmod(0o755)
        started.append(PipChild(tmp_path, program, ()))
        return started[-1]

    yield starts
    for child in started:
        child.stop()


class Steps:
    """Steps without end; some of them leave a file, which a child may wait for."""

    def __init__(self, folder: Path, *leaving: tuple[int, str]) -> None:
        self.folder, self.leaving, self.taken = folder, dict(leaving), 0

    def __iter__(self) -> Iterator[Callable[[], object]]:
        while True:
            yield self.step

    def step(self) -> None:
        self.taken += 1
        if self.taken in self.leaving:
            (self.folder / self.leaving[self.taken]).touch()
        time.sleep(0.001)


def _has_spoken(child: PipChild) -> None:
    assert select.select([child._from], [], [], 20)[0]


def test_steps_are_taken_for_as_long_as_the_child_is_silent(tmp_path: Path, talks: Talks) -> None:
    child = talks("wait('go'); mark(); tell(heard=1)")
    steps = Steps(tmp_path, (5, "go"))

    assert child.hear(steps) == {"heard": 1}
    assert steps.taken >= 5


def test_no_step_is_taken_where_the_child_has_answered_already(
    tmp_path: Path, talks: Talks
) -> None:
    child = talks("mark(); tell(heard=1)")
    _has_spoken(child)
    steps = Steps(tmp_path)

    assert child.hear(steps) == {"heard": 1}
    assert steps.taken == 0


def test_what_is_done_with_its_steps_waits(talks: Talks) -> None:
    taken: list[int] = []
    child = talks("time.sleep(0.1); mark(); tell(heard=1)")

    assert child.hear([lambda: taken.append(1), lambda: taken.append(2)]) == {"heard": 1}
    assert taken == [1, 2]


def test_how_far_it_has_come_is_heeded_between_steps(tmp_path: Path, talks: Talks) -> None:
    child = talks(
        "tell(progress={'seen': 1}); wait('on'); tell(progress={'seen': 2}); wait('end')\n"
        "mark(); tell(status=0)"
    )
    steps, seen = Steps(tmp_path, (3, "on"), (6, "end")), []
    child.heed = lambda counts: seen.append((counts["seen"], steps.taken))

    assert child.answer(steps) == {"status": 0}
    (first, before), (second, between) = seen
    assert (first, second) == (1, 2)
    assert before <= between
    assert between >= 3
    assert steps.taken >= 6


@pytest.mark.parametrize("steps", [False, True])
def test_of_lines_that_arrive_together_none_is_lost(
    tmp_path: Path, talks: Talks, *, steps: bool
) -> None:
    child = talks(
        "seen = [{'progress': {'seen': number}} for number in (1, 2)]\n"
        "lines = [seen[0], {'heard': 1}, seen[1], {'status': 0}]\n"
        "mark(); mark(); say(b''.join(json.dumps(line).encode() + b'\\n' for line in lines))"
    )
    seen: list[int] = []
    child.heed = lambda counts: seen.append(counts["seen"])
    _has_spoken(child)
    endless = Steps(tmp_path) if steps else ()

    assert child.hear(endless) == {"heard": 1}
    assert seen == [1]
    assert child.answer(endless) == {"status": 0}
    assert seen == [1, 2]


def test_a_line_that_arrives_in_pieces_is_one(tmp_path: Path, talks: Talks) -> None:
    child = talks("say(b'{\"hea'); wait('go'); mark(); say(b'rd\": \"\\xc3'); say(b'\\xa9\"}\\n')")
    _has_spoken(child)
    (tmp_path / "go").touch()

    assert child.hear() == {"heard": "é"}


def test_a_long_answer_arrives_whole(tmp_path: Path, talks: Talks) -> None:
    child = talks("mark(); tell(long='x' * 3_000_000, end=1); mark(); tell(status=0)")

    assert child.hear(Steps(tmp_path)) == {"long": "x" * 3_000_000, "end": 1}
    assert child.answer() == {"status": 0}


@pytest.mark.parametrize(
    ("does", "how"),
    [
        ("", "exit code 0"),
        ("sys.exit(3)", "exit code 3"),
        ("os.kill(os.getpid(), 9)", "SIGKILL"),
        ("tell(progress={'seen': 1}); sys.exit(3)", "exit code 3"),
        ("say(b'{\"hea'); sys.exit(3)", "exit code 3"),
    ],
)
@pytest.mark.parametrize("steps", [False, True])
def test_a_child_that_ends_midway_has_crashed(
    tmp_path: Path, talks: Talks, does: str, how: str, *, steps: bool
) -> None:
    child = talks(does)
    with pytest.raises(PlanError) as crashed:
        child.hear(Steps(tmp_path) if steps else ())

    assert crashed.value.reference == "pip-crashed"
    assert crashed.value.facts["error"] == how


def test_a_step_that_fails_leaves_no_child(talks: Talks) -> None:
    def fails() -> None:
        raise ZeroDivisionError

    child = talks("orders.read()")
    with pytest.raises(ZeroDivisionError), child:
        child.hear([fails])

    assert child._process.returncode is not None
