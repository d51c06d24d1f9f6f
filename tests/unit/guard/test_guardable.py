"""Which environments are refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from guards import place
from shell.kit import environment, snapshot

from pipguard.errors import PrefixError
from pipguard.guard_record import Mode
from pipguard.hooks import disable, enable


def refusal(prefix: Path, launcher: Path) -> str:
    before = snapshot(prefix)
    with pytest.raises(PrefixError) as caught:
        enable(prefix, None, launcher)
    assert snapshot(prefix) == before
    return caught.value.reference


# Who is refused


@pytest.mark.parametrize(
    ("sign", "reference"),
    [
        ("pyvenv.cfg", "venv-not-guarded"),
        ("conda-meta/pixi", "pixi-not-guarded"),
        ("conda-meta/frozen", "prefix-frozen"),
    ],
)
def test_environments_that_others_have_closed_are_refused(
    sign: str, reference: str, prefix: Path, launcher: Path
) -> None:
    place(prefix / sign, "", 0o644)

    assert refusal(prefix, launcher) == reference


@pytest.mark.parametrize(
    ("content", "message"),
    [('{"message": "ask\\n the admins"}', "ask the admins"), ("", ""), ("[]", ""), ("\0", "")],
)
def test_a_frozen_environment_is_refused_with_what_its_owner_says(
    content: str, message: str, prefix: Path, launcher: Path
) -> None:
    place(prefix / "conda-meta/frozen", content, 0o644)

    with pytest.raises(PrefixError) as caught:
        enable(prefix, None, launcher)

    assert str(caught.value.facts["message"]).endswith(message)
    assert bool(caught.value.facts["message"]) == bool(message)


def test_a_folder_that_is_no_environment_is_refused(tmp_path: Path, launcher: Path) -> None:
    assert refusal(tmp_path, launcher) == "not-an-environment"
    with pytest.raises(PrefixError, match="not-an-environment"):
        disable(tmp_path)


def test_an_environment_without_python_is_refused(prefix: Path, launcher: Path) -> None:
    (prefix / "bin/python").unlink()

    assert refusal(prefix, launcher) == "no-python"


@pytest.mark.parametrize("damage", ["exit 1", "echo hello", None])
def test_a_python_that_does_not_start_is_refused(
    damage: str | None, prefix: Path, launcher: Path
) -> None:
    (prefix / "lib/python3.11/os.py").unlink()
    (prefix / "bin/python").write_text(f"#!/bin/sh\n{damage}\n")
    (prefix / "bin/python").chmod(0o755 if damage else 0o644)

    assert refusal(prefix, launcher) == "python-does-not-start"


FOLDERS = (".", "conda-meta", "lib/python3.11", "etc/conda/activate.d", "libexec")


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize("verb", ["enable", "disable"])
def test_an_environment_that_cannot_be_written_is_refused_before_anything_is_touched(
    verb: str, folder: str, prefix: Path, launcher: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (prefix / folder).mkdir(parents=True, exist_ok=True)
    if verb == "disable":
        enable(prefix, Mode.ROUTE, launcher)
    before = snapshot(prefix)
    real = os.access  # root may write everywhere, so permissions alone would not do
    monkeypatch.setattr(
        os, "access", lambda path, mode: Path(path) != prefix / folder and real(path, mode)
    )

    with pytest.raises(PrefixError, match="prefix-read-only"):
        enable(prefix, None, launcher) if verb == "enable" else disable(prefix)
    assert snapshot(prefix) == before


def test_an_environment_that_cannot_be_read_is_refused(prefix: Path, launcher: Path) -> None:
    (prefix / "pip.conf").mkdir()  # root may read every file

    assert refusal(prefix, launcher) == "prefix-unreadable"


@pytest.mark.parametrize("name", ["a:b", "a\nb"])
def test_a_name_that_path_cannot_hold_is_refused(name: str, tmp_path: Path, launcher: Path) -> None:
    assert refusal(environment(tmp_path / name), launcher) == "prefix-unspeakable"
