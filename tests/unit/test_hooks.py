"""What `enable` places, what `disable` leaves, what `check` finds, and who is refused."""

from __future__ import annotations

import configparser
import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from fences import FENCES
from shell.kit import environment, snapshot

from pipguard import hooks, kept, ledger, placement
from pipguard.errors import InterruptedChange, PrefixError, TransactionError
from pipguard.faults import Fault, FaultKind, check
from pipguard.guard_record import Guard, Mode, read_guard
from pipguard.hooks import disable, enable, plan_placement, refresh
from pipguard.pip_conf import WRAPPER
from pipguard.placement import NOTE, prototypes
from pipguard.upkeep import tend

MARKER = "lib/python3.11/EXTERNALLY-MANAGED"
FOREIGN = "[global]\nindex-url = https://user:secret@host/simple\n"
every_mode = pytest.mark.parametrize("mode", list(Mode))


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


def refusal(prefix: Path, launcher: Path) -> str:
    before = snapshot(prefix)
    with pytest.raises(PrefixError) as caught:
        enable(prefix, None, launcher)
    assert snapshot(prefix) == before
    return caught.value.reference


# Everything goes back


@every_mode
def test_disable_leaves_every_file_and_folder_as_it_was(
    mode: Mode, prefix: Path, launcher: Path
) -> None:
    before = snapshot(prefix)

    enable(prefix, mode, launcher)
    assert snapshot(prefix) != before
    disable(prefix)

    assert snapshot(prefix) == before


@every_mode
def test_what_lay_at_our_paths_is_put_back_with_its_permissions(
    mode: Mode, prefix: Path, launcher: Path
) -> None:
    place(prefix / "pip.conf", FOREIGN, 0o600)
    place(prefix / MARKER, "[externally-managed]\nError=theirs\n", 0o640)
    place(prefix / "etc/conda/activate.d/zz-pipguard.sh", "theirs\n", 0o755)
    place(prefix / "etc/conda/activate.d/other.sh", "other\n", 0o644)
    before, same = snapshot(prefix), identities(prefix)

    enable(prefix, mode, launcher)
    enable(prefix, mode, launcher)
    disable(prefix)

    assert snapshot(prefix) == before
    assert identities(prefix) == same


def identities(prefix: Path) -> dict[Path, tuple[int, int, int]]:
    """Which file each is: its number, owner and time."""
    files = {path: path.stat() for path in prefix.rglob("*") if path.is_file()}
    return {path: (it.st_ino, it.st_uid, it.st_mtime_ns) for path, it in files.items()}


def test_what_lay_at_our_paths_is_put_back_where_a_disk_has_no_hard_links(
    prefix: Path, launcher: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*_: object) -> None:
        raise OSError(errno.EPERM, "no hard links")

    monkeypatch.setattr(Path, "hardlink_to", none)
    has_foreign_files(prefix)
    before = snapshot(prefix)

    enable(prefix, Mode.ROUTE, launcher)
    disable(prefix)

    assert snapshot(prefix) == before


def place(path: Path, text: str, mode: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)


def test_a_pip_conf_that_is_a_link_is_a_link_again(prefix: Path, launcher: Path) -> None:
    place(prefix.parent / "dotfiles.conf", FOREIGN, 0o600)
    (prefix / "pip.conf").symlink_to("../dotfiles.conf")
    before = snapshot(prefix)

    enable(prefix, Mode.ROUTE, launcher)
    assert "secret" in (prefix / "pip.conf").read_text()
    disable(prefix)

    assert snapshot(prefix) == before
    assert (prefix.parent / "dotfiles.conf").read_text() == FOREIGN


def test_password_in_pip_conf_does_not_become_readable(prefix: Path, launcher: Path) -> None:
    place(prefix / "pip.conf", FOREIGN, 0o600)

    enable(prefix, Mode.ROUTE, launcher)

    holders = [path for path in prefix.rglob("pip.conf") if "secret" in path.read_text()]
    assert len(holders) == 2
    assert [path.stat().st_mode & 0o777 for path in holders] == [0o600, 0o600]


def test_a_pip_conf_changed_since_only_loses_our_key(prefix: Path, launcher: Path) -> None:
    place(prefix / "pip.conf", FOREIGN, 0o600)
    enable(prefix, Mode.ROUTE, launcher)
    append(prefix / "pip.conf", "timeout = 3\n")

    disable(prefix)

    assert (prefix / "pip.conf").read_text() == FOREIGN + "timeout = 3\n"
    assert (prefix / "pip.conf").stat().st_mode & 0o777 == 0o600


def test_a_pip_conf_changed_before_enabling_again_keeps_the_change(
    prefix: Path, launcher: Path
) -> None:
    place(prefix / "pip.conf", FOREIGN, 0o600)
    enable(prefix, Mode.ROUTE, launcher)
    append(prefix / "pip.conf", "timeout = 3\n")
    enable(prefix, Mode.ROUTE, launcher)

    disable(prefix)

    assert (prefix / "pip.conf").read_text() == FOREIGN + "timeout = 3\n"


def test_a_pip_conf_that_was_only_ours_and_got_a_key_keeps_that_key(
    prefix: Path, launcher: Path
) -> None:
    enable(prefix, Mode.ROUTE, launcher)
    append(prefix / "pip.conf", "timeout = 3\n")

    disable(prefix)

    assert (prefix / "pip.conf").read_text() == "[global]\ntimeout = 3\n"


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def test_a_file_that_others_put_in_our_place_meanwhile_is_left(
    prefix: Path, launcher: Path
) -> None:
    enable(prefix, Mode.ROUTE, launcher)
    place(prefix / MARKER, "theirs\n", 0o644)

    disable(prefix)

    assert (prefix / MARKER).read_text() == "theirs\n"


def test_disable_keeps_the_account_of_past_operations(prefix: Path, launcher: Path) -> None:
    enable(prefix, Mode.ROUTE, launcher)
    place(prefix / "conda-meta/pipguard/ledger.jsonl", "{}\n", 0o644)

    disable(prefix)

    left = [path.name for path in (prefix / "conda-meta/pipguard").iterdir()]
    assert left == ["ledger.jsonl"]


def test_disabling_what_is_not_guarded_changes_nothing(prefix: Path) -> None:
    before = snapshot(prefix)

    disable(prefix)

    assert snapshot(prefix) == before


def test_disabling_a_clone_takes_out_what_was_cloned(prefix: Path, launcher: Path) -> None:
    before = snapshot(prefix)
    enable(prefix, Mode.ROUTE, launcher)
    (prefix / "conda-meta/pipguard/guard.json").unlink()

    disable(prefix)

    assert snapshot(prefix) == before


def test_enabling_a_clone_does_not_keep_cloned_files_as_if_they_were_others(
    prefix: Path, launcher: Path
) -> None:
    before = snapshot(prefix)
    enable(prefix, Mode.ROUTE, launcher)
    (prefix / "conda-meta/pipguard/guard.json").unlink()
    (prefix / "conda-meta/pipguard").rmdir()

    assert enable(prefix, Mode.ROUTE, launcher).kept == ()

    disable(prefix)
    files = {path: state for path, state in snapshot(prefix).items() if (prefix / path).is_file()}
    assert files == {path: state for path, state in before.items() if (prefix / path).is_file()}


# Interrupted half-way


def has_foreign_files(prefix: Path) -> None:
    place(prefix / "pip.conf", FOREIGN, 0o600)
    place(prefix / MARKER, "theirs\n", 0o644)


@pytest.mark.parametrize("earlier", [None, "older", Mode.WARN], ids=str)
def test_enable_killed_anywhere_can_be_repeated_or_taken_back_and_is_ended_by_any_command(
    earlier: Mode | str | None, prefix: Path, launcher: Path
) -> None:
    has_foreign_files(prefix)
    before, after = snapshot(prefix), guarded_files(prefix, launcher)

    for step in count():
        if earlier == "older":
            by_an_older_pipguard(prefix, launcher)
        elif isinstance(earlier, Mode):
            enable(prefix, earlier, launcher)
        start = files(prefix)
        was_killed = dies_at(step, lambda: enable(prefix, Mode.ROUTE, launcher))
        match step % 3:
            case 0:
                enable(prefix, None, launcher)
                assert check(prefix) == ()
            case 1:
                tend(prefix)
                assert files(prefix) in (start, after), step
        disable(prefix)
        assert snapshot(prefix) == before, step
        if not was_killed:
            break

    assert step > len(placement.SHELLS) * 2


def test_disable_killed_anywhere_can_be_repeated_and_is_ended_by_any_command(
    prefix: Path, launcher: Path
) -> None:
    has_foreign_files(prefix)
    before, after = snapshot(prefix), files(prefix)
    start = guarded_files(prefix, launcher)

    for step in count():
        enable(prefix, Mode.ROUTE, launcher)
        was_killed = dies_at(step, lambda: disable(prefix))
        if step % 2:
            tend(prefix)
            assert files(prefix) in (start, after), step
        disable(prefix)
        assert snapshot(prefix) == before, step
        if not was_killed:
            break

    assert step > len(placement.SHELLS) * 2


def files(prefix: Path) -> dict[str, tuple[int, bytes | str]]:
    return {path: it for path, it in snapshot(prefix).items() if not (prefix / path).is_dir()}


def guarded_files(prefix: Path, launcher: Path) -> dict[str, tuple[int, bytes | str]]:
    enable(prefix, Mode.ROUTE, launcher)
    found = files(prefix)
    disable(prefix)
    return found


class Killed(BaseException):
    """The process has ended; not even what cleans up after it comes to change anything."""


def dies_at(step: int, act: Callable[[], object]) -> bool:
    """Let an act change the disk so many times, and never again; say whether it wanted to."""
    left = iter(range(step))

    def change(event: str, path: str, *_: object) -> None:
        if event == "os.mkdir" and Path(path).is_dir():
            return  # changes nothing, and comes before every file
        if next(left, None) is None:
            raise Killed

    FENCES.on_change = change
    try:
        act()
    except Killed:
        return True
    finally:
        FENCES.on_change = None
    return False


@pytest.mark.parametrize("verb", ["enable", "disable"])
def test_an_interruption_is_told_with_what_to_type(
    verb: str, prefix: Path, launcher: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    enable(prefix, Mode.WARN, launcher)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace" if verb == "enable" else "unlink", interrupted)
    with pytest.raises(InterruptedChange) as caught:
        enable(prefix, Mode.ROUTE, launcher) if verb == "enable" else disable(prefix)

    assert (caught.value.reference, caught.value.facts["verb"]) == ("guard-interrupted", verb)


# What is placed


def test_enabling_twice_changes_nothing_more(prefix: Path, launcher: Path) -> None:
    place(prefix / "pip.conf", FOREIGN, 0o600)
    first = enable(prefix, None, launcher)
    before = snapshot(prefix)

    assert enable(prefix, None, launcher) == first
    assert snapshot(prefix) == before


def test_the_guard_that_is_returned_is_the_one_that_is_read(prefix: Path, launcher: Path) -> None:
    placed = enable(prefix, Mode.ROUTE, launcher)

    assert read_guard(prefix) == placed


def test_every_placed_file_is_in_the_guard(prefix: Path, launcher: Path) -> None:
    before = set(snapshot(prefix))

    guard = enable(prefix, Mode.ROUTE, launcher)

    placed = {path for path in set(snapshot(prefix)) - before if (prefix / path).is_file()}
    assert placed == {*guard.files, "conda-meta/pipguard/guard.json"}


def test_permissions_are_those_of_scripts_and_of_texts(prefix: Path, launcher: Path) -> None:
    guard = enable(prefix, Mode.ROUTE, launcher)

    modes = {path: (prefix / path).stat().st_mode & 0o777 for path in guard.files}
    executable = {path for path, mode in modes.items() if mode == 0o755}
    assert {Path(path).name for path in executable} == {
        "pip",
        "pip3",
        "pip3.11",
        "pip-python",
        "uv",
    }
    assert {mode for path, mode in modes.items() if path not in executable} == {0o644}


def test_conda_meta_holds_package_records_only(prefix: Path, launcher: Path) -> None:
    records = {*(prefix / "conda-meta").glob("*.json")}

    enable(prefix, Mode.ROUTE, launcher)

    assert {*(prefix / "conda-meta").glob("*.json")} == records


@pytest.mark.parametrize(
    ("mode", "present"),
    [(Mode.ROUTE, (True, True)), (Mode.ENFORCE, (True, False)), (Mode.WARN, (False, False))],
)
def test_marker_and_routing_are_those_of_the_mode(
    mode: Mode, present: tuple[bool, bool], prefix: Path, launcher: Path
) -> None:
    for earlier in Mode:
        enable(prefix, earlier, launcher)
        enable(prefix, mode, launcher)

        assert ((prefix / MARKER).exists(), (prefix / "pip.conf").exists()) == present
        assert (prefix / WRAPPER).exists() == present[1]


def test_leaving_mode_route_puts_back_the_pip_conf_of_others(prefix: Path, launcher: Path) -> None:
    place(prefix / "pip.conf", FOREIGN, 0o600)
    enable(prefix, Mode.ROUTE, launcher)

    enable(prefix, Mode.ENFORCE, launcher)

    assert (prefix / "pip.conf").read_text() == FOREIGN


def test_the_mode_stays_unless_another_is_asked_for(prefix: Path, launcher: Path) -> None:
    enable(prefix, Mode.WARN, launcher)

    assert enable(prefix, None, launcher).mode is Mode.WARN


def test_an_environment_is_routed_by_default(prefix: Path, launcher: Path) -> None:
    assert enable(prefix, None, launcher).mode is Mode.ROUTE


@pytest.mark.parametrize("sign", ["condabin/conda", "conda-meta/conda-25.1.0-py311h06a4308_0.json"])
def test_the_base_environment_is_enforced_by_default(
    sign: str, prefix: Path, launcher: Path
) -> None:
    place(prefix / sign, "{}", 0o644)

    assert enable(prefix, None, launcher).mode is Mode.ENFORCE


def test_a_package_about_conda_does_not_make_a_base_environment(
    prefix: Path, launcher: Path
) -> None:
    place(prefix / "conda-meta/conda-pack-0.8.1-pyhd8ed1ab_1.json", "{}", 0o644)

    assert enable(prefix, None, launcher).mode is Mode.ROUTE


def test_a_relative_prefix_and_launcher_are_recorded_in_full(
    prefix: Path, launcher: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(prefix.parent)

    guard = enable(Path(prefix.name), None, Path(os.path.relpath(launcher)))

    assert (guard.prefix, guard.launcher) == (prefix, launcher)


def test_the_launcher_is_recorded_as_it_is_named_even_if_it_is_a_link(
    prefix: Path, launcher: Path
) -> None:
    link = launcher.with_name("link")
    link.symlink_to(launcher)

    assert enable(prefix, None, link).launcher == link


def test_the_marker_is_told_in_the_languages_pip_looks_for(prefix: Path, launcher: Path) -> None:
    enable(prefix, Mode.ROUTE, launcher)

    parser = configparser.ConfigParser(interpolation=None)
    parser.read(prefix / MARKER, encoding="utf-8")
    told = dict(parser["externally-managed"])
    assert {"error", "error-de", "error-fr"} <= set(told)
    for text in told.values():
        assert f"pipguard pip -p '{prefix}' install" in text
        assert "PIPGUARD_BYPASS=1" in text


def test_a_plan_is_a_value_and_writes_nothing(prefix: Path, launcher: Path) -> None:
    before = snapshot(prefix)

    planned = plan_placement(prefix, None, launcher)

    assert snapshot(prefix) == before
    assert plan_placement(prefix, None, launcher) == planned
    assert {piece.path: piece.sha256 for piece in planned.pieces} == planned.guard.files
    assert {piece.mode for piece in planned.pieces} == {0o755, 0o644}


def by_an_older_pipguard(prefix: Path, launcher: Path) -> None:
    """Guard as version 0.0.1 did: other shims, an activation for a shell of its own, no notice."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hooks, "__version__", "0.0.1")
        patch.setattr(placement, "SHELLS", ("sh", "elvish"))
        prototype = placement._prototype
        old = f"# {NOTE}, of old\n".encode()
        patch.setattr(
            placement, "_prototype", lambda name: old if "shim" in name else prototype_of(name)
        )

        def prototype_of(name: str) -> bytes:
            return old if name.endswith("elvish") else prototype(name)

        enable(prefix, Mode.ROUTE, launcher)


def test_an_older_guard_is_upgraded_and_leaves_nothing(prefix: Path, launcher: Path) -> None:
    place(prefix / "pip.conf", FOREIGN, 0o600)
    before = snapshot(prefix)
    by_an_older_pipguard(prefix, launcher)
    assert check(prefix) == (Fault(FaultKind.OLDER, "0.0.1"),)

    enable(prefix, None, launcher)

    assert check(prefix) == ()
    assert not list(prefix.rglob("*.elvish"))
    assert "of old" not in (prefix / "libexec/pipguard/shims/pip").read_text()
    disable(prefix)
    assert snapshot(prefix) == before


def test_a_guard_of_a_newer_pipguard_is_told(
    prefix: Path, launcher: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooks, "__version__", "99.0")

    enable(prefix, None, launcher)

    assert check(prefix) == (Fault(FaultKind.NEWER, "99.0"),)


# A disk that fails


@pytest.mark.parametrize("verb", ["enable", "disable"])
def test_a_disk_that_fails_half_way_is_told_as_that(
    verb: str, prefix: Path, launcher: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def act() -> None:
        enable(prefix, Mode.ROUTE, launcher) if verb == "enable" else disable(prefix)

    enable(prefix, Mode.WARN, launcher)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no space")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace" if verb == "enable" else "unlink", full)
        with pytest.raises(TransactionError) as caught:
            act()

    assert (caught.value.reference, caught.value.facts["verb"]) == ("guard-half-changed", verb)
    act()


# The ledger of an environment that is no longer guarded


def test_disabling_leaves_a_line_in_a_ledger_that_is_there(prefix: Path, launcher: Path) -> None:
    folder = prefix / "conda-meta/pipguard"
    enable(prefix, None, launcher)
    ledger.append(folder, ledger.Entry("pip", ("install", "x"), "committed"))

    disable(prefix)
    disable(prefix)

    assert [it.name for it in folder.iterdir()] == ["ledger.jsonl"]
    last = [(entry["front_door"], entry["state"]) for entry in ledger.read(folder)][1:]
    assert last == [("pipguard disable", "bypassed")]


# Where python is


def test_no_python_is_started_when_its_record_tells_enough(prefix: Path, launcher: Path) -> None:
    (prefix / "bin/python").write_text("#!/bin/sh\nexit 1\n")

    assert enable(prefix, None, launcher).python.stdlib == "lib/python3.11"


def test_python_without_the_gil_keeps_its_library_elsewhere(tmp_path: Path, launcher: Path) -> None:
    prefix = environment(tmp_path / "free", minor="3.14")
    (prefix / "lib/python3.14t").mkdir()
    (prefix / "lib/python3.14/os.py").rename(prefix / "lib/python3.14t/os.py")

    guard = enable(prefix, None, launcher)

    assert (guard.python.stdlib, guard.python.minor) == ("lib/python3.14t", "3.14")


def test_python_is_asked_when_no_record_tells(prefix: Path, launcher: Path) -> None:
    (prefix / "conda-meta/python-3.11.4-h1_0_cpython.json").unlink()
    (prefix / "bin/python").write_text("#!/bin/sh\nprintf 'lib/pypy3.9\\n3.9\\n'\n")

    assert enable(prefix, Mode.WARN, launcher).python.stdlib == "lib/pypy3.9"


def test_other_packages_named_python_are_not_taken_for_it(prefix: Path, launcher: Path) -> None:
    for name in ("python-dateutil-2.9.0-pyhd_0", "python-3-1-foo", "python-tzdata-2025.1-0"):
        place(prefix / f"conda-meta/{name}.json", "{}", 0o644)

    assert enable(prefix, None, launcher).python.minor == "3.11"


def upgrade(prefix: Path) -> None:
    """Move to python 3.12 as conda does: the old stdlib goes, but for what conda did not bring."""
    (prefix / "lib/python3.11/os.py").unlink()
    shutil.rmtree(prefix / "lib/python3.11/site-packages")
    (prefix / "conda-meta/python-3.11.4-h1_0_cpython.json").unlink()
    (prefix / "bin/python3.11").rename(prefix / "bin/python3.12")
    place(prefix / "conda-meta/python-3.12.1-h1_0_cpython.json", "{}", 0o644)
    place(prefix / "lib/python3.12/os.py", "", 0o644)


def test_after_an_upgrade_of_python_everything_is_placed_again(
    prefix: Path, launcher: Path
) -> None:
    enable(prefix, Mode.ROUTE, launcher)
    upgrade(prefix)
    assert FaultKind.PYTHON_CHANGED in kinds(check(prefix))

    refresh(prefix)

    assert check(prefix) == ()
    assert not (prefix / "lib/python3.11").exists()
    assert not (prefix / "libexec/pipguard/shims/pip3.11").exists()
    assert (prefix / "lib/python3.12/EXTERNALLY-MANAGED").exists()
    assert (prefix / "libexec/pipguard/shims/pip3.12").exists()


def test_after_an_upgrade_of_python_disable_still_leaves_nothing(
    prefix: Path, launcher: Path
) -> None:
    enable(prefix, Mode.ROUTE, launcher)
    upgrade(prefix)
    refresh(prefix)
    disable(prefix)

    left = [path for path in snapshot(prefix) if "pipguard" in path or "MANAGED" in path]
    assert left == []


def test_refreshing_what_is_not_guarded_is_refused(prefix: Path) -> None:
    with pytest.raises(PrefixError, match="not-guarded"):
        refresh(prefix)


# What check finds


def kinds(faults: tuple[Fault, ...]) -> set[FaultKind]:
    return {fault.kind for fault in faults}


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


# Where the shell lies


def test_shell_of_an_installed_package_lies_inside_it(tmp_path: Path) -> None:
    """As `force-include` of pyproject.toml puts it."""
    repository = Path(kept.__file__).parents[1]
    package = tmp_path / "pipguard"
    shutil.copytree(repository / "pipguard", package)
    shutil.copytree(repository / "activate.d", package / "activate.d")
    code = "from pipguard.placement import prototypes; print(prototypes())"

    told = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert told.stdout.strip() == str(package / "activate.d")


def test_every_prototype_says_whose_it_is() -> None:
    assert [path.name for path in prototypes().iterdir() if NOTE not in path.read_text()] == []


def test_guard_json_says_its_schema(prefix: Path, launcher: Path) -> None:
    enable(prefix, None, launcher)

    assert json.loads((prefix / "conda-meta/pipguard/guard.json").read_text())["schema"] == 1
