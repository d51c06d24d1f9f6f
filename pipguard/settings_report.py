"""Which settings a decision goes by, and who said so: what `pipguard explain` tells of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pipguard.credentials import redacted
from pipguard.policy import Policy
from pipguard.prefix import Prefix
from pipguard.sourced import DEFAULT, Sourced
from pipguard.sources import Settled

_OVERRIDE = "CONDA_OVERRIDE_"


@dataclass(frozen=True, slots=True)
class SettingTold:
    """One setting; field names are those of the JSON.

    `source` is the path of a file, `$VARIABLE`, or `default`.
    """

    setting: str
    value: str
    source: str


def report(found: Settled, prefix: Prefix, environ: Mapping[str, str]) -> tuple[SettingTold, ...]:
    """List the channels, and every other setting that somebody has made."""
    channels = (_told("channels", it.value.display(), it.source) for it in found.channels)
    others = (*_of_conda(found, prefix), *_of_policy(found.settings.policy), *_variables(environ))
    return (*channels, *(it for it in others if it.source != DEFAULT))


def _told(setting: str, value: object, source: str) -> SettingTold:
    return SettingTold(setting, redacted(str(value)), source)


def _of_conda(found: Settled, prefix: Prefix) -> Iterator[SettingTold]:
    priority, mapping = found.config.priority, found.settings.mapping_url
    yield _told("channel_priority", priority.value.value, priority.source)
    for pin in (*prefix.pinned(), *found.config.pinned):
        yield _told("pinned_packages", pin.value, pin.source)
    for offline in (found.settings.offline, found.config.offline):
        yield _told("offline", str(offline.value).lower(), offline.source)
    yield _told("mapping", mapping.value, mapping.source)


def _of_policy(policy: Policy) -> Iterator[SettingTold]:
    yield _told("prefer", policy.prefer.value.value, policy.prefer.source)
    for mirror in policy.mirrors.value:
        yield _told("mirrors", mirror, policy.mirrors.source)
    for rule in policy.packages:
        yield _told(f"packages.{rule.pattern}", rule.choice.value.value, rule.choice.source)
    for name, conda in policy.names.items():
        yield _told(f"names.{name}", _name(conda), conda.source)


def _name(conda: Sourced[object]) -> str:
    """Word it as the file does: `false` for never on conda."""
    return str(conda.value or "false")


def _variables(environ: Mapping[str, str]) -> Iterator[SettingTold]:
    """Yield what conda is told about this machine: `CONDA_OVERRIDE_CUDA` and its like."""
    for name, value in sorted(environ.items()):
        if name.startswith(_OVERRIDE):
            virtual = f"__{name.removeprefix(_OVERRIDE).lower()}"
            yield _told(virtual, value or "none", f"${name}")
