"""Servers that count: what is downloaded how often, and who hears of which name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import builders
import pytest
from surroundings import Guarded

LOGIN = ("me", "password-of-the-index")


@pytest.fixture
def index(guarded: Guarded, monkeypatch: pytest.MonkeyPatch) -> Iterator[builders.IndexServer]:
    """Serve over HTTP alpha, which needs beta, a wheel, and zeta, an sdist."""
    guarded.offer("alpha", requires=["beta", "zeta"])
    guarded.offer("beta")
    builders.sdist(guarded.wheels, "zeta")
    guarded.publish(guarded.wheels.iterdir())
    with builders.IndexServer(guarded.index) as server:
        monkeypatch.setenv("PIP_INDEX_URL", server.url)
        # pip caches nothing that comes from a host it does not trust.
        monkeypatch.setenv("PIP_TRUSTED_HOST", "127.0.0.1")
        yield server


def _counted(server: builders.IndexServer) -> Counter[str]:
    found = Counter(path.rpartition("/")[2] or path for path in server.requests)
    server.requests.clear()
    return found


ONCE = {
    "/alpha/": 1,
    "alpha-1.0-py3-none-any.whl.metadata": 1,
    "alpha-1.0-py3-none-any.whl": 1,
    "/beta/": 1,
    "beta-1.0-py3-none-any.whl.metadata": 1,
    "beta-1.0-py3-none-any.whl": 1,
    "/zeta/": 1,
    "zeta-1.0.tar.gz": 1,
}


# A sitecustomize acts in every python that is started.
_STARTED = """
import os, sys
with open(os.environ["TEST_STARTED"], "a") as file:
    print(*sys.orig_argv, file=file)
"""


def test_everything_is_downloaded_once_and_by_one_process(
    guarded: Guarded,
    index: builders.IndexServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Options are read, all is planned, fetched, built and installed by a pip started once."""
    started, customised = tmp_path / "started", tmp_path / "customised"
    customised.mkdir()
    (customised / "sitecustomize.py").write_text(_STARTED)
    tree = builders.project(tmp_path / "tree", "delta")
    with monkeypatch.context() as patch:
        patch.setenv("TEST_STARTED", str(started))
        patch.setenv("PYTHONPATH", str(customised))
        guarded.installs("alpha", "-e", str(tree))
    pips = [line for line in started.read_text().splitlines() if "pip_child.py" in line]
    first = _counted(index)
    guarded.installs("--force-reinstall", "alpha")
    second = _counted(index)

    assert len(pips) == 1
    assert not [line for line in started.read_text().splitlines() if "-m pip " in line]
    assert first == ONCE
    # The pages are asked whether they have changed, of metadata pip has no cache.
    assert second == {name: 1 for name in ONCE if name.endswith(("/", ".metadata"))}


def test_a_dry_run_downloads_no_wheel_whose_metadata_the_index_has(
    guarded: Guarded, index: builders.IndexServer
) -> None:
    guarded.installs("--dry-run", "alpha")

    assert _counted(index) == {name: 1 for name in ONCE if not name.endswith(".whl")}


def test_what_is_satisfied_is_asked_of_nobody(
    guarded: Guarded, index: builders.IndexServer
) -> None:
    guarded.installs("alpha")
    index.requests.clear()

    guarded.installs("alpha", "zeta")

    assert index.requests == []


@pytest.mark.parametrize("line", ["-i {private}", "--extra-index-url {private}", "-r all.txt"])
def test_a_name_of_a_private_index_is_heard_by_no_host_but_those_that_pip_asks(
    guarded: Guarded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    wheels = [builders.wheel(tmp_path / "built", "acme-secret", requires=["beta"])]
    builders.simple_index(tmp_path / "private", wheels)
    guarded.offer("beta")
    with ExitStack() as servers:
        private = servers.enter_context(builders.IndexServer(tmp_path / "private", login=LOGIN))
        main, channel, table = (
            servers.enter_context(builders.IndexServer(folder))
            for folder in (guarded.index, guarded.channel, tmp_path)
        )
        url = private.url_with_login
        (tmp_path / "all.txt").write_text(f"--index-url {url}\nacme-secret\n")
        builders.simple_index(tmp_path / "private", [*wheels, *guarded.wheels.iterdir()])
        monkeypatch.setenv("PIP_INDEX_URL", main.url)
        monkeypatch.setenv("PIPGUARD_MAPPING_URL", f"{table.url}/table.json")
        condarc = tmp_path / "condarc"
        condarc.write_text(condarc.read_text().replace(str(guarded.channel), channel.url, 1))
        words = line.format(private=url)
        plain = guarded.sh(f"PIPGUARD_BYPASS=1 pip install --dry-run {words} acme-secret")
        assert plain.returncode == 0, plain.stderr
        pips = Counter(main.requests)
        main.requests.clear()

        done = guarded.sh(f"pip install {words} acme-secret", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert guarded.origins()["acme-secret"] == "converted"
    assert any("acme-secret" in path for path in private.requests)
    assert Counter(path for path in main.requests if "acme" in path) == Counter(
        path for path in pips.elements() if "acme" in path
    )
    assert channel.requests
    assert table.requests
    assert [path for path in (*channel.requests, *table.requests) if "acme" in path] == []
