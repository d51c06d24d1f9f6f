"""Tells where a python keeps its parts, as JSON; run with `-I` by the python that is asked.

Started as a file under any python from 3.10; imports nothing but the standard library. Inside a
virtual environment it answers for the python underneath.
"""

import importlib.util
import json
import platform
import sys
import sysconfig
from pathlib import Path

_BASE = {"base": sys.base_prefix, "platbase": sys.base_exec_prefix}
_NEEDED = ("ctypes", "json", "sqlite3", "ssl", "sysconfig", "venv", "zlib")


def _executable() -> Path:
    """Find the binary: a venv's python is a link to it, or with --copies a copy of it."""
    started = getattr(sys, "_base_executable", None) or sys.executable
    binary = Path(started).resolve()
    if sys.prefix == sys.base_prefix or Path(sys.prefix) not in binary.parents:
        return binary
    name = "python{}.{}{}".format(*sys.version_info[:2], sys.abiflags)
    return Path(sys.base_prefix, "bin", name).resolve()


def _libraries() -> list[str]:
    """Find where a shared libpython may be, under each of its names."""
    names = {sysconfig.get_config_var(name) for name in ("INSTSONAME", "LDLIBRARY")} - {None}
    folders = {sysconfig.get_config_var("LIBDIR"), f"{sys.base_prefix}/lib"} - {None}
    paths = [Path(folder, name) for folder in folders for name in names]
    return sorted(str(path) for path in paths if path.suffix != ".a" and path.is_file())


print(  # noqa: T201 # its output is its purpose
    json.dumps(
        {
            "version": platform.python_version(),
            "executable": str(_executable()),
            "library_folder": sys.platlibdir,
            "stdlib": sysconfig.get_path("stdlib", vars=_BASE),
            "include": sysconfig.get_path("include", "posix_prefix", vars=_BASE),
            "libraries": _libraries(),
            "schemes": sysconfig.get_scheme_names(),
            "framework": bool(sysconfig.get_config_var("PYTHONFRAMEWORK")),
            "missing": [name for name in _NEEDED if importlib.util.find_spec(name) is None],
        }
    )
)
