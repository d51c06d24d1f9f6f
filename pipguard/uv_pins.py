"""What `uv pip compile` has written: pins, which pip then plans.

Pure. A pin says what it stands for, who asked for it, and on which index it was found.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipguard.names import PyPIName, pypi_name
from pipguard.uv_indexes import without_login


@dataclass(frozen=True, slots=True)
class Pin:
    """One line of what `uv pip compile` wrote; `direct` says whether a person asked for it."""

    name: PyPIName
    direct: bool


_HASH = re.compile(r" \\\n +--hash=\S+")
_PINNED = re.compile(r"(?P<name>[\w.-]+)(?:\[[^]]*\])?\s*(?:==|@)")
_VIA = re.compile(r"\s# via (?P<sources>.+)$")
_FOUND_ON = re.compile(r"(?m)^ +# from (?P<index>\S+)\n?")
_PLACE = re.compile(r"(?m)^--(?:(?:extra-)?index-url|find-links) (?P<place>\S+)")


def without_partial_hashes(text: str) -> str:
    """Take out hashes where some line has none, as of a folder: pip wants all of them or none."""
    lines = (line for line in text.splitlines() if line[:1] not in {"", " ", "#"})
    requirements = [line for line in lines if not line.startswith("--")]
    complete = all(line.endswith("\\") for line in requirements)
    return text if complete else _HASH.sub("", text)


def with_every_index(text: str) -> str:
    """Name the indexes that uv keeps to itself: of `--torch-backend`, and `explicit` ones.

    uv takes from them what the project says and nothing else; so does pip, for all is pinned.
    """
    named = {without_login(place)[0].rstrip("/") for place in _PLACE.findall(text)}
    found = dict.fromkeys(index.rstrip("/") for index in _FOUND_ON.findall(text))
    hidden = (it for it in found if it.startswith("http") and it not in named)
    # At the end: a line with the main index makes pip forget the others before it.
    return text + "".join(f"--extra-index-url {index}\n" for index in hidden)


def parse_pins(text: str) -> tuple[Pin, ...]:
    """Read the output of `uv pip compile --annotation-style line`; unnamed paths are left out."""
    found = []
    plain = _FOUND_ON.sub("", text)
    for line in re.sub(r"\\?\n +", " ", plain).splitlines():  # hashes take lines of their own
        pinned, via = _PINNED.match(line), _VIA.search(line)
        if pinned:
            direct = via is None or any(map(_is_source, via["sources"].split(", ")))
            found.append(Pin(pypi_name(pinned["name"]), direct))
    return tuple(found)


def _is_source(origin: str) -> bool:
    """Tell a file of requirements from a package that depends on the one in question."""
    return origin.startswith("-r ") or "(" in origin
