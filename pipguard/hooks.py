"""What `pipguard enable` places into an environment and `pipguard disable` takes out again.

Start at `enable`: it plans a `Placement` and carries it out, `disable` does a `Withdrawal`.
guard.json is written before the first file, says what is under way, and is removed after the last:
what was interrupted can be repeated, and any command ends it (`upkeep.py`). What lay at our paths
is kept below `conda-meta/pipguard/kept/` and put back. Which files there are is decided in
`placement.py`, what may be guarded in `guardable.py`, what can be wrong in `faults.py`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from pipguard import __version__, ledger
from pipguard.atomic import abandoned
from pipguard.errors import InterruptedChange, PrefixError, TransactionError
from pipguard.guard_record import (
    FILE,
    FOLDER,
    Guard,
    Mode,
    Phase,
    forget_guard,
    read_guard,
    write_guard,
)
from pipguard.guardable import default_mode, refuse_unguardable, refuse_unwritable
from pipguard.kept import KEPT, give_to_owner, keep, pip_conf_of_others, place, take_out
from pipguard.marker import find_python
from pipguard.placement import Piece, Wish, leftovers, pieces, pip_conf_of
from pipguard.prefix import Prefix


@dataclass(frozen=True, slots=True)
class Placement:
    """What `enable` changes in an environment, before anything is written.

    Attributes:
        guard: what guard.json will say; of `kept`, what is kept already.
        previous: the guard that is there.
        pieces: the files to write, in this order; what others have at their paths is kept first.
        gone: our files that this guard has not, relative to the prefix: of the previous one, and of
            those before it where an upgrade was killed.
    """

    guard: Guard
    previous: Guard | None
    pieces: tuple[Piece, ...]
    gone: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What `disable` changes in an environment, before anything is removed.

    Attributes:
        prefix: the environment.
        guard: the guard that is there; None in a clone, whose files are known by what they say.
        files: our files, in the order in which they go; what was kept of others comes back.
        folders: those that go as well if they are empty then.
    """

    prefix: Path
    guard: Guard | None
    files: tuple[str, ...]
    folders: tuple[str, ...]

    @property
    def is_any(self) -> bool:
        """Whether there is anything of ours to take out."""
        return bool(self.guard or self.files)


def enable(prefix: Path, mode: Mode | None, launcher: Path) -> Guard:
    """Put the guard into an environment, or put it right; the same call twice changes nothing more.

    Raises:
        PrefixError: see `plan_placement`.
        TransactionError: writing failed half-way; `enable` and `disable` can both be repeated.
    """
    placement = plan_placement(prefix, mode, launcher)
    with _half_done_is_told("enable", placement.guard.prefix):
        return place_all(placement)


def plan_placement(prefix: Path, mode: Mode | None, launcher: Path) -> Placement:
    """Say what `enable` has to do, whatever is there: nothing, this guard, an older one, a half.

    Args:
        prefix: root of a conda environment.
        mode: None keeps the mode it has, or takes the default for this kind of environment.
        launcher: the `pipguard` that shim and wrapper start.

    Raises:
        PrefixError: the environment is of a kind that is not guarded, has no usable python, or
            cannot be read or written.
    """
    prefix = _absolute(prefix)
    with _unreadable_is_told(prefix):
        refuse_unguardable(prefix)
        python = find_python(prefix)
        previous = _guard_if_readable(prefix)
        mode = mode or (previous.mode if previous else default_mode(prefix))
        wish = Wish(prefix, mode, _absolute(launcher), python)
        wanted = pieces(wish, pip_conf_of_others(prefix / pip_conf_of(python)))
        guard = _guard_of(wish, wanted, previous)
        gone = {*(previous.files if previous else ()), *leftovers(prefix)} - guard.files.keys()
        refuse_unwritable(prefix, (*guard.files, *gone))
    return Placement(guard, previous, wanted, tuple(sorted(gone)))


def place_all(placement: Placement) -> Guard:
    """Do what was planned, and return the guard as guard.json has it.

    Raises:
        OSError: writing failed half-way; `enable` and `disable` can both be repeated.
    """
    guard, previous = placement.guard, placement.previous
    prefix = guard.prefix
    write_guard(prefix, replace(guard, phase=Phase.PLACING))
    kept = tuple(piece.path for piece in placement.pieces if keep(prefix, piece.path, previous))
    if kept != guard.kept:
        guard = replace(guard, kept=kept)
        write_guard(prefix, replace(guard, phase=Phase.PLACING))
    for path in placement.gone:
        take_out(prefix, path, previous)
    # The library of an older python, which conda left because our marker was in it.
    _remove_if_empty(prefix, {*_folders(placement.gone)} - {*_folders(guard.files)})
    for piece in placement.pieces:
        place(prefix, piece)
    sweep(prefix, {PurePosixPath(path).parent for path in guard.files})
    write_guard(prefix, guard)
    give_to_owner(prefix, (*guard.made, *guard.files, FILE))
    return guard


def disable(prefix: Path) -> bool:
    """Take the guard out of an environment, leaving every file as it was before.

    A `pip.conf` that was changed since only loses our key. What pipguard knows of past operations
    stays, with a line about this one; where there was none, nothing stays.

    Returns:
        Whether anything of ours was there.

    Raises:
        PrefixError: see `plan_withdrawal`.
        TransactionError: removing failed half-way; `disable` can be repeated.
    """
    withdrawal = plan_withdrawal(prefix)
    with _half_done_is_told("disable", withdrawal.prefix):
        withdraw(withdrawal)
    return withdrawal.is_any


@contextmanager
def _unreadable_is_told(prefix: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise PrefixError("prefix-unreadable", prefix=str(prefix), error=error) from error


@contextmanager
def _half_done_is_told(verb: str, prefix: Path) -> Iterator[None]:
    facts = {"verb": verb, "prefix": str(prefix)}
    try:
        yield
    except OSError as error:
        raise TransactionError(
            "guard-half-changed", restored=False, error=error, **facts
        ) from error
    except KeyboardInterrupt as error:
        raise InterruptedChange("guard-interrupted", restored=False, **facts) from error


def plan_withdrawal(prefix: Path) -> Withdrawal:
    """Say what `disable` has to do; no files where there is nothing of ours.

    Raises:
        PrefixError: this is no environment, or it cannot be read or written.
    """
    prefix = _absolute(prefix)
    with _unreadable_is_told(prefix):
        if not (prefix / "conda-meta").is_dir():
            raise PrefixError("not-an-environment", prefix=str(prefix))
        guard = _guard_if_readable(prefix)
        ours = tuple(dict.fromkeys([*(guard.files if guard else ()), *leftovers(prefix)]))
        if guard or ours:
            refuse_unwritable(prefix, ours)
    return Withdrawal(prefix, guard, ours[::-1], guard.made if guard else _folders(ours))


def withdraw(withdrawal: Withdrawal) -> None:
    """Do what was planned.

    Raises:
        OSError: removing failed half-way; `disable` can be repeated.
    """
    prefix = withdrawal.prefix
    if withdrawal.guard:
        write_guard(prefix, replace(withdrawal.guard, phase=Phase.WITHDRAWING))
    for path in withdrawal.files:
        take_out(prefix, path, withdrawal.guard)
    sweep(prefix, {PurePosixPath(path).parent for path in withdrawal.files})
    shutil.rmtree(prefix / KEPT, ignore_errors=True)
    Prefix(prefix).forget_reading()
    _remove_if_empty(prefix, withdrawal.folders)
    if withdrawal.is_any and (prefix / FOLDER / ledger.FILE).exists():
        ledger.append(prefix / FOLDER, ledger.Entry("pipguard disable", (), "bypassed"))
    forget_guard(prefix)  # last, since it names the folders that we made
    _remove_if_empty(prefix, [FOLDER])


def refresh(prefix: Path, launcher: Path | None = None) -> Guard:
    """Place everything again as it was enabled, for example after an upgrade of python.

    `launcher` is the `pipguard` to start from now on, where it is another one.

    Raises:
        PrefixError: the environment is not guarded, or see `enable`.
    """
    if (guard := read_guard(prefix)) is None:
        raise PrefixError("not-guarded", prefix=str(prefix))
    return enable(prefix, guard.mode, launcher or guard.launcher)


def _absolute(path: Path) -> Path:
    """Make a path absolute without following symbolic links: it is shown to people as they said."""
    return Path(os.path.abspath(path))  # noqa: PTH100 # Path.absolute keeps `..`


def _guard_if_readable(prefix: Path) -> Guard | None:
    try:
        return read_guard(prefix)
    except PrefixError:
        return None


def _guard_of(wish: Wish, wanted: tuple[Piece, ...], previous: Guard | None) -> Guard:
    paths = [piece.path for piece in wanted]
    made = {path for path in _folders(paths) if not (wish.prefix / path).exists()} | {FOLDER}
    return Guard(
        mode=wish.mode,
        launcher=wish.launcher,
        prefix=wish.prefix,
        python=wish.python,
        files={piece.path: piece.sha256 for piece in wanted},
        kept=previous.kept if previous else (),
        made=tuple(sorted(made.union(previous.made if previous else ()))),
        version=__version__,
    )


def _folders(paths: Iterable[str]) -> tuple[str, ...]:
    """List every folder above these paths, and our own, outermost first."""
    above = {str(parent) for path in paths for parent in PurePosixPath(path).parents}
    return tuple(sorted((above | {FOLDER}) - {"."}))


def sweep(prefix: Path, folders: Collection[PurePosixPath] = ()) -> None:
    """Remove the temporary files of an `enable` that was killed."""
    written = {PurePosixPath(FOLDER), *folders, *(KEPT / folder for folder in folders)}
    for folder in written:
        for path in abandoned(prefix / folder):
            path.unlink(missing_ok=True)


def _remove_if_empty(prefix: Path, folders: Iterable[str]) -> None:
    for folder in sorted(folders, reverse=True):
        with suppress(OSError):  # not empty, or not there
            (prefix / folder).rmdir()
