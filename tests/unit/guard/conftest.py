"""An environment of a few files, and a pipguard to guard it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from shell.kit import environment


@pytest.fixture(autouse=True)
def _no_power_cuts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare the disk: here processes are interrupted, never the machine."""
    monkeypatch.setattr(os, "fsync", lambda _descriptor: None)


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    return environment(tmp_path / "with space" / "größe")


@pytest.fixture
def launcher(tmp_path: Path) -> Path:
    path = tmp_path / "pipguard"
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path
