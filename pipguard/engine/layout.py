"""Which paths of an environment a package will have, before it is linked.

Read from the package's own `info/` (CEP 34): `paths.json`, and `link.json` of a noarch python
package, whose files go where this python looks for them (conda's `core/path_actions.py`).
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pipguard.changes.states import Expected, Kind
from pipguard.seams import Layout
from pipguard.target import Target

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_SCRIPTS = "python-scripts/"
_MODULES = "site-packages/"
_READ = frozenset({"paths", "link"})


def layout(info: Mapping[str, Any], source: Path, target: Target) -> Layout:
    """Place the files of a package.

    Args:
        info: `paths` and `link`, the JSON of the two files; `link` may be empty.
        source: the folder into which the package is or will be extracted.
        target: the python it is linked for.
    """
    noarch = info["link"].get("noarch") or {}
    is_python = noarch.get("type") == "python"
    found = {
        _placed(entry["_path"], target) if is_python else entry["_path"]: _expected(entry, source)
        for entry in info["paths"]["paths"]
    }
    if is_python:
        found |= _commands(noarch.get("entry_points") or ())
    return Layout(found, compiled=is_python)


def _placed(path: str, target: Target) -> str:
    if path.startswith(_MODULES):
        return f"{target.site_packages}/{path.removeprefix(_MODULES)}"
    if path.startswith(_SCRIPTS):
        folder = "Scripts" if target.subdir.startswith("win-") else "bin"
        return f"{folder}/{path.removeprefix(_SCRIPTS)}"
    return path


def _expected(entry: Mapping[str, Any], source: Path) -> Expected:
    if entry.get("path_type") == "softlink":
        return Expected(Kind.LINK)
    return Expected(
        Kind.FILE,
        sha256=entry.get("sha256") or "",
        placeholder=entry.get("prefix_placeholder") or "",
        detail=f"{source}/{entry['_path']}",
    )


def _commands(entry_points: Iterable[str]) -> dict[str, Expected]:
    found = {}
    for line in entry_points:
        command, _, function = str(line).partition("=")
        module = function.partition(":")[0].strip()
        found[f"bin/{command.strip()}"] = Expected(Kind.COMMAND, detail=module)
    return found


def read_extracted(folder: Path) -> Mapping[str, Any]:
    """Read the `info/` of an extracted package.

    Raises:
        OSError, ValueError: it cannot be read.
    """
    link = folder / "info" / "link.json"
    return {
        "paths": json.loads((folder / "info" / "paths.json").read_bytes()),
        "link": json.loads(link.read_bytes()) if link.exists() else {},
    }


def read_archive(path: Path) -> Mapping[str, Any]:
    """Read the `info/` of a `.conda` file.

    Raises:
        OSError, ValueError, KeyError: it cannot be read.
    """
    import tarfile  # noqa: PLC0415 # mostly nothing is linked
    import zipfile  # noqa: PLC0415

    with zipfile.ZipFile(path) as archive:
        name = next(name for name in archive.namelist() if name.startswith("info-"))
        info = zstd.decompress(archive.read(name))
    found: dict[str, Any] = {"link": {}}
    with tarfile.open(fileobj=io.BytesIO(info), mode="r:") as members:
        for member in members:
            word = member.name.removeprefix("info/").removesuffix(".json")
            if word in _READ and (file := members.extractfile(member)):
                found[word] = json.load(file)
    return found


def local_file(url: str) -> Path | None:
    """Give the file that an address names, None for one of another machine."""
    parts = urlsplit(url)
    if parts.scheme != "file":
        return None
    from urllib.request import url2pathname  # noqa: PLC0415 # with all of HTTP behind it

    return Path(url2pathname(parts.path))
