"""A setting together with the place that said so.

Pure. Every decision must be able to name its source: the person who wonders why gets a file, a
variable or `default`, never a shrug.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T_co = TypeVar("T_co", covariant=True)

DEFAULT = "default"
"""The source of what nobody set."""


@dataclass(frozen=True, slots=True)
class Sourced(Generic[T_co]):
    """A value and its source: the path of a file, `$VARIABLE`, or `default`."""

    value: T_co
    source: str = DEFAULT


@dataclass(frozen=True, slots=True)
class BadSetting:
    """One thing that is wrong with a configuration file or a variable.

    `reference` is worded in `messages/` under `PROBLEMS`; `source` is a path or `$VARIABLE`,
    `key` the setting at fault (empty: the file as a whole), `detail` what stands there.
    """

    source: str
    key: str
    reference: str
    detail: str = ""
