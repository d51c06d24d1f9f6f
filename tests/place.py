"""An environment of files alone, and what a test puts into it."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from values import CHANNEL, SITE_PACKAGES

from pipguard.prefix import Prefix

MADE = 1_600_000_000
"""When every conda package of these tests was made, in seconds."""


@dataclass(frozen=True)
class Place:
    """The environment, and what tests put into it."""

    prefix: Prefix

    def write(self, path: str, text: str = "", *, time: int | None = None) -> Path:
        target = self.prefix.path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        if time is not None:
            os.utime(target, (time, time))
        return target

    def linked(self, name: str, files: Mapping[str, str], **fields: Any) -> None:
        """Link a conda package: its files bear the date of its making."""
        entries = []
        for path, text in files.items():
            self.write(path, text, time=MADE)
            digest = hashlib.sha256(text.encode()).hexdigest()
            entries.append(
                {
                    "_path": path,
                    "path_type": "hardlink",
                    "sha256": digest,
                    "size_in_bytes": len(text),
                }
            )
        self.record(name, entries, **fields)

    def record(self, name: str, entries: list[dict[str, Any]], **fields: Any) -> None:
        document = {
            "name": name,
            "version": "1.0",
            "build": "py_0",
            "subdir": "noarch",
            "channel": CHANNEL,
            "url": f"{CHANNEL}/noarch/x.conda",
            "fn": "x.conda",
            "timestamp": MADE * 1000,
            "files": [entry["_path"] for entry in entries],
            "paths_data": {"paths_version": 1, "paths": entries},
            **fields,
        }
        stem = f"{name}-{document['version']}-{document['build']}"
        (self.prefix.conda_meta / f"{stem}.json").write_text(json.dumps(document))

    def dist(self, name: str, files: Mapping[str, str], site: str = SITE_PACKAGES) -> str:
        """Install a dist as pip does, with a whole RECORD; files are below site-packages."""
        folder = f"{name}-1.0.dist-info"
        whole = {**files, f"{folder}/METADATA": f"Name: {name}\nVersion: 1.0\n"}
        rows = [f"{path},sha256={_row_hash(text)},{len(text)}" for path, text in whole.items()]
        whole[f"{folder}/RECORD"] = "\n".join([*rows, f"{folder}/RECORD,,", ""])
        for path, text in whole.items():
            self.write(f"{site}/{path}", text)
        return f"{site}/{folder}"


def _row_hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
