"""What others do to an environment while an operation of ours lies there, killed.

Each takes a workbench and returns the paths that are theirs afterwards.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from functools import partial

import builders
from forking import in_child
from killing import Workbench

from pipguard.names import CondaName

Meddler = Callable[[Workbench], tuple[str, ...]]


def edit(bench: Workbench) -> tuple[str, ...]:
    """A person puts a line into a module of the package."""
    return _write(bench, "alpha/part1.py", "a")


def add(bench: Workbench) -> tuple[str, ...]:
    """A person puts a module beside those of the package."""
    return _write(bench, "alpha/mine.py", "w")


def _write(bench: Workbench, name: str, mode: str) -> tuple[str, ...]:
    path = bench.prefix.path / bench.prefix.target.site_packages / name
    path.parent.mkdir(exist_ok=True)
    # Not in place: the file may be one on the disk with the cache.
    text = path.read_text() if mode == "a" and path.exists() else ""
    path.unlink(missing_ok=True)
    path.write_text(f"{text}mine = 1\n")
    return (path.relative_to(bench.prefix.path).as_posix(),)


def bypass(bench: Workbench) -> tuple[str, ...]:
    """A pip that nobody guards installs something."""
    wheel = builders.wheel(bench.folder / "wheels", "zeta")
    pip = [sys.executable, "-m", "pip", "--python", str(bench.prefix.python), "install"]
    line = [*pip, "-q", "--no-deps", "--no-index", "--no-compile", str(wheel)]
    return _new(bench, lambda: subprocess.run(line, check=True, capture_output=True))


def conda(bench: Workbench) -> tuple[str, ...]:
    """The engine of conda's world installs something."""
    builders.dist_package(bench.channel, "delta", depends=("python",))
    builders.channel(bench.channel)
    return _new(bench, lambda: in_child(partial(_as_conda, bench)))


def _as_conda(bench: Workbench) -> None:
    engine = bench.engine()
    (shelf,) = engine.shelves([CondaName("delta")]).values()
    engine.fetch(shelf.records)
    engine.apply([*(item.record for item in bench.prefix.records()), *shelf.records])


def _new(bench: Workbench, act: Callable[[], object]) -> tuple[str, ...]:
    before = bench.state()
    act()
    return tuple(path for path in bench.state() if path not in before)


MEDDLERS: tuple[Meddler, ...] = (edit, add, bypass, conda)
