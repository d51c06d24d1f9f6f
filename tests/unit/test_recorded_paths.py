"""Paths of a RECORD, as installers write them, relative to the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipguard.changes.staging import inside_of

SITE = "lib/python3.11/site-packages"


@pytest.mark.parametrize(
    ("name", "inside"),
    [
        ("alpha/__init__.py", f"{SITE}/alpha/__init__.py"),
        ("../../../bin/alpha", "bin/alpha"),
        ("..data/alpha", f"{SITE}/..data/alpha"),
        ("../../../..here/alpha", "..here/alpha"),
        ("../../../../outside", None),
        ("../../../..", None),
        ("/usr/lib/outside", None),
        ("{prefix}/bin/alpha", "bin/alpha"),
        ("{prefix}/../outside", None),
        ("{prefix}-other/bin/alpha", None),
        ("{alias}/bin/alpha", "bin/alpha"),
    ],
)
def test_a_path_is_inside_by_any_name_of_the_environment(
    tmp_path: Path, name: str, inside: str | None
) -> None:
    prefix, alias = tmp_path / "env", tmp_path / "alias"
    (prefix / "bin").mkdir(parents=True)
    alias.symlink_to(prefix)
    assert inside_of(prefix, SITE, name.format(prefix=prefix, alias=alias)) == inside
    assert inside_of(alias, SITE, name.format(prefix=prefix, alias=alias)) == inside
