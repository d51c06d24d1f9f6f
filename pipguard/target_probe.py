"""Tells what python this is; run by the python of an environment.

Started as a file with `-I` it prints JSON; a child that is there anyway imports it. It runs under
any python and imports nothing but the standard library. The marker values are those of PEP 508.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import sysconfig

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def _version(info: Any) -> str:
    text = f"{info.major}.{info.minor}.{info.micro}"
    return text if info.releaselevel == "final" else f"{text}{info.releaselevel[0]}{info.serial}"


def _markers() -> dict[str, str]:
    return {
        "implementation_name": sys.implementation.name,
        "implementation_version": _version(sys.implementation.version),
        "os_name": os.name,
        "platform_machine": platform.machine(),
        "platform_python_implementation": platform.python_implementation(),
        "platform_release": platform.release(),
        "platform_system": platform.system(),
        "platform_version": platform.version(),
        "python_full_version": platform.python_version(),
        "python_version": ".".join(platform.python_version_tuple()[:2]),
        "sys_platform": sys.platform,
    }


def target() -> dict[str, Any]:
    """Say what `target.Target` is made of."""
    return {
        "python": platform.python_version(),
        "site_packages": os.path.relpath(sysconfig.get_path("purelib"), sys.prefix).replace(
            os.sep, "/"
        ),
        "free_threaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
        "markers": _markers(),
    }


if __name__ == "__main__":
    print(json.dumps(target()))  # noqa: T201 # its output is its purpose
