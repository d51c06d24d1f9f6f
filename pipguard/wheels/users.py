"""Which environments take packages from a local channel, so that `clean` asks each of them.

conda's own list of environments does not know those that mamba, pixi or a bundle have made. The
list is a file in the channel, a path in JSON on each line, to which lines are only added.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path

_LIST = ".environments"


def note(channel: Path, environment: Path, package: Path) -> None:
    """Remember that an environment takes a package of a channel, and when.

    A channel that others own may not be written; whoever cleans it cannot know of us then.
    """
    with suppress(OSError):
        os.utime(package)
        if environment not in users(channel):
            line = json.dumps(str(environment)) + "\n"
            with (channel / _LIST).open("a", encoding="utf-8") as file:
                file.write(line)


def users(channel: Path) -> tuple[Path, ...]:
    """Name the environments that have taken packages from a channel; some may be gone."""
    try:
        lines = (channel / _LIST).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return ()
    return tuple(dict.fromkeys(map(_path, filter(None, lines))))


def _path(line: str) -> Path:
    """Read a line; one that a crash has cut short is a path as it stands."""
    try:
        return Path(str(json.loads(line)))
    except ValueError:
        return Path(line.strip('"'))
