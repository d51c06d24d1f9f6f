"""direct_url.json (PEP 610), as installers write it."""

from __future__ import annotations

import json

import pytest

from pipguard.direct_url import DirectUrl, parse_direct_url

SHA256 = "ab" * 32


@pytest.mark.parametrize(
    ("document", "read", "address"),
    [
        (
            {"url": "file:///src", "dir_info": {"editable": True}},
            DirectUrl("file:///src", editable=True, is_folder=True),
            "file:///src",
        ),
        (
            {
                "url": "https://me:word@git.example/a",
                "vcs_info": {"vcs": "git", "requested_revision": "main", "commit_id": "c0"},
                "subdirectory": "b",
            },
            DirectUrl(
                "https://git.example/a", vcs="git", revision="main", commit="c0", subdirectory="b"
            ),
            "git+https://git.example/a@c0#subdirectory=b",
        ),
        (
            {"url": "https://f.example/a.whl", "archive_info": {"hash": f"sha256={SHA256}"}},
            DirectUrl("https://f.example/a.whl", sha256=SHA256),
            "https://f.example/a.whl",
        ),
        (
            {"url": "https://f.example/a.whl", "archive_info": {"hashes": {"sha256": SHA256}}},
            DirectUrl("https://f.example/a.whl", sha256=SHA256),
            "https://f.example/a.whl",
        ),
    ],
)
def test_each_kind_is_read(document: object, read: DirectUrl, address: str) -> None:
    found = parse_direct_url(json.dumps(document))
    assert found == read
    assert found.requirement_url == address


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"url": ""}'])
def test_what_is_no_such_document_is_none(text: str) -> None:
    assert parse_direct_url(text) is None


def test_odd_parts_are_passed_over() -> None:
    found = parse_direct_url(
        '{"url": "https://x.example", "dir_info": null, "archive_info": {"hashes": []}}'
    )
    assert found == DirectUrl("https://x.example", is_folder=True)


@pytest.mark.parametrize(
    ("url", "path"), [("file:///a%20b", "/a b"), ("https://x.example/a", None)]
)
def test_a_file_url_has_a_path(url: str, path: str | None) -> None:
    assert DirectUrl(url).path == path
