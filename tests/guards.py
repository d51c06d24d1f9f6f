"""What tests of the guard put into an environment, and what they look for."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipguard import hooks, placement
from pipguard.faults import Fault, FaultKind
from pipguard.guard_record import Mode
from pipguard.hooks import enable
from pipguard.placement import NOTE

MARKER = "lib/python3.11/EXTERNALLY-MANAGED"
FOREIGN = "[global]\nindex-url = https://user:secret@host/simple\n"
every_mode = pytest.mark.parametrize("mode", list(Mode))


def place(path: Path, text: str, mode: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def by_an_older_pipguard(prefix: Path, launcher: Path) -> None:
    """Guard as version 0.0.1 did: other shims, an activation for a shell of its own, no notice."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hooks, "__version__", "0.0.1")
        patch.setattr(placement, "SHELLS", ("sh", "elvish"))
        prototype = placement._prototype
        old = f"# {NOTE}, of old\n".encode()
        patch.setattr(
            placement, "_prototype", lambda name: old if "shim" in name else prototype_of(name)
        )

        def prototype_of(name: str) -> bytes:
            return old if name.endswith("elvish") else prototype(name)

        enable(prefix, Mode.ROUTE, launcher)


def kinds(faults: tuple[Fault, ...]) -> set[FaultKind]:
    return {fault.kind for fault in faults}
