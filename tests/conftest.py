"""What every test gets without asking: a world of its own, from which nothing real is in reach.

`world` gives each test a home, caches and settings that are thrown away, and takes away what the
machine's own environment says. `_fences` refuse, inside this process, connections beyond loopback
and writes into the real home or the running python; what a test starts is kept in by the
environment it inherits. `test_safety.py` proves that each of them bites.
"""

from __future__ import annotations

import os
import site
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import builders
import pytest
from filelock import FileLock

from pipguard.tour import thin_python

REAL_HOME = Path.home()
_REAL_ENVIRONMENT = dict(os.environ)
_REPOSITORY = Path(__file__).resolve().parent.parent

_CLEARED = ("CONDA", "_CONDA", "_CE_", "MAMBA", "PIP_", "PIPGUARD", "PYTHON", "RATTLER", "UV_", "XDG_")
_CLEARED_NAMES = frozenset(
    {"VIRTUAL_ENV", "NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "NETRC", "ZDOTDIR", "ENV"}
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
    proxies = {name: _NOWHERE for name in ("http_proxy", "https_proxy", "all_proxy")}
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
    kept = {name: value for name, value in _REAL_ENVIRONMENT.items() if name.startswith("PIP_")}
    folder = Path(_REAL_ENVIRONMENT.get("XDG_CONFIG_HOME") or REAL_HOME / ".config")
    for path in (folder / "pip/pip.conf", REAL_HOME / ".pip/pip.conf"):
        if path.is_file():
            kept.setdefault("PIP_CONFIG_FILE", str(path))
    return kept


# --- fences inside this process -----------------------------------------------------------------


class _Fences:
    """An audit hook (PEP 578): it cannot be taken out again, so it is switched."""

    def __init__(self) -> None:
        self.network = False
        self.writes = False
        self.free: tuple[str, ...] = ()

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in {"socket.connect", "socket.sendto"} and self.network:
            self._connect(arguments[1])
        elif event == "socket.getaddrinfo" and self.network:
            self._connect((arguments[0],))
        elif event == "open" and self.writes:
            path, mode, flags = arguments
            writing = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC)
            if writing or (mode and set(mode) & set("wax+")):
                self._write(path)
        elif event in _CHANGES and self.writes:
            for path in arguments[: _CHANGES[event]]:
                self._write(path)

    def _connect(self, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else None
        name = host.decode() if isinstance(host, bytes) else host
        if isinstance(name, str) and not (
            name in {"", "localhost", "::1"} or name.startswith("127.")
        ):
            raise AssertionError(f"a test that is not marked network tried to reach {name}")

    def _write(self, path: object) -> None:
        if not isinstance(path, str | bytes | os.PathLike):
            return  # a file descriptor was judged when it was opened
        full = os.path.abspath(os.fsdecode(path))
        if any(_below(full, place) for place in _FENCED) and not (
            "/__pycache__" in full or any(_below(full, place) for place in self.free)
        ):
            raise AssertionError(f"a test tried to change {full}")


def _below(path: str, place: str) -> bool:
    return path == place or path.startswith(place.rstrip("/") + "/")


# Audit event: how many of its first arguments are paths that change.
_CHANGES = {
    "os.chmod": 1,
    "os.link": 2,
    "os.mkdir": 1,
    "os.remove": 1,
    "os.rename": 2,
    "os.rmdir": 1,
    "os.symlink": 2,
    "os.truncate": 1,
    "os.utime": 1,
    "shutil.rmtree": 1,
}
_FENCED = tuple(
    {str(REAL_HOME), os.path.realpath(REAL_HOME), sys.prefix, sys.base_prefix, *site.getsitepackages()}
)
_FENCES = _Fences()
sys.addaudithook(_FENCES)


@pytest.fixture(autouse=True)
def _fences(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Switch the fences on while a test runs; the network's only where it is not marked."""
    _FENCES.network = request.node.get_closest_marker("network") is None
    _FENCES.writes = True
    _FENCES.free = (str(tmp_path_factory.getbasetemp()), str(_REPOSITORY))
    yield
    _FENCES.network = _FENCES.writes = False


# --- environments -------------------------------------------------------------------------------


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
    """Create environments below `tmp_path`: `make_environment("name", ["python", "pip"], *channels)`."""

    def make(
        name: str = "env",
        specs: Sequence[str] = ("python", "pip"),
        *channels: Path | str,
    ) -> builders.Environment:
        sources = [*channels, thin_channel.as_uri()]
        return builders.environment(tmp_path / name, sources, specs)

    return make
