"""What is seen of an install on a terminal while it goes on, and what is left of that."""

from __future__ import annotations

import os
import re
import subprocess
from contextlib import suppress

import builders
from surroundings import Guarded


def _seen(guarded: Guarded, line: str) -> str:
    """Type a line in a terminal; return all that was written there."""
    ours, theirs = os.openpty()
    environ = {**os.environ, "TERM": "xterm", "NO_COLOR": "1"}
    script = guarded.activated(line)
    process = subprocess.Popen(
        ["bash", "-c", script], env=environ, stdout=theirs, stderr=theirs, stdin=theirs
    )
    os.close(theirs)
    shown = b""
    with suppress(OSError):  # the end, on Linux
        while data := os.read(ours, 1 << 16):
            shown += data
    os.close(ours)
    text = shown.decode()
    assert process.wait() == 0, text
    return text


def _screen(text: str) -> list[str]:
    """Do what a terminal without colour does: return the lines that are left."""
    text = re.sub(r"\x1b\[\d*m", "", text)
    lines: list[str] = []
    row, at = "", 0
    for part in re.findall(r"\r|\n|\x1b\[K|[^\r\n\x1b]+", text):
        match part:
            case "\r":
                at = 0
            case "\n":
                lines.append(row.rstrip())
                row, at = "", 0
            case "\x1b[K":
                row = row[:at]
            case _:
                row, at = row[:at] + part + row[at + len(part) :], at + len(part)
    return [*lines, row]


def test_on_a_terminal_one_line_moves_and_pips_own_words_stay_whole(guarded: Guarded) -> None:
    guarded.offer("alpha", requires=["beta"])
    guarded.offer("beta")
    nowhere = guarded.prefix.parent / "nowhere"
    with builders.IndexServer(guarded.index) as server:
        options = f"--index-url {server.url} --no-cache-dir --find-links {nowhere}"
        seen = _seen(guarded, f"pip install {options} alpha")

    for phase in (
        "asking pip",
        "seen",
        "fetching",
        "MB so far",
        "linking",
        "in place",
        "compiling",
    ):
        assert re.search(rf"\r\x1b\[Kpipguard: [^\r\n]*{phase}", seen), (phase, seen)
    left = _screen(seen)
    assert [line for line in left if line.startswith("pipguard:")] == []
    warnings = [line for line in left if "nowhere" in line and not line.startswith("Looking")]
    assert warnings
    assert all(line.startswith("WARNING: Location '") for line in warnings), left
    assert left[-2:] == ["Successfully installed alpha-1.0 beta-1.0", ""]


def test_with_v_every_phase_stays_and_the_last_line_tells_the_times(guarded: Guarded) -> None:
    guarded.offer("alpha")
    done = guarded.pip("install", "-v", "alpha")

    phases = [line for line in done.stderr.splitlines() if line.startswith("pipguard: ")]
    words = ["asking", "fetching", "converting", "linking", "compiling"]
    assert [line.split()[1] for line in phases[:-1]] == words
    assert re.fullmatch(r"pipguard: \d+\.\d s in all: planning .*", phases[-1])
    assert "\r" not in done.stderr
    assert done.stderr.splitlines()[-1] == phases[-1]


def test_an_error_of_pip_stands_on_a_line_of_its_own(guarded: Guarded) -> None:
    seen = _seen(guarded, "! pip install never-there")

    errors = [line for line in _screen(seen) if "ERROR" in line]
    assert len(errors) == 2
    assert all(line.startswith("ERROR: ") and "never-there" in line for line in errors), seen
