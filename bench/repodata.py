"""Writes a channel as large as conda-forge: 25,000 packages in twenty versions each.

They have the dependencies of ordinary packages. A process of its own writes them, so that the one
which measures stays small.

    python -m bench.repodata FOLDER
"""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import sys
import threading
from collections.abc import Iterable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import builders

from pipguard.prefix import native_subdir

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

SUBDIRS = (native_subdir(), "noarch")
Entry = dict[str, object]
PACKAGES, VERSIONS = 25_000, 20
LIBRARIES = 400
DISTS = 40
BUILD = "pyhd8ed1ab_0"
NEWEST = f"1.{VERSIONS - 1}.0"


def name_of(number: int) -> str:
    return f"package-{number:05}"


def entries(subdir: str, chosen: random.Random) -> Iterator[tuple[str, Entry]]:
    """Yield the packages of one platform folder: libraries and half of the rest are compiled."""
    for number in range(PACKAGES):
        compiled = number < LIBRARIES or number % 2 == 0
        if compiled == (subdir == "noarch"):
            continue
        needs = dependencies(number, chosen)
        for version in range(VERSIONS):
            build = f"h{number:07x}_{version}" if compiled else BUILD
            file_name = f"{name_of(number)}-1.{version}.0-{build}.conda"
            digest = f"{number * VERSIONS + version:064x}"
            yield file_name, {
                "build": build, "build_number": version % 3, "depends": needs, "md5": digest[:32],
                "license": "BSD-3-Clause", "license_family": "BSD", "name": name_of(number),
                "sha256": digest, "size": 10_000 + number, "subdir": subdir,
                "timestamp": 1_700_000_000_000 + version, "version": f"1.{version}.0",
                **({} if compiled else {"noarch": "python"}),
            }  # fmt: skip


def dependencies(number: int, chosen: random.Random) -> list[str]:
    """Make a recipe: libraries need a few others, everything else python, libraries and more.

    What else it needs is better known than itself, which makes closures of the usual size.
    """
    if number < LIBRARIES:
        needs = chosen.sample(range(number), min(number, 3))
        return [f"{name_of(it)} >=1.{chosen.randrange(10)},<2.0a0" for it in needs]
    needs = chosen.sample(range(LIBRARIES), 4)
    needs += [chosen.randrange(number // 6 + 1) for _ in range(3)]
    return ["python >=3.9", *(f"{name_of(it)} >=1.{chosen.randrange(10)}" for it in sorted(needs))]


def dists() -> list[str]:
    """Choose packages that ship dists of their name, which are there as files too."""
    chosen = random.Random(7)  # noqa: S311 # the same each time
    return [name_of(number) for number in chosen.sample(range(LIBRARIES + 1, PACKAGES, 2), DISTS)]


def write(folder: Path) -> None:
    """Write the channel: `repodata.json` and `.zst` of both folders, and a few packages."""
    chosen = random.Random(6)  # noqa: S311 # the same channel each time
    for subdir in SUBDIRS:
        packages = dict(entries(subdir, chosen))
        for name in dists():
            file_name = f"{name}-{NEWEST}-{BUILD}.conda"
            if file_name in packages:
                packages[file_name] |= _written(folder, packages[file_name])
        _index(folder, subdir, packages)


def _written(folder: Path, entry: Entry) -> Entry:
    """Write the package of an entry; return what the entry must say of the file."""
    fields = {key: entry[key] for key in ("build", "depends")}
    path = builders.dist_package(folder, str(entry["name"]), str(entry["version"]), **fields)
    data = path.read_bytes()
    hashed = {kind: hashlib.new(kind, data).hexdigest() for kind in ("sha256", "md5")}
    return {**hashed, "size": len(data), "build_number": 0}


def write_part(folder: Path, whole: Path, names: Iterable[str]) -> None:
    """Write a channel of some of these packages and all that they need, in the newest version."""
    newest: dict[str, tuple[str, Entry]] = {}
    for subdir in SUBDIRS:
        document = json.loads((whole / subdir / "repodata.json").read_bytes())
        # Versions come in their order.
        newest |= {entry["name"]: (file, entry) for file, entry in _packages(document)}
    wanted, waiting = set(), [*names]
    while waiting:
        name = waiting.pop()
        if name in newest and name not in wanted:
            wanted.add(name)
            waiting += [spec.split()[0] for spec in newest[name][1]["depends"]]
    shutil.copytree(whole, folder, ignore=shutil.ignore_patterns("repodata.*"))
    for subdir in SUBDIRS:
        found = (newest[name] for name in sorted(wanted))
        _index(folder, subdir, {file: entry for file, entry in found if entry["subdir"] == subdir})


def _packages(document: dict[str, dict[str, Entry]]) -> Iterable[tuple[str, Entry]]:
    return document["packages.conda"].items()


def _index(folder: Path, subdir: str, packages: dict[str, Entry]) -> None:
    (folder / subdir).mkdir(parents=True, exist_ok=True)
    document = {"info": {"subdir": subdir}, "packages": {}, "packages.conda": packages}
    raw = json.dumps(document, separators=(",", ":")).encode()
    (folder / subdir / "repodata.json").write_bytes(raw)
    (folder / subdir / "repodata.json.zst").write_bytes(zstd.compress(raw))


def table(path: Path) -> None:
    """Write a table of names of conda-forge's size, which knows the packages of the channel."""
    ships = {name_of(number): [name_of(number)] for number in range(PACKAGES)}
    libraries = {f"lib-{number:05}": None for number in range(9_000)}
    path.write_text(json.dumps({**ships, **libraries}))


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder without a word, and no shards."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def served(folder: Path) -> str:
    """Serve a folder on loopback until the process ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


if __name__ == "__main__":
    write(Path(sys.argv[1]))
