"""Makes the `.conda` of a record again: out of an extracted package, or out of the environment.

Every file is held against the sha256 that the package listed it with, so what is made again links
to the same bytes; only the archive around them is another. Start at `from_folder` and
`from_prefix`.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipguard.problems import Problem
from pipguard.records import InstalledRecord
from pipguard.wheels.archive import TarStream, conda_file

_SITE = re.compile(r"lib/python3\.\d+t?/site-packages/")
# Of the script that linking makes of an entry point.
_IMPORT = re.compile(r"^from (\S+) import", re.MULTILINE)
_CALL = re.compile(r"sys\.exit\(([\w.]+)\(\)\)")
# What conda and rattler write into an extracted package for themselves.
_OF_CACHES = frozenset({"repodata_record.json"})
_EXECUTABLE = 0o111
_CHUNK = 1 << 20
_FIELDS = (
    *("name", "version", "build", "build_number", "depends", "constrains", "noarch", "license"),
    *(
        "license_family",
        "timestamp",
        "purls",
        "track_features",
        "features",
        "python_site_packages_path",
    ),
)


class Unpackable(Exception):  # noqa: N818 # it states a fact about a package
    """A package cannot be had in one way; another may serve."""

    def __init__(self, package: str, reference: str, member: str = "", detail: str = "") -> None:
        self.problem = Problem(package, reference, member, detail)
        super().__init__(self.problem)


@dataclass(frozen=True, slots=True)
class Member:
    """A file or a link of a package.

    Attributes:
        package: whose it is.
        path: in the package.
        source: where its bytes are.
        sha256: that its bytes in the package have; None where nobody knows.
        placeholder: what stands in the package where `prefix` stands in `source`.
        prefix: see there.
        binary: whether the text is one of a binary, which keeps its length.
    """

    package: str
    path: str
    source: Path
    sha256: str | None
    placeholder: str = ""
    prefix: str = ""
    binary: bool = False


def from_folder(folder: Path, target: Path) -> Path:
    """Pack an extracted package again.

    Args:
        folder: in some package cache.
        target: the `.conda`; its stem is that of the package.

    Raises:
        Unpackable: the folder does not hold what the package's own listing says.
        OSError: it cannot be read, or the target not written.
    """
    listing = json.loads((folder / "info/paths.json").read_bytes())
    members = [_extracted(folder, entry) for entry in listing["paths"]]
    info = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted((folder / "info").rglob("*"))
        if path.is_file() and path.name not in _OF_CACHES
    }
    return _write(target, members, info)


def is_whole(folder: Path) -> bool:
    """Say whether an extracted package still holds what its own listing says."""
    try:
        listing = json.loads((folder / "info/paths.json").read_bytes())
        return all(
            (folder / entry["_path"]).is_symlink()
            or not entry.get("sha256")
            or _sha256(folder / entry["_path"]) == entry["sha256"]
            for entry in listing["paths"]
            if entry.get("path_type") == "hardlink"
        )
    except (OSError, ValueError, KeyError):
        return False


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _extracted(folder: Path, entry: Mapping[str, Any]) -> Member:
    path = entry["_path"]
    return Member(folder.name, path, folder / path, entry.get("sha256"))


def from_prefix(prefix: Path, item: InstalledRecord, subdir: str, target: Path) -> Path:
    """Pack what is installed of a record, the prefix taken out of its files again.

    Args:
        prefix: the environment.
        item: the record.
        subdir: of the package.
        target: the `.conda`; its stem is that of the package.

    Raises:
        Unpackable: a file is not what the package brought, or something cannot be told any more.
        OSError: a file cannot be read, or the target not written.
    """
    python = item.data.get("noarch") == "python"
    entries = [it for it in (item.data.get("paths_data") or {}).get("paths", ()) if _is_part(it)]
    if not entries:
        raise Unpackable(item.record.dist_name, "package-unlisted")
    members = [_installed(prefix, item, entry, python=python) for entry in entries]
    commands = _commands(prefix, item) if python else ()
    paths = [_listed(entry, member) for entry, member in zip(entries, members, strict=True)]
    return _write(target, members, _info(item, subdir, paths, commands))


def _is_part(entry: Mapping[str, Any]) -> bool:
    """Say whether a package brings a path; bytecode and commands are made when it is linked."""
    kind = str(entry.get("path_type"))
    return kind in {"hardlink", "softlink"} and not str(entry["_path"]).endswith(".pyc")


def _installed(
    prefix: Path, item: InstalledRecord, entry: Mapping[str, Any], *, python: bool
) -> Member:
    path = str(entry["_path"])
    placeholder = entry.get("prefix_placeholder") or ""
    return Member(
        package=item.record.dist_name,
        path=_SITE.sub("site-packages/", path, count=1) if python else path,
        source=prefix / path,
        sha256=entry.get("sha256"),
        placeholder=placeholder,
        prefix=str(prefix) if placeholder else "",
        binary=entry.get("file_mode") == "binary",
    )


def _listed(entry: Mapping[str, Any], member: Member) -> dict[str, Any]:
    kept = {key: value for key, value in entry.items() if key != "sha256_in_prefix"}
    return {**kept, "_path": member.path}


def _commands(prefix: Path, item: InstalledRecord) -> tuple[str, ...]:
    """Read the definitions of commands out of what linking has made of them.

    conda and rattler write the same script (`conda/core/path_actions.py`).

    Raises:
        Unpackable: one is not such a script any more.
    """
    return tuple(
        _definition(prefix / str(it["_path"]), item.record.dist_name)
        for it in item.data["paths_data"]["paths"]
        if it.get("path_type") == "unix_python_entry_point"
    )


def _definition(script: Path, package: str) -> str:
    text = script.read_text(encoding="utf-8", errors="replace") if script.is_file() else ""
    module, called = _IMPORT.search(text), _CALL.search(text)
    if module is None or called is None:
        raise Unpackable(package, "package-command-untold", str(script))
    return f"{script.name} = {module[1]}:{called[1]}"


def _info(
    item: InstalledRecord, subdir: str, paths: list[dict[str, Any]], commands: Iterable[str]
) -> dict[str, bytes]:
    """Write the metadata of the package, as far as a record still tells it."""
    index = {key: item.data[key] for key in _FIELDS if item.data.get(key) not in (None, "", [])}
    documents: dict[str, object] = {
        "index.json": {"build_number": 0, "depends": [], **index, "subdir": subdir},
        "paths.json": {"paths": paths, "paths_version": 1},
        "about.json": {},
    }
    if item.data.get("noarch") == "python":
        documents["link.json"] = {
            "noarch": {"entry_points": list(commands), "type": "python"},
            "package_metadata_version": 1,
        }
    return {
        f"info/{name}": json.dumps(document, sort_keys=True).encode()
        for name, document in documents.items()
    }


# Writing


def _write(target: Path, members: Iterable[Member], info: Mapping[str, bytes]) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.tmp")
    try:
        with conda_file(draft, target.name.removesuffix(".conda")) as archive:
            with archive.component("pkg") as stream:
                for member in members:
                    _pack(stream, member)
            with archive.component("info") as stream:
                for path, data in info.items():
                    stream.add(path, data, mode=0o644, mtime=_EARLIEST)
        return draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


# Before 1980 zip has no date, and tools that repack stumble over it.
_EARLIEST = 315_619_200


def _pack(stream: TarStream, member: Member) -> None:
    state = member.source.lstat()
    if stat.S_ISLNK(state.st_mode):
        stream.feed(_link_header(member))
        return
    if stat.S_ISDIR(state.st_mode):
        stream.feed(_folder_header(member))
        return
    mode = 0o755 if state.st_mode & _EXECUTABLE else 0o644
    mtime = max(int(state.st_mtime), _EARLIEST)
    if member.placeholder:
        data = _with_placeholder(member)
        _check(member, hashlib.sha256(data).hexdigest())
        stream.add(member.path, data, mode=mode, mtime=mtime)
        return
    stream.begin(member.path, state.st_size, mode=mode, mtime=mtime)
    for chunk in _hashed(member):
        stream.feed(chunk)
    stream.end(state.st_size)


def _hashed(member: Member) -> Iterator[bytes]:
    digest = hashlib.sha256()
    with member.source.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            yield chunk
    _check(member, digest.hexdigest())


def _check(member: Member, found: str) -> None:
    if member.sha256 and found != member.sha256:
        raise Unpackable(member.package, "package-file-altered", str(member.source))


def _link_header(member: Member) -> bytes:
    header = tarfile.TarInfo(member.path)
    header.type, header.linkname = tarfile.SYMTYPE, os.readlink(member.source)  # noqa: PTH115 # its text, not a path
    header.mode, header.mtime = 0o777, _EARLIEST
    return header.tobuf(tarfile.PAX_FORMAT, "utf-8", "strict")


def _folder_header(member: Member) -> bytes:
    header = tarfile.TarInfo(member.path)
    header.type, header.mode, header.mtime = tarfile.DIRTYPE, 0o755, _EARLIEST
    return header.tobuf(tarfile.PAX_FORMAT, "utf-8", "strict")


def _with_placeholder(member: Member) -> bytes:
    """Put the placeholder back where linking has put the prefix.

    In a binary, linking keeps the length of each text by NUL bytes behind it
    (`conda/core/portability.py`): as many are taken away again.
    """
    data = member.source.read_bytes()
    prefix, placeholder = member.prefix.encode(), member.placeholder.encode()
    if not member.binary:
        return data.replace(prefix, placeholder)
    return re.sub(
        re.escape(prefix) + rb"([^\0]*?)(\0+)",
        lambda it: _lengthened(it, prefix, placeholder),
        data,
    )


def _lengthened(found: re.Match[bytes], prefix: bytes, placeholder: bytes) -> bytes:
    rest = found[1].replace(prefix, placeholder)
    whole = placeholder + rest
    return whole + b"\0" * (len(found[0]) - len(whole))
