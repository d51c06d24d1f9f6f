"""Builds the seams of a resolution: channels, engine, names, converter, as the settings say.

Most of what a person can set comes together here. Imported when it is first needed, for that takes
as long as a small solve.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from pipguard.engine.channels import Channel
from pipguard.engine.condarc import CondaConfig, read_conda_config
from pipguard.engine.contents import CONTENTS, Seen, read_lines
from pipguard.engine.exchange import why_unreadable
from pipguard.engine.rattler import RattlerEngine
from pipguard.errors import UsageError
from pipguard.mapping.compact import CompactTable
from pipguard.mapping.seed import SEED
from pipguard.mapping.table import MappingSettings, load_tables
from pipguard.names import NameTable
from pipguard.network import Network
from pipguard.own_needs import own_needs
from pipguard.policy import Policy
from pipguard.prefix import Prefix
from pipguard.question import Sources
from pipguard.records import Origin, owners
from pipguard.seams import Reporter
from pipguard.settings import Settings, read_settings, usual_places
from pipguard.sourced import DEFAULT, BadSetting, Sourced
from pipguard.wheels.channel import LocalChannel
from pipguard.wheels.converter import LocalConverter
from pipguard.wheels.hostile import Limits

_FALLBACK_CHANNEL = "conda-forge"


@dataclass(frozen=True, slots=True)
class Settled:
    """What settings and conda's configuration come to for one environment, or for none."""

    settings: Settings
    config: CondaConfig
    channels: tuple[Sourced[Channel], ...]
    network: Network

    @property
    def asked(self) -> tuple[Channel, ...]:
        """The channels, whoever named them."""
        return tuple(channel.value for channel in self.channels)


def settle(prefix: Prefix | None) -> Settled:
    """Read settings and conda's configuration; without an environment, those of the person.

    Raises:
        UsageError: a policy file or conda's configuration cannot be used; all problems at once.
    """
    path = prefix.path if prefix else Path(os.devnull)
    settings = read_settings(path, os.environ, usual_places())
    config = read_conda_config(path, os.environ, Path.home())
    return Settled(
        settings=settings,
        config=config,
        channels=channels_of(prefix, config, settings.policy),
        network=replace(config.network, offline=settings.offline.value or config.offline.value),
    )


def build_sources(prefix: Prefix, reporter: Reporter) -> Sources:
    """Build the seams of a resolution.

    Raises:
        UsageError: a policy file, conda's configuration or a pin cannot be used; all problems of
            one kind at once.
    """
    found = settle(prefix)
    settings, config = found.settings, found.config
    _check_pins((*prefix.pinned(), *config.pinned))
    channel = LocalChannel(settings.channel.value)
    return Sources(
        engine=engine_of(prefix, found, reporter),
        names=names_of(prefix, found, reporter),
        converter=LocalConverter(
            channel, prefix.path.resolve(), limits_of(settings.policy), reporter
        ),
        environment=prefix,
        policy=settings.policy,
        pinned=config.pinned,
        protected=own_needs(prefix.path, Path(sys.prefix)),
        cuda_settled="CONDA_OVERRIDE_CUDA" in os.environ,
    )


def _check_pins(pins: Iterable[Sourced[str]]) -> None:
    problems = tuple(
        BadSetting(pin.source, pin.value, "setting-pin", wrong)
        for pin in pins
        for wrong in (why_unreadable(pin.value),)
        if wrong
    )
    if problems:
        raise UsageError("pins-invalid", problems=problems)


def engine_of(prefix: Prefix, found: Settled, reporter: Reporter) -> RattlerEngine:
    """Build the engine for one environment."""
    return RattlerEngine(
        prefix,
        found.asked,
        found.settings.cache.value,
        priority=found.config.priority.value,
        network=found.network,
        reporter=reporter,
    )


def channels_of(
    prefix: Prefix | None, config: CondaConfig, policy: Policy
) -> tuple[Sourced[Channel], ...]:
    """Say which channels to ask: the policy's, conda's configured ones, the environment's own."""
    if policy.channels.value:
        return _resolved(policy.channels.value, config, policy.channels.source)
    if config.channels:
        return config.channels
    made_from = dict.fromkeys(
        item.record.channel
        for item in (prefix.records() if prefix else ())
        if item.record.channel and item.record.origin is Origin.CONDA
    )
    if prefix and made_from:
        return _resolved(tuple(made_from), config, str(prefix.conda_meta))
    return _resolved((_FALLBACK_CHANNEL,), config, DEFAULT)


def _resolved(
    names: Iterable[str], config: CondaConfig, source: str
) -> tuple[Sourced[Channel], ...]:
    return tuple(Sourced(channel, source) for name in names for channel in config.resolve(name))


def names_of(prefix: Prefix | None, found: Settled, reporter: Reporter) -> NameTable:
    """Bring together all that is known about names."""
    held = owners(prefix.records()) if prefix else {}
    seen = Seen(tuple(read_lines(found.settings.cache.value / CONTENTS)))
    return NameTable(
        seed=SEED,
        tables=_tables(found, reporter),
        overrides=found.settings.policy.names,
        owners={name: item.record.name for name, item in held.items()},
        seen=seen,
    )


def _tables(found: Settled, reporter: Reporter) -> tuple[CompactTable, ...]:
    settings = found.settings
    mapping = MappingSettings(settings.cache.value, found.network, settings.mapping_url.value)
    loaded = load_tables(found.asked, mapping)
    for notice in loaded.notices:
        facts = {"channel": notice.channel, "reason": notice.reason, "age": notice.age}
        reporter.noticed(notice.reference, **facts)
    return loaded.tables


def limits_of(policy: Policy) -> Limits:
    """Give the converter the limits that the policy sets."""
    chosen = policy.limits
    return Limits(chosen.unpacked.value, chosen.ratio.value, chosen.ratio_from.value)
