from __future__ import annotations

import pytest

from pipguard.errors import TourError
from pipguard.tour import upstream

_SYSCONFIG_3_10 = """
import os, sys
_INSTALL_SCHEMES = {"posix_prefix": {}, "posix_local": {}, "deb_system": {}}

def _get_preferred_schemes():
    if os.environ.get("DEB_PYTHON_INSTALL_LAYOUT") == "deb":
        return {"prefix": "deb_system"}
    return {"prefix": "posix_local"}

def get_preferred_scheme(key):
    return _get_preferred_schemes()[key]

used_at_the_end = get_preferred_scheme("prefix")
"""
_UNPATCHED = _SYSCONFIG_3_10.replace("posix_local", "posix_prefix")
_INSTALL = """
INSTALL_SCHEMES = {"unix_prefix": {"purelib": "site"}, "unix_local": {"purelib": "dist"}}

class install:
    scheme = "unix_local"
"""
_PYTHON_LIB = """
PREFIX = EXEC_PREFIX = "/env"

def get_python_lib(plat_specific=0, standard_lib=0, prefix=None):
    return f"{prefix}/site-packages" if prefix else "/usr/lib/python3/dist-packages"
"""
_ENSUREPIP = """
def _ensurepip_is_disabled_in_debian_for_system():
    raise SystemExit(1)

def bootstrap():
    _ensurepip_is_disabled_in_debian_for_system()
    return "done"
"""


def _run(source: str | None) -> dict[str, object]:
    assert source
    names: dict[str, object] = {}
    exec(source, names)  # noqa: S102 # what the amended text does is what matters
    return names


@pytest.mark.parametrize("file", ["sysconfig.py", "sysconfig/__init__.py"])
def test_sysconfig_prefers_upstreams_scheme_from_the_first_use_on(file: str) -> None:
    names = _run(upstream.amended(file, _SYSCONFIG_3_10))
    assert names["used_at_the_end"] == "posix_prefix"
    assert names["_INSTALL_SCHEMES"] == {"posix_prefix": {}}


def test_distutils_takes_the_local_layout_for_upstreams() -> None:
    names = _run(upstream.amended("distutils/command/install.py", _INSTALL))
    schemes = names["INSTALL_SCHEMES"]
    assert isinstance(schemes, dict)
    assert schemes["unix_local"] == schemes["deb_system"] == {"purelib": "site"}


def test_distutils_finds_site_packages_without_being_told_a_prefix() -> None:
    find = _run(upstream.amended("distutils/sysconfig.py", _PYTHON_LIB))["get_python_lib"]
    assert callable(find)
    assert find() == find(plat_specific=1) == "/env/site-packages"
    assert find(prefix="/other") == "/other/site-packages"


def test_ensurepip_is_allowed() -> None:
    bootstrap = _run(upstream.amended("ensurepip/__init__.py", _ENSUREPIP))["bootstrap"]
    assert callable(bootstrap)
    assert bootstrap() == "done"


def test_a_python_that_nobody_patched_stays_as_it_is() -> None:
    assert upstream.amended("sysconfig.py", _UNPATCHED) is None
    assert not upstream.needs_site(_UNPATCHED)


def test_amending_twice_is_amending_once() -> None:
    once = upstream.amended("distutils/sysconfig.py", _PYTHON_LIB)
    assert once
    assert upstream.amended("distutils/sysconfig.py", once) == once


def test_a_patch_that_is_worded_in_another_way_is_not_half_amended() -> None:
    renamed = _SYSCONFIG_3_10.replace("_get_preferred_schemes", "_schemes_by_preference")
    with pytest.raises(TourError) as caught:
        upstream.amended("sysconfig.py", renamed)
    assert caught.value.reference == "stdlib-not-understood"
    assert caught.value.facts["definition"] == "_get_preferred_schemes"


def test_a_layout_of_another_distributor_is_noticed() -> None:
    assert upstream.unknown_schemes(["posix_prefix", "venv", "rpm_prefix"]) == ("rpm_prefix",)
    assert not upstream.unknown_schemes(["posix_prefix", "posix_local", "deb_system", "nt"])
