"""The command line: which verb, and the one place that turns errors into exit codes.

The verbs themselves are in `verbs/`. The process is left by `os._exit`: py-rattler's threads crash
an interpreter that shuts down in the usual way, and the exit code with it (docs/decisions).
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn, TextIO, cast

from pipguard import __version__
from pipguard.errors import PipguardError, PlanError
from pipguard.verbs import VERBS, Verb

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from pipguard.terminal import Terminal

_GARBAGE = 20_000
"""How many new objects are worth looking for garbage; imports make many and leave none."""
_INTERRUPTED = 130
_UNEXPECTED = 3


def main() -> NoReturn:
    """Run the command line of this process and leave with its exit code."""
    gc.set_threshold(_GARBAGE)
    code = run(sys.argv[1:])
    unheard = [stream for stream in (sys.stdout, sys.stderr) if not _flushed(stream)]
    os._exit(code or int(bool(unheard)))


def _flushed(stream: TextIO) -> bool:
    """Flush a stream; false where its reader has gone and nobody is left to tell."""
    try:
        stream.flush()
    except OSError:
        return False
    return True


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; errors have been shown."""
    try:
        return _dispatch(arguments)
    except PipguardError as error:
        _terminal().error(error)
        return error.status if isinstance(error, PlanError) else error.exit_code
    except KeyboardInterrupt:
        _terminal().interrupted()
        return _INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has stopped reading: `pipguard status | head`.
        return 1
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except Exception:  # noqa: BLE001 # the last resort: a log file ready to paste
        _terminal().unexpected(_log())
        return _UNEXPECTED


def _terminal() -> Terminal:
    """Import the terminal late: a guarded install starts pip before anything heavy."""
    from pipguard import terminal  # noqa: PLC0415

    return terminal.Terminal()


def _log() -> str:
    import tempfile  # noqa: PLC0415
    import traceback  # noqa: PLC0415

    descriptor, path = tempfile.mkstemp(prefix="pipguard-", suffix=".log")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(f"pipguard {__version__}, python {sys.version}, {sys.platform}\n\n")
        file.write(traceback.format_exc())
    return path


def _dispatch(arguments: Sequence[str]) -> int:
    word = next(iter(arguments), "")
    if word not in VERBS:
        _parser().parse_args(arguments[:1])  # leaves with help, version or what is wrong
    verb = cast("Verb", import_module(f"pipguard.verbs.{word}"))
    return verb.run(arguments[1:])


def _parser() -> argparse.ArgumentParser:
    """Make the parser of what stands before a verb, and of command lines without one."""
    import argparse  # noqa: PLC0415

    from pipguard.messages import HELP  # noqa: PLC0415

    parser = argparse.ArgumentParser(prog="pipguard", description=HELP["pipguard"])
    parser.add_argument("--version", action="version", version=f"pipguard {__version__}")
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    for name in VERBS:
        verbs.add_parser(name, help=HELP[name])
    return parser


if __name__ == "__main__":
    main()
