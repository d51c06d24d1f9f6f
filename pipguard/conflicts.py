"""What stands in the way of a solution, found by asking the solver, never by reading its prose.

Pure. `most` finds how much of a set can be kept, by halving what fails; every answer it gives has
been tried. The solver's explanation is for people: its wording is nobody's contract.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Kept(Generic[K, T]):
    """What can be kept, and the answer that was found with it."""

    items: frozenset[K]
    answer: T


def most(
    items: Sequence[K], attempt: Callable[[frozenset[K]], T | None], budget: int
) -> Kept[K, T] | None:
    """Keep as many items as can be; None where there is no answer even without any.

    All of them together are known to fail. With one culprit among n items about log2(n) attempts
    are needed. When the budget is spent, what is undecided is not kept.

    Args:
        items: those that matter most come first, and are tried first.
        attempt: returns an answer with these items kept, None when there is none.
        budget: how often it may be asked.
    """
    answer = attempt(frozenset())
    if answer is None:
        return None
    kept: frozenset[K] = frozenset()
    failing = [list(items)]  # groups that fail beside what is kept, the most important one last
    spent = 1
    while failing and spent < budget:
        group = failing.pop()
        if len(group) == 1:
            continue
        first, second = group[: len(group) // 2], group[len(group) // 2 :]
        spent += 1
        found = attempt(kept | set(first))
        if found is not None:
            kept, answer = kept | set(first), found
            # Both halves together have failed.
            failing.append(second)
            continue
        if spent < budget:
            spent += 1
            found = attempt(kept | set(second))
        if found is not None:
            kept, answer = kept | set(second), found
        else:
            failing.append(second)
        failing.append(first)
    return Kept(kept, answer)
