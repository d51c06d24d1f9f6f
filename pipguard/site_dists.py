"""The dists of an environment, as the metadata folders of its site-packages tell (PEP 376).

Reads only. Start at `SiteDists`. Paths are strings here: a large environment has a thousand of
these folders, with five files in each that may be there.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pipguard.direct_url import DirectUrl, parse_direct_url
from pipguard.kept_reading import Kept, State, state_of
from pipguard.names import PyPIName, pypi_name
from pipguard.records import Dist, Shipped, metadata_folders

# An .egg-info may be a file itself.
_METADATA = ("/METADATA", "/PKG-INFO", "")
_INSTALLER, _DIRECT_URL = "/INSTALLER", "/direct_url.json"
_READ = (*_METADATA, _INSTALLER, _DIRECT_URL)
# The fields of nearly every METADATA fit in, few descriptions do.
_CHUNK = 1 << 13
_SHORT = ("name", "version", "installer", "requires")


@dataclass(frozen=True)
class SiteDists:
    """The dists below one root; a metadata folder is read again only when it has changed.

    Attributes:
        prefix: the root.
        kept: what was known of them before.
        anew: the folders that had to be read.
    """

    prefix: Path
    kept: Mapping[str, Kept] = field(default_factory=dict)
    anew: set[str] = field(default_factory=set)
    _known: dict[str, tuple[dict[str, State], Dist | None]] = field(default_factory=dict)

    def all(self, site_packages: Path) -> tuple[Dist, ...]:
        """Read every dist of a folder, by name."""
        found = map(self.one, sorted(folders(site_packages)))
        return tuple(sorted((dist for dist in found if dist), key=lambda dist: dist.name))

    def one(self, info: str) -> Dist | None:
        """Read one metadata folder; None where it holds no metadata at all."""
        states = {name: state for name in _READ if (state := _state(info + name))}
        known = self._known.get(info)
        if known is None or known[0] != states:
            dist = self._as_kept(info, states)
            if dist is None:
                dist = self._read(info, states)
                self.anew.add(info)
            known = self._known[info] = (states, dist)
        return known[1]

    def _as_kept(self, info: str, states: Mapping[str, State]) -> Dist | None:
        inside = self._inside(info)
        kept = self.kept.get(inside)
        if kept is None or kept.states != states:
            return None
        try:
            fields = dict(kept.fields)
            told = fields.pop("direct")
            direct = DirectUrl(**told) if told else None
            requires = tuple(fields.pop("requires"))
            return _dist(inside, direct, requires=requires, **fields)
        except (KeyError, TypeError, ValueError):
            return None

    def keeping(self) -> dict[str, Kept]:
        """Tell what is worth keeping of those that are there."""
        return {
            dist.info: Kept(states, _short(dist))
            for info, (states, dist) in self._known.items()
            if dist is not None and Path(info).exists()
        }

    def _inside(self, info: str) -> str:
        return info.removeprefix(f"{self.prefix}{os.sep}").replace(os.sep, "/")

    def _read(self, info: str, there: Iterable[str]) -> Dist | None:
        file = next(name for name in _METADATA if name in there or not name)
        fields = _fields_of(_head(info + file))
        if "name" not in fields or "version" not in fields:
            return None
        direct = parse_direct_url(_text(info + _DIRECT_URL)) if _DIRECT_URL in there else None
        return _dist(
            self._inside(info),
            direct,
            name=pypi_name(fields["name"][0]),
            version=fields["version"][0],
            installer=_text(info + _INSTALLER).strip() if _INSTALLER in there else "",
            requires=tuple(fields.get("requires-dist", ())),
        )


def _short(dist: Dist) -> dict[str, Any]:
    direct = asdict(dist.direct) if dist.direct else None
    return {"direct": direct, **{key: getattr(dist, key) for key in _SHORT}}


def _dist(info: str, direct: DirectUrl | None, **fields: Any) -> Dist:
    editable = direct is not None and direct.editable
    source = direct.requirement_url if direct else None
    return Dist(info=info, editable=editable, source=source, direct=direct, **fields)


def read_contents(prefix: Path, files: Iterable[str]) -> tuple[Shipped, ...]:
    """Read the metadata of each dist that a package has put into a prefix."""
    found: dict[PyPIName, Shipped] = {}
    dists = SiteDists(prefix)
    for name, version, info in metadata_folders(files):
        dist = dists.one(str(prefix / info))
        requires = dist.requires if dist else None
        found.setdefault(name, Shipped(name, dist.version if dist else version or None, requires))
    return tuple(found.values())


def folders(site_packages: Path) -> Iterator[str]:
    """Yield the metadata folders that lie directly in a folder; an .egg-info may be a file."""
    if not site_packages.is_dir():
        return
    with os.scandir(site_packages) as entries:
        for entry in entries:
            if entry.name.endswith((".dist-info", ".egg-info")) and not entry.name.startswith("~"):
                yield entry.path


def _state(path: str) -> State | None:
    try:
        return state_of(os.stat(path))  # noqa: PTH116 # five thousand times
    except OSError:
        return None


def _fields_of(text: str) -> dict[str, list[str]]:
    """Read the fields of a METADATA: lower-case names, values unfolded.

    Not by the parser of `email`: it reads the description as well, which may be long.
    """
    fields: dict[str, list[str]] = {}
    values: list[str] = []
    for line in text.split("\n"):
        name, colon, value = line.partition(":")
        if line[:1].isspace() and values:
            values[-1] += f" {line.strip()}"
        elif colon:
            values = fields.setdefault(name.lower(), [])
            values.append(value.strip())
    return fields


def _head(path: str) -> str:
    """Read a METADATA up to its description; empty for what is no file."""
    text = ""
    for piece in _pieces(path):
        text += piece
        if "\n\n" in text:
            break
    return "" if text.startswith("\n") else text.partition("\n\n")[0]


def _text(path: str) -> str:
    return "".join(_pieces(path))


def _pieces(path: str) -> Iterator[str]:
    """Read a file piece by piece; what cannot be read has none.

    A piece ends where a line does: nothing is torn apart, be it a character or the end of a line.
    """
    with suppress(OSError), open(path, "rb", buffering=0) as file:  # noqa: PTH123 # twice as fast
        rest = b""
        while more := file.read(_CHUNK):
            whole, end, rest = (rest + more).rpartition(b"\n")
            yield _decoded(whole + end)
        yield _decoded(rest)


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", errors="replace").replace("\r\n", "\n")
