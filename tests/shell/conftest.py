"""What every shell test gets without asking."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(autouse=True)
def _no_power_cuts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare the disk: these tests place many guards and cut no power."""
    monkeypatch.setattr(os, "fsync", lambda _descriptor: None)
