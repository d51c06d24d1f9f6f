"""Creates a conda environment from nothing, as `conda create` does: solve, link, write history.

For the tour and the tests: pipguard itself only changes environments that exist. Start at `create`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import rattler

from pipguard.conda_history import Revision
from pipguard.credentials import without_credentials
from pipguard.errors import TourError
from pipguard.prefix import Prefix


def create(prefix: Path, channels: Sequence[str], specs: Sequence[str], cache: Path) -> None:
    """Create an environment.

    Args:
        prefix: where; the folder must not exist, or be empty.
        channels: addresses, in the order of their priority; they may hold credentials.
        specs: what was asked for, as conda MatchSpecs.
        cache: folder of packages and repodata, on the device of the prefix: files are hard links
            into it.

    Raises:
        TourError: there is no such set of packages, or a channel cannot be read.
    """
    try:
        asyncio.run(_install(prefix, channels, specs, cache))
    except Exception as error:
        # py-rattler's exceptions share no base.
        shown = ", ".join(map(without_credentials, channels))
        raise TourError("environment-not-created", channels=shown, text=str(error)) from error
    for record in (prefix / "conda-meta").glob("*.json"):
        record.chmod(0o644)
    _write_history(Prefix(prefix), specs)


async def _install(
    prefix: Path, channels: Sequence[str], specs: Sequence[str], cache: Path
) -> None:
    gateway = rattler.Gateway(cache_dir=cache / "repodata")
    found = await rattler.solve(
        list(channels),
        list(specs),
        gateway=gateway,
        virtual_packages=rattler.VirtualPackage.detect(),
    )
    # The annotation asks for MatchSpec objects, the code behind it for what they wrap.
    requested = [rattler.MatchSpec(spec)._match_spec for spec in specs]  # noqa: SLF001
    await rattler.install(
        found,
        prefix,
        cache_dir=cache,
        show_progress=False,
        requested_specs=requested,
        execute_link_scripts=False,
    )
    # Without a last step py-rattler's threads can crash the interpreter when it exits.
    await asyncio.sleep(0.02)


def _write_history(prefix: Prefix, specs: Sequence[str]) -> None:
    revision = Revision(
        time=datetime.now().astimezone(),
        command=f"conda create --prefix {prefix.path} {' '.join(specs)}",
        before=(),
        after=tuple(item.record for item in prefix.records()),
        update_specs=tuple(specs),
    )
    (prefix.conda_meta / "history").write_text(revision.lines(), encoding="utf-8")
