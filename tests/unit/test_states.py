"""What was at a path and what is there now: what that means for taking an operation back."""

from __future__ import annotations

import json

import pytest

from pipguard.changes.states import (
    ABSENT,
    GONE,
    Entry,
    Expected,
    File,
    Folder,
    Kind,
    Link,
    State,
    Verdict,
    from_json,
    inverse,
    judge,
    to_json,
)

OLD = File(0o644, 3, "aa")
NEW = File(0o644, 4, "bb")
STRANGE = File(0o644, 5, "cc")
NEW_EXPECTED = Expected(Kind.FILE, "bb")


@pytest.mark.parametrize(
    ("found", "written", "verdict"),
    [
        (OLD, False, Verdict.AS_BEFORE),
        (NEW, False, Verdict.OURS),
        (STRANGE, True, Verdict.OURS),
        (ABSENT, False, Verdict.OURS),
        (STRANGE, False, Verdict.FOREIGN),
        (Folder(0o755), False, Verdict.FOREIGN),
        (Link("elsewhere"), False, Verdict.FOREIGN),
    ],
)
def test_only_what_was_there_or_is_ours_may_be_taken_back(
    found: State, verdict: Verdict, *, written: bool
) -> None:
    entry = Entry("lib/a.py", OLD, NEW_EXPECTED, NEW)
    assert judge(entry, found, written=written) is verdict


@pytest.mark.parametrize(
    ("before", "expected", "to_expect"),
    [
        (ABSENT, NEW_EXPECTED, GONE),
        (Folder(0o755), NEW_EXPECTED, GONE),
        (Link("a"), NEW_EXPECTED, Expected(Kind.LINK)),
        (OLD, NEW_EXPECTED, Expected(Kind.FILE, "aa")),
        (OLD, Expected(Kind.BYTECODE), Expected(Kind.BYTECODE)),
    ],
)
def test_an_undo_expects_what_was_there_before(
    before: State, expected: Expected, to_expect: Expected
) -> None:
    (undone,) = inverse([Entry("lib/a.py", before, expected, NEW, "saved-name")])
    assert undone == Entry("lib/a.py", NEW, to_expect, before)


def test_what_an_operation_has_taken_away_was_there_for_its_undo() -> None:
    (undone,) = inverse([Entry("lib/a.py", OLD, GONE, None)])
    assert (undone.before, undone.after) == (ABSENT, OLD)


def test_what_an_operation_left_as_it_was_needs_no_undo() -> None:
    assert inverse([Entry("lib/a.py", OLD, Expected(Kind.FILE, "aa"), OLD)]) == ()


@pytest.mark.parametrize("before", [ABSENT, OLD, Link("a"), Folder(0o700)])
@pytest.mark.parametrize("after", [None, ABSENT, NEW, Link("b"), Folder(0o755)])
def test_an_entry_is_read_back_as_it_was_written(before: State, after: State | None) -> None:
    expected = Expected(Kind.COMMAND, "bb", "/placeholder", "a:main")
    entry = Entry("bin/a", before, expected, after, "saved-name")
    assert from_json(json.loads(json.dumps(to_json(entry)))) == entry


@pytest.mark.parametrize(
    "data",
    [[], ["a", ["odd"], ["file", "", "", ""], None, ""], ["a", ["absent"], ["odd"], None, ""]],
)
def test_what_is_no_entry_is_refused(data: list[object]) -> None:
    with pytest.raises((ValueError, TypeError, KeyError)):
        from_json(data)
