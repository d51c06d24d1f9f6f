"""One operation at a time in an environment."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from pipguard.errors import PrefixError
from pipguard.prefix import Prefix


@contextmanager
def locked(prefix: Prefix, waiting: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock of an environment; a holder that has died holds nothing.

    Args:
        prefix: the environment.
        waiting: told who holds it, before this waits.

    Raises:
        PrefixError: the environment cannot be written.
    """
    lock = FileLock(lock_file(prefix))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        waiting(_holder(lock.lock_file))
        lock.acquire()
    try:
        _sign(lock.lock_file)
        yield
    finally:
        lock.release()


def is_held(prefix: Prefix) -> bool:
    """Tell whether an operation is under way.

    Raises:
        PrefixError: the environment cannot be written, so that nobody here can find out.
    """
    try:
        with FileLock(lock_file(prefix)).acquire(timeout=0):
            return False
    except Timeout:
        return True


def lock_file(prefix: Prefix) -> Path:
    """Name the lock of an environment, and make its folder.

    Raises:
        PrefixError: the environment cannot be written.
    """
    folder = prefix.own_folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PrefixError("prefix-read-only", prefix=str(prefix.path), error=error) from error
    changed = (folder, prefix.conda_meta, prefix.path)
    if not all(os.access(place, os.W_OK) for place in changed):
        raise PrefixError("prefix-read-only", prefix=str(prefix.path), error="")
    return folder / "lock"


def _sign(lock: str) -> None:
    since = f"{datetime.now().astimezone():%H:%M:%S}"
    text = f"{os.getpid()} on {socket.gethostname()} since {since}\n"
    Path(f"{lock}.holder").write_text(text, encoding="utf-8")


def _holder(lock: str) -> str:
    try:
        return Path(f"{lock}.holder").read_text(encoding="utf-8").strip()
    except OSError:
        return ""
