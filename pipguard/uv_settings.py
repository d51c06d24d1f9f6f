"""What uv's files of settings say, as far as it has to be known here.

uv follows its files itself where it pins (`uv_tool.py`). Read here is whether there are any, for
then it must pin; what pins cannot carry, such as how packages are put in place; and what indexes
are called. Of a project the nearest folder with settings speaks, before the person's file and the
machine's; `[pip]` speaks before the rest of a file (uv's "Configuration files"). Start at `look`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipguard.sourced import Sourced
from pipguard.uv_options import Given, UvCommand
from pipguard.uv_table import BY_NAME

_NO = frozenset({"", "0", "false"})
_TRUE = frozenset({"1", "on", "t", "true", "y", "yes"})
# Settings that `uv pip compile` does not write into its pins, by the option that says the same.
_NOT_IN_PINS = {
    "compile-bytecode": "--compile-bytecode",
    "config-settings": "--config-setting",
    "config-settings-package": "--config-settings-package",
    "no-build-isolation": "--no-build-isolation",
    "no-build-isolation-package": "--no-build-isolation-package",
    "offline": "--offline",
    "prefix": "--prefix",
    "reinstall": "--reinstall",
    "reinstall-package": "--reinstall-package",
    "require-hashes": "--require-hashes",
    "target": "--target",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """What uv's files say to one command line.

    Attributes:
        given: options of which pins know nothing.
        indexes: names of indexes, empty for none, with their addresses.
        are_there: whether any file speaks of uv.
    """

    given: tuple[Given, ...] = ()
    indexes: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    are_there: bool = False


def look(command: UvCommand, environ: Mapping[str, str], home: Path) -> Settings:
    """Read what holds for a command line; a file that cannot be read is uv's to complain about."""
    if command.has("--no-config") or environ.get("UV_NO_CONFIG", "0") not in _NO:
        return Settings()
    here = Path(*(command.values("--directory")[-1:] or (".",))).absolute()
    files = tuple(filter(Path.is_file, _files(command, environ, home, here)))
    tables = {str(file): _table(file) for file in files}
    return Settings(
        given=tuple(_given(tables)),
        indexes=tuple(_indexes(tables.values())),
        are_there=bool(files) or any(map(_speaks_of_uv, _named(command, here))),
    )


def _files(
    command: UvCommand, environ: Mapping[str, str], home: Path, here: Path
) -> Iterator[Path]:
    """List files, the first word first."""
    chosen = command.values("--config-file")[-1:]
    if chosen:
        yield here / chosen[0]
        return
    yield from _of_project(Path(here, *command.values("--project")[-1:]))
    yield from reversed(uv_files(environ, home))


def _of_project(folder: Path) -> Iterator[Path]:
    for each in (folder, *folder.parents):
        if (each / "uv.toml").is_file():
            yield each / "uv.toml"
            return
        if _speaks_of_uv(each):
            yield each / "pyproject.toml"
            return


def _named(command: UvCommand, here: Path) -> Iterator[Path]:
    """List the folders that are to be installed: their sources are settings as well."""
    for word in (*command.arguments, *command.values("--editable")):
        folder = here / word.partition("[")[0]
        try:
            if folder.is_dir():
                yield folder
        except OSError:  # a requirement may be longer than any name of a file
            continue


def _speaks_of_uv(folder: Path) -> bool:
    try:
        return "[tool.uv" in (folder / "pyproject.toml").read_text("utf-8", errors="replace")
    except OSError:
        return False


def _table(file: Path) -> Mapping[str, Any]:
    """Read a file; without any table if uv would refuse it, and say why."""
    if sys.version_info >= (3, 11):
        import tomllib  # noqa: PLC0415 # most command lines come without such files
    else:
        import tomli as tomllib  # noqa: PLC0415
    try:
        read = tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    if file.name != "pyproject.toml":
        return read
    return _mapping(_mapping(read.get("tool")).get("uv"))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _given(tables: Mapping[str, Mapping[str, Any]]) -> Iterator[Given]:
    """Say settings as options; of lists every file's part counts, else the first word."""
    said: set[str] = set()
    for file, table in tables.items():
        for key, value in {**table, **_mapping(table.get("pip"))}.items():
            if key not in _NOT_IN_PINS or (key in said and not isinstance(value, list | dict)):
                continue
            said.add(key)
            option, source = BY_NAME[_NOT_IN_PINS[key]], f"{key} in {file}"
            yield from (Given(option, each, source) for each in _values(value))


def _values(value: object) -> Iterator[str]:
    """Say a setting in the words of a command line; a flag is said without any."""
    match value:
        case True:
            yield ""
        case False:
            return
        case list():
            yield from map(str, value)
        case dict():
            for key, each in value.items():
                many = each if isinstance(each, list) else [each]
                yield from (f"{key}={it}" for it in many)
        case _:
            yield str(value)


def _indexes(tables: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for table in tables:
        for index in map(_mapping, table.get("index") or ()):
            yield str(index.get("name") or ""), str(index.get("url") or "")
        for each in (table, _mapping(table.get("pip"))):
            yield from (("", str(url)) for url in each.get("extra-index-url") or ())


def uv_files(environ: Mapping[str, str], home: Path) -> tuple[Path, ...]:
    """List the files of uv outside of projects, the last word last."""
    if environ.get("UV_CONFIG_FILE"):
        return (Path(environ["UV_CONFIG_FILE"]),)
    if environ.get("UV_NO_CONFIG", "0") not in _NO:
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
        said = _mapping(_table(file).get("pip")).get("break-system-packages")
        if isinstance(said, bool):
            answer = Sourced(said, str(file))
    return answer
