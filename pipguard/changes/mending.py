"""What a repair changes beside packages that are linked: paths, whole and known beforehand.

Pure. `doctor/staging.py` makes a `Mending`; a transaction takes it as part of its change, under the
same journal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipguard.records import Record


def _nothing() -> None:
    """Do nothing."""


@dataclass(frozen=True, slots=True)
class Mending:
    """Paths relative to the prefix, and what becomes of them.

    Attributes:
        deletes: files that go, before anything is linked: records that no longer hold, leftovers.
        puts: files that come, after all is linked, and where each has been laid out.
        stamps: by record, what conda-meta says of it and linking it again would lose.
        ours: paths that `place` writes: the guard's.
        place: writes them.
    """

    deletes: tuple[str, ...] = ()
    puts: tuple[tuple[str, Path], ...] = ()
    stamps: tuple[tuple[Record, Mapping[str, Any]], ...] = ()
    ours: tuple[str, ...] = ()
    place: Callable[[], object] = _nothing

    @property
    def paths(self) -> tuple[str, ...]:
        """All that is written or goes: what lies there is what the repair is about."""
        return (*self.deletes, *(path for path, _ in self.puts), *self.ours)
