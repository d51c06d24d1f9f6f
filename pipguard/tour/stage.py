"""Where the tour takes place: a folder that goes, a channel, an environment, a person at a prompt.

Start at `set_up`. Nothing of the person's is written but pip's own cache.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipguard.credentials import without_credentials
from pipguard.engine.channels import Channel
from pipguard.engine.condarc import CondaConfig, read_conda_config
from pipguard.mapping.download import download
from pipguard.network import DownloadError, Patience
from pipguard.tour import conda_side
from pipguard.tour.creation import create
from pipguard.tour.narrator import Narrator
from pipguard.tour.session import Session, require_bash, variables_for

_CONDA_FORGE = "conda-forge"
_PROBE = "noarch/repodata_shards.msgpack.zst"
_PATIENCE = Patience(answer=4.0, whole=8.0)

CONDA_SIDE = ("attrs", "idna", "pygments")
"""What a channel that is made on the spot holds besides python and pip."""

FROM_PYPI = ("markupsafe", "rich")
"""What the tour takes from PyPI even where the channel has it."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What was typed.

    Attributes:
        channel: a conda channel by name, URL or path; None lets the tour choose.
        keep: whether the folder stays.
        launcher: the `pipguard` that runs.
    """

    channel: str | None
    keep: bool
    launcher: Path


@dataclass(frozen=True, slots=True)
class Stage:
    """The folder of one tour, and the channel that was chosen for it."""

    folder: Path
    channels: tuple[Channel, ...]
    session: Session

    @property
    def prefix(self) -> Path:
        """The throw-away environment."""
        return self.session.prefix

    def create_environment(self) -> None:
        """Create the environment from the channel, with the running version of python.

        Raises:
            TourError: the channel does not have what is needed.
        """
        addresses = [channel.access_url for channel in self.channels]
        python = "python {}.{}.*".format(*sys.version_info[:2])
        create(self.prefix, addresses, [python, "pip"], self.folder / "cache" / "pkgs")


@contextmanager
def set_up(wish: Wish, narrator: Narrator) -> Iterator[Stage]:
    """Make the stage, and clear it away at the end.

    Raises:
        TourError: there is no bash, or no channel can be made.
        UsageError: conda's configuration cannot be used.
    """
    require_bash()
    folder = Path(tempfile.mkdtemp(prefix="pipguard-tour-")).resolve()
    narrator.tell("intro", folder=folder)
    try:
        yield _stage(folder, wish, narrator)
    finally:
        if wish.keep:
            narrator.tell("kept", folder=folder)
        else:
            shutil.rmtree(folder, ignore_errors=True)


def _stage(folder: Path, wish: Wish, narrator: Narrator) -> Stage:
    variables = variables_for(folder, os.environ)
    (folder / "bin").mkdir()
    (folder / "bin" / "pipguard").symlink_to(wish.launcher)
    config = read_conda_config(folder / "env", variables, Path.home(), directory=Path.cwd())
    name = wish.channel or (_CONDA_FORGE if conda_forge_is_in_reach(config) else None)
    if name is None:
        narrator.tell("channel-made", names=", ".join(CONDA_SIDE))
        conda_side.make(folder, CONDA_SIDE, variables)
        variables["PIPGUARD_MAPPING_URL"] = (folder / conda_side.NAMES).as_uri()
    else:
        narrator.tell("channel-given", name=without_credentials(name))
    channels = config.resolve(name or str(folder / conda_side.CHANNEL))
    _write_policy(folder, channels, FROM_PYPI if name else ())
    return Stage(folder, channels, Session(folder / "env", folder, variables, narrator))


def conda_forge_is_in_reach(config: CondaConfig) -> bool:
    """Fetch something small from conda-forge, in a few seconds or not at all."""
    if config.offline.value:
        return False
    channel, *_ = config.resolve(_CONDA_FORGE)
    try:
        download(f"{channel.access_url}/{_PROBE}", config.network, patience=_PATIENCE)
    except DownloadError:
        return False
    return True


def _write_policy(folder: Path, channels: tuple[Channel, ...], from_pypi: tuple[str, ...]) -> None:
    """Say in a policy file what a person's own settings must not decide here."""
    listed = ", ".join(f'"{channel.access_url}"' for channel in channels)
    lines = ['prefer = "conda"', f"channels = [{listed}]", "[packages]"]
    lines += [f'{name} = "pypi"' for name in from_pypi]
    (folder / "pipguard.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
