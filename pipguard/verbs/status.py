"""`pipguard status`: the truth about an environment at a glance."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

from pipguard.messages import ORIGINS, OVERRIDES, TEXTS
from pipguard.prefix import Prefix
from pipguard.records import Origin
from pipguard.status import DistStatus, Status, look
from pipguard.terminal import Terminal
from pipguard.verbs.arguments import add_json, chosen_prefix, parser_of

_MEGA = 1_000_000
_DRIFT = frozenset({Origin.UNTRACKED.value, Origin.DAMAGED.value})


def parser() -> argparse.ArgumentParser:
    """See `Verb.parser`."""
    made = parser_of("status")
    add_json(made)
    return made


def run(arguments: Sequence[str]) -> int:
    """See `Verb.run`."""
    parsed = parser().parse_args(arguments)
    status = look(Prefix(chosen_prefix(parsed)), os.environ)
    if parsed.json:
        Terminal().json(status.to_json())
    else:
        show(status, Terminal())
    return 0


def show(status: Status, terminal: Terminal) -> None:
    """Show it to a person."""
    guarded = TEXTS["guarded" if status.guarded else "unguarded"]
    terminal.told("status-head", prefix=status.prefix, guarded=guarded)
    if status.mode:
        terminal.told("status-mode", mode=status.mode)
    if status.guarded or status.overrides:
        terminal.told("status-overrides", count=len(status.overrides) or TEXTS["none"])
    for override in status.overrides:
        terminal.told("status-override", override=_sentence(override))
    counts = ", ".join(f"{count} {ORIGINS[origin]}" for origin, count in status.counts().items())
    terminal.told("status-counts", counts=counts)
    if _DRIFT & status.counts().keys():
        terminal.told("status-drift")
    if status.undo.operations:
        size = status.undo.bytes / _MEGA
        terminal.told("status-undo", count=status.undo.operations, size=size)
    rows = [(dist.name, dist.version, dist.origin, _where(dist)) for dist in status.dists]
    terminal.table("status-columns", rows)


def _sentence(override: str) -> str:
    kind, _, detail = override.partition(":")
    return OVERRIDES[kind].format(detail=detail)


def _where(dist: DistStatus) -> str:
    if dist.editable:
        return TEXTS["editable-from"].format(source=dist.source)
    if dist.source:
        return dist.source
    return f"{dist.channel}::{dist.conda_name}" if dist.origin == "conda" else ""
