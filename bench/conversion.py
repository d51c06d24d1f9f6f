"""What converting a wheel costs, beside reading it, and beside what other converters take.

Fetches wheels from PyPI into a folder that is kept, and makes an environment of its own for the
peers. Of each claim:

- a wheel over 5 MB takes at most twice as long as inflating it (`zipfile`) and hashing what comes
  out; `least` is that without `zipfile`'s own price for each file, and with no check at all;
- conda-pypi's and whl2conda's converters take at least twenty times as long on numpy;
- a package of 180 MB is converted within 150 MB of memory beyond the interpreter;
- the wheels of jupyterlab-server are converted in less than two seconds on two cores.

Times are the least of several rounds in which all sides alternate: other work on the machine only
adds to them, and more to who uses two cores. Processor time counts every thread and is what a
machine without a spare core needs.

    python -m bench.conversion [ROUNDS]     CONDA_SOURCE=…: a checkout of conda, for conda-pypi
"""

from __future__ import annotations

import hashlib
import os
import struct
import subprocess
import sys
import sysconfig
import tempfile
import venv
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path

from packaging.markers import default_environment
from packaging.utils import parse_wheel_filename

from bench import ROOT
from bench.frame.cases import Case, alone
from bench.frame.results import TIMES, Result, absolute
from bench.frame.stage import Stage
from bench.frame.timing import Taken, in_turn, ran, weighed, worked
from pipguard.names import pypi_name
from pipguard.prefix import native_subdir
from pipguard.target import Target
from pipguard.wheels.channel import LocalChannel
from pipguard.wheels.dependencies import Naming
from pipguard.wheels.package import Conversion, convert

ROUNDS = 9
LARGE = ("numpy", "botocore", "polars-runtime-32", "pandas", "babel")
MANY = "jupyterlab-server"
ALONE = "--alone"

TARGET = Target(
    python=default_environment()["python_full_version"],
    subdir=native_subdir(),
    site_packages=f"lib/python{sysconfig.get_python_version()}/site-packages",
    free_threaded=False,
    markers={key: str(value) for key, value in default_environment().items()},
)


def fetched(folder: Path, *options: str) -> list[Path]:
    """Download wheels once."""
    if not list(folder.glob("*.whl")):
        folder.mkdir(parents=True, exist_ok=True)
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "-q"]
        subprocess.run([*pip, "--only-binary=:all:", *options], cwd=folder, check=True)
    return sorted(folder.glob("*.whl"))


def inflate_and_hash(path: Path) -> None:
    """Do what anybody must who converts, as the standard library has it."""
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            hashlib.sha256(archive.read(info)).digest()


def inflate_and_hash_unchecked(path: Path) -> None:
    """Do the least that can be done: no check, no account, one file after another."""
    with path.open("rb") as file, zipfile.ZipFile(file) as archive:
        for info in archive.infolist():
            file.seek(info.header_offset)
            name, extra = struct.unpack("<26xHH", file.read(30))
            file.seek(name + extra, 1)
            data = file.read(info.compress_size)
            stored = info.compress_type == zipfile.ZIP_STORED
            hashlib.sha256(data if stored else zlib.decompress(data, -15)).digest()


def conversion(path: Path) -> Conversion:
    """Describe a wheel as an install does, its hash being known from the index."""
    name, version, _, _ = parse_wheel_filename(path.name)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return Conversion(path, sha256, pypi_name(name), str(version), TARGET, Naming())


def converted(path: Path, folder: Path) -> Callable[[], object]:
    """Prepare what is to be measured."""
    described = conversion(path)
    return lambda: convert(described, folder)


def beside(rounds: int, **works: Callable[[], object]) -> dict[str, Taken]:
    """Measure several in turn: the least of each, to which other work can only add."""
    sides = {name: partial(worked, work) for name, work in works.items()}
    return {name: series.least for name, series in in_turn(rounds, sides, warm=0).items()}


def ratios(wheels: list[Path], folder: Path, rounds: int) -> Iterator[Result]:
    """Tell, for each wheel, how much more than reading it converting is."""
    for path in wheels:
        found = beside(
            rounds,
            read=partial(inflate_and_hash, path),
            least=partial(inflate_and_hash_unchecked, path),
            made=converted(path, folder),
        )
        read, made = found["read"], found["made"]
        with zipfile.ZipFile(path) as archive:
            files = len(archive.infolist())
            size = sum(info.file_size for info in archive.infolist()) / 1e6
        name = path.name.split("-")[0]
        yield Result(
            case="conversion",
            title=f"convert {name}, {files} files, {size:.0f} MB",
            against="reading it",
            figure=made.clock / read.clock,
            processor=made.processor / read.processor,
            unit=TIMES,
            goal=2.0,
            ours=made,
            theirs=read,
            rounds=rounds,
            note=f"{name}: {made.clock / found['least'].clock:.2f} times the least reading",
        )


def peers(folder: Path) -> Path:
    """Install the peers, once; return their python."""
    python = folder / "peers/bin/python"
    if not python.exists():
        venv.create(python.parent.parent, with_pip=True)
        pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "-q"]
        needed = ("boltons", "archspec", "frozendict", "tqdm", "zstandard", "distro", "pluggy")
        extra = ("jsonpatch", "ruamel.yaml", "pycosat", "setuptools<70", "wheel")
        subprocess.run([*pip, "whl2conda", "conda-pypi", *needed, *extra], check=True)
    return python


CONDA_PYPI = """
import sys, tempfile
from pathlib import Path
from conda_pypi.build import build_conda
wheel, out = map(Path, sys.argv[1:])
with tempfile.TemporaryDirectory() as build:
    build_conda(wheel, Path(build, "b"), out, sys.executable)
"""


def compare(wheel: Path, folder: Path, out: Path) -> Iterator[Result]:
    """Tell what the peers take for one wheel, their interpreter's start included."""
    python = peers(folder)
    ours = beside(ROUNDS, ours=converted(wheel, out))["ours"]
    whl2conda = [python.with_name("whl2conda"), "convert", "--allow-impure", "--overwrite"]
    lines: dict[str, list[str | Path]] = {
        "whl2conda": [*whl2conda, "--ignore-pyproject", "--out-dir", out, wheel],
        "conda-pypi": [python, "-c", CONDA_PYPI, wheel, out],
    }
    environ = {**os.environ, "PYTHONPATH": os.environ.get("CONDA_SOURCE", "")}
    for name, line in lines.items():
        if name == "conda-pypi" and not environ["PYTHONPATH"]:
            continue  # it needs conda itself
        theirs = ran(line, environ)
        yield Result(
            case="conversion",
            title="convert numpy",
            against=name,
            figure=ours.clock / theirs.clock,
            processor=ours.processor / theirs.processor,
            unit=TIMES,
            goal=0.05,
            ours=ours,
            theirs=theirs,
        )


def memory(wheel: Path, out: Path) -> Result:
    """Hold the peak of a process that converts against that of one that only imports."""
    line = [sys.executable, "-m", "bench.conversion", ALONE]
    imports, converts = (
        weighed([*line, *more], os.environ).memory for more in ([], [str(wheel), str(out)])
    )
    title = f"convert {wheel.name.split('-')[0]}, memory"
    return Result("conversion", title, "imports alone", converts - imports, "MB", goal=150)


def unseen(_: int) -> AbstractContextManager[Callable[[int], None]]:
    """Show no progress."""
    return nullcontext(lambda _: None)


def many(wheels: list[Path], rounds: int) -> Result:
    """Tell how long a whole plan takes on two cores."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {*sorted(before)[:2]})
    described = [conversion(path) for path in wheels]

    def all_of_them() -> Taken:
        with tempfile.TemporaryDirectory() as folder:
            channel = LocalChannel(Path(folder))
            return worked(partial(channel.convert_all, described, unseen))

    found = in_turn(rounds, {MANY: all_of_them})[MANY]
    os.sched_setaffinity(0, before)
    title = f"convert {len(wheels)} wheels of {MANY}"
    return Result("conversion", title, "-", goal=2.0, **absolute(found))


def measure(stage: Stage, rounds: int) -> Iterator[Result]:
    """Measure everything."""
    folder = ROOT / "build/bench/wheels"
    large = fetched(folder / "large", "--no-deps", *LARGE)
    plan = fetched(folder / "many", MANY)
    out = stage.folder / "packages"
    out.mkdir()
    yield from ratios(large, out, rounds)
    yield memory(next(path for path in large if path.name.startswith("polars")), out)
    yield many(plan, min(rounds, 5))
    yield from compare(next(path for path in large if path.name.startswith("numpy")), folder, out)


CASES = (Case(("conversion",), measure, rounds=ROUNDS),)

if __name__ == "__main__":
    if ALONE in sys.argv:
        if wheel := sys.argv[2:]:
            converted(Path(wheel[0]), Path(wheel[1]))()
    else:
        alone(CASES)
