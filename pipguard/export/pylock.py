"""An environment's dists as a lock file for pip and uv: `pylock.toml` (PEP 751).

Pure. Start at `pylock`. Every dist needs the file it came from, with its hash; `reading.py` knows
those that pipguard has converted, an index those of conda.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from pipguard import __version__
from pipguard.direct_url import DirectUrl
from pipguard.export.inventory import Artifact, Inventory, Item, Notice
from pipguard.export.requirements_txt import notices, relative
from pipguard.names import PyPIName

_HEAD = """\
lock-version = "1.0"
environments = [{environment}]
requires-python = "=={minor}.*"
created-by = "pipguard {version}"
"""


def pylock(
    inventory: Inventory,
    artifacts: Mapping[PyPIName, Artifact],
    folder: str,
    markers: Mapping[str, str],
) -> tuple[str, tuple[Notice, ...]]:
    """Write a lock of the dists of an environment.

    Args:
        inventory: the environment.
        artifacts: of the dists whose file the ledger does not tell.
        folder: absolute; the file will lie in it, and paths are relative to it.
        markers: of the environment's python.

    Returns:
        the text, and what could not be said as it should.
    """
    told = {item.name: item.artifact for item in inventory.dists if item.artifact}
    known = {**artifacts, **told}
    environment = " and ".join(
        f"{name} == '{markers[name]}'" for name in ("sys_platform", "platform_machine")
    )
    minor = ".".join(inventory.python.split(".")[:2])
    head = _HEAD.format(environment=_text(environment), minor=minor, version=__version__)
    blocks = ["\n".join(_package(item, known, folder)) for item in inventory.dists]
    text = "\n".join([head, *(f"{block}\n" for block in blocks)])
    return text, (*notices(inventory.dists), *_folders(inventory))


def _folders(inventory: Inventory) -> Iterator[Notice]:
    """Name the dists that have no hash, for which pip wants an option (PEP 751 allows them)."""
    for item in inventory.dists:
        if item.direct and item.direct.is_folder and not item.is_condas:
            yield Notice("export-lock-folder", item.name)


def unlocatable(inventory: Inventory) -> tuple[Item, ...]:
    """Name the dists of which no file is known, so that an index must be asked."""
    return tuple(
        item
        for item in inventory.dists
        if not (item.artifact and item.artifact.sha256) and (item.is_condas or item.direct is None)
    )


def _package(item: Item, known: Mapping[PyPIName, Artifact], folder: str) -> Iterator[str]:
    yield "[[packages]]"
    yield f"name = {_text(item.name)}"
    direct = None if item.is_condas else item.direct
    if direct is None:
        yield f"version = {_text(item.version)}"
        yield from _artifact(known[item.name], folder)
    elif direct.vcs:
        yield "[packages.vcs]"
        yield f"type = {_text(direct.vcs)}"
        yield f"url = {_text(direct.url)}"
        yield f"commit-id = {_text(direct.commit)}"
    elif direct.is_folder:
        yield "[packages.directory]"
        yield f"path = {_text(relative(direct.path or '.', folder))}"
        yield f"editable = {str(direct.editable).lower()}"
    else:
        yield "[packages.archive]"
        yield _place(direct, folder)
        yield _hashes(direct.sha256 or (item.artifact.sha256 if item.artifact else ""))
    if direct and direct.subdirectory:
        yield f"subdirectory = {_text(direct.subdirectory)}"


def _artifact(artifact: Artifact, folder: str) -> Iterator[str]:
    if artifact.index.startswith("http") and artifact.index.endswith("/"):
        yield f"index = {_text(artifact.index.rstrip('/'))}"
    wheel = artifact.file_name.endswith(".whl")
    yield "[[packages.wheels]]" if wheel else "[packages.sdist]"
    yield f"name = {_text(artifact.file_name)}"
    yield _place(DirectUrl(artifact.url), folder)
    yield _hashes(artifact.sha256)


def _place(direct: DirectUrl, folder: str) -> str:
    """Say where a file is; one of this machine by a path that may be true elsewhere."""
    if direct.path:
        return f"path = {_text(relative(direct.path, folder))}"
    return f"url = {_text(direct.url)}"


def _hashes(sha256: str) -> str:
    return f"hashes = {{sha256 = {_text(sha256)}}}"


def _text(value: str) -> str:
    """Write a basic string of TOML, whose escapes are those of JSON."""
    return json.dumps(value, ensure_ascii=False)
