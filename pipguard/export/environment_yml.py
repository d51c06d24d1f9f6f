"""An environment as conda's `environment.yml`: packages of channels, and a `pip:` section.

Pure. `conda env create`, mamba and, in a guarded environment, pipguard make it again from that.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from ruamel.yaml import YAML

from pipguard.conda_history import canonical_channel
from pipguard.export.inventory import Inventory, Item, Notice, Scope
from pipguard.export.requirements_txt import index_options, notices, requirement, wanted

_WIDTH = 4096  # a hash must not be broken into two lines


def environment_yml(
    inventory: Inventory, scope: Scope, folder: str
) -> tuple[str, tuple[Notice, ...]]:
    """Write an environment file.

    Args:
        inventory: the environment.
        scope: how much to say.
        folder: absolute; the file will lie in it, and paths are relative to it.

    Returns:
        the text, and what could not be said as it should.
    """
    items = wanted(inventory.pypis, scope)
    dependencies: list[Any] = _conda_lines(inventory, scope)
    if items:
        if not any(_is_pip(line) for line in dependencies):
            dependencies.append("pip")
        dependencies.append({"pip": _pip_lines(items, scope, folder)})
    document = {
        "name": inventory.name,
        "channels": [canonical_channel(channel) for channel in inventory.channels],
        "dependencies": dependencies,
    }
    return _yaml(document), (*notices(items), *_folders(inventory))


def _conda_lines(inventory: Inventory, scope: Scope) -> list[Any]:
    if scope is Scope.HISTORY:
        here = {item.record.name for item in inventory.condas}
        return sorted(spec for name, spec in inventory.wishes.items() if name in here)
    records = sorted((item.record for item in inventory.condas), key=lambda it: it.name)
    if scope is Scope.NO_BUILDS:
        return [f"{record.name}={record.version}" for record in records]
    return [f"{record.name}={record.version}={record.build}" for record in records]


def _is_pip(line: object) -> bool:
    return isinstance(line, str) and (line == "pip" or line.startswith(("pip=", "pip ", "pip>")))


def _pip_lines(items: Sequence[Item], scope: Scope, folder: str) -> list[str]:
    lines = [requirement(item, scope, folder) for item in items]
    if scope is Scope.EXACT and all(_has_hash(item) for item in items):
        lines = [f"{line} --hash=sha256:{_hash(item)}" for line, item in zip(lines, items)]  # noqa: B905 # both of one length
    return [*index_options(items), *lines]


def _has_hash(item: Item) -> bool:
    """Say whether pip can hold a dist against a hash; one without spoils it for all of a file."""
    return item.direct is None and bool(_hash(item))


def _hash(item: Item) -> str:
    return item.artifact.sha256 if item.artifact else ""


def _folders(inventory: Inventory) -> tuple[Notice, ...]:
    """Name the channels that are folders of this machine."""
    return tuple(
        Notice("export-local-channel", inventory.name, channel)
        for channel in inventory.channels
        if channel.startswith("file:")
    )


def _yaml(document: dict[str, Any]) -> str:
    yaml = YAML()
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = _WIDTH
    text = io.StringIO()
    yaml.dump(document, text)
    return text.getvalue()
