"""What is in an environment, as the formats of `export` need it.

Pure. Start at `Inventory`; `reading.py` makes it. Nothing in it holds a credential.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from pipguard.direct_url import DirectUrl
from pipguard.names import CondaName, PyPIName
from pipguard.records import InstalledRecord, Origin

_WITHOUT_SETUPTOOLS = (3, 12)


class Scope(Enum):
    """How much an export says."""

    EXACT = "exact"  # versions, builds and hashes: the same again on the same platform
    NO_BUILDS = "no-builds"  # versions: the same again, perhaps on another platform
    HISTORY = "from-history"  # only what was asked for, as it was asked for


@dataclass(frozen=True, slots=True)
class Artifact:
    """The file that a dist came from, as the ledger has it.

    Attributes:
        url: of the file.
        sha256: of the file, in hex.
        index: the index or folder of links that listed it.
        asked: the requirement it was chosen for.
    """

    url: str
    sha256: str
    index: str = ""
    asked: str = ""

    @property
    def file_name(self) -> str:
        """The name of the file; of a wheel, with its tags."""
        return self.url.rpartition("/")[2].partition("#")[0]


@dataclass(frozen=True, slots=True)
class Item:
    """One dist.

    Attributes:
        name: normalised.
        version: as it says itself, its local label included.
        origin: who brought it.
        conda_name: of the record that has it; None for drift.
        direct: where it came from when no index offered it.
        artifact: the file it came from, where the ledger tells.
        requested: whether a person asked for it.
    """

    name: PyPIName
    version: str
    origin: Origin
    conda_name: CondaName | None = None
    direct: DirectUrl | None = None
    artifact: Artifact | None = None
    requested: bool = False

    @property
    def is_condas(self) -> bool:
        """Whether a conda package of a channel brings it."""
        return self.origin is Origin.CONDA

    @property
    def pinned(self) -> str:
        """`name==version`."""
        return f"{self.name}=={self.version}"


@dataclass(frozen=True, slots=True)
class Inventory:
    """An environment.

    Attributes:
        name: of the environment.
        subdir: its platform, in conda's word.
        python: the version of its python; empty without one.
        records: of conda-meta, by conda name.
        items: the dists of its site-packages, by name.
        wishes: what conda was asked for, by conda name, in conda's words.
        priorities: the addresses of the channels that conda is told to ask, in their order.
    """

    name: str
    subdir: str
    python: str
    records: tuple[InstalledRecord, ...]
    items: tuple[Item, ...]
    wishes: Mapping[CondaName, str] = field(default_factory=dict)
    priorities: tuple[str, ...] = ()

    @property
    def condas(self) -> tuple[InstalledRecord, ...]:
        """The records of packages that came from channels."""
        return tuple(it for it in self.records if it.record.origin is Origin.CONDA)

    @property
    def pypis(self) -> tuple[Item, ...]:
        """The dists that did not."""
        return tuple(item for item in self.items if not item.is_condas)

    @property
    def dists(self) -> tuple[Item, ...]:
        """The dists without the tools that `pip freeze` leaves out as well (`commands/freeze.py`).

        From python 3.12 on that is pip alone.
        """
        old = tuple(map(int, self.python.split(".")[:2])) < _WITHOUT_SETUPTOOLS
        tools = {"pip", "setuptools", "wheel", "distribute"} if old else {"pip"}
        return tuple(item for item in self.items if item.name not in tools)

    @property
    def channels(self) -> tuple[str, ...]:
        """The addresses of the channels that packages came from.

        First those that conda is told to ask, in that order; then those that most came from.
        """
        counted = Counter(item.record.channel.rstrip("/") for item in self.condas)
        told = [it.rstrip("/") for it in self.priorities]
        others = sorted(counted.keys() - set(told), key=lambda it: (-counted[it], it))
        return (*(it for it in told if it in counted), *(it for it in others if it))


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that an export could not say as it should, worded in `messages/`."""

    reference: str
    name: str
    detail: str = ""
