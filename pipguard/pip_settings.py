"""What pip's configuration files say, as far as the guard of an environment depends on it.

Source: `pip/_internal/configuration.py`. Of files that say the same, the last one wins; the section
of a command stands above `[global]`, a variable above all files.
"""

from __future__ import annotations

import configparser
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import platformdirs

from pipguard.sourced import Sourced

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
