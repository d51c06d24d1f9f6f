# ruff: noqa: INP001 # a script, no module of anything
"""Draws docs/pictures/session.svg from docs/pictures/session.cast, a recorded session.

`python .ci/session_picture.py record` types the session below into a real bash in a real terminal,
in a guarded environment that goes afterwards, on the channel that `pipguard tour` would take, and
writes what the terminal was sent: an asciicast, which `asciinema play` shows as well. Without a
word, only the picture is drawn again; `tests/unit/test_session_picture.py` asks for it.
"""

from __future__ import annotations

import json
import os
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from itertools import groupby
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "docs/pictures"
RECORDING, PICTURE = FOLDER / "session.cast", FOLDER / "session.svg"
COLUMNS, ROWS = 104, 40

PROMPT = "(demo) $ "
SESSION = (
    "pip install rich attrs",
    "pip uninstall -y rich",
    "pipguard undo",
    "pip check",
)
_ACTIVATED = """
export CONDA_PREFIX={prefix!r} PATH={prefix!r}/bin:"$PATH"
for script in "$CONDA_PREFIX"/etc/conda/activate.d/*.sh; do . "$script"; done
PS1={prompt!r}
"""
_LEAD = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"  # noqa: E501
_PATIENCE = 300.0


# --- what a terminal makes of what it is sent ---


@dataclass(frozen=True, slots=True)
class Style:
    """How a character looks: a colour's SGR number, or none; faint or not."""

    colour: int = 0
    faint: bool = False

    def after(self, code: int) -> Style:
        """The style after one number of a Select Graphic Rendition (ECMA-48)."""
        if code == _PLAIN:
            return Style()
        return Style(self.colour, faint=True) if code == _FAINT else Style(code, self.faint)


@dataclass
class Screen:
    """Lines of characters with their styles, and where the next one goes."""

    lines: list[list[tuple[str, Style]]] = field(default_factory=lambda: [[]])
    column: int = 0
    style: Style = field(default_factory=Style)

    def feed(self, text: str) -> None:
        """Show text: what our output has in it, and nothing else, is understood."""
        for found in _SENT.finditer(text):
            if found["graphic"] is not None:
                for code in found["graphic"].split(";"):
                    self.style = self.style.after(int(code or 0))
            elif found["erase"]:
                del self.lines[-1][self.column :]
            elif found["character"]:
                self._put(found["character"])

    def _put(self, character: str) -> None:
        if character == "\r":
            self.column = 0
        elif character == "\n":
            self.lines.append([])
        else:
            self.lines[-1][self.column : self.column + 1] = [(character, self.style)]
            self.column += 1


_PLAIN, _FAINT = 0, 2
_SENT = re.compile(
    r"\x1b\[(?P<graphic>[\d;]*)m|(?P<erase>\x1b\[0?K)|\x1b\[[?\d;]*[a-zA-Z]|(?P<character>[\s\S])"
)


# --- the picture ---

_CELL, _LINE, _MARGIN, _BAR = 8.4, 19, 16, 34
_COLOURS = {31: "#f38ba8", 32: "#a6e3a1", 33: "#f9e2af", 36: "#89dceb"}
_FONT = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace"
_STYLES = (
    "text { fill: #cdd6f4; white-space: pre }\n"
    + "".join(f".c{code} {{ fill: {colour} }}\n" for code, colour in _COLOURS.items())
    + ".faint { opacity: .6 }\n.typed { font-weight: bold }"
)


def picture(recording: str) -> str:
    """Draw the recording when it is over."""
    header, *events = map(json.loads, recording.splitlines())
    screen = Screen()
    for _, kind, text in events:
        if kind == "o":
            screen.feed(text)
    lines = screen.lines
    while _text(lines[-1]) in {"", PROMPT}:
        lines.pop()
    width = round(header["width"] * _CELL + 2 * _MARGIN)
    height = _BAR + len(lines) * _LINE + _MARGIN
    drawn = "\n".join(_drawn(line, _BAR + (at + 1) * _LINE - 5) for at, line in enumerate(lines))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'font-family="{_FONT}" font-size="14" role="img" aria-labelledby="title">\n'
        f'<title id="title">{escape(header["title"])}</title>\n'
        f"<style>\n{_STYLES}\n</style>\n"
        f'<rect width="{width}" height="{height}" rx="8" fill="#1e1e2e"/>\n'
        + "".join(
            f'<circle cx="{20 + 20 * at}" cy="18" r="6" fill="{colour}"/>\n'
            for at, colour in enumerate(("#f38ba8", "#f9e2af", "#a6e3a1"))
        )
        + f"{drawn}\n</svg>\n"
    )


def _drawn(line: list[tuple[str, Style]], y: int) -> str:
    """Draw a line part by part, each as wide as its columns: fonts differ, tables shall not."""
    text = _text(line)
    parts = iter(_parts(line))
    if text.startswith(PROMPT):
        parts = iter([(0, PROMPT[:-1], "c32"), (len(PROMPT), text[len(PROMPT) :], "typed")])
    return "\n".join(_placed(column, y, part, look) for column, part, look in parts)


def _placed(column: int, y: int, text: str, look: str) -> str:
    x, width = _MARGIN + column * _CELL, len(text) * _CELL
    named = f' class="{look}"' if look else ""
    return f'<text x="{x:.1f}" y="{y}" textLength="{width:.1f}"{named}>{escape(text)}</text>'


def _text(line: list[tuple[str, Style]]) -> str:
    return "".join(character for character, _ in line)


def _parts(line: list[tuple[str, Style]]) -> Iterator[tuple[int, str, str]]:
    """Yield what looks the same and has no gap in it: its column, its text, its classes."""
    at = 0
    for style, same in groupby(line, key=lambda it: it[1]):
        text = "".join(character for character, _ in same)
        look = [f"c{style.colour}"] * (style.colour in _COLOURS) + ["faint"] * style.faint
        for found in re.finditer(r"\S+(?: \S+)*", text):
            yield at + found.start(), found[0], " ".join(look)
        at += len(text)


# --- the recording ---


def record() -> str:
    """Type the session and return the recording."""
    from pipguard.guard_record import Mode  # noqa: PLC0415 # drawing needs none of this
    from pipguard.hooks import enable  # noqa: PLC0415
    from pipguard.tour.narrator import Narrator  # noqa: PLC0415
    from pipguard.tour.stage import Wish, set_up  # noqa: PLC0415

    launcher = Path(sys.executable).with_name("pipguard")
    with set_up(Wish(None, keep=False, launcher=launcher), Narrator(sys.stdout)) as stage:
        stage.create_environment()
        enable(stage.prefix, Mode.ROUTE, launcher)
        start = stage.folder / "start.sh"
        start.write_text(_ACTIVATED.format(prefix=str(stage.prefix), prompt=PROMPT), "utf-8")
        # What this machine's pip is told otherwise is no part of the picture.
        kept = {k: it for k, it in stage.session.variables.items() if not k.startswith("PIP_")}
        machine = {k: os.environ[k] for k in ("PIP_CERT", "PIP_PROXY") if k in os.environ}
        own = {"HOME": str(stage.folder), "TERM": "xterm-256color"}
        command = ["/bin/bash", "--noprofile", "--noediting", "--rcfile", str(start), "-i"]
        events = list(_typed(command, {**kept, **machine, **own, "LC_ALL": "C.UTF-8"}))
    header = {"version": 2, "width": COLUMNS, "height": ROWS, "title": "A session with pipguard"}
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in (header, *events))


def _typed(command: list[str], variables: dict[str, str]) -> Iterator[tuple[float, str, str]]:
    """Type each line when the prompt is there; yield what the terminal is sent, with its time."""
    ours, theirs = os.openpty()
    size = {"COLUMNS": str(COLUMNS), "LINES": str(ROWS)}
    shell = subprocess.Popen(
        [sys.executable, "-ISc", _LEAD, *command],
        env={**variables, **size},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    began, waiting, seen = time.monotonic(), list(SESSION), ""
    while True:
        ready, _, _ = select.select([ours], [], [], _PATIENCE)
        if not ready:
            raise TimeoutError(seen)
        text = os.read(ours, 1 << 16).decode()
        seen += text
        yield round(time.monotonic() - began, 3), "o", text
        if not seen.endswith(PROMPT):
            continue
        if not waiting:
            break
        seen = ""
        os.write(ours, f"{waiting.pop(0)}\n".encode())
    os.close(ours)
    shell.wait()


if __name__ == "__main__":
    if sys.argv[1:] == ["record"]:
        RECORDING.write_text(record(), "utf-8")
    PICTURE.write_text(picture(RECORDING.read_text("utf-8")), "utf-8")
