"""pip finds the same with haste as without: pip's own finder, on pages of both forms."""

from __future__ import annotations

import html
import json
import subprocess
import sys
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pip._internal.exceptions import InvalidWheelFilename
from pip._internal.index.collector import IndexContent
from pip._internal.index.package_finder import PackageFinder
from pip._internal.models import link
from pip._internal.models.selection_prefs import SelectionPreferences
from pip._internal.models.target_python import TargetPython
from pip._internal.models.wheel import Wheel

from pipguard.pip_haste import Haste, unless_plain

HOST = "https://files.example.org/packages/"
PAGE = "https://pypi.example.org/simple/alpha/"
TARGET = TargetPython(platforms=["manylinux_2_17_x86_64"], py_version_info=(3, 11, 0))
PYTHONS = ("py3", "py2", "py2.py3", "cp39", "cp311", "cp312", "cp37.cp311", "cp311.", "3")
ABIS = ("none", "cp311", "abi3", "cp39")
PLATFORMS = ("any", "win_amd64", "manylinux_2_17_x86_64", "macosx_11_0_arm64", "linux.any")
STEMS = ("alpha-1.0", "alpha-1.0-1", "alpha-1.0+cu1", "Alpha-2.0", "beta-1.0", "alpha")
WHEELS = ["-".join(words) + ".whl" for words in product(STEMS, PYTHONS, ABIS, PLATFORMS)]
OTHERS = (
    *("alpha-1.0.tar.gz", "alpha-3.0.zip", "alpha-1.0-py3-none-any.whl.asc", "alpha", "alpha.whl"),
    *("alpha-1.0-py3-none.whl", "alpha-1.0-py3-none-any%20.whl", "alpha-1.0-py3-none-any.whl?a=b"),
    *("sub-1-cp39-cp39-win_amd64/alpha-1.0-py3-none-any.whl", "alpha-4.0-py3-none-any.whl#md5=0"),
)


class Collector:
    """Answers with one page."""

    def __init__(self, page: IndexContent) -> None:
        self.page = page

    def fetch_response(self, *_: object, **__: object) -> IndexContent:
        return self.page


def found(page: IndexContent) -> list[str]:
    preferences = SelectionPreferences(allow_yanked=True)
    collector: Any = Collector(page)
    finder = PackageFinder.create(collector, preferences, TARGET)
    evaluator = finder.make_link_evaluator("alpha")
    return [
        f"{it.version} {it.link.url}"
        for it in finder.process_project_url(link.Link(PAGE), evaluator)
    ]


def json_page(names: list[str]) -> IndexContent:
    files = [{"url": HOST + name, "filename": name, "hashes": {}} for name in names]
    content = json.dumps({"files": files, "meta": {"api-version": "1.0"}, "name": "alpha"})
    word = "application/vnd.pypi.simple.v1+json"
    return IndexContent(content.encode(), word, None, PAGE, cache_link_parsing=False)


def html_page(names: list[str]) -> IndexContent:
    """Some addresses are relative, as company mirrors write them."""
    roots = (HOST, "../../packages/")
    lines = [f'<a href="{roots[at % 2]}{html.escape(it)}">x</a>' for at, it in enumerate(names)]
    content = f"<!DOCTYPE html><html><body>{''.join(lines)}</body></html>"
    return IndexContent(content.encode(), "text/html", "utf-8", PAGE, cache_link_parsing=False)


@pytest.fixture
def haste(monkeypatch: pytest.MonkeyPatch) -> Haste:
    """Installed when it is asked to, and gone with the test."""
    for owner, name in (
        (PackageFinder, "process_project_url"),
        (link, "_ensure_quoted_url"),
        (link.Link, "from_json"),
        (link.Link, "from_element"),
    ):
        monkeypatch.setattr(owner, name, getattr(owner, name))
    return Haste()


@pytest.mark.parametrize("page", [json_page, html_page])
def test_pip_finds_the_same_files_as_without(haste: Haste, page: Any) -> None:
    names = [*WHEELS, *OTHERS]
    plain = found(page(names))
    haste.install()
    assert found(page(names)) == plain
    assert len(plain) > 10


def test_most_of_a_page_is_passed_over_unread(
    haste: Haste, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = []
    real = link.Link.__init__

    def reading(self: link.Link, url: str, *args: Any, **kwargs: Any) -> None:
        read.append(url)
        real(self, url, *args, **kwargs)

    haste.install()
    monkeypatch.setattr(link.Link, "__init__", reading)
    names = [f"alpha-1.{minor}-cp39-cp39-win_amd64.whl" for minor in range(50)]
    assert found(json_page([*names, "alpha-1.0.tar.gz"])) == [f"1.0 {HOST}alpha-1.0.tar.gz"]
    assert read == [PAGE, f"{HOST}alpha-1.0.tar.gz"]


def test_a_wheel_is_foreign_where_pip_says_so() -> None:
    haste = Haste()
    haste.supported = TARGET.get_unsorted_tags()
    judged = {name: supported(name) for name in WHEELS}
    for name, verdict in judged.items():
        # Of what is no wheel to pip it does not matter what is said: pip passes over it.
        assert verdict is None or haste.is_foreign(HOST + name) is not verdict, name
    assert {True, False, None} == set(judged.values())


def supported(name: str) -> bool | None:
    try:
        return Wheel(name).supported(TARGET.get_unsorted_tags())
    except InvalidWheelFilename:
        return None


def test_nothing_is_foreign_before_the_tags_are_known() -> None:
    assert not Haste().is_foreign(f"{HOST}alpha-1.0-cp39-cp39-win_amd64.whl")


NAMING = """
from pip._internal.network.session import user_agent
from pip._vendor.distro import distro
from pipguard.pip_haste import spare_lsb_release
plain = user_agent.__wrapped__()
distro._distro = distro.LinuxDistribution()
spare_lsb_release()
print(plain, user_agent.__wrapped__(), sep="\\n")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="os-release is of Linux")
def test_pip_calls_itself_the_same_with_fewer_processes() -> None:
    """In a process of its own: what distro has found out, it keeps."""
    command = [sys.executable, "-c", NAMING]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    plain, hasty = done.stdout.splitlines()
    assert plain == hasty
    assert '"distro"' in plain


PIECES = st.sampled_from(
    (
        *("https://", "http://", "file:///", "a.example.org", ":80", "/", "a", "Z", "9", "_", "-"),
        *(".", "~", "+", "%2b", "%2B", " ", "@", "#", "?", "=", "&", "ü", "//", "\\", ";", "["),
    )
)


@example("https://files.example.org/", "a#")  # pip drops a fragment in which nothing is
@given(
    st.sampled_from(["", "https://files.example.org/"]),
    st.lists(PIECES, max_size=12).map("".join),
)
def test_an_address_is_quoted_as_pip_does_it(host: str, path: str) -> None:
    quote = link._ensure_quoted_url
    assert outcome(unless_plain(quote), host + path) == outcome(quote, host + path)


def outcome(quote: Callable[[str], str], url: str) -> str:
    try:
        return quote(url)
    except ValueError as error:
        return repr(error)
