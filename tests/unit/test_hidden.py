"""Where copies of a path are kept that are not seen."""

from __future__ import annotations

from dataclasses import replace

import pytest
from values import from_conda

from pipguard.changes.hidden import copies_of, has_hidden, visible


@pytest.mark.parametrize(
    ("path", "seen", "hidden"),
    [
        ("__clobbers__/alpha/lib/both.txt", "lib/both.txt", True),
        ("lib/both.txt", "lib/both.txt", False),
        ("lib/__clobbers__/alpha/both.txt", "lib/__clobbers__/alpha/both.txt", False),
    ],
)
def test_a_hidden_copy_is_of_the_path_that_is_seen(path: str, seen: str, *, hidden: bool) -> None:
    item = replace(from_conda("alpha"), files=("bin/own", path))

    assert (visible(path), has_hidden(item)) == (seen, hidden)


def test_a_package_has_its_paths_whether_they_are_seen_or_not() -> None:
    paths = [
        {"_path": "__clobbers__/alpha/lib/both.txt", "sha256": "aa"},
        {"_path": "bin/own", "sha256": "bb", "sha256_in_prefix": "cc"},
        {"_path": "lib/link"},
    ]
    item = replace(from_conda("alpha"), data={"paths_data": {"paths": paths}})

    assert list(copies_of(item)) == [("lib/both.txt", "aa"), ("bin/own", "cc"), ("lib/link", "")]
    assert list(copies_of(replace(item, data={}))) == []
