"""Every word and every colour that a person sees.

Code elsewhere raises errors and makes values that carry facts; this module alone turns them into
sentences. `ERRORS` and `PROBLEMS` are the catalogues: one entry for each reference that is raised,
and a test holds the two against the code.
"""

from __future__ import annotations

from typing import NamedTuple


class Wording(NamedTuple):
    """How one error is told: what happened, and what to type or change next.

    Both are `str.format` templates over the facts of the error.
    """

    what: str
    hint: str


ERRORS: dict[str, Wording] = {
    # wheels
    "wheel-refused": Wording(
        "These wheels cannot be turned into conda packages:\n{problems}",
        "Report this to the project that published the wheel, or ask for another version.",
    ),
}

PROBLEMS: dict[str, str] = {}
