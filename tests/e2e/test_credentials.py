"""Private indexes and channels are asked with their secrets, which are kept and shown nowhere."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import builders
import pytest
from surroundings import Guarded

PASSWORD = "hunter2-of-the-index"
CHANNEL_PASSWORD = "hunter2 of@the:channel"
TOKEN = "tk-0123-hidden"


@pytest.fixture
def private(tmp_path: Path) -> Iterator[builders.IndexServer]:
    """An index that asks who is there, with a wheel and an sdist."""
    built = tmp_path / "built"
    builders.wheel(built, "alpha", requires=["zeta"])
    builders.sdist(built, "zeta")
    builders.simple_index(tmp_path / "private", built.glob("*-*"))
    with builders.IndexServer(tmp_path / "private", login=("me", PASSWORD)) as server:
        yield server


def _everything(guarded: Guarded) -> Iterator[tuple[Path, bytes]]:
    """Every file of the environment, of our cache, of the local channel, of temporary folders."""
    places = ("PIPGUARD_CACHE_DIR", "PIPGUARD_CHANNEL", "TMPDIR", "XDG_STATE_HOME")
    for root in (guarded.prefix, *(Path(os.environ[name]) for name in places)):
        for path in root.rglob("*"):
            if path.is_file() and not path.is_symlink():
                yield path, path.read_bytes()


@pytest.mark.parametrize("where", ["option", "variable", "requirements", "address", "log"])
def test_the_password_of_an_index_is_kept_nowhere(
    guarded: Guarded,
    private: builders.IndexServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    where: str,
) -> None:
    requirements = tmp_path / "all.txt"
    requirements.write_text("alpha\n")
    url, extra = private.url_with_login, ["-i", private.url_with_login]
    if where == "variable":
        monkeypatch.setenv("PIP_INDEX_URL", url)
        extra = []
    elif where == "requirements":
        requirements.write_text(f"--index-url {url}\nalpha\n")
        extra = []
    elif where == "address":
        requirements.write_text(f"alpha @ {url}/alpha/alpha-1.0-py3-none-any.whl\n")
    elif where == "log":
        extra += ["-v", "--log", str(guarded.prefix / "log"), "--report", "report.json"]

    done = guarded.pip("install", "-r", str(requirements), *extra, cwd=guarded.prefix)

    assert done.returncode == 0, done.stderr
    assert guarded.origins()["alpha"] == guarded.origins()["zeta"] == "converted"
    assert PASSWORD not in done.stdout + done.stderr
    assert [path for path, data in _everything(guarded) if PASSWORD.encode() in data] == []


def test_a_refused_password_is_not_shown_either(
    guarded: Guarded, private: builders.IndexServer
) -> None:
    url = private.url_with_login.replace("me:", "somebody:")

    done = guarded.pip("install", "--no-input", "-i", url, "alpha")

    assert done.returncode == 1
    assert PASSWORD not in done.stdout + done.stderr
    assert [path for path, data in _everything(guarded) if PASSWORD.encode() in data] == []


@pytest.mark.parametrize("how", ["login", "token", "login of the alias", "token and login"])
def test_the_secret_of_a_channel_is_kept_nowhere(
    guarded: Guarded, tmp_path: Path, thin_channel: Path, how: str
) -> None:
    served = tmp_path / "served"
    builders.dist_package(served / "private", "beta", depends=("python", "gamma"))
    builders.dist_package(served / "private", "gamma")
    builders.channel(served / "private")
    guarded.offer("alpha", requires=["beta", "gamma"])
    guarded.offer("beta")
    guarded.offer("gamma")
    login = ("me", CHANNEL_PASSWORD) if "login" in how else None
    token = TOKEN if "token" in how else ""
    with builders.IndexServer(served, login=login, token=token) as server:
        base = server.url_with_login if login else server.url
        base += f"/t/{token}" if token else ""
        alias = f"channel_alias: {base}\n" if "alias" in how else ""
        first = "private" if alias else f"{base}/private"
        Path(os.environ["CONDARC"]).write_text(f"{alias}channels: ['{first}', {thin_channel}]\n")

        planned = guarded.pip("install", "--dry-run", "alpha")
        done = guarded.pip("install", "-v", "alpha")
        again = guarded.pip("install", "--force-reinstall", "-v", "beta")
        gone = guarded.pip("uninstall", "-y", "gamma")

    runs = (planned, done, again, gone)
    assert [run.returncode for run in runs] == [0, 0, 0, 0], [run.stderr for run in runs]
    assert guarded.environment.records()["beta"]["url"].startswith(f"{server.url}/private/noarch/")
    assert guarded.environment.records()["beta"]["channel"].rstrip("/") == f"{server.url}/private"
    shown = "".join(run.stdout + run.stderr for run in runs)
    assert [secret for secret in _forms(CHANNEL_PASSWORD, TOKEN) if secret in shown] == []
    found = [
        path
        for path, data in _everything(guarded)
        if any(secret.encode() in data for secret in _forms(CHANNEL_PASSWORD, TOKEN))
    ]
    assert found == []


def _forms(*secrets: str) -> Iterator[str]:
    """A secret as it is, in an address, and in a header."""
    for secret in secrets:
        yield secret
        yield quote(secret, safe="")
        yield base64.b64encode(f"me:{secret}".encode()).decode()


def test_a_refused_password_of_a_channel_is_not_shown_either(guarded: Guarded) -> None:
    with builders.IndexServer(guarded.channel, login=("me", "another")) as server:
        url = server.url.replace("//", f"//me:{PASSWORD}@")
        Path(os.environ["CONDARC"]).write_text(f"channels: ['{url}']\n")
        guarded.offer("alpha")
        before = guarded.tree()

        done = guarded.pip("install", "alpha")

    assert done.returncode == 1
    assert "401" in done.stderr
    assert PASSWORD not in done.stdout + done.stderr
    assert guarded.tree() == before
    assert [path for path, data in _everything(guarded) if PASSWORD.encode() in data] == []


def test_no_process_that_pipguard_starts_shows_it(
    guarded: Guarded, private: builders.IndexServer, tmp_path: Path
) -> None:
    """Only what the person typed, the shell's and pipguard's own command line, may."""
    running = subprocess.Popen(
        [
            *("bash", "-c", 'exec "$0" pip -p "$1" install -i "$2" alpha'),
            *(_launcher(), str(guarded.prefix), private.url_with_login),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=tmp_path,
    )
    typed, seen = set(), set()
    while running.poll() is None:
        for pid, line in _children(running.pid):
            (typed if pid == running.pid else seen).add(line)
        time.sleep(0.005)
    # A child shows its parent's command line until it becomes another program.
    seen -= typed

    assert running.returncode == 0
    assert any("pip_child.py" in line for line in seen)
    assert not [line for line in seen if PASSWORD in line]


def _launcher() -> str:
    return str(Path(sys.executable).with_name("pipguard"))


def _children(root: int) -> Iterator[tuple[int, str]]:
    """Command lines of a process and its descendants, from /proc."""
    pending = [root]
    while pending:
        pid = pending.pop()
        try:
            yield pid, Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
                pending.extend(map(int, tasks.read_text().split()))
        except OSError:
            continue
