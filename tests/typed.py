"""What the documents tell people to type: their fences, as commands and what these print.

Every fence says its language. `console` is a session: `$ ` stands before what is typed, below it
what is printed, with `…` for what is left out: a part of a line, or, alone on a line, some lines.
`ipython` is one whose prompt is the `%` of a magic. The other `SHELLS` hold lines to type and
nothing else. All of them are run (`e2e/test_typed_docs.py`), but for those that say in a comment
before them why not: `<!-- not run: REASON -->`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
PROMPTS = {"console": "$ ", "ipython": "%"}
SHELLS = frozenset({*PROMPTS, "bash", "zsh", "fish"})
OTHERS = frozenset({"ini", "json", "mermaid", "nginx", "text", "toml", "yaml"})

_FENCE = re.compile(
    r"(?:^ *<!-- not run: (?P<reason>[^\n]+) -->\n\n?)?"
    r"^(?P<indent> *)```(?P<language>[^\n]*)\n(?P<body>.*?)^(?P=indent)```$"
    r"|^#+ (?P<heading>[^\n]+)$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Command:
    """One command, and the lines that it is said to print: none where only typing was told."""

    typed: str
    printed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fence:
    """One fence of a document, below its heading; `reason` is why it is not run."""

    heading: str
    language: str
    text: str
    reason: str | None = None

    @property
    def is_typed(self) -> bool:
        return self.language in SHELLS

    @property
    def commands(self) -> tuple[Command, ...]:
        """What is to be typed, in its order; a line that ends in a backslash goes on."""
        lines = self.text.replace("\\\n", "").splitlines()
        prompt = PROMPTS.get(self.language)
        if prompt is None:
            return tuple(Command(line) for line in lines if line and not line.startswith("#"))
        starts = [at for at, line in enumerate(lines) if line.startswith(prompt)]
        ends = pairwise([*starts, len(lines)])
        return tuple(
            Command(lines[at].removeprefix("$ "), tuple(lines[at + 1 : end])) for at, end in ends
        )


def fences(text: str) -> Iterator[Fence]:
    """Yield the fences of a document in their order."""
    heading = ""
    for found in _FENCE.finditer(text):
        if found["heading"]:
            heading = found["heading"].strip("`")
            continue
        body = re.sub(rf"^{found['indent']}", "", found["body"], flags=re.MULTILINE)
        yield Fence(heading, found["language"], body, found["reason"])


def told(lines: tuple[str, ...]) -> str:
    """Return the pattern of what a document says is printed."""
    parts = (
        r"(?:[^\n]*\n)*?"
        if line.strip() == "…"
        else ".*?".join(map(re.escape, line.split("…"))) + r"\n"
        for line in lines
    )
    return "".join(parts)
