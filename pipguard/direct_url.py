"""Where a dist was taken from when no index offered it: `direct_url.json` (PEP 610).

Pure. Installers write it for repositories, folders, archives and editables.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from pipguard.credentials import without_credentials


@dataclass(frozen=True, slots=True)
class DirectUrl:
    """What `direct_url.json` says.

    Attributes:
        url: without credentials.
        editable: whether it is an editable install of a folder.
        is_folder: whether the URL is that of a folder.
        vcs: of a repository, the tool, `git` for instance.
        revision: of a repository, what was asked for: a branch, a tag.
        commit: of a repository, what was got.
        subdirectory: of the project below the URL.
        sha256: of an archive, where it is told.
    """

    url: str
    editable: bool = False
    is_folder: bool = False
    vcs: str = ""
    revision: str = ""
    commit: str = ""
    subdirectory: str = ""
    sha256: str = ""

    @property
    def path(self) -> str | None:
        """The path of a `file:` URL on this machine."""
        parts = urlsplit(self.url)
        return unquote(parts.path) if parts.scheme == "file" else None

    @property
    def requirement_url(self) -> str:
        """The address as a requirement has it: `git+https://…@commit#subdirectory=…`."""
        tool, commit = (
            (f"{self.vcs}+" if self.vcs else ""),
            (f"@{self.commit}" if self.commit else ""),
        )
        part = f"#subdirectory={self.subdirectory}" if self.subdirectory else ""
        return f"{tool}{self.url}{commit}{part}"


def parse_direct_url(text: str | bytes) -> DirectUrl | None:
    """Read the file; None for what is no such document."""
    try:
        data = json.loads(text)
    except ValueError:
        return None
    if not isinstance(data, dict) or not data.get("url"):
        return None
    folder, vcs = _part(data, "dir_info"), _part(data, "vcs_info")
    return DirectUrl(
        url=without_credentials(str(data["url"])),
        editable=bool(folder.get("editable")),
        is_folder="dir_info" in data,
        vcs=str(vcs.get("vcs", "")),
        revision=str(vcs.get("requested_revision", "")),
        commit=str(vcs.get("commit_id", "")),
        subdirectory=str(data.get("subdirectory") or ""),
        sha256=_sha256(_part(data, "archive_info")),
    )


def _part(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = data.get(key)
    return found if isinstance(found, dict) else {}


def _sha256(archive: Mapping[str, Any]) -> str:
    """Read the hash of an archive, in the present spelling or in the older one."""
    algorithm, _, digest = str(archive.get("hash", "")).partition("=")
    hashes = archive.get("hashes")
    found = hashes.get("sha256") if isinstance(hashes, dict) else None
    return str(found or (digest if algorithm == "sha256" else ""))
