"""Work in processes of their own that may be killed, forked in no time from one that is untouched.

A process in which the engine has once worked cannot be forked: its threads do not come along, and
what waits for them waits for ever. So a server is started afresh, imports what will be needed, does
nothing itself, and forks for each order.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import traceback
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import IO

_SERVE = "import sys; sys.path[:0] = sys.argv[1:]; import killing, forking; forking.serve()"
_LENGTH = 8


def in_child(*work: Callable[[], object]) -> int:
    """Do things, which can be pickled, in a new process; return its exit code.

    It is negative for a signal, as with `subprocess`.
    """
    server = _server()
    order = pickle.dumps((dict(os.environ), Path.cwd(), work))
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(len(order).to_bytes(_LENGTH, "big") + order)
    server.stdin.flush()
    answer = server.stdout.read(_LENGTH)
    assert answer, "the server has gone"
    return int.from_bytes(answer, "big", signed=True)


@cache
def _server() -> subprocess.Popen[bytes]:
    here = Path(__file__).parent
    # It ends with its standard input, that is: with this process.
    return subprocess.Popen(
        [sys.executable, "-c", _SERVE, str(here), str(here.parent)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def serve() -> None:
    """Fork for each order that comes, and answer with the exit code."""
    orders, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while length := orders.read(_LENGTH):
        order = orders.read(int.from_bytes(length, "big"))
        child = os.fork()
        if child == 0:
            _obey(order, answers)
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        answers.write(code.to_bytes(_LENGTH, "big", signed=True))
        answers.flush()


def _obey(order: bytes, answers: IO[bytes]) -> None:
    code = 1
    try:
        os.close(answers.fileno())
        environ, folder, work = pickle.loads(order)  # noqa: S301 # our own
        os.environ.clear()
        os.environ.update(environ)
        os.chdir(folder)
        for item in work:
            item()
        code = 0
    except BaseException:  # noqa: BLE001 # told, and counted as a failure
        traceback.print_exc()
    finally:
        os._exit(code)
