"""What was read is kept: it is what would be read, and what has changed is read anew.

Longer than a module should be: all changes and damages are done to the same environment.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from shell.kit import environment, snapshot
from values import SITE_PACKAGES, TARGET

from pipguard import cli, kept_reading
from pipguard import prefix as prefix_module
from pipguard.errors import PrefixError
from pipguard.prefix import Prefix
from pipguard.records import Dist, InstalledRecord

_HOURS = 3600 * 10**9


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two packages are much, and the youngest file is old enough."""
    monkeypatch.setattr(Prefix, "target", TARGET)
    monkeypatch.setattr(prefix_module, "_MUCH", 1)
    monkeypatch.setattr(kept_reading, "_SETTLED", -_HOURS)
    monkeypatch.setattr(os, "fsync", lambda _descriptor: None)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An environment with every kind of record and of metadata; all of it was read and kept."""
    made = tmp_path / "env"
    (made / "conda-meta").mkdir(parents=True)
    _record(made, "plain", constrains=["other <2"], depends=["python >=3.9", "libplain"])
    _record(made, "asked", requested_specs=["asked >=1"], size=7, md5="0" * 32)
    _record(made, "asked-once", requested_spec="asked-once", noarch="python")
    _record(made, "by-pip", build="pypi_0", channel="pypi", pipguard={"kind": "vcs"})
    _record(made, "converted", build="pypi_h0123abcd_0", purls=["pkg:pypi/converted@1.0"])
    _dist(made, "plain", "Requires-Dist: other>=1\nRequires-Dist: ünicode; extra == 'x'\n")
    _dist(made, "asked", installer="conda\n")
    _dist(made, "whence")
    (_info(made, "whence") / "direct_url.json").write_text('{"url": "file:///src", "dir_info": {}}')
    (made / SITE_PACKAGES / "old-1.0.egg-info").write_text("Name: old\nVersion: 1.0\n\ntext")
    (made / SITE_PACKAGES / "empty-1.0.dist-info").mkdir()
    _keep(made)
    return made


def _record(folder: Path, name: str, **fields: Any) -> None:
    build = fields.get("build", "py_0")
    files = [f"{SITE_PACKAGES}/{name}.py", f"{SITE_PACKAGES}/{name}-1.0.dist-info/METADATA"]
    short = ("site-packages" if fields.get("noarch") else SITE_PACKAGES) + f"/{name}.py"
    data = {
        "name": name,
        "version": "1.0",
        "build": build,
        "build_number": 0,
        "subdir": "noarch",
        "channel": "https://conda.example/main/noarch",
        "url": f"https://conda.example/main/noarch/{name}.conda",
        "fn": f"{name}.conda",
        "sha256": "ab" * 32,
        "depends": [],
        "constrains": [],
        "files": files,
        "paths_data": {"paths": [{"_path": short, "sha256": "cd" * 32}]},
        "timestamp": 1,
        **fields,
    }
    (folder / f"conda-meta/{name}-1.0-{build}.json").write_text(json.dumps(data))


def _info(folder: Path, name: str) -> Path:
    return folder / SITE_PACKAGES / f"{name}-1.0.dist-info"


def _dist(folder: Path, name: str, more: str = "", installer: str = "pip") -> None:
    _info(folder, name).mkdir(parents=True)
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{more}\nA text.\n"
    (_info(folder, name) / "METADATA").write_text(metadata, encoding="utf-8")
    (_info(folder, name) / "INSTALLER").write_text(installer)


def _keep(folder: Path) -> None:
    prefix = Prefix(folder)
    prefix.records()
    prefix.dists()
    prefix.keep_reading()


def _kept_file(folder: Path) -> Path:
    return folder / "conda-meta/pipguard/read.json"


Read = tuple[tuple[InstalledRecord, ...], tuple[Dist, ...], list[Any]]


def _read(folder: Path, *, all_anew: bool = False) -> Read:
    """Read all there is to say of both, be it with or without what is kept."""
    prefix = Prefix(folder)
    if all_anew:
        vars(prefix)["_kept"] = kept_reading.Reading()
    records, dists = prefix.records(), prefix.dists()
    more = [(dict(it.data), it.record.size, it.record.md5) for it in records]
    return records, dists, more


def _anew(folder: Path) -> set[str]:
    """The names of what must be read, for what is kept does not hold."""
    prefix = Prefix(folder)
    prefix.records()
    prefix.dists()
    read = prefix._records.anew | {Path(it).name for it in prefix._dists.anew}
    return {name.partition("-1.0")[0] for name in read} - {"whence", "empty"}


# It is what would be read.


def test_what_is_kept_is_what_would_be_read(folder: Path) -> None:
    assert _anew(folder) == set()
    assert _read(folder) == _read(folder, all_anew=True)


@pytest.mark.parametrize("key", ["name", "constrains", "paths_data", "timestamp", "nothing"])
def test_a_record_that_was_kept_has_all_its_fields(folder: Path, key: str) -> None:
    for item, whole in zip(_read(folder)[0], _read(folder, all_anew=True)[0], strict=True):
        assert item.data.get(key) == whole.data.get(key)
        assert (key in item.data) == (key in whole.data)
        assert {**item.data} == whole.data
        assert len(item.data) == len(whole.data)


def test_short_paths_of_a_record_that_was_kept_are_spelled_out(folder: Path) -> None:
    (item,) = [it for it in _read(folder)[0] if it.record.name == "asked-once"]
    (entry,) = item.data["paths_data"]["paths"]
    assert entry["_path"] == f"{SITE_PACKAGES}/asked-once.py"


def test_what_was_kept_opens_no_file_until_it_is_asked_for_more(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []
    real = Path.read_text

    def reads(self: Path, *arguments: Any, **options: Any) -> str:
        opened.append(self)
        return real(self, *arguments, **options)

    monkeypatch.setattr(Path, "read_text", reads)
    records = Prefix(folder).records()
    assert [it.data.get("constrains") for it in records].count(["other <2"]) == 1
    assert opened == []
    assert [it for it in records if it.data["paths_data"]] == [*records]
    assert len(opened) == len(records)
    assert [it for it in records if it.data["timestamp"]] == [*records]
    assert len(opened) == len(records)


def _rewritten(path: Path) -> None:
    path.write_text(path.read_text().replace('"timestamp": 1', '"timestamp": 22'))


@pytest.mark.parametrize("happens", [_rewritten, Path.unlink])
def test_the_rest_of_a_record_that_has_changed_meanwhile_is_no_part_of_it(
    folder: Path, happens: Callable[[Path], None]
) -> None:
    (item,) = [it for it in Prefix(folder).records() if it.record.name == "plain"]
    happens(folder / "conda-meta/plain-1.0-py_0.json")

    assert item.data["constrains"] == ["other <2"]
    with pytest.raises(PrefixError) as refused:
        item.data["paths_data"]
    assert refused.value.reference == "record-unreadable"


# What has changed is read anew.


def _changed(path: Path, old: str, new: str) -> None:
    path.write_text(path.read_text().replace(old, new))


def _in_place(path: Path, old: str, new: str) -> None:
    """Change bytes, and neither size nor time of change nor the file itself."""
    assert len(old) == len(new)
    status = path.stat()
    time.sleep(0.02)  # a tick of the file system's clock
    with path.open("r+") as file:
        text = file.read().replace(old, new)
        file.seek(0)
        file.write(text)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def _replaced(path: Path, old: str, new: str) -> None:
    other = path.with_name("other")
    other.write_text(path.read_text().replace(old, new))
    shutil.copystat(path, other)
    other.replace(path)


def _by(change: Callable[[Path, str, str], None], inside: str, old: str, new: str) -> Any:
    def happens(folder: Path) -> None:
        change(folder / inside, old, new)

    return happens


def _deletes(inside: str) -> Callable[[Path], None]:
    return lambda folder: (folder / inside).unlink()


def _writes(inside: str, text: str) -> Callable[[Path], None]:
    return lambda folder: (folder / inside).write_text(text) and None


def _dist_goes(folder: Path) -> None:
    shutil.rmtree(_info(folder, "plain"))


def _record_is_another(folder: Path) -> None:
    """Delete a record, and rename another one to its name."""
    (folder / "conda-meta/plain-1.0-py_0.json").unlink()
    asked = folder / "conda-meta/asked-1.0-py_0.json"
    asked.rename(folder / "conda-meta/plain-1.0-py_0.json")


_RECORD = "conda-meta/plain-1.0-py_0.json"
_PLAIN, _ASKED = (f"{SITE_PACKAGES}/{name}-1.0.dist-info" for name in ("plain", "asked"))
_NONE: set[str] = set()
# What happens, and of what is then read what is kept afterwards, and what is not.
_CHANGES = {
    "a record is rewritten": (_by(_changed, _RECORD, "libplain", "lib"), {"plain"}, _NONE),
    "in place": (_by(_in_place, _RECORD, "libplain", "libother"), {"plain"}, _NONE),
    "it is replaced": (_by(_replaced, _RECORD, "libplain", "libother"), {"plain"}, _NONE),
    "it is deleted": (_deletes(_RECORD), _NONE, _NONE),
    "it is another": (_record_is_another, {"plain"}, _NONE),
    "one comes": (lambda folder: _record(folder, "new"), {"new"}, _NONE),
    "METADATA is rewritten": (
        _by(_changed, f"{_PLAIN}/METADATA", "1.0", "1.0.1"),
        {"plain"},
        _NONE,
    ),
    "METADATA in place": (_by(_in_place, f"{_PLAIN}/METADATA", "1.0", "1.1"), {"plain"}, _NONE),
    "METADATA is replaced": (_by(_replaced, f"{_PLAIN}/METADATA", "1.0", "1.1"), {"plain"}, _NONE),
    "METADATA is deleted": (_deletes(f"{_PLAIN}/METADATA"), _NONE, {"plain"}),
    "INSTALLER is rewritten": (
        _by(_changed, f"{_ASKED}/INSTALLER", "conda", "uv"),
        {"asked"},
        _NONE,
    ),
    "INSTALLER in place": (
        _by(_in_place, f"{_ASKED}/INSTALLER", "conda", "other"),
        {"asked"},
        _NONE,
    ),
    "INSTALLER is deleted": (_deletes(f"{_ASKED}/INSTALLER"), {"asked"}, _NONE),
    "it says whence": (
        *(_writes(f"{_ASKED}/direct_url.json", '{"url": "file:///x"}'), {"asked"}),
        _NONE,
    ),
    "an egg is rewritten": (
        _writes(f"{SITE_PACKAGES}/old-1.0.egg-info", "Name: old\nVersion: 2.0\n"),
        *({"old"}, _NONE),
    ),
    "a dist goes": (_dist_goes, _NONE, _NONE),
    "a dist comes": (lambda folder: _dist(folder, "new"), {"new"}, _NONE),
}


@pytest.mark.parametrize(("happens", "once", "ever"), _CHANGES.values(), ids=_CHANGES)
def test_what_has_changed_is_read_anew_and_nothing_else(
    folder: Path, happens: Callable[[Path], None], once: set[str], ever: set[str]
) -> None:
    before = Prefix(folder)
    known = (before.records(), before.dists())
    happens(folder)

    assert _anew(folder) == once | ever
    assert _read(folder) == _read(folder, all_anew=True)
    assert (before.records(), before.dists()) == _read(folder)[:2] != known
    _keep(folder)
    assert _anew(folder) == ever
    assert _read(folder) == _read(folder, all_anew=True)


def test_a_record_that_has_become_unreadable_is_told_of(folder: Path) -> None:
    (folder / _RECORD).write_text("{")
    with pytest.raises(PrefixError) as refused:
        Prefix(folder).records()
    assert refused.value.facts["path"] == str(folder / _RECORD)


def test_a_copy_of_an_environment_is_read_anew(folder: Path) -> None:
    copy = folder.with_name("copy")
    subprocess.run(["cp", "-a", str(folder), str(copy)], check=True)
    everything = {"plain", "asked", "asked-once", "by-pip", "converted", "old"}

    assert _anew(copy) == everything
    assert _anew(folder) == set()


def test_an_environment_that_was_renamed_is_known(folder: Path) -> None:
    moved = folder.rename(folder.with_name("moved"))

    assert _anew(moved) == set()
    assert _read(moved) == _read(moved, all_anew=True)


# Nothing depends on it.


Told = dict[str, Any]


def _told(folder: Path) -> Told:
    told: Told = json.loads(_kept_file(folder).read_bytes().partition(b"\n")[2])
    return told


def _put(folder: Path, told: Any) -> None:
    """Write another document, as a pipguard would that has lost its head."""
    text = json.dumps(told).encode()
    _kept_file(folder).write_bytes(b"%08x\n" % crc32(text) + text)


def _without(key: str) -> Callable[[Told], Any]:
    return lambda told: {name: it for name, it in told.items() if name != key}


def _with(**parts: Any) -> Callable[[Told], Any]:
    return lambda told: {**told, **parts}


def _entries(kind: str, entry: Callable[[Any, Any], Any]) -> Callable[[Told], Any]:
    """Make another entry of each, out of its states and fields."""
    return lambda told: {**told, kind: {name: entry(*it) for name, it in told[kind].items()}}


def _field(kind: str, key: str, value: Any) -> Callable[[Told], Any]:
    return _entries(kind, lambda states, fields: (states, {**fields, key: value}))


def _dropped(kind: str, key: str) -> Callable[[Told], Any]:
    def entry(states: Any, fields: Mapping[str, Any]) -> Any:
        return states, {name: it for name, it in fields.items() if name != key}

    return _entries(kind, entry)


_DAMAGES: list[Any] = [
    *(lambda _, it=it: it for it in (None, 7, "x", [], {}, [1], {"format": 1})),
    *(_with(format=it) for it in (0, 2, "1", None, [])),
    *(_without(it) for it in ("format", "records", "dists")),
    *(_with(records=it, dists=it) for it in (None, 7, "x", [], [1], {"x": 1}, {"x": []})),
    *(
        _entries(kind, entry)
        for kind in ("records", "dists")
        for entry in (
            lambda _, fields: fields,
            lambda states, fields: (states, fields, 1),
            lambda _, fields: ({}, fields),
            lambda _, fields: (7, fields),
            lambda _, fields: ([], fields),
            lambda states, fields: (dict.fromkeys(states, 7), fields),
            lambda states, fields: ({part: ["x"] for part in states}, fields),
            lambda states, fields: ({part: [[]] for part in states}, fields),
            lambda states, fields: ({**states, "/more": [1, 2, 3, 4]}, fields),
            *(lambda states, _, it=it: (states, it) for it in (None, 7, "x", [], {}, [1])),
        )
    ),
    *(_dropped("records", it) for it in ("name", "version", "build")),
    *(_dropped("dists", it) for it in ("name", "version", "requires")),
    *(_field("records", it, 7) for it in ("depends", "purls", "files", "requested_specs")),
    *(_field("dists", it, 7) for it in ("requires", "info", "nothing")),
]


@pytest.mark.parametrize("damage", _DAMAGES)
def test_what_is_kept_and_damaged_is_read_anew(folder: Path, damage: Callable[[Told], Any]) -> None:
    _put(folder, damage(_told(folder)))

    assert _read(folder) == _read(folder, all_anew=True)


@pytest.mark.parametrize(
    "damage",
    [
        *(_field("records", it, 7) for it in ("name", "version", "build", "fn", "sha256")),
        _field("records", "files", [7]),
        _field("records", "depends", "text"),
        _field("dists", "name", 7),
        _field("dists", "version", None),
        _field("dists", "requires", [7]),
        _field("dists", "editable", 7),
    ],
)
def test_what_was_changed_by_hand_is_read_anew(folder: Path, damage: Callable[[Told], Any]) -> None:
    seal, _, _ = _kept_file(folder).read_bytes().partition(b"\n")
    _kept_file(folder).write_bytes(seal + b"\n" + json.dumps(damage(_told(folder))).encode())

    assert _read(folder) == _read(folder, all_anew=True)


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"{", b"\xff\xfe", b"\0" * 4096, b'{"format": 1, "records": {'),
        b"[" * 200_000,
        b"%08x\n" % crc32(b"[" * 200_000) + b"[" * 200_000,
    ],
)
def test_what_is_no_such_document_is_read_anew(folder: Path, data: bytes) -> None:
    _kept_file(folder).write_bytes(data)

    assert _read(folder) == _read(folder, all_anew=True)


@pytest.mark.parametrize("length", [1, 40, 400, 1200])
def test_what_was_cut_off_is_read_anew(folder: Path, length: int) -> None:
    _kept_file(folder).write_bytes(_kept_file(folder).read_bytes()[:-length])

    assert _read(folder) == _read(folder, all_anew=True)


def test_a_folder_in_its_place_hinders_nobody(folder: Path) -> None:
    _kept_file(folder).unlink()
    _kept_file(folder).mkdir()
    _keep(folder)

    assert _read(folder) == _read(folder, all_anew=True)


def test_where_nothing_can_be_written_nothing_is_kept(folder: Path) -> None:
    """A file where the folder should be, for who runs as root may write into any folder."""
    shutil.rmtree(folder / "conda-meta/pipguard")
    (folder / "conda-meta/pipguard").write_text("")
    _keep(folder)

    assert (folder / "conda-meta/pipguard").read_text() == ""


def test_a_disk_that_fails_hinders_nobody(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_descriptor: int) -> None:
        raise OSError(28, "no space left")

    before = _kept_file(folder).read_bytes()
    _record(folder, "new")
    monkeypatch.setattr(os, "fsync", fails)
    _keep(folder)

    assert _kept_file(folder).read_bytes() == before
    assert [it.name for it in _kept_file(folder).parent.iterdir()] == ["read.json"]


def test_names_that_are_no_text_hinder_nobody(folder: Path) -> None:
    _dist(folder, "odd")
    _info(folder, "odd").rename(_info(folder, os.fsdecode(b"caf\xe9")))
    _record(folder, "odd", files=["share/\ud800"])
    _keep(folder)

    assert _read(folder) == _read(folder, all_anew=True)


# What is kept, and where.


def test_what_is_too_young_is_not_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = time.time() - 3600
    monkeypatch.setattr(kept_reading, "_SETTLED", 2_000_000_000)
    _keep_anew(folder)
    assert _told(folder) == {"format": 1, "records": {}, "dists": {}}

    # Anybody may set the time of a file back, but for that of its last change.
    os.utime(folder / _RECORD, (old, old))
    _keep_anew(folder)
    assert _told(folder)["records"] == {}

    now = time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: now + 3_000_000_000)
    _keep_anew(folder)
    assert _anew(folder) == set()


def _keep_anew(folder: Path) -> None:
    _kept_file(folder).unlink()
    _keep(folder)


def test_where_little_was_read_nothing_is_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prefix_module, "_MUCH", 100)
    _keep_anew(folder)

    assert not _kept_file(folder).exists()


def test_what_has_gone_is_kept_no_longer(folder: Path) -> None:
    prefix = Prefix(folder)
    prefix.records()
    prefix.dists()
    (folder / _RECORD).unlink()
    _dist_goes(folder)
    prefix.keep_reading()

    assert Path(_RECORD).name not in _told(folder)["records"]
    assert _PLAIN not in _told(folder)["dists"]


def test_what_is_kept_names_no_environment_and_may_be_read_by_all(folder: Path) -> None:
    assert str(folder) not in _kept_file(folder).read_text()
    assert _kept_file(folder).stat().st_mode & 0o777 == 0o644


def test_no_credential_is_kept(folder: Path) -> None:
    url = "https://me:hidden@conda.example/t/hidden/main/noarch"
    _record(folder, "secret", url=f"{url}/secret.conda", channel=url)
    (_info(folder, "asked") / "direct_url.json").write_text(
        '{"url": "https://me:hidden@src.example/x.zip", "archive_info": {}}'
    )
    _keep(folder)

    assert _read(folder) == _read(folder, all_anew=True)
    assert "hidden" not in _kept_file(folder).read_text()


def test_disable_leaves_no_trace_of_it(tmp_path: Path) -> None:
    guarded = environment(tmp_path / "guarded")
    _record(guarded, "plain")
    for path in (guarded / "conda-meta").glob("python-*.json"):
        path.write_bytes((guarded / _RECORD).read_bytes())
    before = snapshot(guarded)
    cli.run(["enable", "-p", str(guarded)])
    prefix = Prefix(guarded)
    prefix.records()
    prefix.keep_reading()
    assert _kept_file(guarded).exists()

    assert cli.run(["disable", "-p", str(guarded)]) == 0
    assert snapshot(guarded) == before


def test_steps_ahead_leave_nothing_to_be_read(folder: Path) -> None:
    shutil.rmtree(folder / "conda-meta/pipguard")
    prefix = Prefix(folder)
    for step in (*prefix.records_ahead(), *prefix.dists_ahead()):
        step()
    anew = (set(prefix._records.anew), set(prefix._dists.anew))

    assert (prefix.records(), prefix.dists()) == _read(folder)[:2]
    assert (prefix._records.anew, prefix._dists.anew) == anew


@pytest.mark.parametrize("damage", ["{", '{"name": 1}'])
def test_steps_ahead_leave_errors_to_who_reads(folder: Path, damage: str) -> None:
    (folder / _RECORD).write_text(damage)
    prefix = Prefix(folder)
    for step in prefix.records_ahead():
        step()
    with pytest.raises(PrefixError):
        prefix.records()
