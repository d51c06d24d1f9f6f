"""Paths of a noarch python package as conda writes them into its records, and as they are.

Pure. conda copies `paths_data` of such a record from the package: `site-packages/…`,
`python-scripts/…` (`LinkPathAction.verify` in conda/core/path_actions.py); only `files` says where
they went. rattler and mamba write what is there, and rattler takes the others for that: it would
leave every file of such a package behind. Start at `spelled_out`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_SITE, _SCRIPTS = "site-packages/", "python-scripts/"
_LONG = ("lib/python", "Lib/site-packages/")
_SCRIPT_FOLDERS = ("bin/", "Scripts/")


def spelled_out(data: dict[str, Any]) -> dict[str, Any]:
    """Let the paths of a record, fresh from its file, be those in the environment; in place."""
    if is_short(data):
        folders = _folders(data.get("files") or ())
        for entry in data["paths_data"]["paths"]:
            path = entry["_path"]
            for start, folder in folders.items():
                if path.startswith(start):
                    entry["_path"] = folder + path.removeprefix(start)
    return data


def is_short(data: Mapping[str, Any]) -> bool:
    """Say whether the paths of a record are those of its package."""
    if data.get("noarch") != "python":
        return False
    # A record is of one kind: the first path that tells is enough, there may be thousands.
    for entry in (data.get("paths_data") or {}).get("paths") or ():
        path = entry["_path"]
        if path.startswith((_SITE, _SCRIPTS)):
            return True
        if path.startswith(_LONG) and not path.endswith(".pyc"):
            return False
    return False


def _folders(files: Sequence[str]) -> dict[str, str]:
    """Map the short beginnings to where such files are."""
    found: dict[str, str] = {}
    for file in files:
        before, site, _ = file.partition(_SITE)
        if site and before:
            found.setdefault(_SITE, before + site)
        for folder in _SCRIPT_FOLDERS:
            if file.startswith(folder):
                found.setdefault(_SCRIPTS, folder)
    return found
