"""The python and the platform that an environment runs, as values.

Pure. Markers are evaluated and wheel tags are judged against a `Target`; `prefix.py` reads one
from an environment on disk.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """One environment's python and platform.

    Attributes:
        python: full version, as in `python_full_version` of PEP 508 (`3.12.4`).
        subdir: conda's word for the platform (`linux-64`, `osx-arm64`, `win-64`).
        site_packages: relative to the prefix, with forward slashes.
        free_threaded: whether this is a build without the GIL (PEP 703).
        markers: the PEP 508 environment of that python.
    """

    python: str
    subdir: str
    site_packages: str
    free_threaded: bool
    markers: Mapping[str, str]

    @property
    def minor(self) -> str:
        """Major and minor of the python, `3.12`."""
        major, minor, *_ = self.python.split(".")
        return f"{major}.{minor}"
