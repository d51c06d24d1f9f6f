"""The records of an environment, as the files of its `conda-meta` have them.

Reads only. Start at `RecordFiles`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from pipguard.credentials import channel_url
from pipguard.errors import PrefixError
from pipguard.kept_reading import Kept, State, state_of
from pipguard.names import CondaName
from pipguard.records import InstalledRecord, Record
from pipguard.short_paths import spelled_out

# What is not the account of each file.
_SHORT = frozenset({
    "name", "version", "build", "build_number", "subdir", "noarch", "channel", "url", "fn",
    "sha256", "md5", "size", "depends", "constrains", "purls", "files", "requested_spec",
    "requested_specs", "pipguard",
})  # fmt: skip


# These may hold credentials, which are not kept.
_ADDRESSES = frozenset({"channel", "url"})
_AS_THEY_ARE = _SHORT - _ADDRESSES


@dataclass(frozen=True)
class RecordFiles:
    """The records of one folder; a file is read again only when it has changed.

    Attributes:
        folder: `conda-meta`.
        prefix: what messages call the environment.
        kept: what was known of them before.
        anew: the names of those that had to be read.
    """

    folder: Path
    prefix: Path
    kept: Mapping[str, Kept]
    anew: set[str] = field(default_factory=set)
    _known: dict[str, tuple[State, InstalledRecord]] = field(default_factory=dict)

    def all(self) -> tuple[InstalledRecord, ...]:
        """Read every record.

        Raises:
            PrefixError: this is no conda environment, or a record cannot be read.
        """
        return tuple(map(self.one, sorted(self.files(), key=lambda item: item.name)))

    def files(self) -> list[os.DirEntry[str]]:
        """Find their files."""
        try:
            with os.scandir(self.folder) as items:
                return [item for item in items if item.name.endswith(".json")]
        except (FileNotFoundError, NotADirectoryError) as error:
            raise PrefixError("not-an-environment", prefix=str(self.prefix)) from error
        except OSError as error:
            path = str(self.folder)
            raise PrefixError("record-unreadable", path=path, error=error) from error

    def one(self, item: os.DirEntry[str]) -> InstalledRecord:
        """Read a record, unless it is the very file that was read before."""
        try:
            # Not `item.stat()`, which on Windows knows neither inode nor time of change.
            state = state_of(os.stat(item.path))  # noqa: PTH116 # a thousand times
        except OSError as error:
            raise PrefixError("record-unreadable", path=item.path, error=error) from error
        known = self._known.get(item.name)
        if known is None or known[0] != state:
            record = self._as_kept(item, state)
            if record is None:
                record = _read(Path(item.path))
                self.anew.add(item.name)
            known = self._known[item.name] = (state, record)
        return known[1]

    def _as_kept(self, item: os.DirEntry[str], state: State) -> InstalledRecord | None:
        kept = self.kept.get(item.name)
        if kept is None or kept.states != {"": state}:
            return None
        try:
            record = installed_record(kept.fields)
        except (KeyError, TypeError, AttributeError):
            return None
        return replace(record, data=_PartlyRead(kept.fields, Path(item.path), state))

    def keeping(self) -> dict[str, Kept]:
        """Tell what is worth keeping of those that are there now."""
        names = {item.name for item in self.files()}
        return {
            name: Kept({"": state}, _short(it.data))
            for name, (state, it) in self._known.items()
            if name in names
        }


@dataclass(frozen=True)
class _PartlyRead(Mapping[str, Any]):
    """The JSON of a record of which a part was kept; the whole is read when it is asked for."""

    fields: Mapping[str, Any]
    path: Path
    state: State

    def __getitem__(self, key: str) -> Any:  # JSON
        return self.fields[key] if key in _AS_THEY_ARE else self._whole[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._whole)

    def __len__(self) -> int:
        return len(self._whole)

    @cached_property
    def _whole(self) -> Mapping[str, Any]:
        """Read it; that it is still the same file was seen when the part was given out.

        Raises:
            PrefixError: it is another one by now, or cannot be read.
        """
        try:
            is_same = state_of(self.path.stat()) == self.state
        except OSError:
            is_same = False
        if not is_same:
            raise PrefixError("record-unreadable", path=str(self.path), error="it has changed")
        return _read(self.path).data


def _short(data: Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(data, _PartlyRead):
        return data.fields
    known = {key: data[key] for key in _SHORT if key in data}
    return known | {key: channel_url(str(known.get(key) or "")) for key in _ADDRESSES}


def _read(path: Path) -> InstalledRecord:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return installed_record(spelled_out(data))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PrefixError("record-unreadable", path=str(path), error=error) from error


def installed_record(data: Mapping[str, Any]) -> InstalledRecord:
    """Make a record of the JSON of a file in conda-meta.

    Raises:
        KeyError: the JSON lacks one of the fields that every conda record has.
    """
    requested = data.get("requested_specs") or (
        [data["requested_spec"]] if data.get("requested_spec") not in {None, "None"} else []
    )
    return InstalledRecord(
        record=record_of(data),
        files=tuple(data.get("files") or ()),
        requested=tuple(requested),
        pip=data.get("pipguard") or {},
        data=data,
    )


def record_of(data: Mapping[str, Any]) -> Record:
    """Make a record of conda's JSON, be it from conda-meta or from repodata.

    In conda-meta conda names a channel together with the platform (`ChannelField.dump` in
    conda/models/records.py).
    """
    subdir = data.get("subdir") or "noarch"
    return Record(
        name=CondaName(data["name"]),
        version=data["version"],
        build=data["build"],
        subdir=subdir,
        channel=channel_url(str(data.get("channel") or "")).removesuffix(f"/{subdir}"),
        url=channel_url(str(data.get("url") or "")),
        file_name=data.get("fn") or "",
        sha256=data.get("sha256"),
        depends=tuple(data.get("depends") or ()),
        purls=tuple(data.get("purls") or ()),
        size=data.get("size"),
        md5=data.get("md5"),
    )
