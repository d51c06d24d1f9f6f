"""What pip's and uv's configuration files say, as far as the guard of an environment depends on it.

pip: `pip/_internal/configuration.py`. Of files that say the same, the last one wins; the section of
a command stands above `[global]`, a variable above all files.
"""

from __future__ import annotations

import configparser
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import platformdirs

from pipguard.sourced import Sourced

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_PIP_CONF = "pip.ini" if sys.platform == "win32" else "pip.conf"
_TRUE = frozenset({"1", "on", "t", "true", "y", "yes"})  # pip's `strtobool`


def pip_files(prefix: Path, environ: Mapping[str, str], home: Path) -> tuple[Path, ...]:
    """List the files that a pip of the environment reads, the last word last."""
    chosen = environ.get("PIP_CONFIG_FILE")
    if chosen == os.devnull:
        return ()
    etc = () if sys.platform in {"win32", "darwin"} else (Path("/etc") / _PIP_CONF,)
    machine = platformdirs.site_config_dir("pip", appauthor=False, multipath=True)
    return (
        *(Path(folder) / _PIP_CONF for folder in machine.split(os.pathsep)),
        *etc,
        home / ("pip" if sys.platform == "win32" else ".pip") / _PIP_CONF,
        *_of_person(home),
        prefix / _PIP_CONF,
        *((Path(chosen),) if chosen else ()),
    )


def _of_person(home: Path) -> Iterator[Path]:
    if sys.platform == "darwin":
        yield home / ".config/pip" / _PIP_CONF
    yield platformdirs.user_config_path("pip", appauthor=False, roaming=True) / _PIP_CONF


def pip_setting(
    key: str, command: str, files: tuple[Path, ...], environ: Mapping[str, str]
) -> Sourced[str] | None:
    """Read a setting as one of pip's commands would, with the file or variable that has it."""
    variable = f"PIP_{key.upper().replace('-', '_')}"
    if environ.get(variable):
        return Sourced(environ[variable], variable)
    found: dict[str, Sourced[str]] = {}
    for file in files:
        parser = _parsed(file)
        for section in ("global", command):
            if value := parser.get(section, key, fallback=None):
                found[section] = Sourced(value, str(file))
    return found.get(command) or found.get("global")


def is_true(setting: Sourced[str] | None) -> bool:
    """Say whether pip takes a setting for yes."""
    return setting is not None and setting.value.strip().lower() in _TRUE


def _parsed(file: Path) -> configparser.RawConfigParser:
    """Parse a file; one that is not there, or that pip would refuse, says nothing."""
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = lambda option: option.lower().replace("_", "-").removeprefix("--")  # type: ignore[assignment,method-assign] # as documented
    try:
        parser.read_string(file.read_text(encoding="utf-8", errors="replace"))
    except (OSError, configparser.Error):
        return configparser.RawConfigParser()
    return parser


def uv_files(environ: Mapping[str, str], home: Path) -> tuple[Path, ...]:
    """List the files of uv outside of projects, the last word last (uv's docs, "Configuration")."""
    if environ.get("UV_CONFIG_FILE"):
        return (Path(environ["UV_CONFIG_FILE"]),)
    if environ.get("UV_NO_CONFIG", "0") not in {"", "0", "false"}:
        return ()
    person = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
    machine = environ.get("XDG_CONFIG_DIRS", "/etc/xdg").split(os.pathsep)
    found = (Path(folder) / "uv/uv.toml" for folder in machine)
    return (Path("/etc/uv/uv.toml"), *found, person / "uv/uv.toml")


def uv_breaks_system_packages(
    files: tuple[Path, ...], environ: Mapping[str, str]
) -> Sourced[bool] | None:
    """Say whether uv passes over the marker, and who says so."""
    variable = "UV_BREAK_SYSTEM_PACKAGES"
    if environ.get(variable):
        return Sourced(environ[variable].lower() in _TRUE, variable)
    answer = None
    for file in files:
        try:
            pip = tomllib.loads(file.read_text(encoding="utf-8")).get("pip", {})
        except (OSError, ValueError):
            continue
        if isinstance(pip, dict) and isinstance(pip.get("break-system-packages"), bool):
            answer = Sourced(bool(pip["break-system-packages"]), str(file))
    return answer
