"""What an examination sees of an environment, read from files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from place import MADE, Place
from values import SITE_PACKAGES

from pipguard.doctor.evidence import Damage, Evidence, Info
from pipguard.doctor.examination import examine

TEXT = "first\n"
OTHER = "other\n"  # of the same length


def look(place: Place, *, full: bool = False) -> Evidence:
    return examine(place.prefix, full=full)


def damage(place: Place, *, full: bool = False) -> dict[str, Damage]:
    return dict(look(place, full=full).damages)


def only_info(place: Place) -> Info:
    (info,) = look(place).infos
    return info


# Files


def test_files_as_they_were_linked_are_no_damage(place: Place) -> None:
    place.linked("alpha", {"share/a": TEXT, "share/b": TEXT})
    assert damage(place) == damage(place, full=True) == {}


def test_a_file_that_is_not_there_is_missing(place: Place) -> None:
    place.linked("alpha", {"share/a": TEXT, "share/b": TEXT})
    (place.prefix.path / "share/a").unlink()
    assert damage(place) == {"alpha": Damage(missing=("share/a",))}


@pytest.mark.parametrize(("text", "time"), [("longer than before\n", MADE), (OTHER, None)])
def test_another_size_or_a_later_date_gives_a_file_away(
    place: Place, text: str, time: int | None
) -> None:
    place.linked("alpha", {"share/a": TEXT})
    place.write("share/a", text, time=time)
    assert damage(place) == {"alpha": Damage(altered=("share/a",))}


def test_only_full_finds_what_bears_size_and_date_of_the_original(place: Place) -> None:
    place.linked("alpha", {"share/a": TEXT})
    place.write("share/a", OTHER, time=MADE)
    assert damage(place) == {}
    assert damage(place, full=True) == {"alpha": Damage(altered=("share/a",))}


def test_one_altered_file_has_all_of_its_package_hashed(place: Place) -> None:
    place.linked("alpha", {"share/a": TEXT, "share/b": TEXT})
    place.write("share/a", OTHER)
    place.write("share/b", OTHER, time=MADE)
    assert damage(place) == {"alpha": Damage(altered=("share/a", "share/b"))}


def test_a_touched_file_of_the_same_bytes_is_no_damage(place: Place) -> None:
    place.linked("alpha", {"share/a": TEXT})
    place.write("share/a", TEXT)
    assert damage(place) == {}


def test_a_text_with_the_prefix_in_it_is_held_against_its_hash_here(place: Place) -> None:
    place.linked("alpha", {"bin/a": TEXT})
    entry = {"_path": "bin/a", "path_type": "hardlink", "sha256": "0" * 64, "size_in_bytes": 999}
    digest = "d55ff16b6a1a6a4a6c7d4d0f2a6ee7b6a5f0a5a9e6d2c5d1c4c3b2a190807060"
    placeholder = {"prefix_placeholder": "/opt/x", "file_mode": "text"}
    place.record("alpha", [entry | placeholder | {"sha256_in_prefix": digest}])
    assert damage(place) == {"alpha": Damage(altered=("bin/a",))}


def test_bytecode_may_be_anything(place: Place) -> None:
    place.linked("alpha", {"lib/a.pyc": TEXT, "lib/b.pyc": TEXT})
    place.write("lib/a.pyc", OTHER)
    (place.prefix.path / "lib/b.pyc").unlink()
    assert damage(place) == {}


def test_a_path_of_two_packages_may_be_either(place: Place) -> None:
    place.linked("alpha", {"share/a": TEXT})
    place.linked("beta", {"share/a": OTHER})
    os.utime(place.prefix.path / "share/a")
    assert damage(place) == {}
    place.write("share/a", "third!\n")
    assert set(damage(place)) == {"alpha", "beta"}


def test_links_are_held_against_being_links(place: Place) -> None:
    entries = [{"_path": f"lib/{it}", "path_type": "softlink", "sha256": "0" * 64} for it in "abc"]
    place.record("alpha", entries)
    (place.prefix.path / "lib/a").symlink_to("nowhere")
    place.write("lib/b")
    assert damage(place) == {"alpha": Damage(missing=("lib/c",), altered=("lib/b",))}


def test_a_record_without_hashes_tells_what_is_missing(place: Place) -> None:
    place.record("alpha", [], files=["share/a", "share/b"], paths_data=None)
    place.write("share/a")
    assert damage(place) == {"alpha": Damage(missing=("share/b",))}


# Dists


def test_the_rows_of_what_nobody_accounts_for_are_held_against_the_disk(place: Place) -> None:
    path = place.dist("alpha", {"alpha/a.py": TEXT, "alpha/b.py": TEXT})
    assert only_info(place).stands
    place.write(f"{SITE_PACKAGES}/alpha/a.py", OTHER)
    (place.prefix.path / SITE_PACKAGES / "alpha/b.py").unlink()
    place.write(f"{path}/INSTALLER", "uv")
    info = only_info(place)
    assert (info.installer, info.owner, info.version) == ("uv", None, "1.0")
    assert info.damage == Damage(
        missing=(f"{SITE_PACKAGES}/alpha/b.py",), altered=(f"{SITE_PACKAGES}/alpha/a.py",)
    )


def test_a_row_outside_the_prefix_is_nobodys(place: Place) -> None:
    path = place.dist("alpha", {"alpha/a.py": TEXT})
    with (place.prefix.path / path / "RECORD").open("a") as record:
        record.write("../../../../../elsewhere,,\n/etc/passwd,,\n")
    info = only_info(place)
    assert all("elsewhere" not in row.path and "passwd" not in row.path for row in info.rows or ())


def test_the_owner_of_a_dist_is_who_has_its_metadata(place: Place) -> None:
    folder = f"{SITE_PACKAGES}/alpha-1.0.dist-info"
    place.linked("alpha", {f"{folder}/METADATA": "Name: alpha\nVersion: 1.0\n"})
    assert only_info(place).owner == "alpha"


def test_metadata_that_cannot_be_read_is_no_metadata(place: Place) -> None:
    place.write(f"{SITE_PACKAGES}/alpha-1.0.dist-info/REQUESTED")
    assert only_info(place).metadata is None


def test_a_dist_without_record_has_the_modules_of_its_name(place: Place) -> None:
    folder = f"{SITE_PACKAGES}/alpha-1.0.dist-info"
    place.write(f"{folder}/METADATA", "Name: alpha\nVersion: 1.0\n")
    place.write(f"{SITE_PACKAGES}/alpha/a.py")
    place.linked("other", {f"{SITE_PACKAGES}/alpha/b.py": TEXT})
    assert only_info(place).orphans == (f"{SITE_PACKAGES}/alpha/a.py",)


@pytest.mark.parametrize("there", [True, False])
def test_an_editable_is_known_by_its_folder(place: Place, tmp_path: Path, *, there: bool) -> None:
    folder = tmp_path / "source"
    path = place.dist("alpha", {})
    direct = f'{{"url": "{folder.as_uri()}", "dir_info": {{"editable": true}}}}'
    place.write(f"{path}/direct_url.json", direct)
    if there:
        folder.mkdir()
    info = only_info(place)
    assert (info.editable, info.gone) == (str(folder), not there)


@pytest.mark.parametrize("signs", ["~lpha", "~-pha", "~~~~a"])
def test_what_pip_has_put_aside_is_put_together_again(place: Place, signs: str) -> None:
    place.dist("alpha", {"alpha/a.py": TEXT})
    site = place.prefix.path / SITE_PACKAGES
    (site / "alpha").rename(site / signs)
    (site / "alpha-1.0.dist-info").rename(site / "~lpha-1.0.dist-info")
    evidence = look(place)
    (info,) = evidence.infos
    assert info.stashed
    assert not info.damage.paths
    assert dict(info.moves)[f"{SITE_PACKAGES}/{signs}"] == f"{SITE_PACKAGES}/alpha"
    assert len(evidence.stashed) == 2


def test_every_site_packages_is_seen_and_a_link_is_none(place: Place) -> None:
    place.dist("alpha", {"alpha/a.py": TEXT}, site="lib/python3.10/site-packages")
    (place.prefix.path / "lib/python3.1").symlink_to("python3.11")
    evidence = look(place)
    assert evidence.site == SITE_PACKAGES
    assert [info.site for info in evidence.infos] == ["lib/python3.10/site-packages"]


# Lines and scripts


def test_lines_that_lead_nowhere_are_seen(place: Place) -> None:
    place.write(f"{SITE_PACKAGES}/here/a.py")
    text = "# comment\nimport os; os.sep\n/gone/one\nhere\n\n"
    place.write(f"{SITE_PACKAGES}/easy-install.pth", text)
    place.write(f"{SITE_PACKAGES}/alpha.egg-link", "/gone/two\n.")
    pth, link = sorted(look(place).dangles, key=lambda it: it.path, reverse=True)
    assert (pth.targets, pth.left) == (
        ("/gone/one",),
        b"# comment\nimport os; os.sep\nhere\n\n",
    )
    assert (link.targets, link.left) == (("/gone/two",), None)


def test_what_a_conda_package_ships_is_no_damage(place: Place) -> None:
    place.linked("alpha", {f"{SITE_PACKAGES}/alpha.pth": "/only/elsewhere\n"})
    assert look(place).dangles == ()


@pytest.mark.parametrize(
    ("head", "cured"),
    [
        ("#!/gone/bin/python3.11\n", "#!{prefix}/bin/python\n"),
        ("#!/gone/bin/python -sE\n", "#!{prefix}/bin/python -sE\n"),
        (
            '#!/bin/sh\n\'\'\'exec\' "/gone/with space/python" "$0" "$@"\n',
            '#!/bin/sh\n\'\'\'exec\' "{prefix}/bin/python" "$0" "$@"\n',
        ),
        ("#!{prefix}/bin/python\n", ""),
        ("#!/usr/bin/env python\n", ""),
        ("#!/bin/bash\n", ""),
        ("no script\n", ""),
    ],
)
def test_a_command_of_another_python_is_seen_with_its_cure(
    place: Place, head: str, cured: str
) -> None:
    prefix = str(place.prefix.path)
    place.dist("alpha", {"../../../bin/alpha": head.replace("{prefix}", prefix) + "print()\n"})
    found = [command.content.decode() for command in look(place).commands]
    assert found == ([cured.replace("{prefix}", prefix) + "print()\n"] if cured else [])


def test_a_script_that_conda_ships_with_another_python_is_as_it_should_be(place: Place) -> None:
    place.linked("alpha", {"bin/alpha": "#!/usr/bin/python3\n"})
    assert look(place).commands == ()
