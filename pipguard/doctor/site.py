"""The site-packages folders of an environment, and the metadata folders in them.

Reads only. Start at `find_sites` and `read_infos`. Which dist is rightly there is not asked here,
only which record, if any, has its metadata.
"""

from __future__ import annotations

import base64
import binascii
import csv
import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from pipguard.changes.staging import inside_of
from pipguard.direct_url import DirectUrl, parse_direct_url
from pipguard.doctor.evidence import Damage, Info, Row
from pipguard.doctor.files import hashes
from pipguard.errors import PrefixError
from pipguard.marker import find_python
from pipguard.names import CondaName, pypi_name
from pipguard.wheels.core import CoreMetadata

_SUFFIXES = (".dist-info", ".egg-info")
# What pip makes names of folders from that it puts aside (`AdjacentTempDirectory.LEADING_CHARS`).
_SIGNS = "-~.=%0123456789"
# What python, pip and installers write again or anew; a RECORD rightly differs from it.
_CHANGING = (".pyc", "/RECORD", "/INSTALLER", "/REQUESTED", "/direct_url.json")


def find_sites(prefix: Path) -> tuple[str, ...]:
    """Find every site-packages of a prefix; the first is that of its python, if it has one.

    conda-forge's `lib/python3.1` is a link to the folder of 3.1x, and no site of its own.
    """
    try:
        present = [f"{find_python(prefix).stdlib}/site-packages"]
    except PrefixError:
        present = []
    folders = (folder for folder in prefix.glob("lib/python3*") if not folder.is_symlink())
    sites = (f"lib/{folder.name}/site-packages" for folder in sorted(folders))
    return tuple(dict.fromkeys([*present, *(site for site in sites if (prefix / site).is_dir())]))


def read_infos(
    prefix: Path, site: str, owners: Mapping[str, CondaName], *, present: bool
) -> tuple[tuple[Info, ...], tuple[str, ...]]:
    """Read the metadata folders of one site-packages.

    Args:
        prefix: the environment.
        site: relative to it.
        owners: by path, the record that has it.
        present: whether the python that is there looks into it; what lies elsewhere may be moved.

    Returns:
        the folders; and everything there that an uninstall of pip's has put aside.
    """
    infos, stashed = [], []
    try:
        names = sorted(os.listdir(prefix / site))  # noqa: PTH208 # names are all that is wanted
    except OSError:
        return (), ()
    for name in names:
        if name.endswith(_SUFFIXES):
            info = _read(prefix, f"{site}/{name}", site, owners)
            known = info.owner is not None and present
            infos.append(info if known else _with_rows(prefix, info, owners))
        if name.startswith("~"):
            stashed.append(f"{site}/{name}")
    return tuple(infos), tuple(stashed)


def _read(prefix: Path, path: str, site: str, owners: Mapping[str, CondaName]) -> Info:
    folder = prefix / path
    members = frozenset(os.listdir(folder)) if folder.is_dir() else frozenset[str]()  # noqa: PTH208 # names are all that is wanted
    candidates = (f"{path}/METADATA", f"{path}/PKG-INFO", f"{path}/RECORD", path)
    owner = next((owners[each] for each in candidates if each in owners), None)
    metadata = _metadata(folder, members)
    direct = _direct_url(folder) if "direct_url.json" in members else None
    editable = direct.path if direct and direct.editable else None
    return Info(
        path=path,
        site=site,
        owner=owner,
        members=members,
        metadata=metadata,
        name=pypi_name(metadata.name) if metadata else None,
        source=direct.requirement_url if direct else None,
        editable=editable,
        gone=editable is not None and not Path(editable).exists(),
        changed=os.lstat(folder).st_mtime,
    )


def _direct_url(folder: Path) -> DirectUrl | None:
    return parse_direct_url(_text(folder / "direct_url.json"))


def _metadata(folder: Path, members: frozenset[str]) -> CoreMetadata | None:
    name = next((each for each in ("METADATA", "PKG-INFO") if each in members), "")
    try:
        found = CoreMetadata.from_text((folder / name).read_bytes())
    except (OSError, UnicodeDecodeError):
        return None
    return found if found.name and found.version else None


def _with_rows(prefix: Path, info: Info, owners: Mapping[str, CondaName]) -> Info:
    """Add what tells whether a dist is whole, and what it consists of."""
    folder = prefix / info.path
    rows = _rows(prefix, info)
    return replace(
        info,
        installer=_text(folder / "INSTALLER").strip(),
        rows=rows,
        tags=_tags(_text(folder / "WHEEL")),
        orphans=tuple(_orphans(prefix, info, owners)) if rows is None else (),
    )


def _orphans(prefix: Path, info: Info, owners: Mapping[str, CondaName]) -> Iterator[str]:
    """Find the modules of a dist without RECORD, by what setuptools notes or by its name."""
    named = _text(prefix / info.path / "top_level.txt").split()
    for top in named or ([info.name.replace("-", "_")] if info.name else []):
        module = prefix / info.site / top
        single = module.with_name(f"{module.name}.py")
        for path in sorted([*module.rglob("*"), single] if module.is_dir() else [single]):
            inside = path.relative_to(prefix).as_posix()
            if path.is_file() and inside not in owners and "__pycache__" not in path.parts:
                yield inside


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _tags(text: str) -> tuple[str, ...]:
    lines = text.splitlines()
    return tuple(line.partition(":")[2].strip() for line in lines if line.startswith("Tag:"))


def _rows(prefix: Path, info: Info) -> tuple[Row, ...] | None:
    """Read RECORD (PEP 376), or what pip wrote for a legacy install."""
    if "RECORD" in info.members:
        lines = _text(prefix / info.path / "RECORD").splitlines()
        try:
            rows = [(row[0], row[1] if len(row) > 1 else "") for row in csv.reader(lines) if row]
        except csv.Error:
            return None
        return _inside(prefix, info.site, rows)
    if "installed-files.txt" in info.members:
        names = _text(prefix / info.path / "installed-files.txt").splitlines()
        return _inside(prefix, info.path, [(name, "") for name in names if name])
    return None


def _inside(prefix: Path, root: str, rows: Iterable[tuple[str, str]]) -> tuple[Row, ...]:
    """Make rows relative to the prefix; what lies outside is nobody's here."""
    found = []
    for name, value in rows:
        path = inside_of(prefix, root, name)
        if path is not None:
            found.append(Row(path, _hex(value)))
    return tuple(found)


def _hex(value: str) -> str | None:
    """Read the hash of a row: sha256 in urlsafe base64 without padding."""
    algorithm, _, text = value.partition("=")
    if algorithm != "sha256":
        return None
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).hex()
    except (binascii.Error, ValueError):
        return None


def with_damage(prefix: Path, infos: Iterable[Info], stashed: Collection[str]) -> tuple[Info, ...]:
    """Hold the rows of dists that nobody accounts for against the disk, all of them at once.

    `stashed` is what uninstalls of pip's have put aside.
    """
    known = [_with_moves(info, stashed) for info in infos]
    places = [(info, _places(info)) for info in known]
    found = hashes(prefix, sorted({place for _, rows in places for place, _ in rows}))
    return tuple(replace(info, damage=_damage(rows, found)) for info, rows in places)


def _places(info: Info) -> list[tuple[str, Row]]:
    """Pair each row that can be judged with the place where its file is now."""
    if info.owner is not None:
        return []
    rows = (row for row in info.rows or () if not row.path.endswith(_CHANGING))
    return [(_moved(row.path, info.moves), row) for row in rows]


def _moved(path: str, moves: Iterable[tuple[str, str]]) -> str:
    for now, before in moves:
        if path.startswith(f"{before}/"):
            return now + path.removeprefix(before)
    return path


def _damage(places: Iterable[tuple[str, Row]], found: Mapping[str, str | None]) -> Damage:
    missing = [row.path for place, row in places if found[place] is None]
    altered = [
        row.path for place, row in places if row.sha256 and found[place] not in {row.sha256, None}
    ]
    return Damage(tuple(missing), tuple(altered))


def _with_moves(info: Info, stashed: Collection[str]) -> Info:
    """Find what pip has put aside together with a metadata folder.

    `AdjacentTempDirectory` of pip gives a folder a name of the same length, in which `~` and
    perhaps more such signs stand for the first characters.
    """
    if not info.stashed:
        return info
    tops = {_top(row.path, info.site) for row in info.rows or ()} - {""}
    places = {top: each for top in tops for each in sorted(stashed) if _stands_for(each, top)}
    return replace(info, moves=tuple((now, before) for before, now in sorted(places.items())))


def _top(path: str, site: str) -> str:
    """Return the folder directly in site-packages that a path lies in; "" for none."""
    inside = path.removeprefix(f"{site}/")
    return f"{site}/{inside.partition('/')[0]}" if inside != path and "/" in inside else ""


def _stands_for(stashed: str, path: str) -> bool:
    folder, _, name = stashed.rpartition("/")
    where, _, original = path.rpartition("/")
    signs = len(name) - len(name.lstrip(_SIGNS))
    same = folder == where and len(name) == len(original)
    return same and any(name[at:] == original[at:] for at in range(1, signs + 1))
