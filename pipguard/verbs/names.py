"""`pipguard names NAME…`: how PyPI names are known to conda, and who says so."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Sequence

from pipguard.engine.access import Access
from pipguard.errors import EngineError
from pipguard.messages import HELP, TEXTS
from pipguard.name_report import NameStatus, report
from pipguard.names import CondaName, Known, KnownAbsent, Unknown
from pipguard.prefix import Prefix, native_subdir
from pipguard.sources import Settled, names_of, settle
from pipguard.terminal import Terminal
from pipguard.verbs.arguments import add_json, chosen_prefix, parser_of, project_name


def parser() -> argparse.ArgumentParser:
    """See `Verb.parser`."""
    made = parser_of("names")
    made.add_argument("names", nargs="+", metavar="NAME", help=HELP["names NAME"])
    add_json(made)
    return made


def run(arguments: Sequence[str]) -> int:
    """See `Verb.run`; without any environment, the person's own settings count."""
    parsed = parser().parse_args(arguments)
    names, terminal = [project_name(text) for text in parsed.names], Terminal()
    prefix = Prefix(chosen_prefix(parsed)) if _is_meant(parsed) else None
    found = settle(prefix)
    table = names_of(prefix, found, terminal)
    told = report(names, table, _Channels(found, terminal))
    if parsed.json:
        terminal.json({"names": [name.to_json() for name in told]})
    else:
        terminal.table("name-columns", [row for name in told for row in _rows(name)])
    return 0


def _is_meant(parsed: argparse.Namespace) -> bool:
    return bool(parsed.prefix or parsed.name or os.environ.get("CONDA_PREFIX"))


class _Channels:
    """Tells which names the channels have; one that cannot be read only takes its names away."""

    def __init__(self, found: Settled, terminal: Terminal) -> None:
        cache = found.settings.cache.value
        self._access = Access(found.asked, cache, found.network, terminal.noticed)
        self._terminal = terminal

    def __call__(self, names: Iterable[CondaName]) -> frozenset[CondaName]:
        try:
            return self._access.existing(names, native_subdir())
        except EngineError as error:
            self._terminal.noticed("channels-unasked", channels=error.facts["channels"])
            return frozenset()


def _rows(told: NameStatus) -> list[tuple[str, str, str]]:
    match told.answer:
        case Known(proposals):
            return [
                (told.pypi if not at else "", f"{it.conda} {it.version}".rstrip(), it.source)
                for at, it in enumerate(proposals)
            ]
        case KnownAbsent(source):
            return [(told.pypi, TEXTS["name-absent"], source)]
        case Unknown():
            return [(told.pypi, TEXTS["name-unknown"], "")]
