"""What goes wrong around pip is told as what it is, with the right code, and changes nothing.

Longer than a module should be: what breaks pip, network and disk is written out beside each test.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler
from pathlib import Path
from threading import Event

import builders
import pytest
from surroundings import Guarded

UNCHANGED = "Nothing was changed."

# A sitecustomize acts in every python that is started; these ask in which one they are.
_IN_PIP = """
import json, os, signal, sys
if any("pip_child.py" in word for word in sys.orig_argv):
"""
_UNKNOWN_REPORT = """
    dump = json.dump
    def newer(document, *more, **options):
        dump({**document, "version": "9"}, *more, **options)
    json.dump = newer
"""
_KILLED = """
    def killed(event, details):
        if event == "open" and str(details[0]).endswith("report.json"):
            os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(killed)
"""
_BROKEN = """
    sys.modules["runpy"] = None
"""
# Who imports this has just been started.
_INTERRUPTED_EARLY = """
import os, signal, sys
def interrupted(event, details):
    if event == "import" and details[0] == "{module}":
        os.kill(0, signal.SIGINT)
if any("{script}" in word for word in sys.orig_argv):
    sys.addaudithook(interrupted)
"""
_SLOW_CONVERSION = """
import os, sys, time
def slow(event, details):
    if event == "os.mkdir" and "/.drafts/" in str(details[0]):
        open(os.environ["TEST_MARK"], "w").close()
        time.sleep(1)
sys.addaudithook(slow)
"""


@pytest.fixture
def market(guarded: Guarded) -> Guarded:
    guarded.offer("alpha", requires=["beta"])
    guarded.offer("beta")
    return guarded


@pytest.fixture
def before(market: Guarded) -> dict[str, str]:
    return market.tree()


@pytest.fixture
def server(market: Guarded, monkeypatch: pytest.MonkeyPatch) -> Iterator[builders.IndexServer]:
    """The same index over HTTP."""
    with builders.IndexServer(market.index) as serving:
        monkeypatch.setenv("PIP_INDEX_URL", serving.url)
        yield serving


@pytest.fixture
def customised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Let every python that is started run some lines first."""

    def customise(lines: str) -> None:
        folder = tmp_path / "customised"
        folder.mkdir()
        (folder / "sitecustomize.py").write_text(lines)
        monkeypatch.setenv("PYTHONPATH", str(folder))

    return customise


def _left_behind() -> list[Path]:
    """What lies in the folders for temporary files."""
    cache = Path(os.environ["PIPGUARD_CACHE_DIR"])
    drafts = Path(os.environ["PIPGUARD_CHANNEL"], ".drafts")
    folders = (Path(os.environ["TMPDIR"]), cache / "staging", drafts)
    found = [path for folder in folders if folder.exists() for path in folder.iterdir()]
    return [*found, *cache.glob("wheels-*")]


# A pip that is not as it should be


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (_UNKNOWN_REPORT, "report of version 9"),
        (_KILLED, "SIGKILL"),
        (_BROKEN, "exit code 1"),
    ],
)
def test_a_pip_that_is_not_as_it_should_be_is_told(
    market: Guarded,
    before: dict[str, str],
    customised: Callable[[str], None],
    lines: str,
    said: str,
) -> None:
    customised(_IN_PIP + lines)

    done = market.pip("install", "alpha")

    assert done.returncode == 1, done.stderr
    assert said in done.stderr
    assert UNCHANGED in done.stderr
    assert "PIPGUARD_BYPASS=1" in done.stderr
    assert market.tree() == before
    assert _left_behind() == []


# A network that is not as it should be


def _cut(request: SimpleHTTPRequestHandler) -> bool:
    """Close the connection in the middle of a wheel."""
    if not request.path.endswith(".whl"):
        return False
    data = Path(request.translate_path(request.path)).read_bytes()
    request.send_response(200)
    request.send_header("Content-Length", str(len(data)))
    request.end_headers()
    request.wfile.write(data[: len(data) // 2])
    request.close_connection = True
    return True


def _broken(request: SimpleHTTPRequestHandler) -> bool:
    request.send_error(500)
    return True


def test_a_network_that_dies_while_a_wheel_comes_changes_nothing(
    market: Guarded, before: dict[str, str], server: builders.IndexServer
) -> None:
    server.trouble = _cut

    done = market.pip("install", "alpha")

    assert done.returncode == 1
    assert "ncomplete" in done.stderr
    assert UNCHANGED in done.stderr
    assert "Traceback" not in done.stderr
    assert market.tree() == before
    assert _left_behind() == []


def test_of_a_broken_index_pip_says_what_it_always_says(
    market: Guarded, before: dict[str, str], server: builders.IndexServer
) -> None:
    server.trouble = _broken

    done = market.pip("install", "alpha")
    plain = market.sh("PIPGUARD_BYPASS=1 pip install alpha")

    assert done.returncode == plain.returncode == 1
    assert plain.stderr.splitlines()[-1] in done.stderr.splitlines()
    assert market.tree() == before


# A disk that is not as it should be


def test_a_full_disk_while_fetching_is_told(market: Guarded) -> None:
    market.offer("gamma", files={"gamma/data": os.urandom(200_000)})
    before = market.tree()

    done = market.sh("ulimit -f 100; pip install gamma")

    assert done.returncode == 1, done.stderr
    assert "File too large" in done.stderr
    assert "Traceback" not in done.stderr
    assert UNCHANGED in done.stderr
    assert market.tree() == before
    assert _left_behind() == []


@pytest.mark.parametrize("variable", ["PIPGUARD_CHANNEL", "PIPGUARD_CACHE_DIR"])
def test_a_folder_of_ours_that_cannot_be_written_is_named(
    market: Guarded, before: dict[str, str], tmp_path: Path, variable: str
) -> None:
    (tmp_path / "file").touch()

    done = market.sh(f"{variable}={tmp_path}/file/folder pip install alpha")

    assert done.returncode == 1, done.stderr
    assert f"{tmp_path}/file" in done.stderr
    assert UNCHANGED in done.stderr
    assert market.tree() == before


@pytest.mark.parametrize("part", ["", "conda-meta", "conda-meta/pipguard"])
def test_an_environment_that_cannot_be_written_is_refused(
    market: Guarded, before: dict[str, str], part: str
) -> None:
    folder = market.prefix / part
    folder.chmod(0o555)
    # Root may write everywhere unless it gives up that right.
    away = "setpriv --bounding-set -dac_override --inh-caps -dac_override" * (os.geteuid() == 0)

    done = market.sh(f"{away} pip install alpha")
    folder.chmod(0o755)

    assert done.returncode == 1, done.stderr
    assert "cannot be written by this user" in done.stderr
    assert UNCHANGED in done.stderr
    assert market.tree() == before


# Ctrl-C


def _started(market: Guarded) -> subprocess.Popen[str]:
    """Start an install in a process group of its own, as a terminal does."""
    return subprocess.Popen(
        [sys.executable, "-m", "pipguard", "pip", "-p", market.prefix, "install", "beta"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        cwd=market.prefix.parent,
    )


def _assert_interrupted(
    running: subprocess.Popen[str], told: str = "Interrupted; nothing was changed."
) -> None:
    _, errors = running.communicate(timeout=20)
    assert running.returncode == 130, errors
    assert told in errors
    assert "Traceback" not in errors
    with pytest.raises(ProcessLookupError):
        os.killpg(running.pid, 0)
    assert _left_behind() == []


@pytest.mark.parametrize("reaches", [os.killpg, os.kill])
@pytest.mark.parametrize("where", ["/beta/", ".whl"])
def test_ctrl_c_while_pip_is_at_work_leaves_nothing(
    market: Guarded,
    before: dict[str, str],
    server: builders.IndexServer,
    reaches: Callable[[int, int], None],
    where: str,
) -> None:
    """While it plans it asks for the page of the project, while it fetches for the wheel."""
    reached, released = Event(), Event()

    def hold(request: SimpleHTTPRequestHandler) -> bool:
        if request.path.endswith(where):
            reached.set()
            released.wait(20)
        return False

    server.trouble = hold
    running = _started(market)
    assert reached.wait(20)
    reaches(running.pid, signal.SIGINT)

    _assert_interrupted(running)
    released.set()
    assert market.tree() == before


@pytest.mark.parametrize(
    ("script", "module"),
    [
        ("pipguard", "pipguard.cli"),
        ("pip_child.py", "runpy"),
        ("pip_child.py", "pip._internal.cli.main_parser"),
    ],
)
def test_ctrl_c_while_python_starts_shows_no_traceback(
    market: Guarded,
    before: dict[str, str],
    customised: Callable[[str], None],
    script: str,
    module: str,
) -> None:
    customised(_INTERRUPTED_EARLY.format(script=script, module=module))
    running = _started(market)

    _assert_interrupted(running, "" if script == "pipguard" else "Interrupted;")
    assert market.tree() == before


def test_ctrl_c_while_converting_leaves_nothing(
    market: Guarded,
    before: dict[str, str],
    customised: Callable[[str], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mark = tmp_path / "mark"
    monkeypatch.setenv("TEST_MARK", str(mark))
    customised(_SLOW_CONVERSION)
    running = _started(market)
    deadline = time.monotonic() + 20
    while not mark.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    os.killpg(running.pid, signal.SIGINT)

    _assert_interrupted(running)
    assert market.tree() == before


# What pip is told besides its command line


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What `module load` of a cluster comes to: a folder on PYTHONPATH with a dist in it."""
    info = tmp_path / "module/beta-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: beta\nVersion: 1.0\n")
    monkeypatch.setenv("PYTHONPATH", str(info.parent))
    return info.parent


@pytest.mark.usefixtures("module")
def test_what_pythonpath_brings_counts_as_installed(market: Guarded) -> None:
    out = market.installs("beta")

    assert out.startswith("Requirement already satisfied: beta in ./module")
    assert "beta" not in market.environment.records()


@pytest.mark.usefixtures("module")
def test_a_dependency_that_only_pythonpath_brings_needs_no_solution(market: Guarded) -> None:
    out = market.installs("alpha")

    assert out.splitlines()[-1] == "Successfully installed alpha-1.0"
    assert market.origins()["alpha"] == "converted"
    assert "beta" not in market.environment.records()


def test_what_pythonpath_brings_too_old_is_installed_and_stays_there(
    market: Guarded, module: Path
) -> None:
    market.offer("beta", "2.0")

    out = market.installs("beta>1")

    assert out.splitlines()[-1] == "Successfully installed beta-2.0"
    assert market.origins()["beta"] == "converted"
    assert (module / "beta-1.0.dist-info/METADATA").is_file()


@pytest.mark.parametrize("line", ["pip install --no-cache-dir", "PIP_NO_CACHE_DIR=1 pip install"])
def test_without_pips_cache_nothing_is_downloaded_twice(
    market: Guarded,
    server: builders.IndexServer,
    monkeypatch: pytest.MonkeyPatch,
    line: str,
) -> None:
    # pip caches nothing that comes from a host it does not trust.
    monkeypatch.setenv("PIP_TRUSTED_HOST", "127.0.0.1")
    for metadata in market.index.rglob("*.metadata"):
        metadata.unlink()
    page = market.index / "beta/index.html"
    page.write_text(page.read_text().replace("data-", "no-"))

    done = market.sh(f"{line} beta")

    assert done.returncode == 0, done.stderr
    assert len([path for path in server.requests if path.endswith(".whl")]) == 1
    assert not Path(os.environ["PIP_CACHE_DIR"], "http-v2").exists()
    assert _left_behind() == []


@pytest.mark.parametrize("where", ["variable", "file"])
def test_a_pip_that_wants_a_venv_refuses_in_its_own_words(
    market: Guarded, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if where == "variable":
        monkeypatch.setenv("PIP_REQUIRE_VIRTUALENV", "true")
    else:
        configuration = market.prefix / "pip.conf"
        configuration.write_text(configuration.read_text() + "require-virtualenv = true\n")
    before = market.tree()

    for words in ("install alpha", "uninstall -y pip"):
        done = market.sh(f"pip {words}")
        plain = market.sh(f"PIPGUARD_BYPASS=1 pip {words}")

        assert done.returncode == plain.returncode == 3
        assert plain.stderr.splitlines()[-1] in done.stderr.splitlines()
    assert market.tree() == before


def test_a_private_name_is_asked_of_no_other_host(
    market: Guarded, server: builders.IndexServer, tmp_path: Path
) -> None:
    with builders.IndexServer(market.channel) as channel:
        condarc = tmp_path / "condarc"
        channels = condarc.read_text().replace(str(market.channel), channel.url, 1)
        condarc.write_text(channels)
        market.installs("alpha")

        assert any("/alpha/" in path for path in server.requests)
        assert channel.requests
        assert [path for path in channel.requests if "alpha" in path or "beta" in path] == []


# Streams


def test_without_any_stream_the_code_is_right(market: Guarded) -> None:
    done = market.sh("pip install alpha <&- >/dev/null 2>&1")

    assert done.returncode == 0
    assert market.origins()["alpha"] == "converted"


def test_a_reader_that_leaves_early_does_not_stop_an_install(market: Guarded) -> None:
    done = market.sh("pip install alpha | true")

    assert "Traceback" not in done.stderr
    assert market.origins()["alpha"] == "converted"
