"""The fixtures that keep tests harmless do bite."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import conftest
import pytest


def test_home_is_a_throw_away_one_here_and_in_what_a_test_starts(world: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-c", "import pathlib; print(pathlib.Path.home())"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path.home() == world == Path(told.stdout.strip()) != conftest.REAL_HOME
