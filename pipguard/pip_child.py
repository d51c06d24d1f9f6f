"""The script that runs inside the environment's python, with pipguard's pip.

Not a module of the package: it is started as a file, under any python that pip supports, and
imports nothing but the standard library, pip and what lies beside it. Each start of an interpreter
with pip costs 150 to 600 ms, so one process reads the options with pip's own parser
(`pip_reading.py`), tells them to its parent, and then plans, fetches, installs and uninstalls as it
is ordered (`pip_orders.py`). This file is small, for python compiles a script anew at each start.

The parent (`pip_process.py`) talks over two pipes, one JSON object a line; the first, for a list of
processes shows what is on a command line, has what was typed:

    parent -> […]
    child  -> {"command": …, "options": {…}, "target": {…}, "temporary": FOLDER, …}
              or {"ended": STATUS}: pip has refused, and said why; or, with 0, it has answered
    parent -> {"do": "plan" | "fetch" | "install" | "uninstall", …}  or end of file: stop
    child  -> {"progress": {…}}       meanwhile, of an order that asks for it; see `pip_progress.py`
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
import runpy  # noqa: E402
import signal  # noqa: E402
import sys  # noqa: E402
import tempfile  # noqa: E402
from contextlib import contextmanager, suppress  # noqa: E402
from importlib.machinery import PathFinder  # noqa: E402

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from importlib.machinery import ModuleSpec
    from typing import Any, NoReturn

    Follow = Callable[[dict[str, Any]], dict[str, Any]]

INTERRUPTED = 130
UNHEARD = 1
MARK = "\0\n"


class _OwnFinder:
    """Finds pip in pipguard's folder, and pipguard where this file lies, whatever is installed."""

    def __init__(self, root: str) -> None:
        package = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 # pathlib is slow to import
        self.folders = {"pip": root, "pipguard": os.path.dirname(package)}  # noqa: PTH120

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None = None, target: Any = None
    ) -> ModuleSpec | None:
        if fullname not in self.folders:
            return None
        return PathFinder.find_spec(fullname, [self.folders[fullname]], target)


class _Parent:
    """The two pipes."""

    def __init__(self, to_parent: int, from_parent: int) -> None:
        self._out = to_parent
        self._in = os.fdopen(from_parent, encoding="utf-8")

    def tell(self, message: dict[str, Any]) -> None:
        """Say one thing.

        Raises:
            BrokenPipeError: the parent has gone.
        """
        sys.stdout.write(MARK)
        sys.stdout.flush()
        # Past any buffer: python would complain of one that it cannot empty when it is thrown away.
        data = f"{json.dumps(message)}\n".encode()
        while data:
            data = data[os.write(self._out, data) :]

    def note(self, progress: dict[str, Any]) -> None:
        """Say how far an order has come; short, and so in one piece."""
        os.write(self._out, f"{json.dumps({'progress': progress})}\n".encode())

    def typed(self) -> list[str]:
        arguments: list[str] = json.loads(self._in.readline() or "[]")
        return arguments

    def orders(self) -> Iterator[dict[str, Any]]:
        return map(json.loads, self._in)


def _serve(parent: _Parent, temporary: str) -> int:
    """Read the command line and follow orders; return the exit code where pip has refused."""
    from pipguard.target_probe import target

    try:
        told, follow = _understand(parent)
    except SystemExit as leaving:
        status = _status(leaving)
        parent.tell({"ended": status})
        return status
    _forget_orders()
    gc.freeze()
    gc.enable()
    parent.tell({**told, "target": target(), "temporary": temporary})
    for order in parent.orders():
        try:
            answer = follow(order)
        except SystemExit as leaving:
            answer = {"status": _status(leaving)}
        parent.tell(answer)
    return 0


def _understand(parent: _Parent) -> tuple[dict[str, Any], Follow]:
    """Say what a command line means, and who follows orders about it.

    Raises:
        SystemExit: pip has refused it, and said why.
    """
    typed = parent.typed()
    # Usage errors show this name.
    sys.argv = ["pip", *typed]
    try:
        from pipguard.pip_orders import Orders
        from pipguard.pip_reading import read
    except ImportError:
        # Another pip than we know.
        return {"stranger": True}, _run
    line = read(typed)
    return line.told(), Orders(line, parent.note).follow


def _run(order: dict[str, Any]) -> dict[str, Any]:
    """Run pip as anyone may."""
    sys.argv = ["pip", *order["arguments"]]
    runpy.run_module("pip", run_name="__main__")
    return {"status": 0}


def _forget_orders() -> None:
    """Take away variables that would act on every pip started by a build."""
    for name in ("BREAK_SYSTEM_PACKAGES", "DRY_RUN", "LOG", "PREFIX", "REPORT", "TARGET", "USER"):
        os.environ.pop(f"PIP_{name}", None)


def _status(leaving: SystemExit) -> int:
    """Read the exit code with which pip leaves where it has said why."""
    return leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)


def _own_temporary_folder() -> str:
    """Let all that is temporary lie in one folder, which the parent removes if this is killed.

    Empty where none can be made: then pip says so, with all that it knows.
    """
    try:
        folder = tempfile.mkdtemp(prefix="pip-")
    except OSError:
        return ""
    tempfile.tempdir = os.environ["TMPDIR"] = folder
    return folder


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let Ctrl-C through, which the parent holds back from a python that starts or ends."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


def main() -> int:
    """Serve one parent: `pip_child.py PIP_ROOT TO_PARENT FROM_PARENT`."""
    # The folder of this file must not shadow the environment's modules.
    if not getattr(sys.flags, "safe_path", False):
        del sys.path[0]
    root, to_parent, from_parent = sys.argv[1:]
    sys.meta_path.insert(0, _OwnFinder(root))
    parent = _Parent(int(to_parent), int(from_parent))
    temporary = ""
    try:
        with _interruptible():
            temporary = _own_temporary_folder()
            status = _serve(parent, temporary)
    except KeyboardInterrupt:
        # Told by the parent, which was interrupted as well.
        return INTERRUPTED
    except BrokenPipeError:
        # Nobody is left to tell.
        return UNHEARD
    finally:
        with suppress(OSError):
            os.rmdir(temporary)  # noqa: PTH106 # what pip leaves in it, it was asked to leave
    return status


def _leave(status: int) -> NoReturn:
    """End without taking apart what the operating system takes as a whole."""
    with suppress(BrokenPipeError):
        sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    _leave(main())
