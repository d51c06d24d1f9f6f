"""What a repair changes beside packages."""

from __future__ import annotations

from pathlib import Path

from pipguard.changes.mending import Mending


def test_a_repair_is_about_all_that_it_deletes_puts_and_places() -> None:
    repair = Mending(deletes=("old",), puts=(("new", Path("laid/out")),), ours=("guard",))
    assert repair.paths == ("old", "new", "guard")


def test_a_repair_of_nothing_is_about_no_path_and_places_nothing() -> None:
    assert Mending().paths == ()
    assert Mending().place() is None
