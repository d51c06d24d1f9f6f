"""Our key in `pip.conf`: merged in, found, taken out."""

from __future__ import annotations

import configparser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipguard.pip_conf import holds_our_key, merge, unmerge

WRAPPER = "/envs/größe 1/libexec/pipguard/pip-python"
EXISTING = (
    b"",
    b"[global]\n",
    b"[global]\nindex-url = https://x/simple\n",
    b"[global]\nindex-url = https://x/simple",
    b"[install]\nno-deps = true\n[global]\ntimeout = 3\n\n[list]\nformat = json\n",
    b"[install]\nno-deps = true\n",
    b"[install]\nno-deps = true",
    b"# only a comment",
    b"[global]\r\ntimeout = 3\r\n",
    b"[global]\npython = /usr/bin/python3\ntimeout = 3\n",
    b"[global]\nPython: /usr\n  /bin/python3\ntimeout = 3\n",
    b"[global]\nextra-index-url =\n    https://a\n    https://b\n",
    b"[global]\ncert = /gr\xf6\xdfe.pem\n",
)

every_file = pytest.mark.parametrize("existing", EXISTING)


def as_pip_reads(content: bytes) -> dict[str, dict[str, str]]:
    """Read as `pip/_internal/configuration.py` does."""
    parser = configparser.RawConfigParser()
    parser.read_string(content.decode("utf-8", "surrogateescape"))
    return {section: dict(parser.items(section)) for section in parser.sections()}


@every_file
def test_pip_finds_our_key_and_everything_else(existing: bytes) -> None:
    expected = as_pip_reads(existing)
    expected.setdefault("global", {})["python"] = WRAPPER

    assert as_pip_reads(merge(existing, WRAPPER)) == expected


@every_file
def test_merging_twice_is_merging_once(existing: bytes) -> None:
    once = merge(existing, WRAPPER)

    assert merge(once, WRAPPER) == once


@every_file
def test_merging_for_another_place_replaces_our_key(existing: bytes) -> None:
    moved = merge(merge(existing, "/old/libexec/pipguard/pip-python"), WRAPPER)

    assert as_pip_reads(moved)["global"]["python"] == WRAPPER


@every_file
def test_taking_our_key_out_leaves_what_pip_read_before(existing: bytes) -> None:
    before = as_pip_reads(existing)
    before = before if before.get("global", "not empty") else {}

    assert as_pip_reads(unmerge(merge(existing, WRAPPER))) == before


@every_file
def test_a_file_without_our_key_is_left_byte_for_byte(existing: bytes) -> None:
    assert unmerge(existing) == existing


@given(st.lists(st.sampled_from([b"[global]", b"[a]", b"x = 1", b"python=/x", b" y", b"", b"#"])))
def test_our_key_is_found_once_merged_and_gone_once_taken_out(lines: list[bytes]) -> None:
    merged = merge(b"\n".join(lines), WRAPPER)

    assert holds_our_key(merged, WRAPPER)
    assert not holds_our_key(unmerge(merged), WRAPPER)


def test_a_file_of_our_key_alone_becomes_nothing() -> None:
    assert unmerge(merge(b"", WRAPPER)) == b""


def test_our_key_survives_a_rewrite_by_pip_config() -> None:
    rewritten = b"[global]\npython = " + WRAPPER.encode() + b"\ntimeout = 9\n\n"

    assert holds_our_key(rewritten, WRAPPER)
    assert as_pip_reads(unmerge(rewritten)) == {"global": {"timeout": "9"}}


def test_our_key_in_another_section_is_not_in_force() -> None:
    assert not holds_our_key(b"[install]\npython = " + WRAPPER.encode() + b"\n", WRAPPER)
