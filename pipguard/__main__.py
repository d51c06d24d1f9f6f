"""Where the command `pipguard` and `python -m pipguard` begin.

Imports nothing of its own: Ctrl-C while the rest is imported ends it as later on, without a
traceback.
"""

import os
from typing import NoReturn

_INTERRUPTED = 130


def main() -> NoReturn:
    """Run the command line of this process and leave with its exit code."""
    try:
        from pipguard import cli  # noqa: PLC0415 # the longest part of a short command
    except KeyboardInterrupt:
        os._exit(_INTERRUPTED)
    cli.main()


if __name__ == "__main__":
    main()
