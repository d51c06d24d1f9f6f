"""Links the packages of a channel folder into an environment that is not there yet."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from pathlib import Path

import rattler

from pipguard.credentials import redacted
from pipguard.engine.exchange import our_record
from pipguard.errors import EngineError
from pipguard.records import Record


def link(
    prefix: Path, channel: Path, files: Collection[str], subdir: str, cache: Path
) -> tuple[Record, ...]:
    """Link packages into a new prefix, without a solver; their records are written as well.

    Args:
        prefix: the folder must not exist, or be empty.
        channel: an indexed channel folder.
        files: names of the packages.
        subdir: the platform beside `noarch`.
        cache: for packages and repodata, on the device of the prefix.

    Raises:
        EngineError: a package cannot be read, or linking failed; the prefix may hold a part.
    """
    try:
        return tuple(map(our_record, asyncio.run(_link(prefix, channel, files, subdir, cache))))
    except Exception as error:
        # py-rattler's exceptions share no base.
        raise EngineError("link-failed", text=redacted(str(error))) from error
    finally:
        (prefix / "CACHEDIR.TAG").unlink(missing_ok=True)


async def _link(
    prefix: Path, channel: Path, files: Collection[str], subdir: str, cache: Path
) -> list[rattler.RepoDataRecord]:
    names = {name.rsplit("-", 2)[0] for name in files}
    found = await rattler.Gateway(cache_dir=cache / "repodata").query(
        [rattler.Channel(channel.as_uri())],
        [rattler.Subdir(subdir), rattler.Subdir("noarch")],
        [rattler.MatchSpec(name) for name in sorted(names)],
        recursive=False,
        channel_relations="disabled",
    )
    wanted = [record for records in found for record in records if record.file_name in files]
    await rattler.install(
        wanted,
        prefix,
        cache_dir=cache / "pkgs",
        installed_packages=[],
        show_progress=False,
        execute_link_scripts=True,
        platform=rattler.Subdir(subdir),
    )
    # Without a last step py-rattler's threads can crash the interpreter when it exits.
    await asyncio.sleep(0.02)
    return wanted
