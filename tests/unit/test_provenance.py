"""Whose list a candidate was found on."""

from __future__ import annotations

import pytest

from pipguard.provenance import PYPI, Listing, Places, places

MIRROR = "https://mirror.acme.example/pypi/simple"
EXTRA = "https://private.acme.example/simple"
TYPED = "https://download.example/whl/cu121"
FILE = "https://files.example/alpha-1.0-py3-none-any.whl"


def page(index: str) -> str:
    return f"{index}/alpha/"


@pytest.mark.parametrize(
    ("found_on", "listing"),
    [
        (page(MIRROR), Listing.MAIN),
        (page(EXTRA), Listing.EXTRA),
        (page(TYPED), Listing.NAMED),
        ("file:///mirror/simple/alpha/", Listing.CACHE),
        (f"{MIRROR}-of-others/alpha/", Listing.NAMED),
    ],
)
def test_the_page_that_listed_a_file_tells_who_named_it(found_on: str, listing: Listing) -> None:
    looked_at = places(
        configured=[EXTRA, "file:///mirror/simple"],
        main=f"{MIRROR}/",
        asked=[MIRROR, EXTRA, "file:///mirror/simple", TYPED],
        no_index=False,
    )
    assert looked_at.listing(found_on, FILE) is listing


@pytest.mark.parametrize("main", [PYPI, f"{PYPI}/", "https://pypi.python.org/simple"])
def test_pypi_itself_is_no_stand_in(main: str) -> None:
    assert Places(main=main).listing(page(PYPI), FILE) in {Listing.PYPI, Listing.MAIN}
    assert Places(main=main).listing(page(main.rstrip("/")), FILE) is Listing.PYPI


def test_pypi_beside_a_mirror_is_where_somebody_put_it() -> None:
    looked_at = places(configured=[PYPI], main=MIRROR, asked=[MIRROR, PYPI], no_index=False)
    assert looked_at.listing(page(PYPI), FILE) is Listing.EXTRA


@pytest.mark.parametrize(
    ("folder", "listing"),
    [("file:///wheels", Listing.CACHE), ("file:///wheels/here", Listing.NAMED)],
)
def test_a_file_of_a_folder_is_known_by_its_own_address(folder: str, listing: Listing) -> None:
    looked_at = places(
        configured=["file:///wheels"],
        main=PYPI,
        asked=["file:///wheels", "file:///wheels/here"],
        no_index=False,
    )
    assert looked_at.listing(None, f"{folder}/alpha-1.0-py3-none-any.whl") is listing


def test_an_index_that_is_typed_and_configured_is_configured() -> None:
    looked_at = places(configured=[EXTRA], main=PYPI, asked=[PYPI, f"{EXTRA}/"], no_index=False)
    assert looked_at.named == ()


def test_credentials_make_no_other_index_and_are_not_kept() -> None:
    secret = EXTRA.replace("https://", "https://me:pw@")
    looked_at = places(configured=[secret], main=PYPI, asked=[secret], no_index=False)
    assert looked_at == Places(extras=(EXTRA,))


def test_with_no_index_whatever_is_found_was_meant() -> None:
    looked_at = places(configured=["file:///wheels"], main=PYPI, asked=[], no_index=True)
    assert looked_at.listing(None, "file:///wheels/alpha-1.0.tar.gz") is Listing.NAMED


@pytest.mark.parametrize(
    ("looked_at", "listing"),
    [
        (Places(main=MIRROR), Listing.MAIN),
        (Places(extras=(EXTRA,)), Listing.EXTRA),
        (Places(extras=(EXTRA,), named=(TYPED,)), Listing.NAMED),
    ],
)
def test_where_pip_does_not_tell_the_greatest_care_is_taken(
    looked_at: Places, listing: Listing
) -> None:
    assert looked_at.listing(None, FILE) is listing


def test_a_file_of_pypi_is_known_without_its_page() -> None:
    url = "https://files.pythonhosted.org/packages/aa/bb/alpha-1.0.tar.gz"
    assert Places(extras=(EXTRA,)).listing(None, url) is Listing.PYPI
