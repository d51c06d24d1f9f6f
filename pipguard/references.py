"""Which packages the environments of this machine refer to, now or for an undo.

What the records or the journal of an environment name is referred to. How a journal is written does
not matter here, only that it names builds. Start at `references_of`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_TOLD_IN = (".json", ".jsonl")


@dataclass(frozen=True, slots=True)
class References:
    """What is referred to.

    Attributes:
        stems: `name-version-build` of what is installed.
        journals: the text of the journals.
        unseen: environments that may refer to anything, for they cannot be read now.
    """

    stems: frozenset[str] = frozenset()
    journals: str = ""
    unseen: tuple[Path, ...] = ()

    def hold(self, name: str, version: str, build: str) -> bool:
        """Say whether a package is referred to, or may be."""
        stem = f"{name}-{version}-{build}"
        return bool(self.unseen) or stem in self.stems or stem in self.journals


def references_of(environments: Iterable[Path], *, missing_are_gone: bool) -> References:
    """Read what environments refer to.

    Args:
        environments: by their folders; one that has been deleted refers to nothing.
        missing_are_gone: whether one counts as deleted although the folder it lay in is missing,
            too. That may be a disk that is not mounted.
    """
    stems: set[str] = set()
    journals: list[str] = []
    unseen: list[Path] = []
    for environment in environments:
        if not _exists(environment):
            if not (missing_are_gone or _exists(environment.parent)):
                unseen.append(environment)
            continue
        try:
            stems |= {path.stem for path in _listed(environment / "conda-meta")}
            journals += _told_in(environment / "conda-meta/pipguard/journal")
        except OSError:
            unseen.append(environment)
    return References(frozenset(stems), "\n".join(journals), tuple(unseen))


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except PermissionError:
        return True  # to be told as one that cannot be read


def _listed(folder: Path) -> list[Path]:
    # A glob passes over a folder that may not be read.
    return [path for path in folder.iterdir() if path.suffix == ".json"] if folder.exists() else []


def _told_in(folder: Path) -> list[str]:
    """Read the journal's own files; what it has saved of others lies beside them."""
    operations = sorted(folder.iterdir()) if folder.exists() else []
    return [
        path.read_text(encoding="utf-8", errors="replace")
        for operation in operations
        if operation.is_dir()
        for path in sorted(operation.iterdir())
        if path.suffix in _TOLD_IN and path.is_file()
    ]
