# ruff: noqa: INP001 # a script, no module of anything
"""Writes docs/reference/errors.md anew: words and cures of messages/errors.py, causes of the page.

Run it after an error was added, reworded or removed. A new error gets an entry without a cause,
which is then to be written by hand into the page; `tests/test_references.py` asks for it.
"""

from __future__ import annotations

import re
from pathlib import Path

from pipguard.messages import ERRORS

PAGE = Path(__file__).resolve().parent.parent / "docs/reference/errors.md"
_ENTRY = re.compile(r"^## (?P<reference>\S+)$(?P<body>.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_CAUSE = re.compile(r"^\*\*Cause:\*\* ?(?P<cause>.*?)\n\n", re.MULTILINE | re.DOTALL)


def causes(page: str) -> dict[str, str]:
    """Read the cause of each entry."""
    found = {entry["reference"]: _CAUSE.search(entry["body"]) for entry in _ENTRY.finditer(page)}
    return {reference: cause["cause"] if cause else "" for reference, cause in found.items()}


def catalogue(page: str) -> str:
    """Return the page with an entry for each error, in the order of their names."""
    known = causes(page)
    entries = (_entry(reference, known.get(reference, "")) for reference in sorted(ERRORS))
    return page.partition("\n## ")[0].rstrip("\n") + "\n\n" + "\n".join(entries)


def _entry(reference: str, cause: str) -> str:
    words = ERRORS[reference]
    said = "\n".join(f"> {line}" for line in _shown(words.what).splitlines())
    return f"## {reference}\n\n{said}\n\n**Cause:** {cause}\n\n**Cure:** {_shown(words.hint)}\n"


def _shown(template: str) -> str:
    return template.replace("!r}", "}")


if __name__ == "__main__":
    PAGE.write_text(catalogue(PAGE.read_text("utf-8")), "utf-8")
