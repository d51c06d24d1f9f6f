"""Failures of a change: the state that is told is the true one, and the ledger has a line."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakes import FakeReporter, FakeTruePip
from values import SITE_PACKAGES, TARGET, candidate, record

from pipguard import ledger
from pipguard.change import Change
from pipguard.changes.mending import Mending
from pipguard.changes.open_operation import Command
from pipguard.errors import (
    EngineError,
    InterruptedChange,
    PipguardError,
    RoutingError,
    TransactionError,
)
from pipguard.plan import Source
from pipguard.prefix import Prefix
from pipguard.records import Record, by_pip
from pipguard.transaction import Transaction


class Linker:
    """An engine that links nothing, and fails if told to."""

    def __init__(self, failure: BaseException | None = None) -> None:
        self.failure = failure

    def apply(self, _: Sequence[Record], *_others: object) -> None:
        if self.failure:
            raise self.failure


@pytest.fixture
def prefix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Prefix:
    (tmp_path / "conda-meta").mkdir()
    (tmp_path / SITE_PACKAGES).mkdir(parents=True)
    monkeypatch.setattr(Prefix, "target", TARGET)
    return Prefix(tmp_path)


def commits(prefix: Prefix, change: Change, engine: Linker | None = None) -> None:
    command = Command("pip", ("install", "alpha"))
    made: Any = engine or Linker()
    transaction = Transaction(prefix, lambda: made, FakeTruePip(), command, FakeReporter())
    with transaction.begin():
        transaction.commit(change)


def states(prefix: Prefix) -> list[str]:
    return [entry["state"] for entry in ledger.read(prefix.own_folder)]


NOTHING = Change(records=(), before=())


def test_a_change_leaves_a_line_in_history_and_ledger(prefix: Prefix) -> None:
    commits(prefix, NOTHING)
    assert states(prefix) == ["committed"]
    assert "# cmd: pip install alpha\n" in (prefix.conda_meta / "history").read_text()


@pytest.mark.parametrize(
    ("failure", "raised"),
    [
        (EngineError("link-failed", text="full"), TransactionError),
        (OSError("full"), TransactionError),
        (KeyboardInterrupt(), InterruptedChange),
    ],
)
def test_a_failed_change_is_accounted_for(
    prefix: Prefix, failure: BaseException, raised: type[PipguardError]
) -> None:
    with pytest.raises(raised):
        commits(prefix, NOTHING, Linker(failure))
    assert states(prefix) == ["failed"]
    assert not (prefix.conda_meta / "history").exists()


def test_what_pip_did_not_install_is_a_failed_change_with_its_line(prefix: Prefix) -> None:
    tree = candidate("tree", source=Source.EDITABLE, url="file:///src/tree")
    change = Change((), (), true_pip=((tree, by_pip(record("tree"), tree.url)),))
    with pytest.raises(TransactionError) as caught:
        commits(prefix, change)
    assert caught.value.reference == "pip-installed-nothing"
    assert states(prefix) == ["failed"]


def test_a_change_that_the_ledger_cannot_hold_is_not_told_as_none(prefix: Prefix) -> None:
    (prefix.own_folder / "ledger.jsonl").mkdir(parents=True)
    with pytest.raises(TransactionError) as caught:
        commits(prefix, NOTHING)
    assert caught.value.reference == "change-unrecorded"
    assert not caught.value.restored


def test_a_change_that_history_cannot_hold_is_taken_back(prefix: Prefix) -> None:
    (prefix.conda_meta / "history").mkdir()
    with pytest.raises(TransactionError) as caught:
        commits(prefix, NOTHING)
    assert caught.value.reference == "apply-failed"
    assert caught.value.restored


def test_a_ledger_that_fails_does_not_hide_why_the_change_failed(prefix: Prefix) -> None:
    (prefix.own_folder / "ledger.jsonl").mkdir(parents=True)
    with pytest.raises(TransactionError) as caught:
        commits(prefix, NOTHING, Linker(EngineError("link-failed", text="full")))
    assert caught.value.facts["error"] == "full"


def test_who_holds_the_lock_is_named_to_those_who_wait(prefix: Prefix) -> None:
    command, linker = Command("pip", ()), Linker()
    made: Any = linker
    with Transaction(prefix, lambda: made, FakeTruePip(), command, FakeReporter()).begin():
        holder = (prefix.own_folder / "lock.holder").read_text()
    assert holder.startswith(f"{os.getpid()} on ")


def test_what_fails_between_two_changes_of_one_operation_takes_back_the_first(
    prefix: Prefix,
) -> None:
    made: Any = Linker()
    command = Command("pipguard", ("doctor", "--migrate"))
    transaction = Transaction(prefix, lambda: made, FakeTruePip(), command, FakeReporter())
    failure = RoutingError("denied", name="alpha")

    def repairs_and_fails() -> None:
        with transaction.begin(), transaction.together() as journal:
            journal.commit(replace(NOTHING, mending=_writes(prefix, "new.txt")))
            assert (prefix.path / "new.txt").exists()
            raise failure

    with pytest.raises(RoutingError) as caught:
        repairs_and_fails()
    assert caught.value is failure
    assert not (prefix.path / "new.txt").exists()
    assert states(prefix) == ["failed"]
    assert transaction.journal.done() == ()


def _writes(prefix: Prefix, path: str) -> Mending:
    laid_out = prefix.path.parent / "laid-out"
    laid_out.write_text("new")
    return Mending(puts=((path, laid_out),))
