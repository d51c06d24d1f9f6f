"""Environments to measure in: real ones from a channel on the spot, as a person has them active.

A `Stage` is a folder that goes. In it is a channel with a thin python and pip, and `pip` is typed
with the environment activated, through the guard or without one. What PyPI has is served on
loopback (`pypi.py`); that and pip's HTTP cache are kept between runs of the bench, in `build/`.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import builders

from bench import ROOT
from bench.frame.pypi import Upstream, serving
from bench.frame.timing import Taken, ran, weighed
from pipguard.tour import thin_python
from pipguard.tour.session import variables_for

PIPGUARD = Path(sys.executable).parent / "pipguard"
PIP_CACHE, PYPI = ROOT / "build/bench/pip", ROOT / "build/bench/pypi"
CONDA_NAMES, DIST_NAMES = 34_000, 20_500

# Sourced by bash as `conda activate` does; then the variables are told.
_ACTIVATED = ROOT / "pipguard/tour/activated.sh"


@dataclass(frozen=True, slots=True)
class Caches:
    """Where pipguard keeps what it has converted, fetched and read."""

    folder: Path

    def variables(self) -> dict[str, str]:
        return {
            "PIPGUARD_CACHE_DIR": str(self.folder / "cache"),
            "PIPGUARD_CHANNEL": str(self.folder / "converted"),
        }

    def clear(self) -> None:
        """Delete them, which would take long at the end."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def converted(self) -> int:
        """Count the packages that were made of wheels."""
        return len([*(self.folder / "converted").rglob("*.conda")])


@dataclass(frozen=True, slots=True)
class Active:
    """One environment, activated: what is typed in it, and how long that takes."""

    prefix: Path
    variables: Mapping[str, str]

    def types(self, *command: str, ends: int = 0) -> Taken:
        """Type a command line, which must end with that exit code."""
        return ran(command, self.variables, ends=ends)

    def weighs(self, *command: str) -> Taken:
        """Type a command line of which the memory counts."""
        return weighed(command, self.variables)


@dataclass(frozen=True, slots=True)
class Stage:
    """The folder of one bench and what is in it; `variables` are those of the person."""

    folder: Path
    variables: Mapping[str, str]
    pypi: Upstream
    numbers: Iterator[int] = field(default_factory=itertools.count)

    @property
    def channel(self) -> Path:
        return self.folder / "channel"

    def caches(self) -> Caches:
        """Caches in which nothing is, and a table of names for them to fetch."""
        (self.folder / "names.json").write_text(json.dumps(names(self.pypi.projects())))
        return Caches(self.folder / f"caches-{next(self.numbers)}")

    def with_channels(self, *channels: str) -> Stage:
        """The same, with other channels in front of its own."""
        condarc = self.folder / f"condarc-{next(self.numbers)}.yml"
        lines = [*channels, str(self.channel)]
        condarc.write_text("channels:\n" + "".join(f"  - {line}\n" for line in lines))
        return replace(self, variables={**self.variables, "CONDARC": str(condarc)})

    def with_variables(self, **variables: str) -> Stage:
        return replace(self, variables={**self.variables, **variables})

    @contextmanager
    def environment(self, caches: Caches | None = None) -> Iterator[Active]:
        """Make an environment: guarded, with these caches; or without a guard, for real pip."""
        prefix = self.folder / f"env-{next(self.numbers)}"
        builders.environment(prefix, self.channel, cache=self.folder / "pkgs")
        self._compile_pip(prefix)
        variables = dict(self.variables)
        if caches:
            variables |= caches.variables()
            ran([PIPGUARD, "enable", "-p", prefix], variables)
        try:
            yield Active(prefix, _activated(prefix, variables))
        finally:
            shutil.rmtree(prefix)

    def _compile_pip(self, prefix: Path) -> None:
        """Give pip bytecode that is as quick to load as conda's.

        That of the thin package is held against the hash of its source at every start.
        """
        kept = self.folder / "bytecode"
        (pip,) = prefix.glob("lib/python3.*/site-packages/pip")
        for folder in pip.rglob("__pycache__"):
            shutil.rmtree(folder)
        if not kept.exists():
            ran([prefix / "bin/python", "-m", "compileall", "-qq", pip])
            for folder in pip.rglob("__pycache__"):
                shutil.copytree(folder, kept / folder.relative_to(pip))
        else:
            shutil.copytree(kept, pip, dirs_exist_ok=True)


def _activated(prefix: Path, variables: Mapping[str, str]) -> dict[str, str]:
    """Tell the variables of a shell in which an environment is active."""
    command = ["bash", "--norc", "--noprofile", str(_ACTIVATED), str(prefix), "env -0"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=dict(variables))
    pairs = (item.partition("=") for item in done.stdout.split("\0") if item)
    return {name: value for name, _, value in pairs}


@contextmanager
def stage() -> Iterator[Stage]:
    """Make a stage, which goes at the end."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with (
        tempfile.TemporaryDirectory(prefix="pipguard-bench-") as name,
        serving(PYPI) as (pypi, index),
    ):
        folder = Path(name).resolve()
        thin_python.make(folder / "channel")
        thin_python.make_pip(folder / "channel")
        builders.channel(folder / "channel")
        (folder / "home").mkdir()
        variables = {
            **variables_for(folder, os.environ),
            "HOME": str(folder / "home"),
            "PIPGUARD_MAPPING_URL": (folder / "names.json").as_uri(),
            **index,
            "PIP_CACHE_DIR": str(PIP_CACHE),
            # One index for both sides: what a machine adds to it is not what is measured.
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_EXTRA_INDEX_URL": "",
            "PIP_FIND_LINKS": "",
        }
        del variables["PIPGUARD_CONFIG"]
        yield Stage(folder, variables, pypi).with_channels()


def names(projects: Iterable[str] = ()) -> dict[str, list[str] | None]:
    """Make a table as large as conda-forge's: names alike, some renamed, many without a dist.

    Of PyPI's it knows these projects, as conda-forge's knows most: public names, which a channel
    is asked for.
    """
    chosen = random.Random(4)  # noqa: S311 # the same names each time
    ships: dict[str, list[str] | None] = {}
    for number in range(CONDA_NAMES):
        name = f"{chosen.choice('abcdefghijklmnopqrstuvwxyz')}-package-{number}"
        own = name if number % 25 else f"{name}-renamed"
        ships[name] = [own] if number < DIST_NAMES else None
    return {**ships, **{project: [project] for project in projects}}
