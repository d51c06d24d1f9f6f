"""Between who converts and who waits for it: how far it has come, and whether to go on. Pure."""

from __future__ import annotations

from dataclasses import dataclass


class Stopped(Exception):  # noqa: N818 # it is an answer, not a failure
    """Nobody waits for this conversion any more."""


@dataclass(slots=True)
class Watch:
    """One conversion, as seen from another thread.

    Attributes:
        done: bytes of the wheel that are behind it.
        stopped: set by whoever waited.
    """

    done: int = 0
    stopped: bool = False

    def passed(self, size: int) -> None:
        """Note that so many more bytes of the wheel are done.

        Raises:
            Stopped: nobody waits for the rest.
        """
        self.done += size
        if self.stopped:
            raise Stopped
