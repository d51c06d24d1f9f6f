"""`pipguard create`: an environment made of a bundle, without any network."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from pipguard.bundle.recreation import recreate
from pipguard.hooks import enable
from pipguard.messages import HELP
from pipguard.prefix import Prefix
from pipguard.settings import read_settings, usual_places
from pipguard.storage import files_are_told_of
from pipguard.terminal import Terminal
from pipguard.verbs.arguments import parser_of
from pipguard.verbs.launcher import launcher


def parser() -> argparse.ArgumentParser:
    """See `Verb.parser`."""
    made = parser_of("create", environment=False)
    made.add_argument(
        "-p", "--prefix", type=Path, required=True, metavar="PATH", help=HELP["--new-prefix"]
    )
    made.add_argument("folder", type=Path, metavar="DIR", help=HELP["BUNDLE"])
    return made


def run(arguments: Sequence[str]) -> int:
    """See `Verb.run`."""
    parsed = parser().parse_args(arguments)
    path = parsed.prefix.absolute()
    cache = read_settings(path, os.environ, usual_places()).cache.value
    with files_are_told_of():
        command = ("pipguard create", *arguments)
        made = recreate(parsed.folder.absolute(), Prefix(path), cache, command)
        if made.mode:
            enable(path, made.mode, launcher())
    Terminal().told("created", prefix=path, dists=made.dists)
    return 0
