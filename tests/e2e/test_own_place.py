"""Names that are hard to quote: of folders of pipguard itself, its person and environments."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path

import builders
import pytest
from surroundings import Guarded

_HOME = "größe 環境's home"


def _own_venv(folder: Path) -> Path:
    """Make a virtual environment that borrows what pipguard needs; return its `pipguard`."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    (site_packages,) = folder.glob("lib/python3*/site-packages")
    here = Path(__file__).resolve().parents[2]
    (site_packages / "borrowed.pth").write_text(f"{here}\n{sysconfig.get_path('purelib')}\n")
    # As pip writes a command whose python a first line cannot name.
    command = folder / "bin/pipguard"
    command.write_text(
        f"#!/bin/sh\n'''exec' \"{folder}/bin/python\" \"$0\" \"$@\"\n' '''\n"
        "from pipguard.__main__ import main\nmain()\n"
    )
    command.chmod(0o755)
    return command


def test_no_folder_of_pipguards_needs_a_name_that_is_easy_to_quote(
    guarded: Guarded, thin_channel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / _HOME
    for name, place in {
        "HOME": "",
        "XDG_DATA_HOME": "data",
        "PIPGUARD_CHANNEL": "data/pipguard/channel",
        "PIPGUARD_CACHE_DIR": "cache of pipguard",
        "TMPDIR": "tmp",
    }.items():
        (home / place).mkdir(parents=True, exist_ok=True)
        monkeypatch.setenv(name, str(home / place))
    command = _own_venv(home / "own pipguard")
    mine = guarded.in_environment(
        builders.environment(home / "envs/demo one", [thin_channel.as_uri()])
    )
    for name in ("alpha", "beta"):
        guarded.offer(name)
    enabled = subprocess.run(
        [command, "enable", "-p", mine.prefix], capture_output=True, text=True, check=False
    )
    assert enabled.returncode == 0, enabled.stderr

    monkeypatch.setenv("OWN_PIPGUARD", str(command))
    done = mine.sh(
        "set -e; pip install alpha; python -m pip install beta; python -c 'import alpha, beta'\n"
        'for verb in status doctor undo export; do "$OWN_PIPGUARD" $verb; done'
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert mine.origins() == {"alpha": "converted", "pip": "conda"}
    mine.check()
    assert (home / "data/pipguard/channel/noarch/repodata.json").exists()
