"""What was in the way: nothing of a person's is lost, no package of a channel is hidden."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from forking import in_child
from killing import Disturber, Workbench
from values import CONVERTED_BUILD, record

from pipguard import upkeep
from pipguard.change import Change
from pipguard.changes.contested import ASIDE, refuse_hidden
from pipguard.changes.files import Files
from pipguard.changes.forecast import Parts
from pipguard.changes.journal import JournalFolder
from pipguard.changes.retention import trim
from pipguard.changes.staging import Leaving, Staged
from pipguard.changes.states import Expected, Kind
from pipguard.changes.undoing import Undoing
from pipguard.errors import TransactionError
from pipguard.records import InstalledRecord
from pipguard.seams import Layout

ONE = (("beta", "1.0"),)


@pytest.fixture
def bench(tmp_path: Path, thin_channel: Path) -> Workbench:
    return Workbench(tmp_path, thin_channel)


def stray(bench: Workbench, text: str) -> Path:
    """A file of a person's where `beta` has one."""
    path = bench.prefix.path / bench.prefix.target.site_packages / "beta/part1.py"
    path.parent.mkdir()
    path.write_text(text)
    return path


def test_a_persons_file_in_the_way_is_moved_aside_and_comes_back_with_undo(
    bench: Workbench,
) -> None:
    path = stray(bench, "mine = 1\n")
    assert in_child(bench.change(*ONE)) == 0

    assert path.read_text() != "mine = 1\n"
    aside = bench.prefix.path / ASIDE / path.relative_to(bench.prefix.path)
    assert aside.read_text() == "mine = 1\n"

    undoing = Undoing(bench.prefix, ("undo",))
    undoing.undo(*undoing.chosen(None, with_later=False))
    assert path.read_text() == "mine = 1\n"


def test_a_file_of_the_same_bytes_is_taken_over(bench: Workbench) -> None:
    stray(bench, "VERSION = '1.0'\n")
    assert in_child(bench.change(*ONE)) == 0
    assert not (bench.prefix.path / ASIDE).exists()


def test_a_package_from_pypi_may_not_hide_a_file_of_a_channels() -> None:
    library = replace(record("library"), build="h1_0")
    newcomer = replace(record("newcomer"), build=CONVERTED_BUILD)
    change = Change((library, newcomer), (InstalledRecord(library, ("bin/tool",)),))
    layout = Layout({"bin/tool": Expected(Kind.FILE, "0")}, compiled=False)
    parts = Parts(change, {newcomer.key: layout}, Leaving(), Staged(Path()))
    with pytest.raises(TransactionError) as caught:
        refuse_hidden(parts)
    assert caught.value.reference == "paths-owned"
    assert caught.value.facts["owners"] == "library"
    assert caught.value.restored


@pytest.mark.parametrize("build", ["h1_0", CONVERTED_BUILD])
@pytest.mark.parametrize(("here", "comes"), [("tool", "tool/a.py"), ("tool/b/a.py", "tool")])
def test_a_package_from_pypi_may_have_no_file_where_another_has_a_folder(
    build: str, here: str, comes: str
) -> None:
    """The engine would take one of them away, past the journal and out of reach of undo."""
    library = replace(record("library"), build=build)
    newcomer = replace(record("newcomer"), build=CONVERTED_BUILD)
    change = Change((library, newcomer), (InstalledRecord(library, (here,)),))
    layout = Layout({comes: Expected(Kind.FILE, "0")}, compiled=False)
    with pytest.raises(TransactionError) as caught:
        refuse_hidden(Parts(change, {newcomer.key: layout}, Leaving(), Staged(Path())))
    assert caught.value.reference == "paths-owned"
    assert caught.value.facts["paths"] == "tool"


def test_only_so_many_operations_keep_their_files(bench: Workbench) -> None:
    for wanted in (ONE, (), ONE, ()):
        assert in_child(bench.change(*wanted)) == 0
    journal = JournalFolder(bench.prefix.path, Files())
    every = journal.done()
    trim(journal, 2)
    assert journal.done() == every[-2:]
    trim(journal, 0)
    assert journal.done() == ()


def test_what_was_cut_off_is_put_right_by_the_next_verb(bench: Workbench) -> None:
    before = bench.state()
    assert in_child(Disturber(linking=0).arm, bench.change(*ONE)) < 0
    assert bench.leftovers()
    assert in_child(partial(upkeep.mend, bench.prefix.path)) == 0
    assert not bench.leftovers()
    assert bench.state() == before
