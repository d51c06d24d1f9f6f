"""Gives the standard library of Debian and its derivatives upstream's layout again.

Their python looks for packages in `dist-packages` alone and installs below `local`. The functions
that decide so are defined anew, right after their own definition, so that nothing depends on how
a release words its patch; the names have been the same from 3.10 on. Pure.

`site` cannot be amended like the others: from 3.11 on it is frozen into the binary and its file
is never read. `SITECUSTOMIZE` is what every python imports next.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass

from pipguard.errors import TourError

_DEBIAN_SCHEME = "posix_local"
_SCHEMES = frozenset(
    {"posix_prefix", "posix_home", "posix_user", "posix_venv", "venv", "posix_local", "deb_system"}
    | {"nt", "nt_user", "nt_venv", "osx_framework_user"}
)
LEFT_OUT = frozenset({"EXTERNALLY-MANAGED", "_distutils_system_mod.py", "sitecustomize.py"})
"""Debian's additions to the standard library, by which it makes others follow its layout."""

SITECUSTOMIZE = '''\
"""Upstream's site-packages for a python that was built to look for dist-packages."""

import os
import site
import sys


def getsitepackages(prefixes=None):
    """Return the site-packages folders below `prefixes`, as upstream's `site` does."""
    python = "python{}.{}{}".format(*sys.version_info[:2], "t" if "t" in sys.abiflags else "")
    return [
        os.path.join(prefix, library, python, "site-packages")
        for prefix in dict.fromkeys(site.PREFIXES if prefixes is None else prefixes)
        if prefix
        for library in dict.fromkeys((sys.platlibdir, "lib"))
    ]


site.getsitepackages = getsitepackages
for folder in getsitepackages():
    if folder not in sys.path and os.path.isdir(folder):
        site.addsitedir(folder)
'''

_SYSCONFIG = """

def _get_preferred_schemes():
    return {"prefix": "posix_prefix", "home": "posix_home", "user": "posix_user"}


for _scheme in ("posix_local", "deb_system"):
    _INSTALL_SCHEMES.pop(_scheme, None)
"""

_ENSUREPIP = """

def _ensurepip_is_disabled_in_debian_for_system():
    pass
"""

_DISTUTILS_INSTALL = """

INSTALL_SCHEMES["unix_local"] = INSTALL_SCHEMES["deb_system"] = INSTALL_SCHEMES["unix_prefix"]
"""

_DISTUTILS_SYSCONFIG = """

_debian_get_python_lib = get_python_lib


def get_python_lib(plat_specific=0, standard_lib=0, prefix=None):
    if prefix is None and not standard_lib:
        prefix = EXEC_PREFIX if plat_specific else PREFIX
    return _debian_get_python_lib(plat_specific, standard_lib, prefix)
"""


@dataclass(frozen=True, slots=True)
class _Amendment:
    """What to insert behind the definition of `after`, in the files that contain `mark`."""

    files: tuple[str, ...]
    mark: str
    after: str
    text: str


_AMENDMENTS = (
    _Amendment(
        ("sysconfig.py", "sysconfig/__init__.py"),
        _DEBIAN_SCHEME,
        "_get_preferred_schemes",
        _SYSCONFIG,
    ),
    _Amendment(
        ("ensurepip/__init__.py",),
        "_ensurepip_is_disabled_in_debian_for_system",
        "_ensurepip_is_disabled_in_debian_for_system",
        _ENSUREPIP,
    ),
    _Amendment(("distutils/command/install.py",), "unix_local", "install", _DISTUTILS_INSTALL),
    _Amendment(
        ("distutils/sysconfig.py",), "dist-packages", "get_python_lib", _DISTUTILS_SYSCONFIG
    ),
)

AMENDED = frozenset(file for amendment in _AMENDMENTS for file in amendment.files)
"""The files that `amended` may change, relative to the standard library."""


def needs_site(sysconfig: str) -> bool:
    """Say whether a python with this source of `sysconfig` needs `SITECUSTOMIZE`."""
    return _DEBIAN_SCHEME in sysconfig


def unknown_schemes(schemes: Iterable[str]) -> tuple[str, ...]:
    """Return the install schemes by which a distributor says that it has a layout of its own."""
    return tuple(sorted(set(schemes) - _SCHEMES))


def amended(file: str, source: str) -> str | None:
    """Return `source` of the standard library's `file` with upstream's layout, if it was patched.

    What has been amended before comes back as it is: such a file is no distributor's any more.

    Raises:
        TourError: the patch has changed so much that nothing can be amended.
    """
    for amendment in _AMENDMENTS:
        if file in amendment.files and amendment.mark in source:
            return source if amendment.text in source else _insert(file, source, amendment)
    return None


def _insert(file: str, source: str, amendment: _Amendment) -> str:
    """Place the text of `amendment` behind the last line of the definition that it names."""
    ends = [
        node.end_lineno
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == amendment.after
    ]
    if not ends:
        raise TourError("stdlib-not-understood", file=file, definition=amendment.after)
    lines = source.splitlines(keepends=True)
    return "".join([*lines[: ends[-1]], amendment.text, *lines[ends[-1] :]])
