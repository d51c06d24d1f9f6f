"""The core metadata of a distribution, wherever it was read.

Pure. The same `CoreMetadata` comes from pip's installation report (`from_json`) and from the
METADATA file of a wheel (`from_text`), so that a package can be described before its wheel is here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from packaging.utils import canonicalize_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from email.message import Message

# What follows is a description, which would be parsed for nothing.
_BLANK_LINE = re.compile(r"\r?\n\r?\n")
_ONE_LINE = 120
"""A License field longer than this is the text of a license, not its name."""


@dataclass(frozen=True, slots=True)
class CoreMetadata:
    """What a distribution says about itself (core metadata specification).

    Values are as written: only `package_index` judges them.
    """

    name: str
    version: str
    requires_python: str = ""
    requires_dist: tuple[str, ...] = ()
    provides_extra: tuple[str, ...] = ()
    summary: str = ""
    license: str = ""
    license_files: tuple[str, ...] = ()
    home_page: str = ""
    project_urls: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, metadata: Mapping[str, Any]) -> CoreMetadata:
        """Read the `metadata` object of pip's installation report (PEP 566 JSON form).

        Raises:
            KeyError: `name` or `version` is missing, which pip never leaves out.
        """
        return cls(
            name=str(metadata["name"]),
            version=str(metadata["version"]),
            requires_python=str(metadata.get("requires_python") or ""),
            requires_dist=_texts(metadata.get("requires_dist")),
            provides_extra=_texts(metadata.get("provides_extra")),
            summary=str(metadata.get("summary") or ""),
            license=_license(metadata.get("license_expression"), metadata.get("license")),
            license_files=_texts(metadata.get("license_file")),
            home_page=str(metadata.get("home_page") or ""),
            project_urls=_texts(metadata.get("project_url")),
        )

    @classmethod
    def from_text(cls, text: bytes) -> CoreMetadata:
        """Read a METADATA file, with the parser that pip and importlib.metadata use.

        A missing Name or Version is read as the empty string.

        Raises:
            UnicodeDecodeError: the file is not UTF-8, as PEP 566 demands.
        """
        from email.parser import Parser  # noqa: PLC0415 # slow to import, and for wheels alone
        from email.policy import compat32  # noqa: PLC0415

        headers = _BLANK_LINE.split(text.decode("utf-8"), maxsplit=1)[0]
        message = Parser(policy=compat32).parsestr(headers, headersonly=True)
        return cls(
            name=_one(message, "Name"),
            version=_one(message, "Version"),
            requires_python=_one(message, "Requires-Python"),
            requires_dist=_texts(message.get_all("Requires-Dist")),
            provides_extra=_texts(message.get_all("Provides-Extra")),
            summary=_one(message, "Summary"),
            license=_license(_one(message, "License-Expression"), _one(message, "License")),
            license_files=_texts(message.get_all("License-File")),
            home_page=_one(message, "Home-Page"),
            project_urls=_texts(message.get_all("Project-URL")),
        )

    @property
    def extras(self) -> frozenset[str]:
        """The names of the extras, normalised (PEP 685)."""
        return frozenset(canonicalize_name(extra) for extra in self.provides_extra)

    @property
    def home(self) -> str:
        """The address of the project, from Home-page or a Project-URL of that label."""
        for entry in self.project_urls:
            label, _, url = entry.partition(",")
            if label.strip().casefold() in ("homepage", "home"):
                return self.home_page or url.strip()
        return self.home_page


def _texts(values: object) -> tuple[str, ...]:
    if not isinstance(values, (list, tuple)):
        return (str(values).strip(),) if values else ()
    return tuple(str(value).strip() for value in values)


def _one(message: Message[str, str], key: str) -> str:
    return str(message.get(key) or "").strip()


def _license(expression: object, text: object) -> str:
    """Prefer License-Expression (PEP 639); take License only where it is a name."""
    for value in (expression, text):
        line = str(value or "").strip()
        if line and line != "UNKNOWN" and "\n" not in line and len(line) <= _ONE_LINE:
            return line
    return ""
