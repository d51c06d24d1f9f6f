"""What is wrong with one wheel, one package or one request, as a value. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why one wheel is refused, or one package cannot be had.

    `reference` is worded in `messages/`; `member` is the path inside it that is at fault.
    """

    wheel: str
    reference: str
    member: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One thing that stands in the way of a solution; `reference` is worded in `messages/`."""

    reference: str
    name: str
    version: str = ""
    detail: str = ""
