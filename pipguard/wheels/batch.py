"""Converts many wheels at once, on the machine's cores.

Threads suffice: inflating, hashing and compressing let go of the interpreter lock. The thread that
waits shows how far it is, and hears Ctrl-C.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from typing import TypeVar

from pipguard.errors import ConversionError
from pipguard.processors import processors
from pipguard.wheels.inspection import Conversion
from pipguard.wheels.watch import Watch

T = TypeVar("T")
Progress = Callable[[int], AbstractContextManager[Callable[[int], None]]]
"""See `seams.Reporter.progress`."""

_MOST_THREADS = 8
"""More of them wait for the interpreter lock most of the time, and each holds some memory."""
_LOOK_EVERY = 0.1


def convert_all(
    work: Callable[[Conversion, Watch], T], conversions: Sequence[Conversion], progress: Progress
) -> tuple[T | ConversionError, ...]:
    """Do some work for each wheel; what is refused does not keep the others from it.

    On Ctrl-C, and on any error but a refusal, the work is ended at the next file or mebibyte, and
    everything has come to rest when this function is left.

    Args:
        work: made for one wheel, in any thread.
        conversions: the wheels.
        progress: shows how many of their bytes are done.

    Returns:
        In the order of the wheels what the work gave back, or why the wheel is refused.
    """
    sizes = [conversion.wheel.stat().st_size for conversion in conversions]
    watches = [Watch() for _ in conversions]
    pool = ThreadPoolExecutor(min(processors(), _MOST_THREADS))
    try:
        started: dict[int, Future[T | ConversionError]] = {}
        for number in sorted(range(len(sizes)), key=lambda number: -sizes[number]):
            conversion, watch = conversions[number], watches[number]
            started[number] = pool.submit(_attempt, work, conversion, watch)
        with progress(sum(sizes)) as show:
            _wait(set(started.values()), lambda: show(sum(watch.done for watch in watches)))
        return tuple(started[number].result() for number in range(len(sizes)))
    finally:
        for watch in watches:
            watch.stopped = True
        pool.shutdown(cancel_futures=True)


def _attempt(
    work: Callable[[Conversion, Watch], T], conversion: Conversion, watch: Watch
) -> T | ConversionError:
    try:
        return work(conversion, watch)
    except ConversionError as error:
        return error


def _wait(pending: set[Future[T]], look: Callable[[], None]) -> None:
    """Wait for all, or for the first error."""
    while pending:
        done, pending = wait(pending, _LOOK_EVERY)
        for future in done:
            future.result()
        look()
