"""The first session of the docs, typed as it stands there, prints what stands there."""

from __future__ import annotations

import json
import re
import sys
from itertools import pairwise
from pathlib import Path

from surroundings import Guarded

_PAGE = Path(__file__).resolve().parents[2] / "docs/getting-started.md"
_FIRST = "## Guard an environment"  # before it, pipguard itself is installed
_CONDA = """
conda() {  # activate PREFIX
    export CONDA_PREFIX=$2 PATH="$2/bin:$PATH"
    for script in "$2"/etc/conda/activate.d/*.sh; do . "$script"; done
}
pipguard() { "$beside_python/pipguard" "$@"; }
exec 2>&1
"""
# What differs from run to run, or from one python to another.
_VARYING = {
    r"\d{8}T\d+-[0-9a-f]+": "ID",
    r"\d{4}-\d\d-\d\dT[\d:]+Z": "TIME",
    r"(?:file|https)://\S+": "URL",
    r"python ?3\.\d+": "python",
    r"\bpip( +)\d[\d.]*": "pip",
    r"\d+\.\d MB": "MB",
    r" +$": "",
}


def _session() -> list[tuple[str, list[str]]]:
    """Read the commands of the page, each with the lines that it is said to print."""
    text = _PAGE.read_text("utf-8").partition(_FIRST)[2]
    lines = "".join(re.findall(r"^```\n(.*?)^```", text, re.MULTILINE | re.DOTALL)).splitlines()
    starts = [at for at, line in enumerate(lines) if line.startswith("$ ")]
    return [(lines[at][2:], lines[at + 1 : end]) for at, end in pairwise([*starts, len(lines)])]


def _plain(line: str, prefix: str) -> str:
    line = line.replace(prefix, "~/envs/demo")
    for pattern, word in _VARYING.items():
        line = re.sub(pattern, word, line)
    return line


def _offer_what_the_page_has(guarded: Guarded) -> None:
    for name, version in {"idna": "3.20", "pygments": "2.21.0"}.items():
        guarded.offer(name, version)
        guarded.offer_on_conda(name, version)
    guarded.offer("mdurl", "0.1.2")
    guarded.offer("markdown-it-py", "4.3.0", requires=["mdurl"])
    guarded.offer("rich", "15.0.0", requires=["markdown-it-py", "pygments"])
    guarded.offer("iniconfig", "2.3.1")
    names = ("idna", "pygments", "rich", "markdown-it-py", "mdurl", "iniconfig")
    table = Path(guarded.channel.parent, "table.json")
    table.write_text(json.dumps({name: [name] for name in names}))


def test_the_session_of_getting_started_is_true(guarded: Guarded) -> None:
    _offer_what_the_page_has(guarded)
    session, prefix = _session(), str(guarded.prefix)
    typed = [command.replace("~/envs/demo", prefix) for command, _ in session]
    script = "".join(f"{command}\nprintf '\\n%s\\n' '=END='\n" for command in typed)

    done = guarded.sh(f"beside_python='{Path(sys.executable).parent}'" + _CONDA + script)

    *printed, _ = (text.splitlines() for text in done.stdout.split("\n=END=\n"))
    for (command, said), really in zip(session, printed, strict=True):
        lines = {_plain(line, prefix) for line in really}
        told = [_plain(line, prefix) for line in said if "…" not in line or "plan …" in line]
        assert [line for line in told if line not in lines] == [], (command, really)
