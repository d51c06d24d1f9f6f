"""Another user in an environment whose pipguard lies in somebody's home, closed to them."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from shell.kit import SHIMS, activated, environment, executable, runner

from pipguard.guard_record import Mode
from pipguard.hooks import enable

WRAPPER = "libexec/pipguard/pip-python"
NOBODY = 65534

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root may start another user's")


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder into which everybody may look; those of pytest are closed."""
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def guarded(shared: Path, mode: Mode) -> Path:
    """An environment of root's, guarded by a pipguard in root's home."""
    prefix = environment(shared / "env")
    launcher = executable(shared / "home/pipguard", "launcher")
    (shared / "home").chmod(0o700)
    enable(prefix, mode, launcher)
    (prefix / "conda-meta/pipguard/ledger.jsonl").write_text("")
    return prefix


def another_user(
    prefix: Path, *command: str | Path, **variables: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in command],
        env={"PATH": activated(prefix), "CONDA_PREFIX": str(prefix), **variables},
        cwd="/",
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
        capture_output=True,
        text=True,
        check=False,
    )


def doors(prefix: Path) -> tuple[tuple[str | Path, ...], ...]:
    return (prefix / SHIMS / "pip",), (prefix / WRAPPER, runner(prefix))


def test_what_installs_nothing_works_for_another_user(shared: Path) -> None:
    prefix = guarded(shared, Mode.ROUTE)

    for door in doors(prefix):
        done = another_user(prefix, *door, "list")
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith(("pip of", "python of"))


def test_an_install_by_another_user_says_what_to_do(shared: Path) -> None:
    prefix = guarded(shared, Mode.ROUTE)

    for door in doors(prefix):
        done = another_user(prefix, *door, "install", "x")
        assert (done.returncode, done.stdout) == (1, "")
        assert "pipguard cannot be found, nothing was changed" in done.stderr
        assert "PIPGUARD_BYPASS=1" in done.stderr


def test_every_way_out_is_open_to_another_user_and_quiet_about_the_ledger(shared: Path) -> None:
    prefix = guarded(shared, Mode.ROUTE)
    ways = ({"PIPGUARD_BYPASS": "1"}, {"CONDA_BUILD": "1"}, {"PIPGUARD_MODE": "warn"})

    for door in doors(prefix):
        for way in ways:
            done = another_user(prefix, *door, "install", "x", **way)
            assert done.stdout.startswith(("pip of", "python of"))
            told = done.stderr.splitlines()
            assert len(told) == ("PIPGUARD_MODE" in way), done.stderr

    assert (prefix / "conda-meta/pipguard/ledger.jsonl").read_text() == ""


def test_a_guard_placed_by_root_belongs_to_whose_environment_it_is(shared: Path) -> None:
    prefix = environment(shared / "env")
    (prefix / "pip.conf").write_text("[global]\ntimeout = 3\n")
    (prefix / "pip.conf").chmod(0o600)
    for path in (prefix, *prefix.rglob("*")):
        os.chown(path, NOBODY, NOBODY)

    enable(prefix, Mode.ROUTE, executable(shared / "pipguard", "launcher"))

    assert {path.stat().st_uid for path in prefix.rglob("*")} == {NOBODY}
    assert b"timeout" in (prefix / "pip.conf").read_bytes()


def test_another_users_activation_is_quiet_after_an_upgrade_of_python(shared: Path) -> None:
    prefix = guarded(shared, Mode.ROUTE)
    (prefix / "bin/python3.11").rename(prefix / "bin/python3.12")
    script = f". '{prefix}/etc/conda/activate.d/zz-pipguard.sh'; command -v pip"

    done = another_user(prefix, "/bin/sh", "-euc", script)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip() == str(prefix / SHIMS / "pip")
