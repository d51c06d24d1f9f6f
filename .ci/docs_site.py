# ruff: noqa: INP001 # a hook of mkdocs, no module of anything
"""Brings documents of the top folder onto the site, and bends links so that they hold there.

In the repository a link is relative to where its file lies; on the site `docs/` is the top.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.structure.files import File, Files

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.pages import Page

_ROOT = Path(__file__).resolve().parent.parent
_DOCS = _ROOT / "docs"
_FROM_THE_TOP = ("CONTRIBUTING.md", "CHANGELOG.md")
_INSTEAD = {_ROOT / "README.md": _DOCS / "index.md"}  # the site has a first page of its own
_LINK = re.compile(r"\]\((?P<target>[^)\s#:]+)(?P<anchor>#[^)\s]*)?\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the documents of the top folder."""
    for name in _FROM_THE_TOP:
        files.append(File.generated(config, name, abs_src_path=str(_ROOT / name)))
    return files


def on_page_markdown(markdown: str, page: Page, **_: object) -> str:
    """Bend the links of one page."""
    source = page.file.src_uri
    place = (_DOCS / source).parent
    lies_in = _ROOT if source in _FROM_THE_TOP else place

    def bent(link: re.Match[str]) -> str:
        target = Path(os.path.normpath(lies_in / link["target"]))
        target = _INSTEAD.get(target, target)
        if target.parent == _ROOT and target.name in _FROM_THE_TOP:
            target = _DOCS / target.name
        elif target.is_dir():
            target /= "README.md"
        return f"]({os.path.relpath(target, place)}{link['anchor'] or ''})"

    return _LINK.sub(bent, markdown)
