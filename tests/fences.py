"""What keeps a test, inside this process, from the network and from anything real.

An audit hook (PEP 578) cannot be taken out again, so there is one, and `conftest.py` switches it.
"""

from __future__ import annotations

import os
import site
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HOME = Path.home()
ENVIRONMENT = dict(os.environ)

# A home of `/` is that of a container's nobody: it would fence off /dev as well.
_PLACES = {str(HOME), str(HOME.resolve()), sys.prefix, sys.base_prefix, *site.getsitepackages()} - {
    "/"
}

# Audit events that change something: how many of their first arguments are paths.
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
# Of these the path may be a name in an open folder: where the descriptor of that stands.
_IN_FOLDER = {"os.mkdir": 2, "os.remove": 1, "os.rmdir": 1}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


class Trespass(BaseException):
    """A test reached for something real; no `except Exception` of the tested code may hide it."""


@dataclass
class Fences:
    """Which fences are up, and the folders inside the fenced ones that are free.

    `on_change` is called before anything changes a disk, with the audit event and the paths: for
    tests that end a process there.
    """

    network: bool = False
    writes: bool = False
    free: tuple[str, ...] = ()
    on_change: Callable[..., None] | None = None

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Judge one audit event."""
        if self.network and event in {"socket.connect", "socket.sendto"}:
            _judge_host(arguments[1][0] if isinstance(arguments[1], tuple) else None)
        elif self.network and event == "socket.getaddrinfo":
            _judge_host(arguments[0])
        elif self.writes and event == "open" and _writes(*arguments[1:3]):
            self._judge_change(event, arguments[:1])
        elif self.writes and event in _CHANGES:
            self._judge_change(event, arguments[: _CHANGES[event]], _folder(event, arguments))

    def _judge_change(self, event: str, paths: Iterable[object], folder: str = "") -> None:
        for path in paths:
            self._judge_path(path, folder)
        if self.on_change:
            self.on_change(event, *paths)

    def _judge_path(self, path: object, folder: str) -> None:
        if not isinstance(path, str | bytes | os.PathLike):
            return  # a file descriptor was judged when it was opened
        named = os.path.join(folder, os.fsdecode(path))  # noqa: PTH118 # called very often
        full = os.path.abspath(named)  # noqa: PTH100 # a link is judged, not its target
        # The innermost place decides: the repository is free in a home, its .venv is not.
        fence = max((len(place) for place in _PLACES if _below(full, place)), default=0)
        free = max((len(place) for place in self.free if _below(full, place)), default=0)
        if fence > free and "/__pycache__" not in full:
            raise Trespass("change", full)


def _folder(event: str, arguments: tuple[Any, ...]) -> str:
    """Say in which folder a name lies that is told with a descriptor, as `shutil.rmtree` does."""
    descriptor = arguments[_IN_FOLDER[event]] if event in _IN_FOLDER else -1
    return os.readlink(f"/proc/self/fd/{descriptor}") if descriptor >= 0 else ""  # noqa: PTH115


def _judge_host(host: object) -> None:
    name = host.decode() if isinstance(host, bytes) else host
    if not isinstance(name, str) or name in {"", "localhost", "::1"} or name.startswith("127."):
        return
    raise Trespass("connect", name)


def _writes(mode: str | None, flags: int) -> bool:
    return bool(flags & _WRITING) or bool(mode and set(mode) & set("wax+"))


def _below(path: str, place: str) -> bool:
    return path == place or path.startswith(place.rstrip("/") + "/")


FENCES = Fences()
sys.addaudithook(FENCES)
