"""The fixture of every end-to-end test."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import builders
import pytest
from surroundings import Guarded, pipguard

PUBLIC = ("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "six")


@pytest.fixture
def guarded(
    make_environment: Callable[..., builders.Environment],
    thin_channel: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Guarded:
    """A guarded environment of python and pip, an empty index and an empty conda channel."""
    channel, index, wheels = tmp_path / "channel", tmp_path / "index", tmp_path / "wheels"
    for folder in (channel / "noarch", index, wheels):
        folder.mkdir(parents=True)
    builders.channel(channel)
    builders.simple_index(index, [])
    table = tmp_path / "table.json"
    # Any other name may be private, for the main index of these tests is not PyPI.
    table.write_text(json.dumps({name: [name] for name in PUBLIC}))
    condarc = tmp_path / "condarc"
    condarc.write_text(f"channels:\n  - {channel}\n  - {thin_channel}\n")
    monkeypatch.setenv("CONDARC", str(condarc))
    monkeypatch.setenv("PIP_INDEX_URL", index.as_uri())
    monkeypatch.setenv("PIPGUARD_MAPPING_URL", table.as_uri())
    environment = make_environment()
    done = pipguard("enable", "-p", str(environment.prefix))
    assert done.returncode == 0, done.stderr
    return Guarded(environment, wheels, index, channel)
