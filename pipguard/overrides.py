"""Everything that weakens or voids the guard of an environment, and who says so.

Start at `find`. An `Override` is a word of `Kind`, or `guard-` and a word of `faults.FaultKind`,
mostly with a detail behind it: a file, a variable, a version.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from packaging.version import InvalidVersion, Version

from pipguard.bypass import says_yes
from pipguard.faults import check
from pipguard.guard_record import Guard, Mode
from pipguard.pip_settings import is_true, pip_files, pip_setting
from pipguard.placement import SENTINEL, SHIMS
from pipguard.uv_settings import uv_breaks_system_packages, uv_files

_HEEDS_MARKER = Version("23.0")  # routing came with 22.3


class Kind(Enum):
    """What can weaken a guard besides its own faults."""

    BYPASS = "bypass-set"  # PIPGUARD_BYPASS
    CONDA_BUILD = "conda-build"  # CONDA_BUILD
    MODE_WARN = "mode-warn"  # the mode it was given: no marker, real pip runs
    MODE_SET = "mode-set"  # PIPGUARD_MODE says another one
    BREAKS = "break-system-packages"  # pip passes over the marker
    UV_BREAKS = "uv-break-system-packages"  # uv does
    PROJECT = "uv-project-environment"  # `uv sync` takes the environment for a project's
    ROUTE_OFF = "route-off"  # `python -m pip` does not reach us
    PIP_TOO_OLD = "pip-too-old"  # it knows no marker
    SHIM_OFF = "shim-not-on-path"  # in an active environment
    SHIM_SHADOWED = "shim-shadowed"  # another pip comes first on PATH
    VENV = "venv-active"  # a venv's pip does
    PYTHONPATH = "pythonpath-set"


@dataclass(frozen=True, slots=True)
class Override:
    """One thing that weakens the guard; as text it is what `status --json` has."""

    kind: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.detail}" if self.detail else self.kind


@dataclass(frozen=True, slots=True)
class Setting:
    """Where overrides are looked for.

    Attributes:
        prefix: the environment.
        guard: its guard, None if it has none.
        pip: the version of its pip, None where it has none.
        environ: the variables.
        home: the person's home folder.
    """

    prefix: Path
    guard: Guard | None
    pip: str | None
    environ: Mapping[str, str]
    home: Path

    @property
    def mode(self) -> Mode | None:
        """The mode it was enabled with."""
        return self.guard.mode if self.guard else None

    def has(self, variable: str) -> bool:
        """Say whether a variable says yes."""
        return says_yes(self.environ, variable)


def find(setting: Setting) -> tuple[Override, ...]:
    """Find everything that weakens the guard, the strongest first.

    Raises:
        PrefixError: guard.json cannot be read.
    """
    found = (*_ways_out(setting), *_marker(setting), *_route(setting), *_shim(setting))
    if setting.environ.get("PYTHONPATH"):
        found = (*found, Override(Kind.PYTHONPATH.value))
    faults = (Override(f"guard-{it.kind.value}", it.path) for it in check(setting.prefix))
    return (*found, *faults)


def _ways_out(setting: Setting) -> Iterator[Override]:
    if setting.has("PIPGUARD_BYPASS"):
        yield Override(Kind.BYPASS.value)
    if setting.has("CONDA_BUILD"):
        yield Override(Kind.CONDA_BUILD.value)
    chosen = setting.environ.get("PIPGUARD_MODE")
    if setting.guard and chosen and chosen != setting.guard.mode.value:
        yield Override(Kind.MODE_SET.value, chosen)
    elif setting.mode is Mode.WARN:
        yield Override(Kind.MODE_WARN.value)


def _marker(setting: Setting) -> Iterator[Override]:
    environ = setting.environ
    files = pip_files(setting.prefix, environ, setting.home)
    for command in ("install", "uninstall"):
        pip = pip_setting("break-system-packages", command, files, environ)
        if pip and is_true(pip):
            yield Override(Kind.BREAKS.value, pip.source)
            break
    uv = uv_breaks_system_packages(uv_files(environ, setting.home), environ)
    if uv and uv.value:
        yield Override(Kind.UV_BREAKS.value, uv.source)
    chosen = environ.get("UV_PROJECT_ENVIRONMENT")
    if chosen and Path(chosen).resolve() == setting.prefix.resolve():
        yield Override(Kind.PROJECT.value)
    if setting.guard and setting.pip and _is_before(setting.pip, _HEEDS_MARKER):
        yield Override(Kind.PIP_TOO_OLD.value, setting.pip)


def _is_before(version: str, other: Version) -> bool:
    try:
        return Version(version) < other
    except InvalidVersion:
        return False


def _route(setting: Setting) -> Iterator[Override]:
    if setting.mode is not Mode.ROUTE:
        return
    environ = setting.environ
    if environ.get("PIP_CONFIG_FILE") == os.devnull:
        yield Override(Kind.ROUTE_OFF.value, "PIP_CONFIG_FILE")
    for variable in ("PIP_PYTHON", "_PIP_RUNNING_IN_SUBPROCESS"):
        if environ.get(variable):
            yield Override(Kind.ROUTE_OFF.value, variable)


def _shim(setting: Setting) -> Iterator[Override]:
    """Follow PATH as a shell does; only while the environment is active has it a say."""
    active = setting.environ.get("CONDA_PREFIX")
    if not setting.guard or not active or Path(active).resolve() != setting.prefix.resolve():
        return
    for folder in map(Path, setting.environ.get("PATH", "").split(os.pathsep)):
        # A shim of any environment serves the one whose pip it shadows.
        if (folder / Path(SENTINEL).name).exists():
            return
        if folder == setting.prefix / "bin":
            break
        if os.access(folder / "pip", os.X_OK):
            yield _before_the_shim(folder, setting)
            return
    yield Override(Kind.SHIM_OFF.value, str(setting.prefix / SHIMS))


def _before_the_shim(folder: Path, setting: Setting) -> Override:
    venv = setting.environ.get("VIRTUAL_ENV")
    if venv and Path(venv) == folder.parent:
        return Override(Kind.VENV.value, venv)
    return Override(Kind.SHIM_SHADOWED.value, str(folder / "pip"))
