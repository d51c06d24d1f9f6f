"""Tells how far a run of pip has come while it lasts: packages seen, bytes fetched.

Runs inside the child, where the parent shows a line that moves. What pip writes to standard error
goes to the terminal without the parent, so that the line is wiped here before it does. Imports
nothing but the standard library and pip, whose private API it touches.
"""

from __future__ import annotations

import builtins
import getpass
import logging
import os
import time

from pip._internal.index.package_finder import PackageFinder
from pip._internal.network import download

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

_EVERY = 0.1
_WIPE = b"\r\x1b[K"
_STDERR = 2


class Progress:
    """Counts what pip does from `install` on, and notes it for the parent ten times a second."""

    def __init__(self, note: Callable[[dict[str, Any]], None]) -> None:
        self._note = note
        self._names: set[str] = set()
        self._bytes = 0
        self._last = 0.0

    def install(self) -> None:
        """Begin to count.

        Raises:
            AttributeError: this pip is another one than we know.
        """
        owners: list[Any] = [PackageFinder, download]
        find, chunks = owners[0].find_all_candidates, owners[1].response_chunks

        def found(finder: Any, project_name: str, *args: Any, **kwargs: Any) -> Any:
            self._names.add(project_name)
            self._tell()
            return find(finder, project_name, *args, **kwargs)

        def fetched(*args: Any, **kwargs: Any) -> Iterator[bytes]:
            for chunk in chunks(*args, **kwargs):
                self._bytes += len(chunk)
                self._tell()
                yield chunk

        owners[0].find_all_candidates = found
        owners[1].response_chunks = fetched
        _wipe_before_others_write()

    def begin(self) -> None:
        """Count the bytes of another order."""
        self._bytes = 0

    def _tell(self) -> None:
        now = time.monotonic()
        if now - self._last >= _EVERY:
            self._last = now
            self._note({"seen": len(self._names), "bytes": self._bytes})


def _wipe_before_others_write() -> None:
    """Leave a clean line to what pip complains of and asks for."""
    make = logging.getLogRecordFactory()

    def made(name: str, level: int, *args: Any, **kwargs: Any) -> Any:
        if level >= logging.WARNING:
            os.write(_STDERR, _WIPE)
        return make(name, level, *args, **kwargs)

    def wiping(ask: Any) -> Any:
        def asked(*args: Any, **kwargs: Any) -> Any:
            os.write(_STDERR, _WIPE)
            return ask(*args, **kwargs)

        return asked

    logging.setLogRecordFactory(made)
    getpass.getpass = wiping(getpass.getpass)
    builtins.input = wiping(builtins.input)
