"""Commands that a wheel declares in `entry_points.txt`.

Pure. conda and rattler make most of them from `info/link.json` when the package is linked. One
that they cannot read would abort a whole transaction then, so each is judged here, and what the
file cannot express becomes a script of our own.
"""

from __future__ import annotations

import keyword
import re
from configparser import ConfigParser, Error
from dataclasses import dataclass

from pipguard.wheels.findings import Findings

_SECTIONS = ("console_scripts", "gui_scripts")
_VALUE = re.compile(r"(?P<module>[\w.]+)\s*(:\s*(?P<attribute>[\w.]+))?\s*(\[.*\])?\s*$")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*")
_MEMBER = "entry_points.txt"

_SCRIPT = """\
# -*- coding: utf-8 -*-
import re
import sys
from importlib import import_module
from operator import attrgetter

if __name__ == "__main__":
    sys.argv[0] = re.sub(r"(-script\\.pyw?|\\.exe)?$", "", sys.argv[0])
    sys.exit(attrgetter({attribute!r})(import_module({module!r}))())
"""


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """A command and the function it calls."""

    name: str
    module: str
    attribute: str

    @property
    def definition(self) -> str:
        """The spelling of `link.json`."""
        return f"{self.name} = {self.module}:{self.attribute}"

    @property
    def plain(self) -> bool:
        """Whether `link.json` can express it.

        conda splits at the first `=` and refuses parts that are no identifiers or are keywords
        (`parse_entry_point_def`); both it and rattler write the name into file names as it is.
        """
        parts = [*self.module.split("."), *self.attribute.split(".")]
        identifiers = all(
            part.isascii() and part.isidentifier() and not keyword.iskeyword(part) for part in parts
        )
        return identifiers and _PLAIN_NAME.fullmatch(self.name) is not None

    @property
    def script(self) -> bytes:
        """The body of a script that does the same, without its first line."""
        return _SCRIPT.format(module=self.module, attribute=self.attribute).encode()


def read_entry_points(text: bytes, findings: Findings) -> tuple[EntryPoint, ...]:
    """Read the commands (entry points specification), console and gui alike.

    Names keep their case, the obsolete `[extra]` suffix is dropped. Of two commands of one name
    the later one counts. Notes `entry-points-unreadable`, `entry-point-invalid` (no attribute, or
    no object reference at all) and `entry-point-path` (a name with path parts).
    """
    config = ConfigParser(delimiters=("=",), strict=False, interpolation=None)
    config.optionxform = str  # type: ignore[assignment,method-assign]
    try:
        config.read_string(text.decode("utf-8"))
    except (Error, UnicodeDecodeError) as error:
        findings.refuse("entry-points-unreadable", _MEMBER, str(error).splitlines()[0])
        return ()
    declared = {
        name: value
        for section in _SECTIONS
        if config.has_section(section)
        for name, value in config.items(section)
    }
    entries = [_entry_point(name, value, findings) for name, value in declared.items()]
    return tuple(entry for entry in entries if entry)


def _entry_point(name: str, value: str, findings: Findings) -> EntryPoint | None:
    match = _VALUE.match(" ".join(value.split()))  # the pattern is slow on many blanks
    written = f"{name} = {value}"
    if re.search(r"[/\\:\0-\x1f]", name) or name in ("", ".", ".."):
        findings.refuse("entry-point-path", _MEMBER, written)
        return None
    if match is None or match["attribute"] is None:
        findings.refuse("entry-point-invalid", _MEMBER, written)
        return None
    return EntryPoint(name, match["module"], match["attribute"])
