"""A copy is refused until it is guarded by itself, by whichever door one comes."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import PIPE, Popen

import pytest
from shell.kit import SHIMS, activated, environment, executable, run
from values import told

from pipguard import cli
from pipguard.copies import home_of, refuse_copy, refuse_pip_of_a_copy
from pipguard.errors import PrefixError
from pipguard.faults import FaultKind, check
from pipguard.guard_record import Mode
from pipguard.hooks import enable
from pipguard.pip_tool import PipTool
from pipguard.prefix import Prefix
from pipguard.request import Told
from pipguard.session import Line, answer


@pytest.fixture
def original(tmp_path: Path) -> Path:
    made = environment(tmp_path / "original")
    enable(made, Mode.ROUTE, executable(tmp_path / "pipguard", "launcher"))
    return made


def copied(original: Path) -> Path:
    return Path(shutil.copytree(original, original.with_name("copy")))


def cloned(original: Path) -> Path:
    clone = copied(original)
    shutil.rmtree(clone / "conda-meta/pipguard")
    return clone


def moved(original: Path) -> Path:
    return original.rename(original.with_name("moved"))


@pytest.mark.parametrize(
    ("made", "reference"),
    [
        (copied, "environment-copied"),
        (moved, "environment-copied"),
        (cloned, "environment-cloned"),
    ],
)
def test_nothing_is_installed_into_a_copy(
    made: object, reference: str, original: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert callable(made)
    copy = made(original)

    with pytest.raises(PrefixError) as caught:
        refuse_copy(copy)

    assert caught.value.reference == reference
    for verb, *words in (["pip", "install"], ["uv", "pip", "install"], ["explain"]):
        assert cli.run([verb, "-p", str(copy), *words, "x"]) == 1
        assert f"pipguard enable -p {copy}" in capsys.readouterr().err


def test_the_original_and_what_was_never_guarded_are_no_copies(
    original: Path, tmp_path: Path
) -> None:
    link = tmp_path / "link"
    link.symlink_to(original)

    for prefix in (original, link, environment(tmp_path / "plain")):
        refuse_copy(prefix)
        assert home_of(prefix) is None


def test_what_conda_unpack_has_moved_is_none_and_its_doors_lead_to_itself(original: Path) -> None:
    """conda-pack ships the guard as it is; conda-unpack writes the new prefix into its texts."""
    copy = copied(original)
    for path in copy.rglob("*"):
        if path.is_file() and str(original).encode() in (data := path.read_bytes()):
            path.write_bytes(data.replace(bytes(original), bytes(copy)))

    refuse_copy(copy)
    done = run([copy / SHIMS / "pip", "install", "x"], activated(copy))
    assert done.stdout.startswith(f"launcher <pip> <-p> <{copy}> <install> <x>")
    assert {fault.kind for fault in check(copy)} == {FaultKind.ALTERED}


def test_a_copy_that_was_guarded_by_itself_is_none_any_more(original: Path) -> None:
    copy = copied(original)
    enable(copy, None, original.parent / "pipguard")

    refuse_copy(copy)


class Pip(PipTool):
    """A pip that has understood `pip --python COPY install x`, without a process."""

    def told(self) -> Told:
        return told("install", "x", python=self.arguments[1])


def test_python_of_a_copy_is_refused(original: Path) -> None:
    copy, prefix = copied(original), Prefix(original)
    words = ("--python", str(copy), "install", "x")

    with pytest.raises(PrefixError, match="environment-copied"):
        answer(Line("pip", words), prefix, Pip(prefix, list(words), None))


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="only /proc tells")
def test_pip_of_a_copy_is_known_from_that_of_another_environment(original: Path) -> None:
    another = environment(original.with_name("another"))
    enable(another, Mode.ROUTE, original.parent / "pipguard")

    for prefix, is_copy in ((copied(original), True), (another, False), (original, False)):
        (prefix / "bin/pip").write_text("print(flush=True); input()")
        command = [sys.executable, "-I", prefix / "bin/pip"]
        with Popen(command, stdin=PIPE, stdout=PIPE, text=True) as process:
            assert process.stdout
            process.stdout.readline()  # it runs, and /proc knows its words
            caught = suppressed(refuse_pip_of_a_copy, original, process.pid)
            process.communicate("\n")
        assert bool(caught) == is_copy, prefix


def suppressed(act: Callable[..., object], *arguments: object) -> str:
    try:
        act(*arguments)
    except PrefixError as error:
        return error.reference
    return ""


def test_a_process_that_is_gone_or_is_no_pip_tells_nothing(original: Path) -> None:
    refuse_pip_of_a_copy(original, 2**22 + 1)
    refuse_pip_of_a_copy(original, 1)
