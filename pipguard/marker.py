"""Where PEP 668's marker lies in an environment, and what it says.

pip refuses to install beside `EXTERNALLY-MANAGED` in the stdlib folder and shows its `Error`, in
the language of the locale if there is one (`ExternallyManagedEnvironment` in
`pip/_internal/exceptions.py`).
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

from pipguard.errors import PrefixError
from pipguard.messages import MARKER

_PYTHONS = ("bin/python", "python.exe")
_ASK_FOR = (
    "os.path.relpath(sysconfig.get_path('stdlib'), sys.prefix)",
    "'%d.%d' % sys.version_info[:2]",
)
_ASK = f"import os, sys, sysconfig; print({', '.join(_ASK_FOR)}, sep='\\n')"


@dataclass(frozen=True, slots=True)
class PythonHome:
    """What an upgrade of python moves.

    Attributes:
        stdlib: folder of the standard library, relative to the prefix (`lib/python3.12`, `Lib`).
        minor: major and minor version, as in `pip3.12`.
    """

    stdlib: str
    minor: str

    @property
    def on_windows(self) -> bool:
        """Whether the environment has the layout of Windows, whose library has no version."""
        return self.stdlib == "Lib"

    @property
    def marker(self) -> str:
        """Path of the marker, relative to the prefix."""
        return f"{self.stdlib}/EXTERNALLY-MANAGED"


def find_python(prefix: Path) -> PythonHome:
    """Find the environment's python, by the record of its package if that tells enough.

    Raises:
        PrefixError: there is no python in this environment, or it does not start.
    """
    python = next((it for it in _PYTHONS if (prefix / it).exists()), None)
    if python is None:
        raise PrefixError("no-python", prefix=str(prefix))
    return _by_record(prefix) or _by_asking(prefix, prefix / python)


def marker_content(prefix: Path, note: str) -> bytes:
    """Word the marker for one environment, under a comment that says whose file it is."""
    lines = [f"# {note}", "[externally-managed]"]
    for key, text in MARKER.items():
        told = text.format(prefix=shlex.quote(str(prefix)))
        lines.append(f"{key}={told}".replace("\n", "\n "))
    return ("\n".join(lines) + "\n").encode()


def _by_record(prefix: Path) -> PythonHome | None:
    """Read name, version and build from the names of the files in conda-meta."""
    for record in (prefix / "conda-meta").glob("python-*.json"):
        if (name := re.fullmatch(r"python-(\d+\.\d+)[^-]*-[^-]+", record.stem)) is None:
            continue
        minor = name[1]
        # t: without the GIL
        for stdlib in (f"lib/python{minor}t", f"lib/python{minor}", "Lib"):
            if (prefix / stdlib / "os.py").is_file():
                return PythonHome(stdlib, minor)
    return None


def _by_asking(prefix: Path, python: Path) -> PythonHome:
    command = [str(python), "-I", "-S", "-c", _ASK]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise PrefixError("python-does-not-start", prefix=str(prefix), text=str(error)) from error
    told = done.stdout.splitlines()
    if done.returncode or len(told) != len(_ASK_FOR):
        text = done.stderr.strip() or done.stdout.strip()
        raise PrefixError("python-does-not-start", prefix=str(prefix), text=text)
    return PythonHome(told[0].replace(os.sep, "/"), told[1])
