"""What every test gets without asking: a world of its own, from which nothing real is in reach.

`world` gives each test a home, caches and settings that are thrown away, and takes away what the
machine's own environment says. `_fences` refuse, inside this process, connections beyond loopback
and writes into the real home or the running python; what a test starts is kept in by the
environment it inherits. `test_safety.py` proves that each of them bites.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import builders
import pytest
from fences import ENVIRONMENT, FENCES, HOME
from filelock import FileLock

from pipguard.tour import thin_python

_REPOSITORY = Path(__file__).resolve().parent.parent

_CLEARED = (
    "CONDA",
    "_CONDA",
    "_CE_",
    "MAMBA",
    "PIP_",
    "PIPGUARD",
    "PYTHON",
    "RATTLER",
    "UV_",
    "XDG_",
)
_CLEARED_NAMES = frozenset(
    {
        "VIRTUAL_ENV",
        "NO_COLOR",
        "FORCE_COLOR",
        "CLICOLOR",
        "CLICOLOR_FORCE",
        "NETRC",
        "ZDOTDIR",
        "ENV",
    }
    | {"BASH_ENV", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"}
)
_NOWHERE = "http://127.0.0.1:9"  # the discard port: refused at once on any machine


@pytest.fixture(autouse=True)
def world(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """Replace home, caches and settings; return the throw-away home."""
    home = tmp_path_factory.mktemp("home")
    for name in os.environ:
        if name.startswith(_CLEARED) or name in _CLEARED_NAMES:
            monkeypatch.delenv(name)
    online = request.node.get_closest_marker("network") is not None
    settings = _home_settings(home) | (_machine_pip() if online else _offline(home))
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    (home / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(home / "tmp"))
    return home


def _home_settings(home: Path) -> dict[str, str]:
    """Every variable by which a tool finds a place of the user's, or asks the user."""
    return {
        "HOME": str(home),
        "USERPROFILE": str(home),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_DATA_HOME": str(home / ".local/share"),
        "XDG_STATE_HOME": str(home / ".local/state"),
        "XDG_RUNTIME_DIR": str(home / ".runtime"),
        "TMPDIR": str(home / "tmp"),
        "PIPGUARD_CACHE_DIR": str(home / ".cache/pipguard"),
        "PIPGUARD_CHANNEL": str(home / ".local/share/pipguard/channel"),
        "CONDARC": str(home / ".condarc"),
        "CONDA_PKGS_DIRS": str(home / ".conda/pkgs"),
        "CONDA_ENVS_PATH": str(home / ".conda/envs"),
        "PIP_CACHE_DIR": str(home / ".cache/pip"),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "UV_CACHE_DIR": str(home / ".cache/uv"),
        "UV_PYTHON_DOWNLOADS": "never",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
    }


def _offline(home: Path) -> dict[str, str]:
    """Leave pip an index in which nothing is, and every other client a proxy that refuses.

    PIP_CONFIG_FILE stays unset: /dev/null would hide an environment's own pip.conf as well, and
    with it what pipguard puts there.
    """
    empty = home / "empty-index"
    empty.mkdir()
    proxies = dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), _NOWHERE)
    return {
        "PIP_INDEX_URL": empty.as_uri(),
        "PIP_FIND_LINKS": str(empty),
        "PIP_RETRIES": "0",
        "UV_DEFAULT_INDEX": empty.as_uri(),
        "GIT_ALLOW_PROTOCOL": "file",
        "no_proxy": "127.0.0.1,localhost,::1",
        "NO_PROXY": "127.0.0.1,localhost,::1",
        **proxies,
        **{name.upper(): value for name, value in proxies.items()},
    }


def _machine_pip() -> dict[str, str]:
    """What this machine's own pip needs to reach its index."""
    kept = {name: value for name, value in ENVIRONMENT.items() if name.startswith("PIP_")}
    folder = Path(ENVIRONMENT.get("XDG_CONFIG_HOME") or HOME / ".config")
    for path in (folder / "pip/pip.conf", HOME / ".pip/pip.conf"):
        if path.is_file():
            kept.setdefault("PIP_CONFIG_FILE", str(path))
    return kept


@pytest.fixture(autouse=True)
def _fences(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Switch the fences on while a test runs; the network's only where it is not marked."""
    FENCES.network = request.node.get_closest_marker("network") is None
    FENCES.free = (str(tmp_path_factory.getbasetemp()), str(_REPOSITORY))
    FENCES.writes = True
    yield
    FENCES.network = FENCES.writes = False


@pytest.fixture(scope="session")
def thin_channel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A channel with the running python and its pip, made once for all workers."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = shared / "thin-channel"
    with FileLock(shared / "thin-channel.lock"):
        if not (folder / "noarch/repodata.json").exists():
            thin_python.make(folder)
            thin_python.make_pip(folder)
            builders.channel(folder)
    return folder


MakeEnvironment = Callable[..., builders.Environment]


@pytest.fixture
def make_environment(thin_channel: Path, tmp_path: Path) -> MakeEnvironment:
    """Create environments below `tmp_path`, from the thin channel and any other channels."""

    def make(
        name: str = "env",
        specs: Sequence[str] = ("python", "pip"),
        *channels: Path | str,
    ) -> builders.Environment:
        sources = [*channels, thin_channel.as_uri()]
        return builders.environment(tmp_path / name, sources, specs)

    return make
