"""An environment as conda's explicit list: every package by its address and its sha256.

Pure. `conda create --file`, mamba and py-rattler make it again without a solver. What is no package
stands in comments, as requirements for pip.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipguard.export.inventory import Inventory, Item, Notice, Scope
from pipguard.export.requirements_txt import notices, requirement
from pipguard.names import CondaName
from pipguard.records import InstalledRecord, Origin

_HEAD = """\
# This file may be used to create an environment using:
# $ conda create --name <env> --file <this file>
# platform: {subdir}
"""


def explicit(
    inventory: Inventory, folder: str, channel_url: str = ""
) -> tuple[str, tuple[Notice, ...]]:
    """Write an explicit list.

    Args:
        inventory: the environment.
        folder: absolute; the file will lie in it, and paths in comments are relative to it.
        channel_url: where others find the local channel; its own address when not given.

    Returns:
        the text, and what could not be said as it should.
    """
    items = {item.conda_name: item for item in inventory.pypis if item.conda_name}
    lines = [_HEAD.format(subdir=inventory.subdir), "@EXPLICIT\n"]
    for installed in sorted(inventory.records, key=lambda it: it.record.name):
        if installed.record.origin is not Origin.PIP:
            lines += [f"{line}\n" for line in _package(installed, items, channel_url)]
    rest = [item for item in inventory.pypis if item.origin is not Origin.CONVERTED]
    if rest:
        lines.append("# No packages; install them afterwards with pip:\n")
        lines += [f"# {requirement(item, Scope.EXACT, folder)}\n" for item in rest]
    converted = [it for it in inventory.records if it.record.origin is Origin.CONVERTED]
    local = (
        [Notice("export-local-packages", inventory.name)] if converted and not channel_url else []
    )
    return "".join(lines), (*notices(rest), *local)


def _package(
    installed: InstalledRecord, items: dict[CondaName, Item], channel_url: str
) -> Iterator[str]:
    record, url = installed.record, installed.record.url
    item = items.get(record.name)
    if record.origin is Origin.CONVERTED:
        if item and item.artifact and item.artifact.sha256:
            yield f"# from {item.artifact.file_name} sha256:{item.artifact.sha256}"
        if channel_url:
            *_, subdir, file_name = url.split("/")
            url = f"{channel_url.rstrip('/')}/{subdir}/{file_name}"
    yield f"{url}#sha256:{record.sha256}" if record.sha256 else url
