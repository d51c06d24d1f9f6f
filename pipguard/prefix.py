"""A conda environment on disk: its records, its dists and its python.

Reads, and writes nothing but what it has read (`kept_reading.py`). Core type is `Prefix`; what it
returns are the values of `records.py` and `target.py`.
"""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any, TypeVar

from pipguard.errors import PrefixError
from pipguard.kept_reading import Reading, load, save
from pipguard.record_files import RecordFiles
from pipguard.records import Dist, InstalledRecord
from pipguard.site_dists import SiteDists, folders
from pipguard.sourced import Sourced
from pipguard.target import Target

_SUBDIRS = {
    ("linux", "x86_64"): "linux-64",
    ("linux", "aarch64"): "linux-aarch64",
    ("linux", "ppc64le"): "linux-ppc64le",
    ("darwin", "x86_64"): "osx-64",
    ("darwin", "arm64"): "osx-arm64",
    ("win32", "AMD64"): "win-64",
    ("win32", "ARM64"): "win-arm64",
}

_KEPT = "read.json"
_MUCH = 100

_T = TypeVar("_T")


def native_subdir() -> str:
    """Name the platform we run on as conda does.

    Raises:
        PrefixError: conda has no word for it, or pipguard does not know it.
    """
    key = (sys.platform, platform.machine())
    if key not in _SUBDIRS:
        raise PrefixError("platform-unknown", platform="-".join(key))
    return _SUBDIRS[key]


@dataclass(frozen=True)
class Prefix:
    """One environment, by its root folder."""

    path: Path

    @property
    def conda_meta(self) -> Path:
        """The folder of records."""
        return self.path / "conda-meta"

    @property
    def own_folder(self) -> Path:
        """Where pipguard keeps its ledger, lock and guard.json."""
        return self.conda_meta / "pipguard"

    @property
    def python(self) -> Path:
        """The environment's interpreter."""
        return self.path / ("python.exe" if sys.platform == "win32" else "bin/python")

    def records(self) -> tuple[InstalledRecord, ...]:
        """Read every record of conda-meta.

        Raises:
            PrefixError: this is no conda environment, or a record cannot be read.
        """
        return self._records.all()

    @cached_property
    def _records(self) -> RecordFiles:
        return RecordFiles(self.conda_meta, self.path, self._kept.records)

    @cached_property
    def _kept(self) -> Reading:
        return load(self.own_folder / _KEPT)

    def keep_reading(self) -> None:
        """Let the next command know what was read, where that was much; under the prefix lock."""
        if len(self._records.anew) + len(self._dists.anew) >= _MUCH:
            with suppress(PrefixError):  # what was to be done is done
                reading = Reading(self._records.keeping(), self._dists.keeping())
                save(self.own_folder / _KEPT, reading)

    def forget_reading(self) -> None:
        """Delete what was kept of it."""
        (self.own_folder / _KEPT).unlink(missing_ok=True)

    def pinned(self) -> tuple[Sourced[str], ...]:
        """Read conda-meta/pinned, conda's file of specs that every solve must respect."""
        path = self.conda_meta / "pinned"
        stripped = (line.strip() for line in _text(path).splitlines())
        said = (line for line in stripped if line and not line.startswith("#"))
        return tuple(Sourced(line, str(path)) for line in said)

    def dists(self) -> tuple[Dist, ...]:
        """Find every dist of the environment's site-packages, by name."""
        return self._dists.all(self.path / self.target.site_packages)

    @cached_property
    def _dists(self) -> SiteDists:
        return SiteDists(self.path, self._kept.dists)

    def records_ahead(self) -> Iterator[Callable[[], object]]:
        """Yield short steps, after which `records` has less to read; to it are left all errors."""
        with suppress(PrefixError):
            yield from (partial(_try, self._records.one, item) for item in self._records.files())

    def dists_ahead(self) -> Iterator[Callable[[], object]]:
        """Yield short steps, after which `dists` has less to read."""
        with suppress(PrefixError, OSError):
            for info in folders(self.path / self.target.site_packages):
                yield partial(_try, self._dists.one, info)

    @cached_property
    def target(self) -> Target:
        """The python and platform of this environment, as its interpreter tells them.

        Raises:
            PrefixError: there is no python in it, or it does not start.
        """
        return _ask(self.python, self.path)

    def learn(self, told: Mapping[str, Any]) -> None:
        """Take from a process of the interpreter what `target` would start another one for."""
        # As cached_property does it, for which a frozen dataclass has room.
        vars(self).setdefault("target", Target(subdir=native_subdir(), **told))


def _try(read: Callable[[_T], object], what: _T) -> None:
    with suppress(PrefixError, OSError):
        read(what)


def _ask(python: Path, prefix: Path) -> Target:
    if not python.exists():
        raise PrefixError("no-python", prefix=str(prefix))
    script = Path(__file__).with_name("target_probe.py")
    done = subprocess.run(  # the probe imports nothing of ours
        [python, "-I", script], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise PrefixError("python-does-not-start", prefix=str(prefix), text=done.stderr.strip())
    told = json.loads(done.stdout)
    return Target(subdir=native_subdir(), **told)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
