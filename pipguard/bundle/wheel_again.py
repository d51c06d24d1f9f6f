"""Makes a wheel again out of the package that a wheel was converted to.

The files are those of the wheel; RECORD is made anew, and the archive around them is another, so
the wheel has a hash of its own. Start at `write_wheel`.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from pipguard.bundle.repack import Unpackable
from pipguard.wheels.packing import PLACEHOLDER

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_DATE = (1980, 1, 1, 0, 0, 0)
_SITE = "site-packages/"
_SCRIPTS = "python-scripts/"
_SHEBANG = f"#!{PLACEHOLDER}/bin/python".encode()
# What an installer writes for itself.
_OF_INSTALLERS = frozenset({"INSTALLER", "RECORD", "REQUESTED", "direct_url.json"})


def write_wheel(package: Path, folder: Path) -> Path:
    """Write the wheel of a converted package into a folder.

    Raises:
        Unpackable: the package holds no dist, or not one.
    """
    members = {name: (data, mode) for name, data, mode in _members(package)}
    infos = {name.split("/")[1] for name in members if _is_metadata(name)}
    if len(infos) != 1:
        raise Unpackable(package.name, "package-of-no-dist")
    (info,) = infos
    tags = _tags(members[f"{_SITE}{info}/WHEEL"][0])
    target = folder / f"{info.removesuffix('.dist-info')}-{tags}.whl"
    folder.mkdir(parents=True, exist_ok=True)
    rows: list[tuple[str, str, str]] = []
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, (data, mode) in sorted(members.items()):
            place = _place(name, info)
            if place:
                _add(archive, place, _plain(data), mode)
                rows.append((place, _row_hash(_plain(data)), str(len(_plain(data)))))
        _add(archive, f"{info}/RECORD", _record(rows, info), 0o644)
    return target


def _members(package: Path) -> Iterator[tuple[str, bytes, int]]:
    """Yield path, bytes and mode of each file of a `.conda`, its metadata aside."""
    stem = package.name.removesuffix(".conda")
    with (
        zipfile.ZipFile(package) as archive,
        archive.open(f"pkg-{stem}.tar.zst") as packed,
        zstd.open(packed, "rb") as stream,
        tarfile.open(fileobj=stream, mode="r|") as members,
    ):
        for member in members:
            file = members.extractfile(member) if member.isfile() else None
            if file is not None:
                yield member.name, file.read(), member.mode


def _is_metadata(name: str) -> bool:
    return name.startswith(_SITE) and name.endswith(".dist-info/WHEEL") and name.count("/") == 2  # noqa: PLR2004 # directly in site-packages


def _tags(text: bytes) -> str:
    """Compress the tags of WHEEL as the name of the file has them (PEP 425)."""
    lines = text.decode().splitlines()
    tags = [line.partition(":")[2].strip() for line in lines if line.startswith("Tag:")]
    parts = zip(*(tag.split("-") for tag in tags), strict=True)
    return "-".join(".".join(dict.fromkeys(part)) for part in parts)


def _place(name: str, info: str) -> str:
    """Say where a file of the package lies in the wheel; "" for what is left out."""
    data = info.replace(".dist-info", ".data")
    if name.startswith(_SITE):
        inside = name.removeprefix(_SITE)
        own = inside.removeprefix(f"{info}/")
        return "" if own != inside and own in _OF_INSTALLERS else inside
    if name.startswith(_SCRIPTS):
        return f"{data}/scripts/{name.removeprefix(_SCRIPTS)}"
    top, _, rest = name.partition("/")
    parts = rest.split("/", 2)
    if top == "include" and len(parts) == 3:  # noqa: PLR2004 # pythonX.Y/<name>/<file>
        return f"{data}/headers/{parts[2]}"
    return f"{data}/data/{name}"


def _plain(data: bytes) -> bytes:
    return b"#!python" + data[len(_SHEBANG) :] if data.startswith(_SHEBANG) else data


def _add(archive: zipfile.ZipFile, name: str, data: bytes, mode: int) -> None:
    member = zipfile.ZipInfo(name, _DATE)
    member.external_attr = (0o100000 | mode) << 16
    member.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(member, data)


def _row_hash(data: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return f"sha256={digest}"


def _record(rows: list[tuple[str, str, str]], info: str) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([*rows, (f"{info}/RECORD", "", "")])
    return text.getvalue().encode()
