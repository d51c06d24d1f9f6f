"""The person's settings: who provides which package, from which channels, within which limits.

Pure. `examine` reads one TOML file, `merge` lays several over one another; a `Policy` answers
questions, each answer with its source. `settings.py` finds the files.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from fnmatch import fnmatchcase
from typing import Any, TypeVar

from pipguard.errors import UsageError
from pipguard.names import CondaName, PyPIName, pypi_name
from pipguard.sourced import DEFAULT, BadSetting, Sourced

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

T = TypeVar("T")


class Prefer(str, Enum):
    """Where packages come from when no rule names them."""

    CONDA = "conda"
    """conda first, for everything."""
    PYPI = "pypi"
    """What was named explicitly from PyPI, its dependencies conda first."""
    PYPI_ONLY = "pypi-only"
    """Everything from PyPI, converted."""


class Choice(str, Enum):
    """What `[packages]` may say about a package."""

    CONDA = "conda"
    PYPI = "pypi"
    PIP = "pip"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class PackageRule:
    """One line of `[packages]`; `pattern` is a normalised name, with `*` and `?` as in a shell."""

    pattern: str
    choice: Sourced[Choice]

    def applies(self, name: PyPIName) -> bool:
        """Say whether the rule is about this project."""
        return fnmatchcase(name, self.pattern)


GIB = 1024**3
MIB = 1024**2


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a wheel may become.

    Attributes:
        unpacked: bytes of all members together.
        ratio: unpacked to packed, over the whole wheel.
        ratio_from: unpacked bytes from which the ratio counts.
    """

    unpacked: Sourced[int] = field(default=Sourced(32 * GIB))
    ratio: Sourced[int] = field(default=Sourced(100))
    ratio_from: Sourced[int] = field(default=Sourced(64 * MIB))


@dataclass(frozen=True, slots=True)
class Policy:
    """All settings, each with its source; `default` where nobody said anything.

    Attributes:
        prefer: where packages come from by default.
        channels: names, URLs or paths of channels; empty leaves it to conda's configuration.
        mirrors: indexes whose items may be replaced by conda packages although named.
        packages: rules for single packages, the first that applies wins.
        names: conda names by PyPI name, None for a project that is never on conda.
        limits: how large a wheel may become.
        local_channel: the folder of converted packages, empty for the usual one.
    """

    prefer: Sourced[Prefer] = field(default=Sourced(Prefer.CONDA))
    channels: Sourced[tuple[str, ...]] = field(default=Sourced(()))
    mirrors: Sourced[tuple[str, ...]] = field(default=Sourced(()))
    packages: tuple[PackageRule, ...] = ()
    names: Mapping[PyPIName, Sourced[CondaName | None]] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    local_channel: Sourced[str] = field(default=Sourced(""))

    def route_of(self, name: PyPIName, *, requested: bool) -> Sourced[Choice] | None:
        """Return what is decided about a package, None when nothing is.

        Args:
            name: the project.
            requested: whether the person named it, as against a dependency.
        """
        rule = next((rule for rule in self.packages if rule.applies(name)), None)
        if rule is not None:
            return rule.choice
        from_pypi = {Prefer.CONDA: False, Prefer.PYPI: requested, Prefer.PYPI_ONLY: True}
        chosen = from_pypi[self.prefer.value]
        return Sourced(Choice.PYPI, self.prefer.source) if chosen else None


def parse(text: str, source: str) -> Policy:
    """Read one policy file.

    Raises:
        UsageError: `policy-invalid`, with every problem of the file.
    """
    policy, problems = examine(text, source)
    if problems:
        raise UsageError("policy-invalid", problems=problems)
    return policy


def examine(text: str, source: str) -> tuple[Policy, tuple[BadSetting, ...]]:
    """Read one policy file as far as it makes sense.

    Returns:
        The settings that can be used, and all problems with the others.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return Policy(), (BadSetting(source, "", "file-unreadable", str(error)),)
    reader = _Reader(source)
    return reader.policy(document), tuple(reader.problems)


def merge(layers: Sequence[Policy]) -> Policy:
    """Lay policies over one another, the strongest first.

    A setting comes whole from the strongest layer that has it; rules for packages and names are
    joined, those of stronger layers first.
    """
    return Policy(
        prefer=_strongest([layer.prefer for layer in layers], Policy().prefer),
        channels=_strongest([layer.channels for layer in layers], Policy().channels),
        mirrors=_strongest([layer.mirrors for layer in layers], Policy().mirrors),
        packages=tuple(rule for layer in layers for rule in layer.packages),
        names={name: each for layer in reversed(layers) for name, each in layer.names.items()},
        limits=_merged_limits([layer.limits for layer in layers]),
        local_channel=_strongest([layer.local_channel for layer in layers], Sourced("")),
    )


def _merged_limits(layers: Sequence[Limits]) -> Limits:
    return Limits(
        unpacked=_strongest([layer.unpacked for layer in layers], Limits().unpacked),
        ratio=_strongest([layer.ratio for layer in layers], Limits().ratio),
        ratio_from=_strongest([layer.ratio_from for layer in layers], Limits().ratio_from),
    )


def _strongest(values: Sequence[Sourced[T]], default: Sourced[T]) -> Sourced[T]:
    return next((value for value in values if value.source != DEFAULT), default)


_CONDA_NAME = re.compile(r"[a-z0-9_][a-z0-9_.-]*")
_SIZE = re.compile(r"(\d+)\s*([KMGT]iB)")
_UNITS = {"KiB": 1024, "MiB": MIB, "GiB": GIB, "TiB": 1024**4}


class _Reader:
    """Reads one document; `problems` fills on the way."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.problems: list[BadSetting] = []

    def policy(self, document: Mapping[str, Any]) -> Policy:
        self._unknown(document, "", _TOP_LEVEL)
        return Policy(
            prefer=self._one(document, "prefer", _prefer) or Policy().prefer,
            channels=self._one(document, "channels", _texts) or Policy().channels,
            mirrors=self._one(document, "mirrors", _texts) or Policy().mirrors,
            packages=tuple(self._packages(self._table(document, "packages"))),
            names=dict(self._names(self._table(document, "names"))),
            limits=self._limits(self._table(document, "limits")),
            local_channel=self._one(document, "local-channel", _text) or Policy().local_channel,
        )

    def _one(
        self, table: Mapping[str, Any], key: str, read: Callable[[Any], T], within: str = ""
    ) -> Sourced[T] | None:
        """Read one setting; absent or wrong is None, wrong is also noted."""
        if key not in table:
            return None
        try:
            return Sourced(read(table[key]), self.source)
        except (ValueError, TypeError):
            self._note("setting-value", f"{within}{key}", _shown(table[key]))
            return None

    def _table(self, document: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        table = document.get(key, {})
        if isinstance(table, Mapping):
            return table
        self._note("setting-shape", key, "a table")
        return {}

    def _packages(self, table: Mapping[str, Any]) -> Iterator[PackageRule]:
        """Yield rules, whole names before patterns and longer patterns before shorter ones."""
        for pattern in sorted(table, key=lambda each: ("*" in each or "?" in each, -len(each))):
            choice = self._one(table, pattern, Choice, "packages.")
            if choice is not None:
                yield PackageRule(pypi_name(pattern), choice)

    def _names(
        self, table: Mapping[str, Any]
    ) -> Iterator[tuple[PyPIName, Sourced[CondaName | None]]]:
        for name in table:
            found = self._one(table, name, _conda_name, "names.")
            if found is not None:
                yield pypi_name(name), found

    def _limits(self, table: Mapping[str, Any]) -> Limits:
        self._unknown(table, "limits.", _LIMITS)
        return Limits(
            unpacked=self._one(table, "unpacked", _size, "limits.") or Limits().unpacked,
            ratio=self._one(table, "ratio", _size, "limits.") or Limits().ratio,
            ratio_from=self._one(table, "ratio-from", _size, "limits.") or Limits().ratio_from,
        )

    def _unknown(self, table: Mapping[str, Any], within: str, known: frozenset[str]) -> None:
        for key in table:
            if key not in known:
                self._note("setting-unknown", f"{within}{key}")

    def _note(self, reference: str, key: str, detail: str = "") -> None:
        self.problems.append(BadSetting(self.source, key, reference, detail))


_TOP_LEVEL = frozenset(
    {"prefer", "channels", "mirrors", "packages", "names", "limits", "local-channel"}
)
_LIMITS = frozenset({"unpacked", "ratio", "ratio-from"})


def _prefer(value: object) -> Prefer:
    return Prefer(value)


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError
    return tuple(_text(each) for each in value)


def _conda_name(value: object) -> CondaName | None:
    if value is False:
        return None
    if not _CONDA_NAME.fullmatch(_text(value)):
        raise ValueError
    return CondaName(_text(value))


def _size(value: object) -> int:
    """Read a positive number, or bytes with a unit (`32 GiB`)."""
    found = _SIZE.fullmatch(value) if isinstance(value, str) else None
    number = int(found[1]) * _UNITS[found[2]] if found else value
    if not isinstance(number, int) or isinstance(number, bool) or number <= 0:
        raise ValueError
    return number


def _shown(value: object) -> str:
    return f"{value!r}".replace("'", '"')
