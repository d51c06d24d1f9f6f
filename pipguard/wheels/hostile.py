"""Rules about the members of a wheel that must not reach an environment.

Pure. Wheels come from strangers: a path may leave the prefix, a zip may unpack to anything, and
some file names are orders to conda. Every function notes all it finds.
"""

from __future__ import annotations

import re
import stat
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from pipguard.folders import folders_above
from pipguard.target import Target
from pipguard.wheels.findings import Findings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from zipfile import ZipInfo

_MEBIBYTE = 1 << 20
_FILES = (0, stat.S_IFREG)
_LONGEST_PART = 255
_LONGEST_PATH = 4096
_UNSAFE_PARTS = frozenset({"", ".", ".."})
_RESERVED_FOLDERS = frozenset(
    {"info", "conda-meta", "condabin", "pkgs", "envs", "python-scripts", "site-packages"}
    | {"condarc", "condarc.d", ".condarc", ".mambarc"}
)
_SETTINGS = re.compile(
    r"pip\.(conf|ini)|((bin|scripts)/)?pyvenv\.cfg|etc/pipguard\.toml|libexec/pipguard/.*"
    r"|etc/conda/(de)?activate\.d/zz-pipguard\..*|lib/(python[^/]*/)?externally-managed",
    re.IGNORECASE,
)
"""Where pip takes its index from, python its home, and the guard what it is: no wheel says that."""
_LINK_SCRIPT = re.compile(
    r"(bin|scripts|python-scripts)/\..*-(pre|post)-(un)?link\.(sh|bat)", re.IGNORECASE
)
_ACTIVATION = re.compile(r"etc/conda/(activate|deactivate|env_vars)\.d/.+", re.IGNORECASE)
_MENU = re.compile(r"menu/[^/]+\.json", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a wheel may unpack to.

    Attributes:
        unpacked: bytes in all.
        ratio: of unpacked bytes to the bytes of the wheel.
        ratio_from: unpacked bytes from which on the ratio counts.
    """

    unpacked: int = 32 * 1024 * _MEBIBYTE
    ratio: int = 100
    ratio_from: int = 64 * _MEBIBYTE


def check_members(infos: Iterable[ZipInfo], findings: Findings) -> tuple[ZipInfo, ...]:
    """Refuse unsafe paths, those that no file system takes, and what is no regular file.

    Returns:
        All whose path is of bearable length: who looks at the folders of a path of thousands of
        them needs memory as for a large wheel.
    """
    bearable = []
    for info in infos:
        name = info.orig_filename
        parts = name.split("/")
        has_drive = name[1:2] == ":" and name[0].isalpha()
        if "\\" in name or "\0" in name or has_drive or not _UNSAFE_PARTS.isdisjoint(parts):
            findings.refuse("member-path-unsafe", name)
        if stat.S_IFMT(info.external_attr >> 16) not in _FILES:
            findings.refuse("member-not-a-file", info.filename)
        if (len(name) > _LONGEST_PART or not name.isascii()) and _is_too_long(name, parts):
            findings.refuse("member-path-long", f"{name[:_LONGEST_PART]}…")
        else:
            bearable.append(info)
    return tuple(bearable)


def _is_too_long(name: str, parts: Iterable[str]) -> bool:
    """Hold a path to the limits of Linux, in bytes: `NAME_MAX` and `PATH_MAX`."""
    return len(name.encode()) > _LONGEST_PATH or any(
        len(part.encode()) > _LONGEST_PART for part in parts
    )


def check_size(
    infos: Iterable[ZipInfo], wheel_size: int, limits: Limits, findings: Findings
) -> bool:
    """Refuse zip bombs by declared sizes, which reading holds every member to.

    The ratio is over the whole wheel, for single files of honest wheels pack better than 100.

    Returns:
        Whether it is within the limits.
    """
    unpacked = sum(info.file_size for info in infos)
    if unpacked > limits.unpacked:
        findings.refuse("wheel-too-large", detail=str(unpacked))
        return False
    if unpacked > limits.ratio_from and unpacked > limits.ratio * wheel_size:
        findings.refuse("wheel-ratio", detail=str(unpacked // max(wheel_size, 1)))
        return False
    return True


def check_paths(paths: Iterable[str], target: Target, findings: Findings) -> None:
    """Judge where files will lie, as paths within the package, each once."""
    known = list(paths)
    for path in known:
        _check_path(path, findings)
    _check_folders(known, findings)
    if not target.subdir.startswith("linux"):
        _check_case(known, findings)


def check_data(path: str, findings: Findings) -> None:
    """Refuse data files (paths relative to the prefix) in places of conda, pip and the guard.

    `site-packages` and `python-scripts` are not such places in a prefix, but in a package conda
    would move them.
    """
    if path.split("/", 1)[0].casefold() in _RESERVED_FOLDERS or _SETTINGS.fullmatch(path):
        findings.refuse("member-reserved", path)


def _check_path(path: str, findings: Findings) -> None:
    if path.startswith("site-packages/"):
        return
    if _LINK_SCRIPT.fullmatch(path):
        findings.refuse("member-link-script", path)
    elif path.casefold() == "python-scripts/pyvenv.cfg":
        findings.refuse("member-reserved", path)
    elif _ACTIVATION.fullmatch(path):
        findings.warn("member-activation", path)
    elif _MENU.fullmatch(path):
        findings.warn("member-menu", path)


def _check_case(paths: list[str], findings: Findings) -> None:
    """Refuse paths that are one file where upper and lower case are the same."""
    folded = Counter(path.casefold() for path in paths)
    for path in paths:
        if folded[path.casefold()] > 1:
            findings.refuse("member-case-differs", path)


def _check_folders(paths: Iterable[str], findings: Findings) -> None:
    """Refuse a path that is a file and a folder at once."""
    files = set(paths)
    for path in sorted(files & folders_above(files)):
        findings.refuse("member-file-and-folder", path)
