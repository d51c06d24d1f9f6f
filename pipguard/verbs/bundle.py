"""`pipguard bundle DIR`: a folder from which the environment is made again without a network."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from pipguard.bundle.editables import build
from pipguard.bundle.making import Bundle, drafted, editables_of, make, refuse
from pipguard.bundle.sources import Sources
from pipguard.messages import HELP
from pipguard.prefix import Prefix
from pipguard.sources import engine_of, limits_of, settle
from pipguard.storage import files_are_told_of
from pipguard.terminal import Terminal
from pipguard.verbs.arguments import chosen_prefix, parser_of

_MEGA = 1 << 20


def parser() -> argparse.ArgumentParser:
    """See `Verb.parser`."""
    made = parser_of("bundle")
    made.add_argument("folder", type=Path, metavar="DIR", help=HELP["DIR"])
    return made


def run(arguments: Sequence[str]) -> int:
    """See `Verb.run`."""
    parsed = parser().parse_args(arguments)
    prefix, folder = Prefix(chosen_prefix(parsed)), parsed.folder.absolute()
    with files_are_told_of():
        made = _make(prefix, folder)
    facts = {"folder": folder, "packages": made.packages, "wheels": made.wheels}
    Terminal().told("bundled", size=f"{made.size / _MEGA:.1f}", **facts)
    return 0


def _make(prefix: Prefix, folder: Path) -> Bundle:
    found, terminal = settle(prefix), Terminal()
    offline = found.network.offline
    caches = (found.settings.cache.value / "pkgs", *(it.value for it in found.config.package_dirs))
    download = None if offline else engine_of(prefix, found, terminal).download
    limits = limits_of(found.settings.policy)
    refuse(prefix, folder)
    with tempfile.TemporaryDirectory(prefix="pipguard-") as workshop, drafted(folder) as draft:
        editables = build(prefix, editables_of(prefix), draft, Path(workshop), limits)
        return make(prefix, draft, Sources(prefix.path, caches, download), editables)
