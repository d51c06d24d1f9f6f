"""`pipguard export`: what is in an environment, so that it can be made again elsewhere."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from pipguard.atomic import write_atomically
from pipguard.engine.condarc import read_conda_config
from pipguard.errors import StorageError, UsageError
from pipguard.export.asking import ask
from pipguard.export.environment_yml import environment_yml
from pipguard.export.explicit import explicit
from pipguard.export.inventory import Inventory, Notice, Scope
from pipguard.export.pylock import pylock, unlocatable
from pipguard.export.reading import take_stock
from pipguard.export.requirements_txt import requirements_txt
from pipguard.messages import HELP
from pipguard.prefix import Prefix
from pipguard.settings import read_settings, usual_places
from pipguard.terminal import Terminal
from pipguard.verbs.arguments import chosen_prefix, parser_of

_FORMATS = ("environment.yml", "requirements", "pylock", "explicit")
_Written = tuple[str, tuple[Notice, ...]]


def parser() -> argparse.ArgumentParser:
    """See `Verb.parser`."""
    made = parser_of("export")
    made.add_argument("--format", choices=_FORMATS, default=_FORMATS[0], help=HELP["--format"])
    how = made.add_mutually_exclusive_group()
    how.add_argument(
        "--no-builds",
        dest="scope",
        action="store_const",
        const=Scope.NO_BUILDS,
        default=Scope.EXACT,
        help=HELP["--no-builds"],
    )
    how.add_argument(
        "--from-history",
        dest="scope",
        action="store_const",
        const=Scope.HISTORY,
        help=HELP["--from-history"],
    )
    made.add_argument("--channel-url", metavar="URL", default="", help=HELP["--channel-url"])
    made.add_argument("-o", "--output", metavar="FILE", help=HELP["--output-file"])
    return made


def run(arguments: Sequence[str]) -> int:
    """See `Verb.run`."""
    parsed = parser().parse_args(arguments)
    prefix = Prefix(chosen_prefix(parsed))
    target = Path(parsed.output).absolute() if parsed.output else None
    folder = target.parent if target else Path.cwd()
    text, notices = _write(parsed, prefix, folder)
    terminal = Terminal()
    for notice in notices:
        terminal.noticed(notice.reference, name=notice.name, detail=notice.detail)
    if target is None:
        terminal.out.write(text)
    else:
        _save(target, text)
    return 0


def _write(parsed: argparse.Namespace, prefix: Prefix, folder: Path) -> _Written:
    """Write the text, and what it could not say.

    Raises:
        UsageError: the format has no place for what was asked for.
    """
    config = read_conda_config(prefix.path, os.environ, Path.home())
    stock = take_stock(prefix, [it.value.url for it in config.channels])
    match parsed.format:
        case "requirements":
            return requirements_txt(stock, parsed.scope, str(folder))
        case "pylock" | "explicit" if parsed.scope is not Scope.EXACT:
            raise UsageError("export-exact-only", format=parsed.format, option=parsed.scope.value)
        case "pylock":
            return _pylock(prefix, stock, folder)
        case "explicit":
            return explicit(stock, str(folder), parsed.channel_url)
        case _:
            return environment_yml(stock, parsed.scope, str(folder))


def _pylock(prefix: Prefix, stock: Inventory, folder: Path) -> _Written:
    unknown = unlocatable(stock)
    settings = read_settings(prefix.path, os.environ, usual_places())
    if unknown and settings.offline.value:
        names = ", ".join(item.pinned for item in unknown)
        raise UsageError("export-offline", names=names, source=settings.offline.source)
    return pylock(stock, ask(prefix, unknown), str(folder), prefix.target.markers)


def _save(target: Path, text: str) -> None:
    try:
        write_atomically(target, text.encode())
    except OSError as error:
        raise StorageError("file-failed", error=error) from error
