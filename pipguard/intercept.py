"""The front door of the shims: pip's arguments in, an exit code out.

`serve` starts pip as early as it can and hands over to `session.py`, or becomes real pip where
nothing would be changed. Imports little: every pip command line that the shims cannot tell from
an install comes through here.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import NoReturn

from pipguard import bypass
from pipguard.pip_process import PipChild, pip_root, unrouted

_CHANGES = frozenset({"install", "uninstall"})
_ROUTED = "python -m pip"
_HELP = frozenset({"-h", "--help", "--version"})


def serve(prefix: Path, arguments: Sequence[str], front_door: str) -> int:
    """Serve one pip command line for an environment and return its exit code.

    Raises:
        PipguardError: every error of `session.run`.
    """
    words = set(arguments)
    # optparse stops at the first of the help options, wherever it stands.
    if not _CHANGES & words or _HELP & words:
        become_real_pip(prefix, arguments)
    if bypass.is_asked_for(os.environ):
        bypass.record(prefix, front_door, arguments)
        become_real_pip(prefix, arguments)
    python = prefix / ("python.exe" if sys.platform == "win32" else "bin/python")
    child = PipChild(prefix, python, arguments) if python.exists() else None
    with child or nullcontext():
        # While pip starts, which takes as long, the rest is imported.
        from pipguard import copies, session  # noqa: PLC0415
        from pipguard.upkeep import tend  # noqa: PLC0415

        copies.refuse_copy(prefix)
        if front_door == _ROUTED:
            copies.refuse_pip_of_a_copy(prefix, os.getppid())
        tend(prefix)
        passed = session.run(prefix, arguments, front_door, child)
    if passed is session.Passed.ON:
        become_real_pip(prefix, arguments)
    return 0


def become_real_pip(prefix: Path, arguments: Sequence[str]) -> NoReturn:
    """Become the environment's real pip, or pipguard's own where the environment has none."""
    environment = dict(os.environ)
    elsewhere = any(argument.startswith("--py") for argument in arguments)
    if not elsewhere and "PIP_PYTHON" not in environment:
        environment = unrouted(prefix, environment)
    if bypass.is_asked_for(os.environ):
        environment["PIP_BREAK_SYSTEM_PACKAGES"] = "1"
    from pipguard.copies import home_of  # noqa: PLC0415 # an install that is guarded needs it later

    real = prefix / "bin" / "pip"
    command = [str(real)]
    if real.exists() and home_of(prefix):
        # In a copy the first line of pip's file still names the python of the original.
        command = [str(prefix / "bin" / "python"), "-m", "pip"]
    elif not real.exists():
        runner = pip_root(prefix) / "pip" / "__pip-runner__.py"
        command = [str(prefix / "bin" / "python"), str(runner)]
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(command[0], [*command, *arguments], environment)  # noqa: S606 # no shell is wanted
