"""Programs for Windows, made anywhere: a launcher that starts a script with a python.

The launchers are those of distlib, which `installer` ships as well. Nobody has run what is made
here on Windows yet; a test inspects it, and runs the script in it with a python.
"""

from __future__ import annotations

import io
import platform
import zipfile

from installer.scripts import Script

_KINDS = {"ARM64": "win-arm64", "x86": "win-ia32"}
_ANY = "python"


def program(script: bytes, up: str) -> bytes:
    """Make a program that runs a script with the python of the environment it lies in.

    The path is relative, so that a copy of an environment runs its own python.

    Args:
        script: its source.
        up: the way from the program's folder to `python.exe`, with forward slashes.
    """
    python = "\\".join(["<launcher_dir>", *up.split("/"), "python.exe"])
    return _launcher() + f'#!"{python}" -I\r\n'.encode() + _archive(script)


def _launcher() -> bytes:
    """Take the launcher out of a script that `installer` makes; it tells no other way to it."""
    kind = _KINDS.get(platform.machine(), "win-amd64")
    _, made = Script("pip", "pip", "main", "console").generate(_ANY, kind)  # type: ignore[arg-type] # one of its literals
    return made[: made.rindex(f"#!{_ANY}\n".encode())]


def _archive(script: bytes) -> bytes:
    """Pack `__main__.py`; the same bytes each time, and legible, so that `disable` knows them."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo("__main__.py"), script)
    return buffer.getvalue()
