"""What `enable` and `disable` leave, whatever happens on the way."""

from __future__ import annotations

import errno
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from fences import FENCES
from guards import FOREIGN, MARKER, append, by_an_older_pipguard, every_mode, place
from shell.kit import snapshot

from pipguard import ledger, placement
from pipguard.errors import InterruptedChange, TransactionError
from pipguard.faults import check
from pipguard.guard_record import Mode
from pipguard.hooks import disable, enable
from pipguard.upkeep import tend

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
