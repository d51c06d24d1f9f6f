"""Cleaning: what nobody refers to goes, and nothing else; packages and journals are real files."""

from __future__ import annotations

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import builders
import pytest
from filelock import FileLock
from values import SITE_PACKAGES, TARGET

from pipguard import cli
from pipguard.changes.files import Files
from pipguard.changes.journal import JournalFolder, Touched
from pipguard.changes.states import Expected, Kind
from pipguard.cleaning import Places, look, remove
from pipguard.names import pypi_name
from pipguard.prefix import Prefix
from pipguard.references import References
from pipguard.wheels.channel import LocalChannel, StoredPackage
from pipguard.wheels.dependencies import Naming
from pipguard.wheels.package import Conversion
from pipguard.wheels.users import note, users

Printed = pytest.CaptureFixture[str]
LONG_AGO = time.time() - 100 * 24 * 3600


class Machine:
    """One person's channel, cache and environment, all of them of long ago."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cache = folder / "cache"
        self.channel = LocalChannel(folder / "channel")
        self.environment = folder / "envs/demo"
        (self.environment / "conda-meta").mkdir(parents=True)

    def converted(self, name: str) -> StoredPackage:
        wheel = builders.wheel(self.folder, name)
        conversion = Conversion(wheel, None, pypi_name(name), "1.0", TARGET, Naming())
        stored = self.channel.convert_into(conversion)
        note(self.channel.folder, self.environment, stored.path)
        return stored

    def cached(self, stem: str) -> Path:
        package = self.cache / "pkgs" / stem
        (package / "lib").mkdir(parents=True)
        (package / "lib/data").write_bytes(bytes(1000))
        package.with_name(f"{stem}.lock").write_bytes(bytes(40))
        return package

    def compiled(self, stem: str) -> Path:
        package = self.cache / "bytecode/3.12.4" / stem
        (package / "0123456789abcdef/lib").mkdir(parents=True)
        (package / "0123456789abcdef/lib/data.pyc").write_bytes(bytes(500))
        return package

    def install(self, stem: str) -> Path:
        record = self.environment / f"conda-meta/{stem}.json"
        record.write_text("{}")
        return record

    def clean(self, *options: str) -> int:
        for path in self.folder.rglob("*"):
            if not path.is_relative_to(self.environment):
                os.utime(path, (LONG_AGO, LONG_AGO))
        return cli.run(["clean", *options])


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine(tmp_path)
    monkeypatch.setattr(Prefix, "target", TARGET)
    monkeypatch.setenv("PIPGUARD_CHANNEL", str(made.channel.folder))
    monkeypatch.setenv("PIPGUARD_CACHE_DIR", str(made.cache))
    return made


def stem(package: StoredPackage) -> str:
    return package.path.name.removesuffix(".conda")


def document(printed: Printed) -> Any:
    return json.loads(printed.readouterr().out)


def test_what_no_environment_refers_to_goes_from_index_and_disk(machine: Machine) -> None:
    kept, gone = machine.converted("kept"), machine.converted("gone")
    machine.install(stem(kept))
    installed, unused = machine.cached("numpy-1.0-py311_0"), machine.cached("scipy-1.0-py311_0")
    machine.install(installed.name)
    compiled = [machine.compiled(path.name) for path in (installed, unused)]

    assert machine.clean() == 0

    assert [path.exists() for path in compiled] == [True, False]
    assert LocalChannel(machine.channel.folder).packages() == (kept,)
    assert (kept.path.exists(), gone.path.exists()) == (True, False)
    assert sorted(path.name for path in (machine.cache / "pkgs").iterdir()) == [
        ".cache.lock",
        installed.name,
        f"{installed.name}.lock",
    ]
    assert not unused.exists()
    assert list((machine.cache / "staging").iterdir()) == []


def test_what_an_undo_would_bring_back_stays_until_its_operation_is_forgotten(
    machine: Machine,
) -> None:
    package = machine.converted("demo")
    record = machine.install(stem(package))
    journal = JournalFolder(machine.environment, Files())
    touched = Touched(f"conda-meta/{record.name}", Expected(Kind.GONE))
    operation = journal.open("20260101T000000000000-aa", [touched])
    record.unlink()
    assert machine.clean() == 0  # an open operation is somebody's as well
    journal.commit(operation, "{}")

    assert machine.clean() == 0
    assert machine.channel.find(package.index) == package

    journal.files.clear(journal.path / operation.id)
    assert machine.clean() == 0
    assert machine.channel.find(package.index) is None


def test_a_dry_run_lists_what_would_go_and_touches_nothing(
    machine: Machine, capsys: Printed
) -> None:
    package, cached = machine.converted("demo"), machine.cached("numpy-1.0-py311_0")
    compiled = machine.compiled("numpy-1.0-py311_0")
    assert machine.clean("--dry-run", "--json") == 0
    told = document(capsys)
    sizes = {item["path"]: (item["kind"], item["size"]) for item in told["items"]}
    assert sizes == {
        str(package.path): ("converted", package.size),
        str(cached): ("cached", 1000),
        f"{cached}.lock": ("cached", 40),
        str(compiled): ("bytecode", 500),
    }
    assert (told["dry_run"], told["freed"], told["unseen"]) == (True, package.size + 1540, [])
    assert package.path.exists()
    assert cached.exists()


def test_files_that_an_environment_shares_with_the_cache_free_nothing(
    machine: Machine, capsys: Printed
) -> None:
    cached = machine.cached("numpy-1.0-py311_0")
    (machine.environment / "data").hardlink_to(cached / "lib/data")
    machine.clean("--json")
    assert document(capsys)["freed"] == 40


def test_what_was_taken_within_a_day_stays(machine: Machine) -> None:
    package = machine.converted("demo")
    assert cli.run(["clean"]) == 0  # nothing is old
    assert package.path.exists()


def test_what_is_taken_while_it_is_being_listed_stays(machine: Machine) -> None:
    package = machine.converted("demo")
    os.utime(package.path, (LONG_AGO, LONG_AGO))
    places = Places(machine.channel, machine.cache)
    items = look(places, References())
    assert [item.path for item in items] == [package.path]
    note(machine.channel.folder, Path("/envs/other"), package.path)
    remove(items, places)
    assert machine.channel.find(package.index) == package


def test_two_that_clean_the_same_do_not_fail(machine: Machine) -> None:
    machine.cached("numpy-1.0-py311_0")
    package = machine.converted("demo")
    tomorrow = Places(machine.channel, machine.cache, lambda: time.time() + 2 * 24 * 3600)
    items = look(tomorrow, References())
    remove(items, tomorrow)
    remove(items, tomorrow)
    assert look(tomorrow, References()) == ()
    assert not package.path.exists()


def test_leftovers_of_killed_processes_and_old_indexes_go(machine: Machine) -> None:
    unnamed = machine.converted("unnamed").path
    left = [
        machine.channel.folder / ".drafts/aa/demo.conda",
        machine.channel.folder / "noarch/.aa.tmp",
        machine.cache / "staging/tmp1/conda-meta/history",
        machine.cache / "wheels-1/demo.whl",
        machine.cache / "repodata/aa.json",
    ]
    stay = [machine.cache / "mapping/a.table", machine.cache / "pkgs/.cache.lock"]
    for path in (*left, *stay):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    empty = {**json.loads((unnamed.parent / "repodata.json").read_bytes()), "packages.conda": {}}
    (unnamed.parent / "repodata.json").write_text(json.dumps(empty))

    assert machine.clean() == 0

    assert [path for path in (unnamed, *left) if path.exists()] == []
    assert [path for path in stay if not path.exists()] == []


def test_an_environment_that_has_been_deleted_refers_to_nothing(machine: Machine) -> None:
    package = machine.converted("demo")
    machine.install(stem(package)).unlink()
    (machine.environment / "conda-meta").rmdir()
    machine.environment.rmdir()
    machine.clean()
    assert not package.path.exists()


def test_an_environment_on_a_disk_that_is_not_there_may_refer_to_anything(
    machine: Machine, capsys: Printed
) -> None:
    package = machine.converted("demo")
    note(machine.channel.folder, Path("/not/mounted/envs/x"), package.path)

    assert machine.clean() == 0
    assert "/not/mounted/envs/x" in capsys.readouterr().err
    assert package.path.exists()
    machine.clean("--json")
    assert document(capsys)["unseen"] == ["/not/mounted/envs/x"]

    machine.clean("--forget-missing")
    assert not package.path.exists()


def test_an_environment_that_cannot_be_read_may_refer_to_anything(machine: Machine) -> None:
    package = machine.converted("demo")
    (machine.environment / "conda-meta").rmdir()
    (machine.environment / "conda-meta").write_text("no folder")
    machine.clean("--forget-missing")
    assert package.path.exists()


def test_cleaning_waits_for_an_engine_that_links(machine: Machine) -> None:
    cached = machine.cached("numpy-1.0-py311_0")
    with ThreadPoolExecutor(1) as pool:
        with FileLock(machine.cache / "pkgs/.cache.lock"):
            cleaning = pool.submit(machine.clean)
            time.sleep(0.3)
            assert not cleaning.done()
            assert cached.exists()
        cleaning.result()
    assert not cached.exists()


def test_environments_are_noted_once_and_found_after_a_crash(machine: Machine) -> None:
    package = machine.converted("demo")
    machine.converted("other")
    folder = machine.channel.folder
    assert users(folder) == (machine.environment,)
    with (folder / ".environments").open("a") as file:
        file.write('"/cut/sho')
    assert users(folder) == (machine.environment, Path("/cut/sho"))
    note(folder / "missing", machine.environment, package.path)  # must not fail


def test_the_environment_that_is_named_counts_although_nobody_knows_it(
    machine: Machine,
) -> None:
    package = machine.converted("demo")
    machine.install(stem(package))
    (machine.channel.folder / ".environments").unlink()
    machine.clean("-p", str(machine.environment))
    assert package.path.exists()
    machine.clean()
    assert not package.path.exists()


def test_nothing_to_clean_is_no_error_and_makes_no_folders(
    machine: Machine, capsys: Printed
) -> None:
    (machine.environment / SITE_PACKAGES).mkdir(parents=True)
    assert cli.run(["clean", "-p", str(machine.environment)]) == 0
    assert not machine.channel.folder.exists()
    assert not machine.cache.exists()
    assert "0.0 MB" in capsys.readouterr().out
