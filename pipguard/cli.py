"""Our verbs: parse, dispatch, and the one place that turns errors into exit codes.

The process is left by `os._exit`: py-rattler's threads crash an interpreter that shuts down in
the usual way, and the exit code with it (docs/decisions).
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn, TextIO, TypeAlias

from pipguard import __version__
from pipguard.environments import choose
from pipguard.errors import PipguardError, PlanError
from pipguard.messages import HELP

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pipguard.terminal import Terminal

_INTERRUPTED = 130
_UNEXPECTED = 3

_WHICH = {"-p": "path", "--prefix": "path", "-n": "name", "--name": "name"}

_Verb = Callable[[argparse.Namespace], int]
_Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 # no public name


def main() -> NoReturn:
    """Run the command line of this process and leave with its exit code."""
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
    descriptor, path = tempfile.mkstemp(prefix="pipguard-", suffix=".log")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(f"pipguard {__version__}, python {sys.version}, {sys.platform}\n\n")
        file.write(traceback.format_exc())
    return path


def _dispatch(arguments: Sequence[str]) -> int:
    if arguments and arguments[0] in {"pip", "uv"}:
        return _front_door(arguments[0], list(arguments[1:]))
    parsed = _parser().parse_args(arguments)
    verb: _Verb = parsed.verb
    return verb(parsed)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="pipguard", description=HELP["pipguard"])
    parser.add_argument("--version", action="version", version=f"pipguard {__version__}")
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    enable = _add(verbs, "enable", _enable)
    enable.add_argument("--mode", choices=("route", "enforce", "warn"), help=HELP["--mode"])
    _add(verbs, "disable", _disable)
    status = _add(verbs, "status", _status)
    status.add_argument("--json", action="store_true", help=HELP["--json"])
    tour = verbs.add_parser("tour", help=HELP["tour"], description=HELP["tour"])
    tour.add_argument("--channel", help=HELP["--channel"])
    tour.add_argument("--keep", action="store_true", help=HELP["--keep"])
    tour.set_defaults(verb=_tour)
    verbs.add_parser("pip", help=HELP["pip"])
    verbs.add_parser("uv", help=HELP["uv"])
    return parser


def _add(verbs: _Verbs, name: str, verb: _Verb) -> argparse.ArgumentParser:
    parser = verbs.add_parser(name, help=HELP[name], description=HELP[name])
    which = parser.add_mutually_exclusive_group()
    which.add_argument("-p", "--prefix", metavar="PATH", help=HELP["--prefix"])
    which.add_argument("-n", "--name", help=HELP["--name"])
    parser.set_defaults(verb=verb)
    return parser


def _front_door(tool: str, arguments: list[str]) -> int:
    """Serve `pipguard pip [-p PREFIX | -n NAME] ARGS…`, or uv; all else belongs to pip or uv."""
    if tool == "uv":
        from pipguard.uv_intercept import serve  # noqa: PLC0415 # the other verbs need none of it
    else:
        from pipguard.intercept import serve  # noqa: PLC0415

    chosen: dict[str, str] = {}
    while arguments:
        option, glued, value = arguments[0].partition("=")
        if option not in _WHICH or (not glued and len(arguments) == 1):
            break
        chosen[_WHICH[option]] = value if glued else arguments[1]
        del arguments[: 1 if glued else 2]
    prefix = choose(chosen.get("path"), chosen.get("name"), os.environ, Path.home())
    return serve(prefix, arguments, os.environ.pop("PIPGUARD_FRONT_DOOR", f"pipguard {tool}"))


def _enable(parsed: argparse.Namespace) -> int:
    from pipguard.hooks import Mode, enable  # noqa: PLC0415

    prefix = choose(parsed.prefix, parsed.name, os.environ, Path.home())
    guard = enable(prefix, Mode(parsed.mode) if parsed.mode else None, launcher())
    _terminal().told("enabled", prefix=prefix, mode=guard.mode.value)
    return 0


def launcher() -> Path:
    """Find the command that shims shall start: the one that runs now, or its console script."""
    running = Path(sys.argv[0])
    if running.name in {"pipguard", "pipguard.exe"} and running.exists():
        return running.absolute()
    beside = Path(sys.executable).with_name("pipguard")
    found = None if beside.exists() else shutil.which("pipguard")
    return Path(found) if found else beside


def _disable(parsed: argparse.Namespace) -> int:
    from pipguard.hooks import disable  # noqa: PLC0415

    prefix = choose(parsed.prefix, parsed.name, os.environ, Path.home())
    disable(prefix)
    _terminal().told("disabled", prefix=prefix)
    return 0


def _status(parsed: argparse.Namespace) -> int:
    from pipguard.prefix import Prefix  # noqa: PLC0415
    from pipguard.status import look  # noqa: PLC0415

    prefix = choose(parsed.prefix, parsed.name, os.environ, Path.home())
    found = look(Prefix(prefix), os.environ)
    if parsed.json:
        _terminal().json(found.to_json())
    else:
        _terminal().status(found)
    return 0


def _tour(parsed: argparse.Namespace) -> int:
    from pipguard.tour.acts import perform  # noqa: PLC0415
    from pipguard.tour.stage import Wish  # noqa: PLC0415

    return perform(Wish(parsed.channel, parsed.keep, launcher()), _terminal())


if __name__ == "__main__":
    main()
