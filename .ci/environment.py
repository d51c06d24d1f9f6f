# ruff: noqa: INP001 # a script of the Makefile, no module of anything
"""Makes the virtual environment in which the project is worked on, and installs the project there.

Run by `make` with whatever python it was given: an old one must still get as far as the message
(this file parses from 3.6 on), and Debian's may come without ensurepip.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST = (3, 10)
NAME = "python{}.{}".format(*sys.version_info[:2])


def main(folder: Path) -> str:
    """Make `folder` a virtual environment with the project; return why not, or nothing."""
    if sys.version_info < OLDEST:
        return f"pipguard needs Python 3.10 or newer, this is {NAME}: make PYTHON=python3.12 …"
    python = folder / "bin/python"
    if not has(python, "pip"):
        problem = create(folder)
        if problem:
            return problem
    print(f"Installing pipguard and its tools into {folder} …", flush=True)  # noqa: T201 # a script
    pip(python, "install", "--upgrade", "pip>=25.3")
    pip(python, "install", "--editable", ".", "--group", "test", "--group", "check")
    return ""


def create(folder: Path) -> str:
    """Make the virtual environment; return what to do where that is not possible, or nothing."""
    shutil.rmtree(str(folder), ignore_errors=True)
    this = Path(sys.executable)
    bundled = has(this, "ensurepip")
    if not has(this, "venv") or not (bundled or has(this, "pip")):
        return (
            "This python cannot make a venv: install python3-venv (Debian, Ubuntu) or try PYTHON=…"
        )
    options = [] if bundled else ["--without-pip"]
    subprocess.check_call([sys.executable, "-m", "venv", *options, str(folder)])
    if not bundled:
        # pip's --python would do as well, but is newer than the pip of some releases.
        pip(this, "install", "--target", str(folder / "lib" / NAME / "site-packages"), "pip")
    return ""


def has(python: Path, module: str) -> bool:
    """Say whether this python starts and has a module; what it was made from may be gone."""
    try:
        command = [str(python), "-c", f"import {module}"]
        return subprocess.call(command, stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def pip(python: Path, *arguments: str) -> None:
    """Run pip, free of settings that would send it elsewhere."""
    elsewhere = {"PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0"}
    command = [str(python), "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    subprocess.check_call(command, env=dict(os.environ, **elsewhere))


if __name__ == "__main__":
    try:
        sys.exit(main(Path(sys.argv[1])) or 0)
    except subprocess.CalledProcessError as error:
        sys.exit("This did not work: {}".format(" ".join(map(str, error.cmd))))
