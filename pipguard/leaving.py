"""What `uv pip sync` takes away: dists from PyPI that nobody asked for.

Pure. conda's own packages never leave this way, whoever asked for them: an environment is more than
its requirement files. Nor do the tools that uv itself spares.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from pipguard.change import Change
from pipguard.errors import RoutingError
from pipguard.names import CondaName, PyPIName
from pipguard.plan import Plan
from pipguard.present import Present
from pipguard.records import InstalledRecord, Origin, shipped

# uv removes none of them from an environment that it did not make (uv-installer, plan.rs).
_TOOLS = frozenset(map(PyPIName, ("pip", "setuptools", "uv", "wheel")))
_FROM_PYPI = frozenset({Origin.CONVERTED, Origin.PIP, Origin.UNTRACKED})
_BY_PIP = frozenset({Origin.PIP, Origin.UNTRACKED})


@dataclass(frozen=True, slots=True)
class Leaving:
    """The records and stand-ins that go."""

    items: tuple[InstalledRecord, ...] = ()

    @property
    def versions(self) -> tuple[tuple[str, str], ...]:
        """Name and version of each dist that goes."""
        pairs = ((name, it.record.version) for it in self.items for name in shipped(it.files))
        return tuple(sorted(pairs))

    def without(self, present: Present) -> Present:
        """Leave out of what is present what goes."""
        names = self._names
        return replace(
            present,
            records=tuple(it for it in present.records if it.record.name not in names),
            drift=tuple(it for it in present.drift if it.record.name not in names),
        )

    def joined(self, change: Change, everything: Present) -> Change:
        """Make this part of a change that was prepared without it."""
        by_pip = (it for it in self.items if it.record.origin in _BY_PIP)
        return replace(
            change,
            before=everything.records,
            uninstalls=(
                *change.uninstalls,
                *(name for it in by_pip for name in sorted(shipped(it.files))),
            ),
            removed=self.versions,
            removed_specs=tuple(
                sorted(self._names & {it.record.name for it in everything.records})
            ),
        )

    @property
    def _names(self) -> frozenset[CondaName]:
        return frozenset(it.record.name for it in self.items)


def superfluous(plan: Plan, present: Present, protected: frozenset[PyPIName]) -> Leaving:
    """Find what came from PyPI and is neither named nor planned, and pipguard does not run on.

    Raises:
        RoutingError: pip did not tell what was named, so nothing can be called superfluous.
    """
    if plan.named is None:
        raise RoutingError("names-untold", pip_version=plan.pip_version)
    kept = plan.named | plan.by_name().keys() | _TOOLS | protected
    return Leaving(
        tuple(
            item
            for item in present.inside
            if item.record.origin in _FROM_PYPI and shipped(item.files).isdisjoint(kept)
        )
    )
