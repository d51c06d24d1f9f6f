"""Packages that are linked elsewhere and moved in: nobody can tell it from rattler's own way."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import builders
import pytest
from fakes import FakeReporter, FakeTruePip
from values import candidate

from pipguard.change import Change
from pipguard.changes.open_operation import Command
from pipguard.engine import linking
from pipguard.engine.channels import Channel
from pipguard.engine.linking import Linker
from pipguard.engine.rattler import RattlerEngine
from pipguard.errors import TransactionError
from pipguard.names import CondaName
from pipguard.prefix import Prefix
from pipguard.records import Record
from pipguard.transaction import Transaction
from pipguard.wheels.channel import LocalChannel
from pipguard.wheels.converter import LocalConverter
from pipguard.wheels.dependencies import Naming

MOVED, RATTLERS = 1, 10**9
_NESTED = {
    "coming/__init__.py": "VERSION = 1\n",
    "coming/deep/er/__init__.py": "",
    "coming/deep/er/data.bin": bytes(range(256)),
    "suite/coming.py": "",
    "coming-1.0.data/data/share/coming/data.txt": "data\n",
    "coming-1.0.data/data/share/common/coming.txt": "data\n",
    "coming-1.0.data/scripts/coming-script": "#!python\nprint()\n",
}
_ENTRIES = ("coming = coming:main", "other-coming = coming:main")


@dataclass
class Bench:
    """An environment with a package of a channel and a converted one, and wheels for more."""

    folder: Path
    prefix: Prefix
    urls: Sequence[str]

    def engine(self) -> RattlerEngine:
        channels = [Channel(url, url, url) for url in self.urls]
        return RattlerEngine(self.prefix, channels, self.folder / "cache")

    def converted(self, name: str, version: str = "1.0", **details: Any) -> Record:
        wheel = builders.wheel(self.folder / "wheels", name, version, **details)
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        it = replace(candidate(name, version), sha256=digest, url=wheel.as_uri())
        converter = LocalConverter(LocalChannel(self.folder / "converted"), self.prefix.path)
        converter.foresee(it, self.prefix.target, Naming())
        (made,) = converter.convert([(wheel, it)])
        return made

    def adds(self, *coming: Record, but: str = "") -> None:
        """Commit a change after which the environment holds these as well."""
        engine = self.engine()
        before = self.prefix.records()
        names = {record.name for record in coming}
        stay = [it.record for it in before if it.record.name not in {*names, but}]
        transaction = Transaction(
            self.prefix, lambda: engine, FakeTruePip(), Command("pip", ()), FakeReporter()
        )
        with transaction.begin():
            transaction.commit(Change((*stay, *coming), before))

    def tree(self) -> dict[str, str]:
        """Every file with its bytes, mode or what it links to, the account of operations aside."""
        found = builders.Environment(self.prefix.path).snapshot("**/__pycache__/*.pyc")
        ours = ("conda-meta/pipguard/", "conda-meta/history")
        return {path: state for path, state in found.items() if not path.startswith(ours)}

    def modes(self) -> dict[str, int]:
        """Every folder outside of what is ours, with its mode."""
        folders = (it for it in self.prefix.path.rglob("*") if it.is_dir())
        found = {str(it.relative_to(self.prefix.path)): it.stat().st_mode for it in folders}
        return {path: it for path, it in found.items() if not path.startswith("conda-meta/")}


@pytest.fixture(scope="module")
def made(thin_channel: Path, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Make it once: each test puts it back as it was."""
    folder = tmp_path_factory.mktemp("linking")
    channel = folder / "channel"
    builders.dist_package(channel, "settled", files={"share/common/settled.txt": "data\n"})
    builders.dist_package(channel, "offered")
    urls = [builders.channel(channel), thin_channel.as_uri()]
    builders.environment(folder / "env", urls, ("python", "settled"), folder / "cache/pkgs")
    # What conda has made has none.
    (folder / "env/CACHEDIR.TAG").unlink(missing_ok=True)
    return Bench(folder, Prefix(folder / "env"), urls)


@pytest.fixture
def bench(made: Bench) -> Iterator[Bench]:
    kept = made.folder / "kept"
    if not kept.exists():
        made.adds(made.converted("there", files={"suite/there.py": "", "there.py": ""}))
        _copy(made.prefix.path, kept)
    yield replace(made, prefix=Prefix(made.prefix.path))
    # py-rattler's threads let go of what they hold a moment after the last call.
    time.sleep(0.05)
    _put_back(made)


def _put_back(bench: Bench) -> None:
    shutil.rmtree(bench.prefix.path)
    _copy(bench.folder / "kept", bench.prefix.path)


def _copy(source: Path, target: Path) -> None:
    subprocess.run(["cp", "-a", str(source), str(target)], check=True)


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note which way is taken, from now on that of a large environment."""
    monkeypatch.setattr(linking, "_MANY", MOVED)
    taken: list[str] = []

    def noting(way: str, real: Callable[..., None]) -> Callable[..., None]:
        def takes(*arguments: Any) -> None:
            taken.append(way)
            real(*arguments)

        return takes

    monkeypatch.setattr(Linker, "_add", noting("moved", Linker._add))
    monkeypatch.setattr(Linker, "_link", noting("rattler's", Linker._link))
    return taken


def _comes(bench: Bench) -> list[Record]:
    return [
        bench.converted("coming", files=_NESTED, entry_points=_ENTRIES),
        bench.converted("beside", files={"suite/beside.py": "", "coming/deep/beside.py": ""}),
    ]


def test_what_was_moved_in_is_what_rattler_would_have_linked(
    bench: Bench, ways: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.adds(*_comes(bench))
    moved = (bench.tree(), bench.modes())
    _put_back(bench)
    monkeypatch.setattr(linking, "_MANY", RATTLERS)
    again = replace(bench, prefix=Prefix(bench.prefix.path))
    again.adds(*_comes(again))

    assert ways == ["moved", "rattler's"]
    assert (again.tree(), again.modes()) == moved
    assert {"bin/coming", "bin/coming-script", "share/coming/data.txt"} <= moved[0].keys()
    assert "CACHEDIR.TAG" not in moved[0]
    script = (bench.prefix.path / "bin/coming").read_text()
    assert script.startswith(f"#!{bench.prefix.path}/bin/python")


def test_what_is_moved_in_leaves_no_trace_of_its_way(bench: Bench, ways: list[str]) -> None:
    history = (bench.prefix.conda_meta / "history").read_bytes()
    records = [it.record for it in bench.prefix.records()]
    bench.engine().apply([*records, *_comes(bench)], (), {record.name for record in records})

    assert ways == ["moved"]
    assert (bench.prefix.conda_meta / "history").read_bytes() == history
    assert not (bench.prefix.path / "CACHEDIR.TAG").exists()
    assert [*(bench.prefix.own_folder / "staging").glob("*")] == []
    for path in bench.prefix.conda_meta.glob("*.json"):
        assert "staging" not in path.read_text()


@pytest.mark.usefixtures("ways")
def test_records_that_are_told_without_paths_make_no_difference(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linking, "_MANY", RATTLERS)
    records = [it.record for it in bench.prefix.records()]
    found = []
    for apart in (frozenset[CondaName](), frozenset(record.name for record in records)):
        engine = replace(bench, prefix=Prefix(bench.prefix.path)).engine()
        (offered,) = engine.shelves([CondaName("offered")])[CondaName("offered")].records
        engine.apply([*records, offered, *_comes(bench)], (), apart)
        found.append({**bench.tree(), **_documents(bench)})
        _put_back(bench)

    assert found[0] == found[1]


def _documents(bench: Bench) -> dict[str, str]:
    """The records, whoever may read them: rattler writes those anew of which it knows the paths."""
    found = bench.prefix.conda_meta.glob("*.json")
    return {
        f"conda-meta/{path.name}": json.dumps(json.loads(path.read_text()), sort_keys=True)
        for path in found
    }


@pytest.mark.usefixtures("ways")
@pytest.mark.parametrize("number", [1, 9])
def test_what_fails_while_files_are_moved_is_taken_back(
    bench: Bench, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    coming, before = _comes(bench), (bench.tree(), bench.modes())
    real, calls = Path.replace, []

    def fails(self: Path, target: Path) -> Path:
        if "staging" in self.parts:
            calls.append(target)
            if len(calls) == number:
                raise OSError(28, "no space left")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", fails)
    with pytest.raises(TransactionError) as failed:
        bench.adds(*coming)

    assert failed.value.restored
    assert len(calls) == number
    assert (bench.tree(), bench.modes()) == before
    assert not (bench.prefix.own_folder / "staging").exists()


def _goes(bench: Bench) -> None:
    bench.adds(bench.converted("coming"), but="settled")


def _is_replaced(bench: Bench) -> None:
    bench.adds(bench.converted("there", "2.0"))


def _comes_from_a_channel(bench: Bench) -> None:
    engine = bench.engine()
    (offered,) = engine.shelves([CondaName("offered")])[CondaName("offered")].records
    before = bench.prefix.records()
    records = [*(it.record for it in before), offered]
    engine.apply(records, (), {it.record.name for it in before})


def _shares_a_path(bench: Bench) -> None:
    bench.adds(bench.converted("coming", files={"there.py": "mine\n"}))


@pytest.mark.parametrize("happens", [_goes, _is_replaced, _comes_from_a_channel, _shares_a_path])
def test_rattlers_own_way_is_taken_where_more_happens_than_adding(
    bench: Bench, ways: list[str], happens: Callable[[Bench], None]
) -> None:
    happens(bench)
    assert ways == ["rattler's"]


@pytest.mark.parametrize(("many", "way"), [(2, "moved"), (3, "rattler's")])
def test_it_is_worth_while_only_where_many_packages_lie(
    bench: Bench, ways: list[str], many: int, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linking, "_MANY", many)
    bench.adds(bench.converted("coming"))
    assert ways == [way]
