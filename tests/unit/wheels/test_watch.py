"""Between who converts and who waits for it."""

from __future__ import annotations

import pytest

from pipguard.wheels.watch import Stopped, Watch


def test_whoever_waits_sees_how_far_it_has_come_and_may_stop_it() -> None:
    watch = Watch()
    watch.passed(3)
    watch.passed(4)
    assert watch.done == 7
    watch.stopped = True
    with pytest.raises(Stopped):
        watch.passed(1)
