"""What was read of an environment, kept in it so that the next command need not read it again.

A record of conda's is some twenty kilobytes, most of them hashes that few commands ask for, and an
environment may have a thousand. What is kept of a file holds as long as the file is the same one,
with the same times and size. Nothing depends on it: what is damaged or outdated is read anew.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zlib import crc32

from pipguard.atomic import write_atomically

_FORMAT = 1
_SETTLED = 2_000_000_000  # nanoseconds

State = tuple[int, ...]
"""What tells a file from a later one in its place."""


def state_of(status: os.stat_result) -> State:
    """Make it of what the system says of the file; only a clock turned back can deceive it."""
    return (status.st_ino, status.st_ctime_ns, status.st_mtime_ns, status.st_size)


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of one file or folder: the state of each file that was read, and its fields."""

    states: Mapping[str, State]
    fields: Mapping[str, Any]

    @property
    def is_settled(self) -> bool:
        """Whether it is old enough: a file written twice within a tick looks the same."""
        newest = max((max(state[1:3]) for state in self.states.values()), default=0)
        return newest < time.time_ns() - _SETTLED


@dataclass(frozen=True, slots=True)
class Reading:
    """All that is kept: records by the name of their file, dists by that of their folder."""

    records: Mapping[str, Kept] = field(default_factory=dict)
    dists: Mapping[str, Kept] = field(default_factory=dict)


def load(file: Path) -> Reading:
    """Read what is kept; nothing where there is none, or not as it was written."""
    with suppress(OSError, ValueError, TypeError, AttributeError, KeyError, RecursionError):
        seal, _, text = file.read_bytes().partition(b"\n")
        told = json.loads(text) if seal == _seal(text) else {}
        if told["format"] == _FORMAT:
            return Reading(_kept(told["records"]), _kept(told["dists"]))
    return Reading()


def _seal(text: bytes) -> bytes:
    """Tell a document from what it becomes by accident, or by hand."""
    return b"%08x" % crc32(text)


def _kept(told: Mapping[str, Any]) -> dict[str, Kept]:
    return {
        name: Kept({part: tuple(state) for part, state in states.items()}, fields)
        for name, (states, fields) in told.items()
    }


def save(file: Path, reading: Reading) -> None:
    """Keep it, where the environment can be written."""
    told = {
        kind: {name: (it.states, it.fields) for name, it in kept.items() if it.is_settled}
        for kind, kept in (("records", reading.records), ("dists", reading.dists))
    }
    with suppress(OSError):
        # In ASCII: a name of a file need not be text.
        text = json.dumps({"format": _FORMAT, **told}).encode()
        write_atomically(file, _seal(text) + b"\n" + text)
