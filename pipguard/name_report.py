"""How PyPI names are known to conda: what `pipguard names` tells.

Pure. `report` asks the name table as an install does, the channels' own names last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from pipguard.names import Answer, CondaName, Known, KnownAbsent, PyPIName, Unknown
from pipguard.seams import NameTable

Exists = Callable[[Iterable[CondaName]], AbstractSet[CondaName]]
"""Tells which conda names the channels have."""


@dataclass(frozen=True, slots=True)
class NameStatus:
    """One PyPI name with what is known of it."""

    pypi: PyPIName
    answer: Answer

    @property
    def word(self) -> str:
        """The answer in one word, that of the JSON."""
        match self.answer:
            case Known():
                return "known"
            case KnownAbsent():
                return "known-absent"
            case Unknown():
                return "unknown"

    def to_json(self) -> dict[str, Any]:
        """Make the entry of `names --json`."""
        proposals = self.answer.proposals if isinstance(self.answer, Known) else ()
        candidates = [{"conda": it.conda, "source": it.source} for it in proposals]
        return {"pypi": self.pypi, "answer": self.word, "candidates": candidates}


def report(names: Sequence[PyPIName], table: NameTable, exists: Exists) -> tuple[NameStatus, ...]:
    """Look names up, in the order in which they were asked for.

    Raises:
        EngineError: a channel cannot be read.
    """
    guesses = {conda for name in names for conda in table.guesses(name)}
    there = exists(guesses)
    return tuple(NameStatus(name, table.lookup(name, there)) for name in dict.fromkeys(names))
