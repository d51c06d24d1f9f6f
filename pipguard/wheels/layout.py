"""Where each file of a wheel lies in the conda package.

Pure over the zip's directory. Every package, compiled ones too, takes the layout of
`noarch: python`: conda, mamba and rattler move `site-packages/` and `python-scripts/` to where the
python of an environment wants them, free-threaded ones included. Start at `lay_out`.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from zipfile import ZipInfo

from installer.utils import SCHEME_NAMES
from packaging.utils import canonicalize_name

from pipguard.target import Target
from pipguard.wheels.entry_points import EntryPoint
from pipguard.wheels.findings import Findings
from pipguard.wheels.hostile import check_data

_REPLACED = frozenset(
    {"RECORD", "RECORD.jws", "RECORD.p7s", "INSTALLER", "REQUESTED", "direct_url.json"}
)
_LICENSE_NAME = re.compile(r"(licen[cs]e|copying|notice|authors)[^/]*", re.IGNORECASE)
_COMPILED = re.compile(r"(?P<folder>.*/|)__pycache__/(?P<module>[^/.]+)\.[^/]*pyc")
_LAUNCHER_SUFFIX = re.compile(r"(\.exe|-script\.py|\.pya)$", re.IGNORECASE)
_OF_ONE_MINOR = re.compile(r"(include|lib)/python\d+\.\d+t?/")
_EXECUTABLE = 0o111


@dataclass(frozen=True, slots=True)
class Place:
    """A member of the wheel and its path in the package."""

    info: ZipInfo
    path: str

    @property
    def is_script(self) -> bool:
        """Whether its first line may name python, and must then name that of the prefix."""
        return self.path.startswith("python-scripts/")

    @property
    def mode(self) -> int:
        """0755 for scripts and for what the wheel calls executable, as pip does; else 0644."""
        mode = self.info.external_attr >> 16
        executable = stat.S_ISREG(mode) and mode & _EXECUTABLE
        return 0o755 if self.is_script or executable else 0o644


@dataclass(frozen=True, slots=True)
class Layout:
    """A wheel's files and where they go.

    Attributes:
        places: in the order of the wheel; two of one path differ in nothing but their member.
        dist_info: the folder's name, without a slash.
        bound: whether a file lies in a folder named after the minor of python.
    """

    places: tuple[Place, ...]
    dist_info: str
    bound: bool

    def licenses(self, declared: Iterable[str]) -> Iterator[tuple[str, Place]]:
        """Find the license files, by License-File (PEP 639) or by the usual names.

        Yields the path below `info/licenses/` and the place; of several for one path the first.
        """
        taken: set[str] = set()
        folders: set[str] = set()
        folder = f"site-packages/{self.dist_info}/"
        wanted = {name for each in declared for name in (each, f"licenses/{each}")}
        for place in self.places:
            name = place.path.removeprefix(folder)
            if name == place.path:
                continue
            if name in wanted or name.startswith("licenses/") or _LICENSE_NAME.fullmatch(name):
                path = name.removeprefix("licenses/")
                above = set(_above(path))
                # One path must be neither another's nor a folder of another.
                if path not in taken and path not in folders and taken.isdisjoint(above):
                    taken.add(path)
                    folders |= above
                    yield path, place


def _above(path: str) -> Iterator[str]:
    """Name every folder that a path lies in."""
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def find_dist_info(infos: Iterable[ZipInfo], name: str, findings: Findings) -> str | None:
    """Find the one metadata folder of a wheel, with all that it must hold (PEP 427).

    Notes `dist-info-missing`, `dist-info-several`, `dist-info-name` and `dist-info-incomplete`.
    """
    names = {info.filename for info in infos}
    folders = sorted({top for top in _tops(names) if top.endswith(".dist-info")})
    if len(folders) != 1:
        reference = "dist-info-several" if folders else "dist-info-missing"
        findings.refuse(reference, detail=", ".join(folders))
        return None
    folder = folders[0]
    if canonicalize_name(folder.removesuffix(".dist-info").rpartition("-")[0]) != name:
        findings.refuse("dist-info-name", folder, name)
    missing = [f"{folder}/{each}" for each in ("METADATA", "WHEEL", "RECORD")]
    missing = [each for each in missing if each not in names]
    for each in missing:
        findings.refuse("dist-info-incomplete", each)
    return None if missing else folder


def lay_out(
    infos: Iterable[ZipInfo],
    dist_info: str,
    entry_points: Iterable[EntryPoint],
    headers: str,
    findings: Findings,
) -> Layout:
    """Give every member its path in the package.

    Left out: what conda or this program writes anew (RECORD, INSTALLER, signatures), compiled
    files whose source is there, and launchers of entry points (as pip's `wheel.py` does).

    Args:
        infos: files of the wheel.
        dist_info: its metadata folder.
        entry_points: its commands.
        headers: the folder for C headers, from `headers_folder`.
        findings: takes `data-scheme-unknown` and `member-reserved`.
    """
    known = tuple(infos)
    names = {info.filename for info in known}
    commands = {entry.name for entry in entry_points}
    replaced = {f"{dist_info}/{each}" for each in _REPLACED}
    places: list[Place] = []
    bound = False
    for info in known:
        name = info.filename
        if name in replaced or (name.endswith(".pyc") and _has_source(name, names)):
            continue
        if ".data/" not in name:  # nearly all, so that thousands take no time
            places.append(Place(info, f"site-packages/{name}"))
            continue
        path = _destination(name, commands, headers, findings)
        if path:
            places.append(Place(info, path))
            bound = bound or _OF_ONE_MINOR.match(path) is not None
    return Layout(tuple(places), dist_info, bound)


def headers_folder(target: Target, name: str) -> str:
    """Name the folder for a dist's C headers, as sysconfig does for this python."""
    if target.subdir.startswith("win"):
        return f"Include/{name}"
    return f"include/python{target.minor}{'t' if target.free_threaded else ''}/{name}"


def _tops(names: Iterable[str]) -> Iterator[str]:
    return (name.split("/", 1)[0] for name in names if "/" in name)


def _has_source(name: str, names: set[str]) -> bool:
    match = _COMPILED.fullmatch(name)
    source = f"{match['folder']}{match['module']}.py" if match else name[:-1]
    return source in names


def _destination(name: str, commands: set[str], headers: str, findings: Findings) -> str | None:
    top, _, rest = name.partition("/")
    if not top.endswith(".data") or not rest:
        return f"site-packages/{name}"
    scheme, _, path = rest.partition("/")
    if scheme not in SCHEME_NAMES or not path:
        findings.refuse("data-scheme-unknown", name)
        return None
    match scheme:
        case "scripts":
            return None if _LAUNCHER_SUFFIX.sub("", path) in commands else f"python-scripts/{path}"
        case "headers":
            return f"{headers}/{path}"
        case "data":
            check_data(path, findings)
            return path
        case _:
            return f"site-packages/{path}"
