"""`pipguard clean`: smaller caches and a smaller local channel; every undo still works."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from pipguard.cleaning import Item, Kind, Places, look, remove
from pipguard.environments import everything
from pipguard.messages import HELP
from pipguard.references import References, references_of
from pipguard.settings import read_settings, usual_places
from pipguard.storage import files_are_told_of
from pipguard.terminal import Terminal
from pipguard.verbs.arguments import add_json, chosen_prefix, parser_of
from pipguard.wheels.channel import LocalChannel
from pipguard.wheels.users import users

_MEGA = 1_000_000


def parser() -> argparse.ArgumentParser:
    """See `Verb.parser`."""
    made = parser_of("clean")
    add_json(made)
    made.add_argument("--dry-run", action="store_true", help=HELP["clean --dry-run"])
    made.add_argument("--forget-missing", action="store_true", help=HELP["--forget-missing"])
    return made


def run(arguments: Sequence[str]) -> int:
    """See `Verb.run`; without any environment, the person's own settings count."""
    parsed = parser().parse_args(arguments)
    terminal = Terminal()
    with files_are_told_of():
        prefix = _prefix(parsed)
        settings = read_settings(prefix or Path(os.devnull), os.environ, usual_places())
        places = Places(LocalChannel(settings.channel.value), settings.cache.value)
        environments = _environments(places, prefix)
        references = references_of(environments, missing_are_gone=parsed.forget_missing)
        items = look(places, references)
        if not parsed.dry_run:
            remove(items, places)
    if parsed.json:
        terminal.json(_document(items, references, dry_run=parsed.dry_run))
        return 0
    for environment in references.unseen:
        terminal.noticed("clean-unseen", environment=environment)
    terminal.table("clean-columns", list(_rows(items)))
    size = f"{sum(item.size for item in items) / _MEGA:.1f}"
    terminal.told("clean-would" if parsed.dry_run else "clean-done", size=size)
    return 0


def _prefix(parsed: argparse.Namespace) -> Path | None:
    meant = parsed.prefix or parsed.name or os.environ.get("CONDA_PREFIX")
    return chosen_prefix(parsed) if meant else None


def _environments(places: Places, prefix: Path | None) -> Iterable[Path]:
    known = everything(os.environ, Path.home())
    return dict.fromkeys((*known, *users(places.channel.folder), *filter(None, [prefix])))


def _rows(items: Sequence[Item]) -> Iterable[tuple[str, str, str]]:
    for kind in Kind:
        found = [item for item in items if item.kind is kind]
        if found:
            size = f"{sum(item.size for item in found) / _MEGA:.1f} MB"
            yield (kind.value, str(len(found)), size)


def _document(items: Sequence[Item], references: References, *, dry_run: bool) -> dict[str, object]:
    return {
        "dry_run": dry_run,
        "freed": sum(item.size for item in items),
        "items": [
            {"kind": item.kind.value, "path": str(item.path), "size": item.size} for item in items
        ],
        "unseen": list(map(str, references.unseen)),
    }
