"""Files outside the prefix that cannot be written or read, as errors that say what to do."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from pipguard.errors import StorageError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@contextmanager
def files_are_told_of() -> Iterator[None]:
    """Tell of a file that fails before the change; what fails in the change is told as such.

    Raises:
        StorageError: no room, or no right to write.
    """
    try:
        yield
    except BrokenPipeError:
        # The reader of our output, no file.
        raise
    except OSError as error:
        if error.errno in _FULL:
            raise StorageError("disk-full", error=error) from error
        raise StorageError("file-failed", error=error) from error
