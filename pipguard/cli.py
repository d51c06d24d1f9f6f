"""The command line: which verb, and the one place that turns errors into exit codes.

The verbs themselves are in `verbs/`. The process is left by `os._exit`: py-rattler's threads crash
an interpreter that shuts down in the usual way, and the exit code with it (docs/decisions).
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import NoReturn, TextIO, cast

from pipguard import __version__
from pipguard.errors import PipguardError, PlanError, PrefixError, UsageError
from pipguard.verbs import GROUPS, VERBS, Verb

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from pipguard.terminal import Terminal

_GARBAGE = 20_000
"""How many new objects are worth looking for garbage; imports make many and leave none."""
_OF_PIP = ("check", "download", "freeze", "install", "list", "show", "uninstall", "wheel")
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
    except Exception as error:  # noqa: BLE001 # the last resort: a log file ready to paste
        return _unforeseen(error)


def _unforeseen(error: Exception) -> int:
    if isinstance(error, ModuleNotFoundError):
        return _told_plainly(PrefixError("pipguard-incomplete", module=error.name))
    _terminal().unexpected(_log())
    return _UNEXPECTED


def _terminal() -> Terminal:
    """Import the terminal late: a guarded install starts pip before anything heavy."""
    from pipguard import terminal  # noqa: PLC0415

    return terminal.Terminal()


def _told_plainly(error: PipguardError) -> int:
    """Show an error where the terminal may need the very module that is missing."""
    from pipguard.messages import ERRORS  # noqa: PLC0415

    words = ERRORS[error.reference]
    sys.stderr.write(f"ERROR: {words.what.format(**error.facts)}\n{words.hint}\n")
    return error.exit_code


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
    if word == "help":
        return _dispatch([*arguments[1:2], "--help"])
    if word not in VERBS:
        return _without_verb(word)
    verb = cast("Verb", import_module(f"pipguard.verbs.{word}"))
    return verb.run(arguments[1:])


def _without_verb(word: str) -> int:
    """Serve `--help`, `--version` and nothing at all; say what is wrong with any other word.

    Raises:
        UsageError: it is no verb of ours.
        SystemExit: with help, version, or what is wrong with an option.
    """
    if word.startswith("-"):
        _parser().parse_args([word])
    if not word:
        _parser().print_help(sys.stderr)
        return UsageError.exit_code
    from difflib import get_close_matches  # noqa: PLC0415

    for meant in get_close_matches(word, (*VERBS, *_OF_PIP), n=1):
        if meant in _OF_PIP:
            raise UsageError("verb-of-pip", verb=meant)
        raise UsageError("verb-mistyped", verb=word, meant=meant)
    raise UsageError("verb-unknown", verb=word)


def _parser() -> argparse.ArgumentParser:
    """Make the parser of command lines without a verb; its help fits one screen."""
    import argparse  # noqa: PLC0415

    from pipguard.messages import SUMMARIES, USAGE  # noqa: PLC0415

    parser = argparse.ArgumentParser(
        prog="pipguard",
        usage=USAGE,
        description=SUMMARIES["pipguard"],
        epilog="\n".join(_overview()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        add_help=False,
    )
    parser.add_argument("-h", "--help", action="help", help=argparse.SUPPRESS)
    parser.add_argument(
        "--version", action="version", version=f"pipguard {__version__}", help=argparse.SUPPRESS
    )
    return parser


def _overview() -> Iterator[str]:
    """Give a line for each verb, the first of each group with the name of the group."""
    from pipguard.messages import GROUPS as TITLES  # noqa: PLC0415
    from pipguard.messages import SUMMARIES  # noqa: PLC0415

    for group, verbs in GROUPS.items():
        for verb in verbs:
            title = TITLES[group] if verb == verbs[0] else ""
            yield f"{title:11}{verb:12}{SUMMARIES[verb]}"


if __name__ == "__main__":
    main()
