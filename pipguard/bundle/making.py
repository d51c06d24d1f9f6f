"""Makes a bundle of an environment: packages, index, wheels, lists.

Start at `make`. Nothing is written outside the folder that was asked for.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipguard import __version__
from pipguard.atomic import write_atomically
from pipguard.bundle.indexing import Packed, write_index
from pipguard.bundle.pip_packages import pack
from pipguard.bundle.repack import Unpackable
from pipguard.bundle.sources import Sources, digest_of, subdir_of
from pipguard.bundle.wheel_again import write_wheel
from pipguard.doctor.files import hold_against_disk
from pipguard.errors import BundleError
from pipguard.export.inventory import Artifact, Inventory, Item
from pipguard.export.pylock import pylock
from pipguard.export.reading import take_stock
from pipguard.guard_record import read_guard
from pipguard.names import CondaName, PyPIName
from pipguard.prefix import Prefix
from pipguard.problems import Problem
from pipguard.records import InstalledRecord, Origin

SCHEMA = 1
MANIFEST = "bundle.json"
_INDEX_FIELDS = (
    *("name", "version", "build", "build_number", "depends", "constrains", "noarch", "license"),
    *("license_family", "timestamp", "purls", "track_features", "features"),
    "python_site_packages_path",
)


@dataclass(frozen=True, slots=True)
class Bundle:
    """What came of it: how many packages, how many wheels, how many bytes."""

    packages: int
    wheels: int
    size: int


@dataclass(frozen=True, slots=True)
class Built:
    """The package of an editable, built from its folder: its file and its record."""

    path: Path
    index: Mapping[str, Any]


def refuse(prefix: Prefix, folder: Path) -> None:
    """See whether a bundle can be made at all, before anything is built.

    Raises:
        BundleError: the folder is taken, or conda-meta does not account for what is there.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / MANIFEST).exists():
        raise BundleError("bundle-folder-taken", folder=str(folder))
    _refuse_damaged(prefix, take_stock(prefix))


@contextmanager
def drafted(folder: Path) -> Iterator[Path]:
    """Give a folder beside the one that was asked for; it takes its place when all went well."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as place:
        draft, old = Path(place, "new"), Path(place, "old")
        draft.mkdir()
        yield draft
        if folder.exists():
            folder.rename(old)
        draft.rename(folder)


def make(
    prefix: Prefix, folder: Path, sources: Sources, editables: Mapping[PyPIName, Built]
) -> Bundle:
    """Make a bundle.

    Args:
        prefix: the environment.
        folder: of the bundle, empty but for the packages of editables.
        sources: where packages may be.
        editables: by dist, the package of each editable.

    Raises:
        BundleError: packages are nowhere and cannot be made again; names all at once.
        OSError: something cannot be written.
    """
    stock = take_stock(prefix)
    found = [_packed(prefix, item, stock, sources, folder, editables) for item in stock.records]
    problems = [problem for each in found if not isinstance(each, Packed) for problem in each]
    if problems:
        raise BundleError("bundle-incomplete", problems=tuple(problems))
    packages = [each for each in found if isinstance(each, Packed)]
    write_index(folder, packages)
    wheels = dict(_wheels(folder, packages, stock))
    _write_lists(prefix, folder, stock, packages, wheels)
    size = sum(package.path.stat().st_size for package in packages)
    return Bundle(len(packages), len(wheels), size)


def editables_of(prefix: Prefix) -> tuple[Item, ...]:
    """Name the dists that lie in a folder of the person's."""
    return tuple(it for it in take_stock(prefix).pypis if it.direct and it.direct.editable)


def _refuse_damaged(prefix: Prefix, stock: Inventory) -> None:
    """Refuse an environment of which a bundle would not be the same."""
    untracked = [item.name for item in stock.items if item.origin is Origin.UNTRACKED]
    guard = read_guard(prefix.path)
    placed = frozenset(guard.files) if guard else frozenset[str]()
    damaged = hold_against_disk(prefix.path, stock.records, spared=placed)
    names = sorted({*untracked, *damaged})
    if names:
        raise BundleError("bundle-damaged", names=", ".join(names), prefix=str(prefix.path))


def _packed(
    prefix: Prefix,
    item: InstalledRecord,
    stock: Inventory,
    sources: Sources,
    folder: Path,
    editables: Mapping[PyPIName, Built],
) -> Packed | tuple[Problem, ...]:
    """Put the package of a record into the bundle, or say why it cannot be had."""
    dist = next((it for it in stock.items if it.conda_name == item.record.name), None)
    if dist and dist.name in editables:
        built = editables[dist.name]
        purls = {"purls": list(built.index.get("purls", ()))}
        return Packed(built.path, built.index, digest_of(built.path), purls)
    if item.record.origin is not Origin.PIP:
        path = sources.bring(item, folder)
        if not isinstance(path, Path):
            return path
        return Packed(path, _index(item, subdir_of(item)), digest_of(path), _original(item))
    try:
        path, made = pack(prefix.path, item, stock.subdir, prefix.target.minor, folder)
    except Unpackable as error:
        return (error.problem,)
    return Packed(path, _index(made, made.record.subdir), digest_of(path), _original(made))


def _original(item: InstalledRecord) -> dict[str, Any]:
    """Say where a package came from first, and what it was there; never a place of this machine."""
    keys: tuple[str, ...] = ("purls", "timestamp")
    if item.record.origin is Origin.CONDA and not item.record.url.startswith("file:"):
        keys = (*keys, "fn", "sha256", "md5", "size")
        places = {"channel": item.record.channel, "url": item.record.url}
        return {**places, **{key: item.data.get(key) for key in keys}}
    return {key: item.data.get(key) for key in keys}


def _index(item: InstalledRecord, subdir: str) -> dict[str, Any]:
    known = {key: item.data[key] for key in _INDEX_FIELDS if item.data.get(key) is not None}
    return {"build_number": 0, "depends": [], **known, "subdir": subdir}


def _wheels(
    folder: Path, packages: Sequence[Packed], stock: Inventory
) -> Iterator[tuple[PyPIName, Path]]:
    """Make the wheels of what came from PyPI."""
    dists = {item.conda_name: item.name for item in stock.pypis}
    for package in packages:
        name = dists.get(CondaName(str(package.index["name"])))
        if name:
            yield name, write_wheel(package.path, folder / "wheels")


# Lists


def _write_lists(
    prefix: Prefix,
    folder: Path,
    stock: Inventory,
    packages: Sequence[Packed],
    wheels: Mapping[PyPIName, Path],
) -> None:
    guard = read_guard(prefix.path)
    requested = {item.record.name: list(item.requested) for item in stock.records}
    manifest = {
        "schema": SCHEMA,
        "made_by": f"pipguard {__version__}",
        "name": stock.name,
        "subdir": stock.subdir,
        "mode": guard.mode.value if guard else None,
        "wishes": stock.wishes,
        "packages": [
            {
                "file": package.place,
                "sha256": package.sha256,
                "requested": requested.get(CondaName(str(package.index["name"])), []),
                "record": package.original,
            }
            for package in packages
        ],
    }
    texts = {
        "explicit.txt": _explicit(stock, packages),
        "pylock.toml": _lock(prefix, folder, stock, wheels),
        MANIFEST: json.dumps(manifest, indent=1, sort_keys=True) + "\n",
    }
    for name, text in texts.items():
        if text:
            write_atomically(folder / name, text.encode())


def _explicit(stock: Inventory, packages: Sequence[Packed]) -> str:
    """List the packages by their paths in the bundle, which conda takes relative to where it is."""
    head = (
        "# In this folder, without any network:\n"
        "# $ conda create --offline --name <env> --file explicit.txt\n"
        f"# platform: {stock.subdir}\n@EXPLICIT\n"
    )
    places = sorted(packages, key=lambda it: str(it.index["name"]))
    return head + "".join(f"./{package.place}#sha256:{package.sha256}\n" for package in places)


def _lock(prefix: Prefix, folder: Path, stock: Inventory, wheels: Mapping[PyPIName, Path]) -> str:
    """Lock the wheels of the bundle; what conda brought has none."""
    items = tuple(
        Item(
            item.name,
            item.version,
            item.origin,
            artifact=Artifact(wheels[item.name].as_uri(), digest_of(wheels[item.name])),
        )
        for item in stock.pypis
        if item.name in wheels
    )
    if not items:
        return ""
    inventory = Inventory(stock.name, stock.subdir, stock.python, (), items)
    return pylock(inventory, {}, str(folder), prefix.target.markers)[0]
