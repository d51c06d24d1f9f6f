"""Builds the outside world for one command: settings, engine, names, converter, pip.

The one place where implementations meet the protocols of `seams.py`.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from pipguard.engine.channels import Channel
from pipguard.engine.condarc import CondaConfig, Priority, read_conda_config
from pipguard.guard import World
from pipguard.ledger import without_secrets
from pipguard.mapping.seed import SEED
from pipguard.names import NameTable
from pipguard.pip_tool import PipTool
from pipguard.policy import Policy
from pipguard.prefix import Prefix
from pipguard.records import owners
from pipguard.resolution import Sources
from pipguard.seams import Reporter
from pipguard.transaction import Command, Transaction
from pipguard.wheels.channel import LocalChannel
from pipguard.wheels.converter import LocalConverter

_FALLBACK_CHANNEL = "conda-forge"


@dataclass(frozen=True, slots=True)
class Folders:
    """Where pipguard keeps what it shares among environments."""

    cache: Path
    channel: Path


def folders() -> Folders:
    """Find the cache and the local channel; variables win over the platform's usual places."""
    cache = os.environ.get("PIPGUARD_CACHE_DIR") or platformdirs.user_cache_dir("pipguard", False)
    data = platformdirs.user_data_dir("pipguard", False)
    return Folders(Path(cache), Path(os.environ.get("PIPGUARD_CHANNEL") or Path(data, "channel")))


@contextmanager
def build(
    prefix: Prefix, arguments: Sequence[str], front_door: str, reporter: Reporter, pip: PipTool
) -> Iterator[World]:
    """Build the world for one install or uninstall; its workshop goes with the block."""
    from pipguard.engine.rattler import RattlerEngine  # noqa: PLC0415 # 50 ms, only for changes

    places = folders()
    config = read_conda_config(prefix.path, os.environ, Path.home())
    engine = RattlerEngine(
        prefix,
        channels_of(prefix, config),
        places.cache,
        strict=config.priority.value is Priority.STRICT,
        offline=config.offline.value,
    )
    sources = Sources(
        engine=engine,
        names=_names(prefix),
        converter=LocalConverter(LocalChannel(places.channel)),
        environment=prefix,
        policy=Policy(),
    )
    command = Command(front_door, without_secrets(arguments))
    places.cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="wheels-", dir=places.cache) as workshop:
        yield World(
            planner=pip,
            sources=sources,
            journal=Transaction(prefix, engine, pip, command, reporter),
            reporter=reporter,
            workshop=Path(workshop),
        )


def channels_of(prefix: Prefix, config: CondaConfig) -> tuple[Channel, ...]:
    """Say which channels to ask: conda's configured ones, else those the environment came from."""
    if config.channels:
        return tuple(sourced.value for sourced in config.channels)
    from_records = dict.fromkeys(
        item.record.channel
        for item in prefix.records()
        if item.record.channel and item.record.origin.value == "conda"
    )
    names = list(from_records) or [_FALLBACK_CHANNEL]
    return tuple(channel for name in names for channel in config.resolve(name))


def _names(prefix: Prefix) -> NameTable:
    held = owners(prefix.records())
    return NameTable(
        seed=SEED,
        owners={name: item.record.name for name, item in held.items()},
    )
