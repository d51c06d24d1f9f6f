"""A person at an interactive shell: a real terminal, in which keys are pressed a line at a time."""

from __future__ import annotations

import os
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_PATIENCE = 60.0
# A shell has jobs and lines to edit only where the terminal is that of its session.
_LEAD = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""
_TO_THE_BEGINNING = "\x01"  # Ctrl-A, in bash, zsh and fish


@dataclass
class Keyboard:
    """A shell, by our end of its terminal, and all that it has shown.

    Its setup has a command `tell`, which prints `TOLD`, its words in angle brackets, and `DONE`.
    """

    terminal: int
    shown: str = ""

    def line(self, keys: str) -> list[str]:
        """Press keys; return the words that the line then has. Nothing of it is run."""
        return self.enter(f"{keys}{_TO_THE_BEGINNING}tell ")

    def enter(self, keys: str) -> list[str]:
        """Press keys and Enter; return what `tell` was told."""
        at = len(self.shown)
        os.write(self.terminal, f"{keys}\r".encode())
        end = time.monotonic() + _PATIENCE
        while not (told := re.search(r"TOLD(<.*?>)DONE", self.shown[at:], re.DOTALL)):
            ready, _, _ = select.select([self.terminal], [], [], end - time.monotonic())
            assert ready, self.shown
            self.shown += os.read(self.terminal, 1 << 16).decode(errors="replace")
        return told[1][1:-1].split("><")


@contextmanager
def keyboard(command: Sequence[str], variables: Mapping[str, str], cwd: Path) -> Iterator[Keyboard]:
    """Start a shell in a terminal of its own; it goes when the terminal goes."""
    ours, theirs = os.openpty()
    started = subprocess.Popen(
        [sys.executable, "-ISc", _LEAD, *command],
        env={"TERM": "xterm", "LC_ALL": "C.UTF-8", **variables},
        cwd=cwd,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        yield Keyboard(ours)
    finally:
        os.close(ours)
        started.wait(_PATIENCE)
