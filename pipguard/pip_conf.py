"""Our one key in an environment's `pip.conf`, merged in and taken out again.

Pure. `[global] python = WRAPPER` makes every pip >= 22.3 of the environment run our wrapper as if
it were the interpreter (`pip/_internal/cli/main_parser.py`). pip reads the file with
`RawConfigParser`, which refuses a key given twice: a `python` that was there becomes a comment
while ours is in place. Works on bytes, because pip reads the file in the locale's encoding.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

NAMES = frozenset({"pip.conf", "pip.ini"})
WRAPPER = "libexec/pipguard/pip-python"
_OURS = re.compile(
    rb"python\s*[=:].*[/\\]libexec[/\\]pipguard[/\\]pip-python(?:\.exe)?\s*$", re.IGNORECASE
)
_PYTHON = re.compile(rb"python\s*[=:]", re.IGNORECASE)
_ASIDE = b"# set aside by pipguard: "


def merge(existing: bytes, wrapper: str) -> bytes:
    """Add our key to the content of a `pip.conf`, replacing ours and setting aside another's."""
    lines = unmerge(existing).splitlines(keepends=True)
    newline = b"\r\n" if lines and lines[0].endswith(b"\r\n") else b"\n"
    if lines and not lines[-1].endswith(b"\n"):
        lines[-1] += newline
    if (header := _global_header(lines)) is None:
        header, lines = len(lines), [*lines, b"[global]" + newline]
    key = b"python = " + wrapper.encode() + newline
    return b"".join([*lines[: header + 1], key, *_set_aside(lines[header + 1 :])])


def unmerge(content: bytes) -> bytes:
    """Take our key out of the content of a `pip.conf`, and the section that held nothing else."""
    lines = content.splitlines(keepends=True)
    if not any(_OURS.match(line) for line in lines):
        return content
    kept = [line.removeprefix(_ASIDE) for line in lines if not _OURS.match(line)]
    header = _global_header(kept)
    if header is not None and not any(map(bytes.strip, _section(kept[header + 1 :]))):
        del kept[header]
    return b"".join(kept) if any(map(bytes.strip, kept)) else b""


def holds_our_key(content: bytes, wrapper: str) -> bool:
    """Tell whether pip would find exactly this wrapper under `[global]`."""
    lines = content.splitlines()
    header = _global_header(lines)
    section = () if header is None else _section(lines[header + 1 :])
    return any(
        _OURS.match(line) and re.split(rb"[=:]", line, maxsplit=1)[1].strip() == wrapper.encode()
        for line in section
    )


def _global_header(lines: list[bytes]) -> int | None:
    return next((at for at, line in enumerate(lines) if line.startswith(b"[global]")), None)


def _section(lines: list[bytes]) -> Iterator[bytes]:
    for line in lines:
        if line.startswith(b"["):
            return
        yield line


def _set_aside(lines: list[bytes]) -> Iterator[bytes]:
    """Comment out a foreign `python` of this section, its continuation lines included."""
    section, aside = len(list(_section(lines))), False
    for at, line in enumerate(lines):
        continued = aside and line[:1] in {b" ", b"\t"}
        aside = at < section and (bool(_PYTHON.match(line)) or continued)
        yield _ASIDE + line if aside else line
