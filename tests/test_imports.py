"""What is imported when: a start that takes long is why people switch a guard off."""

from __future__ import annotations

import subprocess
import sys

import pytest


def _loaded(*modules: str) -> set[str]:
    """What importing these modules loads beyond what a bare interpreter has."""
    code = f"import sys; bare = set(sys.modules); import {', '.join(modules)}"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}; print(*(set(sys.modules) - bare))"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("verb", ["pipguard.verbs.pip", "pipguard.verbs.uv"])
def test_the_way_to_pip_loads_little(verb: str) -> None:
    slow = {"argparse", "email", "http", "pipguard.session", "rattler", "ssl"}

    assert _loaded("pipguard.cli", verb) & slow == set()


def test_before_pip_is_started_nothing_of_the_core_is_loaded() -> None:
    loaded = _loaded("pipguard.cli", "pipguard.verbs.pip")

    assert loaded & {"dataclasses", "packaging", "shutil", "tempfile", "traceback"} == set()


def test_a_plan_is_resolved_without_what_converts() -> None:
    loaded = _loaded("pipguard.installing", "pipguard.sources")

    assert loaded & {"http", "installer", "pipguard.wheels.package", "tarfile", "zipfile"} == set()


def test_what_is_satisfied_already_loads_neither_engine_nor_resolution() -> None:
    # The last filelock for python 3.10 loads asyncio, and with it ssl; newer ones do not.
    loaded = _loaded("pipguard.session") - _loaded("filelock")

    assert {it for it in loaded if it.startswith(("pipguard.engine", "pipguard.wheels."))} <= {
        "pipguard.wheels.core"
    }
    assert loaded.isdisjoint(
        {"pipguard.policy", "pipguard.resolution", "pipguard.routes", "pipguard.settings"}
        | {"colorama", "email", "http", "rattler", "ruamel", "ssl", "tarfile", "zipfile"}
    )
