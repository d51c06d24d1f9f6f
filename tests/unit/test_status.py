"""The truth about an environment, read from files of a prefix alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from values import CHANNEL, CONVERTED_BUILD, SITE_PACKAGES, TARGET

from pipguard.changes.files import Files
from pipguard.changes.journal import JournalFolder, Touched
from pipguard.changes.states import GONE
from pipguard.errors import PrefixError
from pipguard.prefix import Prefix
from pipguard.status import DistStatus, Kept, Status, look

CONDA_FORGE = "https://conda.anaconda.org/conda-forge"


@pytest.fixture
def prefix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Prefix:
    """An environment of files alone: its python is told, not asked."""
    (tmp_path / "conda-meta").mkdir()
    (tmp_path / SITE_PACKAGES).mkdir(parents=True)
    monkeypatch.setattr(Prefix, "target", TARGET)
    return Prefix(tmp_path)


def has_dist(prefix: Prefix, name: str, version: str = "1.0", direct_url: Any = None) -> str:
    """Put a metadata folder into site-packages, and return its path in the prefix."""
    info = f"{SITE_PACKAGES}/{name}-{version}.dist-info"
    (prefix.path / info).mkdir()
    (prefix.path / info / "METADATA").write_text(f"Name: {name}\nVersion: {version}\n")
    if direct_url:
        (prefix.path / info / "direct_url.json").write_text(json.dumps(direct_url))
    return info


def has_record(prefix: Prefix, name: str, *infos: str, **fields: str) -> None:
    """Put a record into conda-meta that owns these metadata folders."""
    record = {"name": name, "version": "1.0", "build": "py_0", "subdir": "noarch"}
    record |= {"channel": CHANNEL, "url": f"{CHANNEL}/noarch/x.conda", "fn": "x.conda"} | fields
    document = record | {"files": [f"{info}/METADATA" for info in infos]}
    (prefix.conda_meta / f"{name}-1.0-py_0.json").write_text(json.dumps(document))


def origins(prefix: Prefix) -> dict[str, str]:
    return {dist.name: dist.origin for dist in look(prefix, {}).dists}


def test_each_origin_is_told(prefix: Prefix) -> None:
    has_record(prefix, "alpha", has_dist(prefix, "alpha"))
    has_record(prefix, "beta", has_dist(prefix, "beta"), build=CONVERTED_BUILD)
    has_record(prefix, "gamma", has_dist(prefix, "gamma"), build="pypi_0", channel="pypi")
    has_dist(prefix, "delta")
    assert origins(prefix) == {
        "alpha": "conda",
        "beta": "converted",
        "delta": "untracked",
        "gamma": "pip",
    }


@pytest.mark.parametrize("build", ["py_0", CONVERTED_BUILD])
def test_a_dist_whose_metadata_pip_has_replaced_is_damaged(prefix: Prefix, build: str) -> None:
    has_record(prefix, "alpha", f"{SITE_PACKAGES}/alpha-1.0.dist-info", build=build)
    has_dist(prefix, "alpha", "2.0")
    (alpha,) = look(prefix, {}).dists
    assert (alpha.origin, alpha.version, alpha.conda_name) == ("damaged", "2.0", "alpha")


def test_a_dist_that_pip_has_removed_behind_condas_back_is_damaged(prefix: Prefix) -> None:
    has_record(prefix, "alpha", f"{SITE_PACKAGES}/alpha-1.0.dist-info")
    (alpha,) = look(prefix, {}).dists
    assert (alpha.origin, alpha.version, alpha.conda_name) == ("damaged", "1.0", "alpha")


def test_a_dist_whose_folder_bears_another_name_is_not_taken_for_removed(prefix: Prefix) -> None:
    info = has_dist(prefix, "alpha")
    (prefix.path / info / "METADATA").write_text("Name: other\nVersion: 1.0\n")
    has_record(prefix, "alpha", info)
    assert origins(prefix) == {"other": "untracked"}


def test_a_package_without_any_dist_is_none(prefix: Prefix) -> None:
    has_record(prefix, "openssl")
    assert origins(prefix) == {}


def test_the_conda_package_of_a_dist_is_named_with_its_channel(prefix: Prefix) -> None:
    has_record(prefix, "pytorch", has_dist(prefix, "torch"), channel=CONDA_FORGE)
    assert look(prefix, {}).dists == (
        DistStatus("torch", "1.0", "conda", "pytorch", "conda-forge", editable=False, source=None),
    )


def test_an_editable_dist_names_its_folder(prefix: Prefix) -> None:
    has_dist(prefix, "tree", direct_url={"url": "file:///src/tree", "dir_info": {"editable": True}})
    (tree,) = look(prefix, {}).dists
    assert (tree.editable, tree.source) == (True, "file:///src/tree")


def test_the_source_of_a_repository_has_its_commit_and_no_password(prefix: Prefix) -> None:
    vcs = {"vcs": "git", "commit_id": "0f1e"}
    url = "https://me:hunter2@git.example/r.git"
    has_dist(prefix, "repo", direct_url={"url": url, "vcs_info": vcs})
    (repo,) = look(prefix, {}).dists
    assert repo.source == "git+https://git.example/r.git@0f1e"


@pytest.mark.parametrize("content", ["{", "[]", "null"])
def test_a_direct_url_that_cannot_be_read_counts_as_none(prefix: Prefix, content: str) -> None:
    info = has_dist(prefix, "alpha")
    (prefix.path / info / "direct_url.json").write_text(content)
    (alpha,) = look(prefix, {}).dists
    assert alpha.source is None


def test_what_pip_left_of_a_broken_uninstall_is_no_dist(prefix: Prefix) -> None:
    (prefix.path / SITE_PACKAGES / "~lpha-1.0.dist-info").mkdir()
    (prefix.path / SITE_PACKAGES / "empty-1.0.dist-info").mkdir()
    assert origins(prefix) == {}


def test_fields_end_where_the_description_begins_and_may_be_folded(prefix: Prefix) -> None:
    info = has_dist(prefix, "alpha")
    (prefix.path / info / "METADATA").write_bytes(
        b"Metadata-Version: 2.1\r\nNAME: Alpha\r\nVersion: 1.0\r\nLicense: MIT\r\n        \r\n"
        b"        or so\r\nRequires-Dist: beta\r\n >=1\r\nRequires-Dist: gamma\r\n\r\n"
        b"Version: 9\r\nRequires-Dist: delta\r\n\xff"
    )

    (alpha,) = prefix.dists()

    assert (alpha.name, alpha.version, alpha.requires) == ("alpha", "1.0", ("beta >=1", "gamma"))


def test_an_old_single_file_egg_info_is_a_dist(prefix: Prefix) -> None:
    path = prefix.path / SITE_PACKAGES / "old-1.0-py3.11.egg-info"
    path.write_text("Metadata-Version: 1.0\nName: Old\nVersion: 1.0\n")
    assert origins(prefix) == {"old": "untracked"}


def test_the_document_has_the_fields_that_are_promised(prefix: Prefix) -> None:
    has_record(prefix, "alpha", has_dist(prefix, "Al.pha"), channel=CONDA_FORGE)

    assert look(prefix, {"CONDA_BUILD": "1"}).to_json() == {
        "prefix": str(prefix.path),
        "guarded": False,
        "mode": None,
        "overrides": ("conda-build",),
        "undo": {"operations": 0, "bytes": 0},
        "dists": (
            {
                "name": "al-pha",
                "version": "1.0",
                "origin": "conda",
                "conda_name": "alpha",
                "channel": "conda-forge",
                "editable": False,
                "source": None,
            },
        ),
    }


def test_what_is_kept_for_undo_is_counted(prefix: Prefix) -> None:
    (prefix.path / "replaced").write_text("x" * 7)
    journal = JournalFolder(prefix.path, Files())
    operation = journal.open("1", [Touched("replaced", GONE)])
    assert look(prefix, {}).undo == Kept(0, 0)  # it is under way

    journal.commit(operation, "{}")
    assert look(prefix, {}).undo == Kept(1, 7)


def test_what_voids_the_guard_is_named(prefix: Prefix) -> None:
    assert "bypass-set" in look(prefix, {"PIPGUARD_BYPASS": "1"}).overrides


def test_an_environment_without_guard_says_so(prefix: Prefix) -> None:
    found = look(prefix, {})
    assert (found.guarded, found.mode) == (False, None)


def test_a_folder_that_is_no_environment_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PrefixError) as caught:
        look(Prefix(tmp_path), {})
    assert caught.value.reference == "not-an-environment"


def test_a_record_that_cannot_be_read_is_named(prefix: Prefix) -> None:
    (prefix.conda_meta / "bad-1.0-0.json").write_text("{")
    with pytest.raises(PrefixError) as caught:
        look(prefix, {})
    assert caught.value.reference == "record-unreadable"
    assert str(caught.value.facts["path"]).endswith("bad-1.0-0.json")


def test_counts_come_in_the_order_of_trust() -> None:
    listed = [("a", "untracked"), ("b", "conda"), ("c", "conda"), ("d", "damaged")]
    dists = tuple(
        DistStatus(name, "1", origin, None, None, editable=False, source=None)
        for name, origin in listed
    )
    found = Status("/env", guarded=False, mode=None, overrides=(), undo=Kept(0, 0), dists=dists)
    assert list(found.counts().items()) == [("conda", 2), ("untracked", 1), ("damaged", 1)]
