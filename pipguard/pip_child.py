"""The script that runs inside the environment's python, with pipguard's pip.

Not a module of the package: it is started as a file, under any python that pip supports, and
imports nothing but the standard library and pip. Each start of an interpreter with pip costs 150
to 600 ms, so one process reads the options with pip's own parser, tells them to its parent, and
then plans, fetches, installs and uninstalls as it is ordered. What it does with pip is in
`pip_orders.py` beside it, for python compiles a script anew at each start.

The parent talks over two pipes, one JSON object a line; the first, for a list of processes shows
what is on a command line, has what was typed:

    parent -> […]
    child  -> {"command": …, "options": {…}, "configured": {…}, "arguments": […], "target": {…}}
              or {"ended": STATUS}: pip has refused, and said why
    parent -> {"do": "plan" | "fetch" | "install" | "uninstall", …}  or end of file: stop
    child  -> {"status": STATUS, …}   after each order; what a plan adds is in `pip_watch.py`

Each of pip's runs ends with a mark on standard output as well, so that the parent can tell whose
output is whose. Of a pip whose private API is another one the child says {"stranger": true}, and
the order that it then understands, once, is {"do": "run", "arguments": […]}: a command line for
pip as anyone may type it.
"""

from __future__ import annotations

import gc

gc.disable()  # nothing of what is imported is garbage, and looking for some takes a tenth of it

import json  # noqa: E402
import os  # noqa: E402
import sys  # noqa: E402
from importlib import import_module  # noqa: E402
from importlib.machinery import PathFinder  # noqa: E402

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from importlib.machinery import ModuleSpec
    from typing import Any, NoReturn

INTERRUPTED = 130
MARK = "\0\n"
_BESIDE = ("pip_orders", "pip_watch", "target_probe")


class _OwnFinder:
    """Finds `pip` in pipguard's folder and what lies beside this file, whatever is installed."""

    def __init__(self, root: str) -> None:
        beside = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 # pathlib is slow to import
        self.folders = {"pip": root, **dict.fromkeys(_BESIDE, beside)}

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None = None, target: Any = None
    ) -> ModuleSpec | None:
        if fullname not in self.folders:
            return None
        return PathFinder.find_spec(fullname, [self.folders[fullname]], target)


class _Parent:
    """The two pipes."""

    def __init__(self, to_parent: int, from_parent: int) -> None:
        self._out = os.fdopen(to_parent, "w", encoding="utf-8")
        self._in = os.fdopen(from_parent, encoding="utf-8")

    def tell(self, message: dict[str, Any]) -> None:
        sys.stdout.write(MARK)
        sys.stdout.flush()
        self._out.write(json.dumps(message) + "\n")
        self._out.flush()

    def typed(self) -> list[str]:
        arguments: list[str] = json.loads(self._in.readline() or "[]")
        return arguments

    def orders(self) -> Iterator[dict[str, Any]]:
        return map(json.loads, self._in)


def _serve(parent: _Parent) -> int:
    """Read the command line and follow orders; return the exit code where pip has refused."""
    orders = import_module("pip_orders")
    try:
        line = orders.read(parent.typed())
    except SystemExit as leaving:
        return _status(leaving)
    if line is None:
        return 1
    gc.freeze()
    gc.enable()
    parent.tell({**line.told(), "target": import_module("target_probe").target()})
    for order in parent.orders():
        try:
            answer = line.follow(order)
        except SystemExit as leaving:
            answer = {"status": _status(leaving)}
        parent.tell(answer)
    return 0


def _status(leaving: SystemExit) -> int:
    """Read the exit code with which pip leaves where it has said why."""
    return leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)


def main() -> int:
    """Serve one parent: `pip_child.py PIP_ROOT TO_PARENT FROM_PARENT`."""
    # The folder of this file must not shadow the environment's modules.
    if not getattr(sys.flags, "safe_path", False):
        del sys.path[0]
    root, to_parent, from_parent = sys.argv[1:]
    sys.meta_path.insert(0, _OwnFinder(root))
    parent = _Parent(int(to_parent), int(from_parent))
    try:
        status = _serve(parent)
    except KeyboardInterrupt:
        # Told by the parent, which was interrupted as well.
        return INTERRUPTED
    if status:
        parent.tell({"ended": status})
    return status


def _leave(status: int) -> NoReturn:
    """End without taking apart what the operating system takes as a whole."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    _leave(main())
