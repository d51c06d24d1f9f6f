"""Makes a conda channel out of the running python and a few wheels from PyPI.

It stands in for conda-forge where that cannot be reached: its packages look like conda's own, and
only they are on "conda's side" of the tour. Start at `make`.
"""

from __future__ import annotations

import json
import platform
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from packaging.markers import default_environment
from packaging.utils import parse_wheel_filename

from pipguard.errors import TourError
from pipguard.names import pypi_name
from pipguard.prefix import native_subdir
from pipguard.target import Target
from pipguard.tour import packages, thin_python
from pipguard.wheels.metadata import Naming
from pipguard.wheels.package import Conversion, convert

_BUILD = "pyh_0"

CHANNEL, NAMES = "channel", "names.json"
"""What `make` leaves in its folder."""


def make(folder: Path, names: Sequence[str], variables: Mapping[str, str]) -> None:
    """Make a channel with `python`, `pip` and the newest pure wheels of `names`.

    It is `<folder>/channel`, and its table of names is `<folder>/names.json`, as others are
    published for channels.

    Args:
        folder: where, and for what is needed on the way.
        names: projects on PyPI that have a wheel for every platform.
        variables: the environment in which pip runs.

    Raises:
        TourError: no package can be made from this python, or PyPI cannot be reached.
        ConversionError: a wheel is refused.
    """
    wheels = _fetch(names, folder / "wheels", variables)
    channel = folder / CHANNEL
    thin_python.make(channel)
    thin_python.make_pip(channel)
    _convert(wheels, folder / "drafts", channel)
    packages.write_index(channel)
    table = {"python": None} | {name: [name] for name in ("pip", *names)}
    (folder / NAMES).write_text(json.dumps(table), encoding="utf-8")


def _fetch(names: Sequence[str], folder: Path, variables: Mapping[str, str]) -> list[Path]:
    """Let pipguard's own pip fetch wheels, as this machine's pip is configured to."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run(
        [*command, "--no-deps", "--only-binary=:all:", "--dest", str(folder), *names],
        check=False,
        capture_output=True,
        text=True,
        env={**variables},
    )
    if done.returncode:
        raise TourError("tour-wheels-not-fetched", names=", ".join(names), text=done.stderr.strip())
    return sorted(folder.glob("*.whl"))


def _convert(wheels: Iterable[Path], drafts: Path, channel: Path) -> None:
    """Convert wheels, and give the packages a build like those of conda-forge.

    The build of a converted package tells where it comes from, and these shall not tell.
    """
    drafts.mkdir()
    target = _target()
    for wheel in wheels:
        name, version, _, _ = parse_wheel_filename(wheel.name)
        conversion = Conversion(wheel, None, pypi_name(name), str(version), target, Naming())
        converted = convert(conversion, drafts)
        packages.write(replace(packages.read(converted.path), build=_BUILD), channel)


def _target() -> Target:
    """Describe the python that `thin_python` makes of the running one."""
    return Target(
        python=platform.python_version(),
        subdir=native_subdir(),
        site_packages="lib/python{}.{}/site-packages".format(*sys.version_info[:2]),
        free_threaded=bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
        markers={key: str(value) for key, value in default_environment().items()},
    )
