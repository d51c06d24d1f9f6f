"""Every page of the docs, typed as it stands there, prints what stands there.

Each page is one session in a home of its own; `pages.py` has what it takes for granted.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from pages import PAGES, PRELUDE, Page, lay_out
from typed import DOCUMENTS, ROOT, Command, Fence, fences, told

_INSTALL = "Install"  # what stands below it is typed by `test_install_paths.py`
_LONGEST = 300  # seconds, for a page on a busy machine
# Of these a whole fence is one session, ended by the first line that fails.
_OTHER_SHELLS = {"zsh": "zsh -f -e -c", "fish": "fish --no-config -c"}
# What differs from run to run, or from one python to another.
_VARYING = {
    r"\d{8}T\d+-[0-9a-f]+": "ID",
    r"\d{4}-\d\d-\d\dT[\d:]+Z": "TIME",
    r"(?:file|https)://[^\s:]\S*?(?=::|[\s,]|$)": "URL",
    r"python ?3\.\d+": "python",
    r"\bpip +\d[\d.]*": "pip",
    r"\d+ python files?": "python files",
    r"\d+\.\d MB": "MB",
    r"(?<=\S) {2,}": " ",  # how wide a column is depends on addresses
    r" +$": "",
}


def _fences(page: Path) -> list[Fence]:
    typed = (it for it in fences(page.read_text("utf-8")) if it.is_typed)
    run = [it for it in typed if it.reason is None and it.heading != _INSTALL]
    return [it for it in run if it.language not in _OTHER_SHELLS or shutil.which(it.language)]


def _commands(fence: Fence) -> tuple[Command, ...]:
    if fence.language not in _OTHER_SHELLS:
        return fence.commands
    joined = "\n".join(
        f"{it.typed}\nor exit" if fence.language == "fish" else it.typed for it in fence.commands
    )
    return (Command(f"{_OTHER_SHELLS[fence.language]} {shlex.quote(joined)}"),)


@pytest.mark.parametrize(
    "page", [it for it in DOCUMENTS if _fences(it)], ids=lambda it: str(it.relative_to(ROOT))
)
def test_what_a_page_tells_to_type_does_what_it_says(
    page: Path, world: Path, thin_channel: Path
) -> None:
    known = PAGES.get(str(page.relative_to(ROOT)), Page())
    variables = lay_out(world, thin_channel, known)
    commands = [command for fence in _fences(page) for command in _commands(fence)]

    printed = _type(_script(_fences(page), known), world, variables)

    assert len(printed) == len(commands), printed[-1:]
    wrong = [
        f"$ {command.typed}\n{said}\n=> {code}"
        for command, (said, code) in zip(commands, printed, strict=True)
        if not _holds(command, said, code, str(world))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("shell", sorted(_OTHER_SHELLS))
def test_a_line_that_fails_is_noticed_in_every_shell(shell: str) -> None:
    if not shutil.which(shell):
        pytest.skip(f"there is no {shell}")
    for lines, code in {"true\ntrue\n": 0, "false\ntrue\n": 1}.items():
        (command,) = _commands(Fence("", shell, lines))
        assert subprocess.run(["bash", "-c", command.typed], check=False).returncode == code


def _script(typed: list[Fence], page: Page) -> str:
    """Write the session, with a line after each command that has its exit code."""
    lines, waiting = [PRELUDE, _quiet(page.start)], dict(page.before)
    for fence in typed:
        for command in _commands(fence):
            if command.typed in waiting:
                lines.append(_quiet(waiting.pop(command.typed)))
            lines += [_meant(command.typed, page), r"printf '\n=END= %s\n' $?"]
    assert not waiting, "no such commands on this page any more"
    return "\n".join(lines)


def _quiet(script: str) -> str:
    return f"{{ {script}; }} >~/before.log 2>&1 || cat ~/before.log"


def _meant(typed: str, page: Page) -> str:
    for words, meant in page.stands_for.items():
        typed = typed.replace(words, meant)
    typed = re.sub(r"\d{8}T\d+-[0-9a-f]+", "$(newest)", typed)
    return re.sub(r"^%", "ipython ", typed)


def _type(script: str, home: Path, variables: Mapping[str, str]) -> list[tuple[str, int]]:
    """Run a session; return what each of its commands printed, and its exit code."""
    done = subprocess.run(
        ["bash", "-c", script],
        capture_output=True,
        text=True,
        check=False,
        cwd=home,
        env={**os.environ, **variables},
        timeout=_LONGEST,
    )
    ends = re.finditer(r"(?P<said>.*?)\n=END= (?P<code>\d+)\n", done.stdout, re.DOTALL)
    return [(end["said"], int(end["code"])) for end in ends]


def _holds(command: Command, said: str, code: int, home: str) -> bool:
    """Where a page tells what is printed it must be that; everything else has to work."""
    if not command.printed:
        return code == 0
    lines = tuple(_plain(line, home) for line in command.printed)
    return re.fullmatch(told(lines), _plain(said, home).rstrip("\n") + "\n") is not None


def _plain(text: str, home: str) -> str:
    text = text.replace(home, "~")
    for pattern, word in _VARYING.items():
        text = re.sub(pattern, word, text, flags=re.MULTILINE)
    return text
