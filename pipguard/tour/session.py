"""Runs command lines in a real bash in which an environment is active, and shows them.

Also makes the variables of such a session: what reaches an index stays as the person has it, what
would change the course of the tour is taken out, and caches lie in the tour's own folder.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipguard.errors import TourError
from pipguard.tour.narrator import Narrator

_ACTIVATED = Path(__file__).with_name("activated.sh")

_DROPPED = ("BASH_FUNC_", "CONDA", "_CONDA", "_CE_", "MAMBA", "PIP_", "_PIP_", "PIPGUARD", "PYTHON")
_DROPPED_NAMES = frozenset({"BASH_ENV", "ENV", "VIRTUAL_ENV"})
# How pip reaches an index, which is the machine's business.
_KEPT = frozenset(
    {"PIP_CACHE_DIR", "PIP_CERT", "PIP_CLIENT_CERT", "PIP_CONFIG_FILE", "PIP_DEFAULT_TIMEOUT"}
    | {"PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_INDEX_URL", "PIP_KEYRING_PROVIDER"}
    | {"PIP_NO_CACHE_DIR", "PIP_NO_INDEX", "PIP_PROXY", "PIP_RETRIES", "PIP_TIMEOUT"}
    | {"PIP_TRUSTED_HOST", "PIP_USE_FEATURE"}
)


# What a person's pip.conf may say otherwise, and the encoding in which output is read.
_PLAIN = {
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_REQUIRE_VIRTUALENV": "0",
    "PIP_USER": "0",
    "PYTHONIOENCODING": "utf-8",
}


@dataclass(frozen=True, slots=True)
class Ran:
    """One command line that has run, with both of its streams in one text."""

    line: str
    status: int
    output: str


@dataclass(frozen=True, slots=True)
class Session:
    """A person at a prompt, in `folder`, with `prefix` active."""

    prefix: Path
    folder: Path
    variables: Mapping[str, str]
    narrator: Narrator

    def run(self, line: str) -> Ran:
        """Run one command line in bash, and show it and what it writes, as it is written.

        Raises:
            TourError: there is no bash.
        """
        self.narrator.tell("command", line=line)
        output = []
        with self._start(line, subprocess.STDOUT) as process:
            for text in process.stdout or ():
                output.append(text)
                self.narrator.pass_on(text.rstrip("\n"))
        return Ran(line, process.returncode, "".join(output))

    def ask(self, line: str) -> Ran:
        """Run one command line behind the scenes, for its standard output.

        Raises:
            TourError: there is no bash.
        """
        with self._start(line, subprocess.DEVNULL) as process:
            output, _ = process.communicate()
        return Ran(line, process.returncode, output)

    def _start(self, line: str, errors: int) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [_bash(), "--norc", "--noprofile", str(_ACTIVATED), str(self.prefix), line],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            env={**self.variables},
            cwd=self.folder,
            encoding="utf-8",
            errors="replace",
        )


def _bash() -> str:
    found = shutil.which("bash")
    if found is None:
        raise TourError("bash-missing")
    return found


def require_bash() -> None:
    """Find out before anything is made whether there is a bash.

    Raises:
        TourError: there is none.
    """
    _bash()


def variables_for(folder: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Make the variables of a session whose own places are all below `folder`.

    `pipguard` is found in `<folder>/bin`.
    """
    kept = {name: value for name, value in environ.items() if _stays(name, value)}
    return {
        **kept,
        "PATH": f"{folder / 'bin'}{os.pathsep}{environ.get('PATH', os.defpath)}",
        **_PLAIN,
        "PIPGUARD_CACHE_DIR": str(folder / "cache"),
        "PIPGUARD_CHANNEL": str(folder / "converted"),
        "PIPGUARD_CONFIG": str(folder / "pipguard.toml"),
    }


def _stays(name: str, value: str) -> bool:
    if name == "PIP_CONFIG_FILE" and value == os.devnull:
        return False  # it would hide the pip.conf of every environment, and with it our routing
    return name in _KEPT or not (name.startswith(_DROPPED) or name in _DROPPED_NAMES)
