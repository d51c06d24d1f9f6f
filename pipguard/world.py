"""Builds the outside world for one command; `sources.py` builds the larger part of it.

The one place where implementations meet the protocols of `seams.py`. What is satisfied already
needs little of it, and so little is imported.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

from pipguard.changes.open_operation import Command
from pipguard.credentials import redacted_arguments
from pipguard.guard import World
from pipguard.kept_bytecode import kept_in
from pipguard.own_needs import own_needs
from pipguard.pip_tool import PipTool
from pipguard.prefix import Prefix
from pipguard.seams import Reporter
from pipguard.transaction import Transaction

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pipguard.question import Sources
    from pipguard.settings import Settings


@contextmanager
def build(
    prefix: Prefix, arguments: Sequence[str], front_door: str, reporter: Reporter, pip: PipTool
) -> Iterator[World]:
    """Build the world for one install or uninstall; its workshop goes with the block.

    Its parts raise `UsageError` when they are first used and a policy file cannot be.
    """

    @cache
    def sources() -> Sources:
        from pipguard.sources import build_sources  # noqa: PLC0415 # only for changes

        return build_sources(prefix, reporter)

    @cache
    def settings() -> Settings:
        from pipguard.settings import read_settings, usual_places  # noqa: PLC0415 # only for changes

        return read_settings(prefix.path, os.environ, usual_places())

    pip.reporter = reporter
    command = Command(front_door, redacted_arguments(arguments))
    with ExitStack() as workshops, reporter.watched():
        yield World(
            planner=pip,
            environment=prefix,
            sources=sources,
            journal=Transaction(
                prefix,
                lambda: sources().engine,
                pip,
                command,
                reporter,
                keep=lambda: settings().keep.value,
                bytecode=lambda: kept_in(settings().cache.value, os.environ),
            ),
            reporter=reporter,
            workshop=lambda: Path(workshops.enter_context(_workshop(settings().cache.value))),
            protected=lambda: own_needs(prefix.path, Path(sys.prefix)),
        )


def _workshop(folder: Path) -> tempfile.TemporaryDirectory[str]:
    """Make a folder for wheels in our cache."""
    folder.mkdir(parents=True, exist_ok=True)
    return tempfile.TemporaryDirectory(prefix="wheels-", dir=folder)
