"""What is at a path, what was there, what shall be there.

Pure. An operation is a tuple of `Entry`; `judge` says what a path that is found later means for
taking the operation back: it is as it was, it is ours to put back, or somebody else has been there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Absent:
    """Nothing is there."""


@dataclass(frozen=True, slots=True)
class File:
    """A regular file; `mode` are its permission bits, `size` in bytes."""

    mode: int
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Link:
    """A symbolic link, by what it says."""

    target: str


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder, whatever is in it."""

    mode: int


State: TypeAlias = Absent | File | Link | Folder
ABSENT = Absent()


class Kind(Enum):
    """What is known beforehand of what an operation will write at a path."""

    GONE = "gone"  # nothing will be there
    FILE = "file"  # bytes of a package, by their hash, with or without a prefix written into them
    LINK = "link"  # a symbolic link of a package
    COMMAND = "command"  # the script of an entry point, `detail` says of which module
    BYTECODE = "bytecode"  # whatever python makes of the source beside it
    RECORD = "record"  # the record of a package in conda-meta, `detail` is its dist name
    OURS = "ours"  # a file that pipguard alone writes: our part of history, our guard


@dataclass(frozen=True, slots=True)
class Expected:
    """What an operation will leave at a path.

    Attributes:
        kind: how it can be known again.
        sha256: of a file as the package has it.
        placeholder: what stands in the package's file for the prefix; empty where nothing does.
        detail: see `Kind`.
    """

    kind: Kind
    sha256: str = ""
    placeholder: str = ""
    detail: str = ""


GONE = Expected(Kind.GONE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One path of an operation.

    Attributes:
        path: relative to the prefix, with forward slashes.
        before: what was there.
        expected: what the operation leaves there, as far as it is known beforehand.
        after: what it did leave there, known once it is committed; until then, what an earlier
            change of the operation has left there.
        saved: the name below `saved/` of what was there; empty where nothing had to be kept.
    """

    path: str
    before: State
    expected: Expected
    after: State | None = None
    saved: str = ""


class Verdict(Enum):
    """What a path that is found means for taking an operation back."""

    AS_BEFORE = "as-before"
    OURS = "ours"
    FOREIGN = "foreign"


def judge(entry: Entry, found: State, *, written: bool) -> Verdict:
    """Say whether a path may be put back to what it was.

    Args:
        entry: what the operation planned for it.
        found: what is there now.
        written: whether what is there is what the operation writes, or a part of that.
    """
    if found == entry.before:
        return Verdict.AS_BEFORE
    if written or found == entry.after:
        return Verdict.OURS
    # Taken away by us on the way, be it for good or for what was to follow.
    if isinstance(found, Absent):
        return Verdict.OURS
    return Verdict.FOREIGN


def inverse(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Turn the entries of a committed operation into those of the one that undoes it."""
    return tuple(
        Entry(
            path=entry.path,
            before=entry.after or ABSENT,
            expected=_expected(entry.before, entry.expected),
            after=entry.before,
        )
        for entry in entries
        if entry.after != entry.before
    )


def _expected(state: State, was: Expected) -> Expected:
    match state:
        case Absent() | Folder():
            return GONE
        case Link():
            return Expected(Kind.LINK)
        case File(sha256=sha256):
            return was if was.kind is Kind.BYTECODE else Expected(Kind.FILE, sha256)


# JSON


def to_json(entry: Entry) -> list[Any]:
    """Write an entry in a few words: there are thousands."""
    expected = entry.expected
    return [
        entry.path,
        _state_json(entry.before),
        [expected.kind.value, expected.sha256, expected.placeholder, expected.detail],
        None if entry.after is None else _state_json(entry.after),
        entry.saved,
    ]


def from_json(data: Sequence[Any]) -> Entry:
    """Read an entry back.

    Raises:
        ValueError, TypeError, KeyError: this is none.
    """
    path, before, (kind, *rest), after, saved = data
    return Entry(
        path=path,
        before=_state(before),
        expected=Expected(Kind(kind), *rest),
        after=None if after is None else _state(after),
        saved=saved,
    )


def _state_json(state: State) -> list[Any]:
    match state:
        case Absent():
            return ["absent"]
        case File(mode=mode, size=size, sha256=sha256):
            return ["file", mode, size, sha256]
        case Link(target=target):
            return ["link", target]
        case Folder(mode=mode):
            return ["folder", mode]


_STATES: Mapping[str, type[Absent | File | Link | Folder]] = {
    "absent": Absent,
    "file": File,
    "link": Link,
    "folder": Folder,
}


def _state(data: Sequence[Any]) -> State:
    word, *rest = data
    return _STATES[word](*rest)
