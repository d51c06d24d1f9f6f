"""What `check` finds wrong with a guard."""

from __future__ import annotations

from pathlib import Path

import pytest
from guards import FOREIGN, append, every_mode, kinds, place
from shell.kit import snapshot

from pipguard.errors import PrefixError
from pipguard.faults import Fault, FaultKind, check
from pipguard.guard_record import Guard, Mode, read_guard
from pipguard.hooks import disable, enable

# What check finds


@every_mode
def test_a_guard_just_placed_has_no_fault(mode: Mode, prefix: Path, launcher: Path) -> None:
    enable(prefix, mode, launcher)

    assert check(prefix) == ()


def test_an_environment_that_is_not_guarded_has_no_fault(prefix: Path) -> None:
    assert check(prefix) == ()


def test_every_file_that_is_gone_is_found(prefix: Path, launcher: Path) -> None:
    guard = enable(prefix, Mode.ROUTE, launcher)
    for path in guard.files:
        (prefix / path).unlink()

    assert {(it.kind, it.path) for it in check(prefix)} == {
        (FaultKind.MISSING, path) for path in guard.files
    }


def test_every_file_that_was_changed_is_found(prefix: Path, launcher: Path) -> None:
    guard = enable(prefix, Mode.ROUTE, launcher)
    for path in guard.files:
        (prefix / path).write_text("changed\n")

    assert {(it.kind, it.path) for it in check(prefix)} == {
        (FaultKind.ALTERED, path) for path in guard.files
    }


def test_a_shim_that_cannot_be_executed_is_found(prefix: Path, launcher: Path) -> None:
    enable(prefix, Mode.ROUTE, launcher)
    (prefix / "libexec/pipguard/shims/pip").chmod(0o644)

    assert check(prefix) == (Fault(FaultKind.ALTERED, "libexec/pipguard/shims/pip"),)


def test_keys_that_others_add_to_pip_conf_are_no_fault(prefix: Path, launcher: Path) -> None:
    enable(prefix, Mode.ROUTE, launcher)
    append(prefix / "pip.conf", "timeout = 3\n")

    assert check(prefix) == ()


def test_a_moved_environment_is_found(prefix: Path, launcher: Path) -> None:
    enable(prefix, Mode.ROUTE, launcher)
    moved = prefix.rename(prefix.with_name("moved"))

    assert kinds(check(moved)) == {FaultKind.MOVED}


def test_enabling_a_moved_environment_puts_it_right(prefix: Path, launcher: Path) -> None:
    place(prefix / "pip.conf", FOREIGN, 0o600)
    before = snapshot(prefix)
    enable(prefix, Mode.ROUTE, launcher)
    moved = prefix.rename(prefix.with_name("moved"))

    enable(moved, None, launcher)

    assert check(moved) == ()
    disable(moved)
    assert snapshot(moved) == before


def test_a_clone_is_found(prefix: Path, launcher: Path) -> None:
    enable(prefix, Mode.ROUTE, launcher)
    (prefix / "conda-meta/pipguard/guard.json").unlink()

    assert kinds(check(prefix)) == {FaultKind.CLONED}


def test_a_launcher_that_is_gone_is_found(prefix: Path, launcher: Path) -> None:
    enable(prefix, Mode.ROUTE, launcher)
    launcher.unlink()

    assert check(prefix) == (Fault(FaultKind.LAUNCHER_MISSING, str(launcher)),)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"schema": 2}', '{"schema": 1}', "\x00"])
def test_a_guard_that_cannot_be_read_is_said_and_can_be_put_right(
    content: str, prefix: Path, launcher: Path
) -> None:
    before = snapshot(prefix)
    enable(prefix, Mode.ROUTE, launcher)
    (prefix / "conda-meta/pipguard/guard.json").write_text(content)
    with pytest.raises(PrefixError, match="guard-unreadable"):
        read_guard(prefix)

    enable(prefix, Mode.ROUTE, launcher)

    assert isinstance(read_guard(prefix), Guard)
    disable(prefix)
    assert {path for path in snapshot(prefix) if (prefix / path).is_file()} == {
        path for path in before if (prefix / path).is_file()
    }
