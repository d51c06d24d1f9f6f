"""What an examination has seen, as values; nothing is judged here.

Pure. `examination.py` collects an `Evidence`, `diagnosis.py` reads it. All paths are relative to
the prefix, with forward slashes, unless said otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipguard.names import CondaName, PyPIName
from pipguard.records import InstalledRecord
from pipguard.target import Target
from pipguard.wheels.core import CoreMetadata


@dataclass(frozen=True, slots=True)
class Damage:
    """Files of one record that are not there, or not what it says."""

    missing: tuple[str, ...] = ()
    altered: tuple[str, ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.missing, *self.altered)


@dataclass(frozen=True, slots=True)
class Row:
    """A file that the RECORD of a dist lists; the sha256 in hex, where it gives one."""

    path: str
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Info:
    """One metadata folder: `.dist-info` or `.egg-info`.

    Attributes:
        path: of the folder; an old `.egg-info` may be a file.
        site: the site-packages it lies in.
        owner: the record that has its metadata; None where conda-meta does not know it.
        members: names of the files in the folder.
        metadata: its core metadata; None where there is none that can be read.
        name: of the dist, normalised.
        installer: who wrote it, in its own word.
        source: of PEP 610, without credentials; None for an item of an index.
        editable: the absolute folder of an editable's project.
        gone: whether that folder is not there.
        rows: of its RECORD, those outside the prefix left out; None without a RECORD.
        tags: of its WHEEL.
        damage: rows that are not there, or not as the RECORD says.
        changed: when it was written, in seconds.
        orphans: where no RECORD tells, the files of its modules that no record has.
        moves: of a stashed one, where pip has put the folders that its RECORD lists, and where
            they were.
    """

    path: str
    site: str
    owner: CondaName | None = None
    members: frozenset[str] = frozenset()
    metadata: CoreMetadata | None = None
    name: PyPIName | None = None
    installer: str = ""
    source: str | None = None
    editable: str | None = None
    gone: bool = False
    rows: tuple[Row, ...] | None = None
    tags: tuple[str, ...] = ()
    damage: Damage = field(default_factory=Damage)
    changed: float = 0
    orphans: tuple[str, ...] = ()
    moves: tuple[tuple[str, str], ...] = ()

    @property
    def version(self) -> str:
        """Of the dist, as it writes it; empty where nothing tells."""
        return self.metadata.version if self.metadata else ""

    @property
    def pure(self) -> bool:
        """Whether it was built for every python 3 and every platform, by its WHEEL."""
        return bool(self.tags) and all(tag.endswith("-none-any") for tag in self.tags)

    @property
    def stashed(self) -> bool:
        """Whether an uninstall of pip's has put it aside and has never come back to it."""
        return self.path.rpartition("/")[2].startswith("~")

    @property
    def stands(self) -> bool:
        """Whether all is there that its RECORD lists, and as it lists it."""
        return self.rows is not None and not self.damage.paths

    def lists(self, path: str) -> bool:
        """Say whether its RECORD has a path."""
        return any(row.path == path for row in self.rows or ())


@dataclass(frozen=True, slots=True)
class Dangle:
    """A text file in site-packages with lines that lead nowhere.

    Attributes:
        path: of the `.pth` or `.egg-link`.
        content: as it is.
        targets: where the lines lead, as they are written.
        left: what remains of the file without them; None when nothing does.
    """

    path: str
    content: bytes
    targets: tuple[str, ...]
    left: bytes | None


@dataclass(frozen=True, slots=True)
class Command:
    """A script that does not start the environment's python.

    Attributes:
        path: of the script.
        interpreter: what its first line names.
        content: what it should be.
    """

    path: str
    interpreter: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Evidence:
    """An environment as it was seen.

    Attributes:
        prefix: its absolute path.
        site: the site-packages of its python.
        target: its python; None where that does not start.
        records: of conda-meta.
        damages: by conda name, of records whose files do not hold.
        infos: every metadata folder, in every site-packages.
        stashed: entries of a site-packages that pip has put aside, their names begin with `~`.
        dangles: files that lead nowhere.
        commands: scripts that do not start.
        faults: of the guard: kind and path.
        unavailable: converted records whose package can be had nowhere.
    """

    prefix: str
    site: str
    target: Target | None
    records: tuple[InstalledRecord, ...]
    damages: Mapping[CondaName, Damage] = field(default_factory=dict)
    infos: tuple[Info, ...] = ()
    stashed: tuple[str, ...] = ()
    dangles: tuple[Dangle, ...] = ()
    commands: tuple[Command, ...] = ()
    faults: tuple[tuple[str, str], ...] = ()
    unavailable: frozenset[CondaName] = frozenset()
