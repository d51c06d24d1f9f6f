"""The fixture of the doctor's unit tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from place import Place
from values import SITE_PACKAGES, TARGET

from pipguard.prefix import Prefix


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """An environment of python 3.11 and nothing else; its python is told, not asked."""
    monkeypatch.setattr(Prefix, "target", TARGET)
    made = Place(Prefix(tmp_path / "env"))
    for path in ("conda-meta/history", "bin/python", "lib/python3.11/os.py"):
        made.write(path)
    (made.prefix.path / SITE_PACKAGES).mkdir()
    made.record("python", [], version="3.11.4", build="h1_0")
    return made
