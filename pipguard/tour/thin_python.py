"""Makes the conda package `python` out of a python that is already here, in a few kilobytes.

The binary is copied, because a python looks for its standard library around its own binary; of
the library and the headers only links are packed. An environment from it is a conda environment
in every respect that pip, conda and pipguard look at, and needs no channel to be reached.

Every folder is a real one and only files are links: what is installed into the environment,
however hostile, lands in the environment and never in the python that lent its files. The
exception is `lib-dynload`, where extension modules may find their libraries by a relative path.

Start at `make`; `make_pip` packs the pip to go with it.
"""

from __future__ import annotations

import json
import os
import posixpath
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from pipguard.errors import TourError
from pipguard.prefix import native_subdir
from pipguard.tour import packages, upstream
from pipguard.tour.packages import Entry, File, Link, Package

_PROBE = Path(__file__).with_name("host_probe.py")
_SKIPPED = frozenset(
    {"site-packages", "dist-packages", "idlelib", "idle_test", "test", "tests", "turtledemo"}
)
_OF_ITS_INSTALLATION = frozenset({"RECORD", "REQUESTED", "direct_url.json"})
_SCRIPTS = ("../../../bin/pip", "../../../bin/pip3")
_README = File(b"Packages of this environment are installed into this folder.\n")


class Need(Enum):
    """What a python may lack although it runs: distributors sell it separately.

    The value is a path inside the standard library or the headers that tells.
    """

    ENSUREPIP = "ensurepip/__init__.py"
    HEADERS = "Python.h"


@dataclass(frozen=True, slots=True)
class Host:
    """The python that lends its files, as `host_probe.py` tells."""

    version: str
    executable: Path
    library_folder: str
    stdlib: Path
    include: Path
    libraries: tuple[Path, ...]

    @property
    def name(self) -> str:
        """The versioned name of folders and binary, `python3.12` or `python3.13t`."""
        return self.stdlib.name


def make(
    folder: Path, interpreter: Path | None = None, *, needs: Iterable[Need] = frozenset()
) -> Path:
    """Write `<folder>/<subdir>/python-<version>-thin_0.conda` and return its path.

    Args:
        folder: the channel; its index is for the caller to write.
        interpreter: the python to make it from, this one if none is given. For a virtual
            environment it is the python underneath.
        needs: what must not be missing.

    Raises:
        TourError: no package can be made from this python.
    """
    host = _ask(interpreter or Path(sys.executable))
    _require(host, needs)
    site_packages = f"lib/{host.name}/site-packages"
    files = {
        **_binary(host),
        **_linked(host.include, f"include/{host.name}"),
        **_standard_library(host),
        f"{site_packages}/README.txt": _README,
    }
    package = Package(
        name="python",
        version=host.version,
        build="thin_0",
        subdir=native_subdir(),
        files=files,
        extra={"python_site_packages_path": site_packages},
    )
    return packages.write(package, folder)


def make_pip(folder: Path, interpreter: Path | None = None) -> Path:
    """Write the pip that pipguard itself uses as `<folder>/noarch/pip-<version>-pyh_0.conda`.

    It is compiled for `interpreter`, as conda compiles what it links: otherwise the first pip of
    every environment would do so, and leave files there that no record knows.

    Raises:
        TourError: there is no pip beside pipguard, or `interpreter` cannot be run.
    """
    try:
        pip = distribution("pip")
    except PackageNotFoundError as error:
        raise TourError("own-pip-missing") from error
    sources = dict(_sources(pip))
    compiled = _compile(interpreter or Path(sys.executable), sources)
    files = sources | compiled
    files[f"pip-{pip.version}.dist-info/RECORD"] = _record(files)
    package = Package(
        name="pip",
        version=pip.version,
        build="pyh_0",
        noarch="python",
        depends=("python >=3.9",),
        files={f"site-packages/{path}": File(data) for path, data in files.items()},
        entry_points=("pip = pip._internal.cli.main:main", "pip3 = pip._internal.cli.main:main"),
    )
    return packages.write(package, folder)


def _ask(interpreter: Path) -> Host:
    """Run the probe and judge whether its answers can be worked with."""
    answer = _run(interpreter, str(_PROBE))
    told = json.loads(answer)
    if told["missing"]:
        raise _incomplete(interpreter, told["missing"])
    unknown = upstream.unknown_schemes(told["schemes"])
    if unknown or told["framework"]:
        layout = ", ".join(unknown) or "framework"
        raise TourError("python-layout-unknown", python=str(interpreter), layout=layout)
    return Host(
        version=told["version"],
        executable=Path(told["executable"]),
        library_folder=told["library_folder"],
        stdlib=Path(told["stdlib"]),
        include=Path(told["include"]),
        libraries=tuple(map(Path, told["libraries"])),
    )


def _run(interpreter: Path, *arguments: str) -> str:
    """Run a python apart from any configuration, and return what it printed."""
    try:
        done = subprocess.run(
            [str(interpreter), "-I", *arguments], check=True, capture_output=True, text=True
        )
    except (OSError, subprocess.CalledProcessError) as error:
        text = getattr(error, "stderr", "") or str(error)
        raise TourError("python-not-usable", python=str(interpreter), text=text) from error
    return done.stdout


def _require(host: Host, needs: Iterable[Need]) -> None:
    """Name everything that is needed and not there."""
    missing = [
        need.name.lower()
        for need in needs
        if not any((root / need.value).is_file() for root in (host.stdlib, host.include))
    ]
    if missing:
        raise _incomplete(host.executable, missing)


def _incomplete(python: Path, missing: Sequence[str]) -> TourError:
    """Make the error that names what a python lacks."""
    return TourError("python-incomplete", python=str(python), missing=", ".join(missing))


def _binary(host: Host) -> dict[str, Entry]:
    """The interpreter under its three names, and the libpython that it may look for beside it."""
    libraries = {f"lib/{path.name}": Link(os.path.realpath(path)) for path in host.libraries}
    # Where the library folder is lib64, everything is in lib all the same, as in a venv.
    alias = {} if host.library_folder == "lib" else {host.library_folder: Link("lib")}
    return {
        f"bin/{host.name}": File(host.executable.read_bytes(), executable=True),
        "bin/python": Link(host.name),
        "bin/python3": Link(host.name),
        **libraries,
        **alias,
    }


def _standard_library(host: Host) -> dict[str, Entry]:
    """Links to the standard library, with what a distributor changed made right again."""
    files = _linked(host.stdlib, "", upstream.LEFT_OUT)
    sources = {
        path: (host.stdlib / path).read_text("utf-8") for path in upstream.AMENDED & {*files}
    }
    written = {
        path: amended
        for path, source in sources.items()
        if (amended := upstream.amended(path, source)) is not None
    }
    if any(upstream.needs_site(source) for source in sources.values()):
        written["sitecustomize.py"] = upstream.SITECUSTOMIZE
    encoded = {path: text.encode() for path, text in written.items()}
    files |= {path: File(data) for path, data in encoded.items()}
    files |= {path: File(data) for path, data in _compile(host.executable, encoded).items()}
    return {f"lib/{host.name}/{path}": entry for path, entry in files.items()}


def _linked(root: Path, below: str, left_out: frozenset[str] = frozenset()) -> dict[str, Entry]:
    """A link for every file under `root`, at the same place under `below`."""
    start = os.path.realpath(root)
    return {
        posixpath.join(below, entry.path[len(start) + 1 :]): Link(_target(entry))
        for entry in (_walk(start) if root.is_dir() else ())
        if entry.name not in left_out
    }


def _target(entry: os.DirEntry[str]) -> str:
    """Point at the file itself: a link on the way may belong to an environment that goes."""
    return os.path.realpath(entry.path) if entry.is_symlink() else entry.path


def _walk(root: str) -> Iterator[os.DirEntry[str]]:
    """Every file under `root` that an environment needs, and `lib-dynload` as a whole."""
    with os.scandir(root) as entries:
        for entry in entries:
            if entry.name == "lib-dynload" or (entry.is_file() and ".opt-" not in entry.name):
                yield entry
            elif entry.is_dir() and entry.name not in _SKIPPED:
                yield from _walk(entry.path)


def _sources(pip: Distribution) -> Iterator[tuple[str, bytes]]:
    """The files of an installed dist that belong into site-packages, marked as conda's."""
    for path in pip.files or ():
        if path.parts[0] == ".." or path.suffix == ".pyc":
            continue
        if path.parent.suffix != ".dist-info" or path.name not in _OF_ITS_INSTALLATION:
            data = Path(str(path.locate())).read_bytes()
            yield path.as_posix(), b"conda\n" if path.name == "INSTALLER" else data


def _record(files: Mapping[str, bytes]) -> bytes:
    """Write the RECORD of a package in which these files are; hashes are conda's business."""
    return "".join(f"{path},,\n" for path in (*sorted(files), *_SCRIPTS)).encode()


def _compile(interpreter: Path, sources: Mapping[str, bytes]) -> dict[str, bytes]:
    """Byte code of the modules among `sources`, valid by the hash of the source.

    Not by its time, because a package gives all its files the same.
    """
    if not sources:
        return {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path, data in sources.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
        mode = "--invalidation-mode=checked-hash"
        _run(interpreter, "-m", "compileall", "-qq", mode, "-s", name, name)
        return {
            path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.pyc")
        }
