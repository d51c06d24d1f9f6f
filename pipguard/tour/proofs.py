"""Proves from the files of an environment that a step of the tour did what it says.

Each proof yields what is not as it should be, and nothing where all is well. None of them trusts
what a command has printed; only `ended_well` looks at that.
"""

from __future__ import annotations

import base64
import csv
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import rattler

from pipguard import ledger
from pipguard.faults import check
from pipguard.overrides import Kind
from pipguard.prefix import Prefix
from pipguard.records import Dist, InstalledRecord, Origin, owners
from pipguard.tour.narrator import Flaw
from pipguard.tour.session import Ran
from pipguard.tour.trees import differences, states

# What a machine's configuration may say, an image for CI for instance: the tour works all the same.
_OF_THE_MACHINE = frozenset({Kind.BREAKS.value, Kind.UV_BREAKS.value})
_COMPILED = (".so", ".pyd", ".dylib")


def ended_well(ran: Ran, *said: str) -> Iterator[Flaw]:
    """The command was successful, and its output has these words in it."""
    if ran.status:
        yield Flaw("status", ran.line, "0", str(ran.status))
    for words in said:
        if words not in ran.output:
            yield Flaw("unsaid", ran.line, words)


def guarded(prefix: Path) -> Iterator[Flaw]:
    """Every file of the guard is in place."""
    for fault in check(prefix):
        yield Flaw("guard", fault.path, found=fault.kind.value)


def routed(prefix: Path, front_door: str, routes: Mapping[str, str]) -> Iterator[Flaw]:
    """The newest operation of the ledger came in by this door and took these routes."""
    entries = list(ledger.read(Prefix(prefix).own_folder))
    if not entries:
        yield Flaw("no-operation")
        return
    entry = entries[-1]
    for subject, expected in (("front_door", front_door), ("state", "committed")):
        if entry.get(subject) != expected:
            yield Flaw("operation", subject, expected, str(entry.get(subject)))
    taken = {decision["name"]: decision["route"] for decision in entry.get("routes", ())}
    for name, route in routes.items():
        if taken.get(name) != route:
            yield Flaw("route", name, route, str(taken.get(name)))


def origins(status: Mapping[str, Any], expected: Mapping[str, str]) -> Iterator[Flaw]:
    """These dists come from where they should, and none is untracked or damaged."""
    found = {dist["name"]: dist["origin"] for dist in status["dists"]}
    for name, origin in expected.items():
        if found.get(name) != origin:
            yield Flaw("origin", name, origin, str(found.get(name)))
    for name, origin in found.items():
        if origin in {"untracked", "damaged"}:
            yield Flaw("origin", name, "conda-meta", origin)
    voided = [it for it in status["overrides"] if it.partition(":")[0] not in _OF_THE_MACHINE]
    if not status["guarded"] or voided:
        yield Flaw("overridden", found=", ".join(voided))


def recorded(prefix: Path) -> Iterator[Flaw]:
    """py-rattler reads every record, and every file is there with the hash of its record."""
    environment = Prefix(prefix)
    for item in environment.records():
        path = environment.conda_meta / f"{item.record.dist_name}.json"
        try:
            rattler.PrefixRecord.from_path(path)
        except Exception as error:  # noqa: BLE001 # py-rattler's exceptions share no base
            yield Flaw("record", path.name, found=str(error))
        yield from _files(prefix, item)


def _files(prefix: Path, item: InstalledRecord) -> Iterator[Flaw]:
    for entry in item.data["paths_data"]["paths"]:
        path = prefix / entry["_path"]
        sha256 = entry.get("sha256_in_prefix") or entry.get("sha256")
        if not path.exists():
            yield Flaw("file-missing", entry["_path"], str(item.record.name))
        elif sha256 and not path.is_symlink() and sha256 != _sha256(path).hex():
            yield Flaw("file-altered", entry["_path"], str(item.record.name))


def listed(prefix: Path) -> Iterator[Flaw]:
    """The RECORD of each dist that we brought tells the truth about every file it gives a hash.

    Not so that of conda's own packages, in which conda-build changes files behind RECORD's back.
    """
    environment = Prefix(prefix)
    owned = owners(environment.records())
    for dist in environment.dists():
        if dist.name not in owned:
            yield Flaw("unaccounted", dist.info)
        elif owned[dist.name].record.origin is not Origin.CONDA:
            yield from _rows(prefix, dist)


def _rows(prefix: Path, dist: Dist) -> Iterator[Flaw]:
    folder = (prefix / dist.info).parent
    with (prefix / dist.info / "RECORD").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.reader(file) if row]
    for name, told, *_ in rows:
        kind, _, value = told.partition("=")
        path = folder / name
        if kind == "sha256" and (not path.is_file() or value != _encoded(_sha256(path))):
            yield Flaw("file-altered", name, dist.name)


def accounted(prefix: Path, before: Mapping[str, str]) -> Iterator[Flaw]:
    """Every file that came since `before` belongs to a record of conda-meta."""
    after = states(prefix)
    known = {file for item in Prefix(prefix).records() for file in item.files}
    for path in differences(before, after, "conda-meta/*"):
        if path in after and path not in known:
            yield Flaw("unaccounted", path)


def compiled(prefix: Path, name: str) -> Iterator[Flaw]:
    """This conda package holds compiled code, and is one of its platform."""
    for item in Prefix(prefix).records():
        if item.record.name == name:
            native = any(file.endswith(_COMPILED) for file in item.files)
            if not native or item.record.subdir == "noarch":
                yield Flaw("not-compiled", name)
            return
    yield Flaw("not-installed", name)


def unchanged(paths: Iterable[str]) -> Iterator[Flaw]:
    """No file differs from what it was."""
    for path in paths:
        yield Flaw("differs", path)


def _sha256(path: Path) -> bytes:
    return hashlib.sha256(path.read_bytes()).digest()


def _encoded(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
