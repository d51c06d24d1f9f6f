"""What converting a wheel costs, beside reading it, and beside what other converters take.

Fetches wheels from PyPI into a folder that is kept, makes an environment of its own for the peers,
and prints a line for each claim:

- a wheel over 5 MB takes at most twice as long as inflating it (`zipfile`) and hashing what comes
  out; `least` is that without `zipfile`'s own price for each file, and with no check at all;
- conda-pypi's and whl2conda's converters take at least twenty times as long on numpy;
- a package of 180 MB is converted within 150 MB of memory beyond the interpreter;
- the wheels of jupyterlab-server are converted in less than two seconds on two cores.

Times are the least of several rounds in which all sides alternate: other work on the machine only
adds to them, and more to who uses two cores. Processor time counts every thread and is what a
machine without a spare core needs.

    python bench/conversion.py [FOLDER]     CONDA_SOURCE=…: a checkout of conda, for conda-pypi
"""

from __future__ import annotations

import hashlib
import os
import resource
import struct
import subprocess
import sys
import sysconfig
import tempfile
import time
import venv
import zipfile
import zlib
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path

from packaging.markers import default_environment
from packaging.utils import parse_wheel_filename

from pipguard.names import pypi_name
from pipguard.prefix import native_subdir
from pipguard.target import Target
from pipguard.wheels.channel import LocalChannel
from pipguard.wheels.dependencies import Naming
from pipguard.wheels.package import Conversion, convert

ROUNDS = 9
LARGE = ("numpy", "botocore", "polars-runtime-32", "pandas", "babel")
MANY = "jupyterlab-server"
FIRST_IMPORT = "--first-import"

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


def cost(work: Callable[[], object]) -> tuple[float, float]:
    """Measure one run: seconds on the wall, seconds of processors."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - processor


def beside(*works: Callable[[], object]) -> list[tuple[float, float]]:
    """Measure several in turns: the least wall and processor time of each."""
    turns = [[cost(work) for work in works] for _ in range(ROUNDS)]
    columns = list(zip(*turns, strict=True))
    return [(min(wall for wall, _ in each), min(cpu for _, cpu in each)) for each in columns]


def ratios(wheels: list[Path], folder: Path) -> None:
    """Print, for each wheel, how much more than reading it converting is."""
    print(f"{'wheel':20} {'files':>6} {'MB':>6} {'read':>7} {'convert':>8} {'ratio':>6}", end="")
    print(f" {'cpu':>6} {'least':>6}")
    for path in wheels:
        read, least, made = beside(
            partial(inflate_and_hash, path),
            partial(inflate_and_hash_unchecked, path),
            converted(path, folder),
        )
        with zipfile.ZipFile(path) as archive:
            files = len(archive.infolist())
            size = sum(info.file_size for info in archive.infolist()) / 1e6
        print(
            f"{path.name.split('-')[0]:20} {files:6} {size:6.0f} {read[0]:7.3f} {made[0]:8.3f}"
            f" {made[0] / read[0]:6.2f} {made[1] / read[1]:6.2f} {made[0] / least[0]:6.2f}"
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


def compare(wheel: Path, folder: Path, out: Path) -> None:
    """Print what the peers take for one wheel, their interpreter's start included."""
    python = peers(folder)
    ((ours, processors),) = beside(converted(wheel, out))
    source = os.environ.get("CONDA_SOURCE", "")
    whl2conda = [str(python.with_name("whl2conda")), "convert", "--allow-impure", "--overwrite"]
    lines = {
        "whl2conda": [*whl2conda, "--ignore-pyproject", "--out-dir", str(out), str(wheel)],
        "conda-pypi": [str(python), "-c", CONDA_PYPI, str(wheel), str(out)],
    }
    for name, line in lines.items():
        environ = {**os.environ, "PYTHONPATH": source}
        start, before = time.perf_counter(), children()
        done = subprocess.run(line, capture_output=True, text=True, env=environ, check=False)
        took, busy = time.perf_counter() - start, children() - before
        told = (
            f"{took:.1f} s, {took / ours:.0f} times ours; "
            f"{busy:.1f} s of processors, {busy / processors:.0f} times ours"
        )
        last = (done.stderr.strip().splitlines() or ["?"])[-1]
        print(f"{name} on numpy: {last if done.returncode else told}")


def children() -> float:
    """Tell the processor time of all processes that have been waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def memory(wheel: Path, out: Path) -> None:
    """Print the peak of a fresh process that converts, beyond one that only imports."""
    line = [sys.executable, __file__, FIRST_IMPORT]
    peaks = [
        int(subprocess.run([*line, *more], capture_output=True, text=True, check=True).stdout)
        for more in ([], [str(wheel), str(out)])
    ]
    more = (peaks[1] - peaks[0]) / 1024
    print(f"memory for {wheel.name.split('-')[0]}: {more:.0f} MB beyond {peaks[0] / 1024:.0f} MB")


def peak(arguments: list[str]) -> None:
    """Be that process."""
    if arguments:
        converted(Path(arguments[0]), Path(arguments[1]))()
    # Not ru_maxrss, which begins with the peak of whoever started us.
    told = dict(line.split(":") for line in Path("/proc/self/status").read_text().splitlines())
    print(told["VmHWM"].split()[0])


def unseen(_: int) -> AbstractContextManager[Callable[[int], None]]:
    """Show no progress."""
    return nullcontext(lambda _: None)


def many(wheels: list[Path]) -> None:
    """Print how long a whole plan takes on two cores."""
    os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[:2]))
    described = [conversion(path) for path in wheels]
    costs = []
    for _ in range(5):
        with tempfile.TemporaryDirectory() as folder:
            channel = LocalChannel(Path(folder))
            costs.append(cost(partial(channel.convert_all, described, unseen)))
    wall, processor = (min(column) for column in zip(*costs, strict=True))
    print(f"{len(wheels)} wheels of {MANY}: {wall:.2f} s, {processor:.2f} s of processors")


def main(folder: Path) -> None:
    """Measure everything."""
    large = fetched(folder / "large", "--no-deps", *LARGE)
    plan = fetched(folder / "many", MANY)
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch)
        ratios(large, out)
        memory(next(path for path in large if path.name.startswith("polars")), out)
        many(plan)
        compare(next(path for path in large if path.name.startswith("numpy")), folder, out)


if __name__ == "__main__":
    if FIRST_IMPORT in sys.argv:
        peak(sys.argv[2:])
    else:
        main(Path(sys.argv[1] if sys.argv[1:] else tempfile.gettempdir(), "pipguard-bench"))
