"""The picture of a session is drawn from what a terminal was sent, and from nothing else."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest

_ROOT = Path(__file__).resolve().parents[2]


_MAKER = SimpleNamespace(**runpy.run_path(str(_ROOT / ".ci/session_picture.py")))


def _lines(*sent: str) -> list[str]:
    screen = _MAKER.Screen()
    for text in sent:
        screen.feed(text)
    return ["".join(character for character, _ in line) for line in screen.lines]


def test_the_picture_is_the_one_of_the_recording() -> None:
    """`python .ci/session_picture.py` mends it."""
    recording = _MAKER.RECORDING.read_text("utf-8")
    assert _MAKER.picture(recording) == _MAKER.PICTURE.read_text("utf-8")


def test_the_recording_has_every_line_that_is_typed_and_no_place_of_a_machine() -> None:
    recording = _MAKER.RECORDING.read_text("utf-8")
    sent = "".join(json.loads(line)[2] for line in recording.splitlines()[1:])
    typed = re.findall(rf"^{re.escape(_MAKER.PROMPT)}(.+?)\r$", sent, re.MULTILINE)
    assert typed == [*_MAKER.SESSION]
    assert not re.search(r"/(?:tmp|home|root|work)/", recording)


@pytest.mark.parametrize("page", ["README.md", "docs/index.md"])
def test_the_picture_is_shown(page: str) -> None:
    shown = re.findall(r"!\[[^]]+\]\((\S+)\)", (_ROOT / page).read_text("utf-8"))
    assert [_ROOT / Path(page).parent / it for it in shown] == [_ROOT / "docs/pictures/session.svg"]


def test_a_bar_that_was_drawn_over_and_erased_is_gone() -> None:
    assert _lines("ab\r\n\r [##..]\x1b[K", "\r [####]\x1b[K\r\x1b[K", "done\r\n") == [
        "ab",
        "done",
        "",
    ]


def test_colours_begin_and_end_where_they_are_sent() -> None:
    screen = _MAKER.Screen()
    screen.feed("a\x1b[32mb\x1b[2mc\x1b[0md")
    assert [style for _, style in screen.lines[0]] == [
        _MAKER.Style(),
        _MAKER.Style(32),
        _MAKER.Style(32, faint=True),
        _MAKER.Style(),
    ]


def test_what_is_shown_cannot_end_the_picture() -> None:
    events = [{"width": 80, "title": "<&>"}, [0, "o", "<script>&\r\nnext"]]
    drawn = _MAKER.picture("\n".join(map(json.dumps, events)))
    assert "<script" not in drawn
    assert "&lt;script&gt;&amp;" in drawn
