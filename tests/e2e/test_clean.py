"""`pipguard clean` between an operation and its undo."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from surroundings import Guarded

from pipguard.changes.files import Files
from pipguard.changes.journal import JournalFolder
from pipguard.changes.retention import trim


def _packages() -> set[str]:
    found = Path(os.environ["PIPGUARD_CHANNEL"]).glob("*/*.conda")
    return {path.name.rsplit("-", 1)[0] for path in found}


def _clean(guarded: Guarded) -> set[str]:
    """Clean a day later; name what has gone."""
    yesterday = time.time() - 2 * 24 * 3600
    for place in ("PIPGUARD_CHANNEL", "PIPGUARD_CACHE_DIR"):
        for path in Path(os.environ[place]).rglob("*"):
            if not path.is_symlink():
                os.utime(path, (yesterday, yesterday))
    done = guarded.pipguard("clean", "-p", str(guarded.prefix), "--json")
    assert done.returncode == 0, done.stderr
    items = json.loads(done.stdout)["items"]
    return {Path(item["path"]).name.rsplit("-", 1)[0] for item in items}


def test_what_an_undo_needs_outlives_a_clean_and_what_nobody_needs_does_not(
    guarded: Guarded,
) -> None:
    guarded.offer("alpha", "1.0")
    guarded.installs("alpha")
    guarded.offer("alpha", "1.1")
    guarded.installs("-U", "alpha")
    assert _packages() == {"alpha-1.0", "alpha-1.1"}

    assert not _clean(guarded) & {"alpha-1.0", "alpha-1.1"}
    undone = guarded.pipguard("undo", "-p", str(guarded.prefix))
    assert undone.returncode == 0, undone.stderr
    assert _packages() == {"alpha-1.0", "alpha-1.1"}
    assert guarded.sh("python -c 'import alpha; print(alpha.__version__)'").stdout == "1.0\n"
    assert (
        "unavailable" not in guarded.pipguard("doctor", "-p", str(guarded.prefix), "--json").stdout
    )

    trim(JournalFolder(guarded.prefix, Files()), 0)
    assert "alpha-1.1" in _clean(guarded)
    assert _packages() == {"alpha-1.0"}
