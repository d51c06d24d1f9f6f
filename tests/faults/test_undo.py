"""Undo: back bit for bit, offline, refused where others' work would be lost."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

import builders
import pytest
from forking import in_child
from killing import Workbench, killed_before_steps

from pipguard import ledger
from pipguard.changes.files import Files
from pipguard.changes.journal import JournalFolder
from pipguard.changes.retention import trim
from pipguard.cleaning import Kind, Places, look, remove
from pipguard.errors import PipguardError
from pipguard.operations import operations
from pipguard.references import references_of
from pipguard.tour.trees import differences
from pipguard.wheels.channel import LocalChannel

OLD = (("alpha", "1.0"), ("beta", "1.0"))
NEW = (("alpha", "2.0"), ("beta", "1.0"))
ONE = (("beta", "1.0"),)


@pytest.fixture
def bench(tmp_path: Path, thin_channel: Path) -> Workbench:
    bench = Workbench(tmp_path, thin_channel)
    assert in_child(bench.change(*ONE)) == 0
    assert in_child(bench.change(*OLD)) == 0
    return bench


def refused(bench: Workbench, chosen: str | None = None) -> str:
    with pytest.raises(PipguardError) as caught:
        bench.undo(chosen)
    return caught.value.reference


def files(bench: Workbench) -> Mapping[str, str]:
    """All but history, which tells of the undo as well."""
    return {path: state for path, state in bench.state().items() if not path.endswith("history")}


def ids(bench: Workbench) -> list[str]:
    return [past.id for past in operations(ledger.read(bench.prefix.own_folder))]


@pytest.mark.parametrize("then", [NEW, ONE], ids=["upgrade", "removal"])
def test_an_undone_change_leaves_every_byte_as_it_was(
    bench: Workbench, then: tuple[tuple[str, str], ...]
) -> None:
    builders.as_conda_writes(bench.prefix.path)
    before = files(bench)
    assert in_child(bench.change(*then)) == 0
    # rattler would go by the paths in conda's records, which are not where the files are
    assert not [*bench.prefix.path.glob("lib/python3.*/site-packages/alpha-1.0.dist-info")]
    bench.forget_channels_and_cache()

    bench.undo()

    assert differences(before, files(bench)) == ()
    assert not bench.leftovers()
    assert not bench.bytecode_without_source()


def test_what_an_undo_brings_back_is_not_cleaned_away(bench: Workbench) -> None:
    assert in_child(bench.change(*NEW)) == 0
    tomorrow = time.time() + 2 * 24 * 3600
    cache = bench.folder / "cache"
    places = Places(LocalChannel(bench.folder / "none"), cache, lambda: tomorrow)

    def clean() -> set[str]:
        items = look(places, references_of([bench.prefix.path], missing_are_gone=False))
        remove(items, places)
        return {item.path.name.rpartition("-")[0] for item in items if item.kind is Kind.CACHED}

    assert clean() == set()
    trim(JournalFolder(bench.prefix.path, Files()), 0)
    assert clean() == {"alpha-1.0"}
    assert in_child(bench.change(*OLD)) == 0  # is fetched again
    bench.undo()


def test_an_undo_is_undone_by_its_id(bench: Workbench) -> None:
    assert in_child(bench.change(*NEW)) == 0
    after = files(bench)

    bench.undo()
    bench.undo(ids(bench)[-1])

    assert differences(after, files(bench)) == ()


def test_undo_goes_back_step_by_step_and_never_forth(bench: Workbench) -> None:
    assert in_child(bench.change(*NEW)) == 0
    for _ in range(3):
        bench.undo()
    assert [item.record.name for item in bench.prefix.records()] == ["python"]
    assert refused(bench) == "undo-nothing"


def test_what_later_operations_rest_on_is_undone_with_them(bench: Workbench) -> None:
    first = ids(bench)[0]  # beta, which alpha of the second needs
    assert refused(bench, first) == "undo-breaks"
    bench.undo(first, with_later=True)
    assert [item.record.name for item in bench.prefix.records()] == ["python"]


def test_an_operation_whose_paths_were_changed_by_a_later_one_waits_for_it(
    bench: Workbench,
) -> None:
    assert in_child(bench.change(*NEW)) == 0
    assert refused(bench, ids(bench)[1]) == "undo-rested-on"


def test_a_file_that_somebody_edited_is_not_lost(bench: Workbench) -> None:
    edited = next(bench.prefix.path.glob("lib/*/site-packages/alpha/part1.py"))
    edited.unlink()
    edited.write_text("mine = 1\n")
    before = bench.state()

    assert refused(bench) == "undo-changed-since"
    assert bench.state() == before


def test_a_saved_file_whose_shared_bytes_were_edited_is_noticed(bench: Workbench) -> None:
    assert in_child(bench.change(*NEW)) == 0
    name = ids(bench)[-1]
    saved_file = next((bench.prefix.own_folder / "journal" / name / "saved").glob("l*"))
    with saved_file.open("a") as file:
        file.write("# edited in place\n")
    assert refused(bench) == "undo-saved-altered"


def test_history_tells_conda_what_is_wanted_again(bench: Workbench) -> None:
    assert in_child(bench.change(*ONE)) == 0
    bench.undo()
    history = (bench.prefix.conda_meta / "history").read_text()
    assert history.rstrip().endswith("# update specs: ['alpha']")


def test_killed_while_undoing(bench: Workbench) -> None:
    assert in_child(bench.change(*NEW)) == 0
    assert killed_before_steps(bench, bench.undo) > 20
