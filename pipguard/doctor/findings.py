"""What can be wrong with an environment, and the steps that would put it right.

Pure. A `Finding` carries its own cure: the same steps are shown as the plan and taken by `--fix`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from pipguard.names import CondaName, PyPIName
from pipguard.records import Record


class Kind(Enum):
    """What is wrong; the words of `doctor --json`, explained in docs/reference/doctor.md."""

    OVERWRITTEN = "overwritten"  # files of a record are not what it says
    MISSING = "missing"  # files of a record are not there
    STALE_RECORD = "stale-record"  # nothing is left of the dist of a record
    UNTRACKED = "untracked"  # a dist that no record accounts for
    DUPLICATE = "duplicate"  # a second metadata folder of one dist
    STRANDED = "stranded"  # a dist in the site-packages of a python that has gone
    LEFTOVER = "leftover"  # what an interrupted pip leaves
    DANGLING = "dangling"  # an editable, .egg-link or .pth line that leads nowhere
    SCRIPT = "script"  # a command whose interpreter is another prefix's, or none
    GUARD = "guard"  # the guard is incomplete
    UNMET = "unmet"  # a requirement of a dist does not hold
    RUNTIME = "runtime"  # a wheel brings a runtime that conda has brought as well
    UNAVAILABLE = "unavailable"  # the package of a converted record cannot be had
    SHARED = "shared"  # packages bring different files for one path


class Fix(Enum):
    """What `--fix` does about a finding; the words of `doctor --json`."""

    RESTORE = "restore"  # the package is linked again, from cache or channel
    ADOPT = "adopt"  # what is there becomes a record, in place and in its version
    REMOVE = "remove"
    FORGET = "forget"  # the record goes; there is nothing left that it could stand for
    MOVE = "move"  # into the site-packages of the python that is there
    REWRITE = "rewrite"  # one line of a text file
    PLACE = "place"  # the guard is placed again
    REPACK = "repack"  # into the local channel, from the files that are installed
    INSTALL = "install"  # needs an index or a channel: `--migrate`, or the command that is named
    NONE = "none"  # a person must decide


@dataclass(frozen=True, slots=True)
class Restore:
    """Link the package of a record again, and with it these dists, by name and version."""

    record: Record
    dists: tuple[tuple[PyPIName, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Adopt:
    """Account for a dist as it is, in place.

    Attributes:
        name: of the dist.
        version: of the dist.
        info: its metadata folder, relative to the prefix.
        conda_name: of the record that will be written.
        instead_of: records that this one takes the place of.
        files: that it takes over from them, beside its own.
        left_out: files of its own that belong to others.
    """

    name: PyPIName
    version: str
    info: str
    conda_name: CondaName
    instead_of: tuple[Record, ...] = ()
    files: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Forget:
    """Take a record away together with the files of it that are still there."""

    record: Record
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Remove:
    """Delete files and folders, given relative to the prefix."""

    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """Bring a pure dist to the site-packages of the present python, and account for it there."""

    adopt: Adopt
    moves: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Rewrite:
    """Put new bytes in place of a text file; None deletes it."""

    path: str
    content: bytes | None


@dataclass(frozen=True, slots=True)
class Place:
    """Place the guard again."""


@dataclass(frozen=True, slots=True)
class Repack:
    """Make the package of a converted record again and put it into the local channel."""

    record: Record


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask index and channels for a requirement; only `--migrate` does."""

    requirement: str


Step = Restore | Adopt | Forget | Remove | Move | Rewrite | Place | Repack | Ask

_WORDS: dict[type[Step], Fix] = {
    Restore: Fix.RESTORE,
    Adopt: Fix.ADOPT,
    Forget: Fix.FORGET,
    Remove: Fix.REMOVE,
    Move: Fix.MOVE,
    Rewrite: Fix.REWRITE,
    Place: Fix.PLACE,
    Repack: Fix.REPACK,
    Ask: Fix.INSTALL,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        kind: what.
        name: of the dist, else of the conda package, else of the part of the guard.
        paths: that show it, relative to the prefix.
        steps: that cure it, in order; the first one names the fix.
        facts: what else there is to tell, by name: versions, requirements.
    """

    kind: Kind
    name: str
    paths: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    facts: tuple[tuple[str, str], ...] = field(default=())

    @property
    def fix(self) -> Fix:
        """What `--fix` does about it."""
        return _WORDS[type(self.steps[0])] if self.steps else Fix.NONE

    @property
    def is_wrong(self) -> bool:
        """Whether the environment is not as it should be, or there only is something to know."""
        return self.kind is not Kind.SHARED

    @property
    def is_mended(self) -> bool:
        """Whether a repair without channels and index does something about it."""
        return any(not isinstance(step, Ask) for step in self.steps)

    def to_json(self, prefix: str) -> dict[str, Any]:
        """Make the object of `doctor --json`; paths are absolute there."""
        return {
            "kind": self.kind.value,
            "name": self.name,
            "paths": [f"{prefix}/{path}" for path in self.paths],
            "fix": self.fix.value,
            "facts": dict(self.facts),
        }


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sort findings by kind, as `Kind` lists them, then by name."""
    kinds = list(Kind)
    return tuple(sorted(findings, key=lambda it: (kinds.index(it.kind), it.name, it.paths)))
