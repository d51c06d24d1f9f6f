"""Lines that lead out of site-packages, and the scripts that lead into python.

Reads only. `.pth` files are python's (`site.py` of the standard library), `.egg-link` files and
`easy-install.pth` are setuptools'. Start at `dangling` and `broken_commands`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from pipguard.doctor.evidence import Command, Dangle

# A shebang, and pip's and distlib's way around one that is too long or has spaces.
_SHEBANG = re.compile(rb"#![ \t]*(?P<path>[^\r\n]*?)(?P<rest>[ \t]*)\r?\n")
_EXEC = re.compile(rb"(?P<head>#!/bin/sh\r?\n'''exec' )(?P<path>\"[^\"\n]+\"|[^ \"\n]+)(?P<tail> )")
_PYTHON = re.compile(r"python[\d.]*[tw]*(\.exe)?")
_HEAD = 1024


def dangling(prefix: Path, site: str, shipped: Collection[str]) -> Iterator[Dangle]:
    """Find the lines of a site-packages that lead nowhere.

    `shipped` are files that stand as a conda package brought them: what those say is no damage.
    """
    folder = prefix / site
    for path in sorted([*folder.glob("*.pth"), *folder.glob("*.egg-link")]):
        name = f"{site}/{path.name}"
        if name not in shipped and not path.name.startswith("~"):
            found = _judge(name, path, folder)
            if found:
                yield found


def _judge(name: str, path: Path, folder: Path) -> Dangle | None:
    try:
        content = path.read_bytes()
    except OSError:
        return None
    lines = content.splitlines(keepends=True)
    if name.endswith(".egg-link"):
        target = lines[0].decode(errors="replace").strip() if lines else ""
        leads = not target or (folder / target).exists()
        return None if leads else Dangle(name, content, (target,), None)
    lost = [line for line in lines if _leads_nowhere(line, folder)]
    if not lost:
        return None
    left = b"".join(line for line in lines if line not in lost)
    targets = tuple(line.decode(errors="replace").strip() for line in lost)
    return Dangle(name, content, targets, left if left.strip() else None)


def _leads_nowhere(line: bytes, folder: Path) -> bool:
    """Say whether `site.addpackage` would look for a path in this line, and not find it."""
    text = line.decode(errors="replace").strip().lstrip("\ufeff")
    if not text or text.startswith(("#", "import ", "import\t")) or "\0" in text:
        return False
    return not (folder / text).exists()


def broken_commands(prefix: Path, scripts: Iterable[str]) -> Iterator[Command]:
    """Find scripts whose first line names a python that is not this environment's, or not there.

    Args:
        prefix: the environment.
        scripts: paths of scripts that must run under its python.
    """
    for path in sorted(scripts):
        content = _content(prefix / path)
        found = _interpreter(content) if content else None
        if content and found and not _is_ours(prefix, found):
            yield Command(path, found, _with_interpreter(content, _present(prefix, found)))


def _content(path: Path) -> bytes | None:
    """Read a script; a program of machine code is none, whatever its size."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
            return head + file.read() if head.startswith(b"#!") else None
    except OSError:
        return None


def _interpreter(content: bytes) -> str | None:
    """Name the python a script starts by its whole path; None for any other program."""
    found = _EXEC.match(content) or _SHEBANG.match(content)
    words = found["path"].decode(errors="replace").strip('"') if found else ""
    path = words if _EXEC.match(content) else words.split(" ")[0]
    name = path.rpartition("/")[2]
    return path if path.startswith("/") and _PYTHON.fullmatch(name) else None


def _is_ours(prefix: Path, interpreter: str) -> bool:
    """Say whether it lies in the prefix, by any of the prefix's names, and is there."""
    folder, _, name = interpreter.rpartition("/")
    if not os.path.exists(interpreter):  # noqa: PTH110 # text from a file, perhaps no path at all
        return False
    return bool(name) and os.path.realpath(folder) == os.path.realpath(prefix / "bin")


def _present(prefix: Path, interpreter: str) -> str:
    """Name the python of this prefix that stands for one of another; the same name if it can."""
    name = interpreter.rpartition("/")[2]
    return str(prefix / "bin" / (name if (prefix / "bin" / name).exists() else "python"))


def _with_interpreter(content: bytes, interpreter: str) -> bytes:
    path = interpreter.encode()
    if found := _EXEC.match(content):
        quoted = b'"' + path + b'"' if found["path"].startswith(b'"') else path
        return found["head"] + quoted + found["tail"] + content[found.end() :]
    found = _SHEBANG.match(content)
    words = found["path"].split(b" ", 1) if found else []
    arguments = b" " + words[1] if len(words) > 1 else b""
    return b"#!" + path + arguments + content[content.index(b"\n") :]
