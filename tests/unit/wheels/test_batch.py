"""Many wheels at once: one refusal keeps nobody back, an error or Ctrl-C ends all of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import builders
import pytest

from pipguard.errors import ConversionError
from pipguard.problems import Problem
from pipguard.wheels.batch import convert_all
from pipguard.wheels.channel import LocalChannel, StoredPackage
from pipguard.wheels.inspection import Conversion
from pipguard.wheels.watch import Stopped, Watch

Converter = Any


class Bar:
    """Remembers what it was told, and does something the first time."""

    def __init__(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        self.total = -1
        self.shown: list[int] = []
        self._meanwhile = meanwhile

    @contextmanager
    def __call__(self, total: int) -> Iterator[Callable[[int], None]]:
        self.total = total
        yield self._show

    def _show(self, done: int) -> None:
        self.shown.append(done)
        self._meanwhile()


@pytest.fixture
def conversions(tmp_path: Path, converter: Converter) -> list[Conversion]:
    """Six wheels, the larger ones last."""
    return [
        converter.conversion(
            builders.wheel(tmp_path, f"demo{number}", files={"x.bin": bytes(number * 1000)})
        )
        for number in range(6)
    ]


def test_results_come_in_the_order_of_the_wheels(conversions: list[Conversion]) -> None:
    names = convert_all(lambda conversion, _: conversion.name, conversions, Bar())
    assert names == tuple(f"demo{number}" for number in range(6))


def test_no_wheels_are_no_work() -> None:
    assert convert_all(lambda *_: None, [], Bar()) == ()


def test_a_refused_wheel_does_not_keep_the_others_from_being_converted(
    tmp_path: Path, converter: Converter, conversions: list[Conversion]
) -> None:
    bad = builders.wheel(tmp_path, "bad", files={"../evil": ""})
    channel = LocalChannel(tmp_path / "channel")
    wheels = [*conversions[:2], converter.conversion(bad), *conversions[2:]]
    found = channel.convert_all(wheels, Bar())
    (refused,) = (each for each in found if isinstance(each, ConversionError))
    assert found[2] is refused
    assert [problem.reference for problem in refused.problems] == ["member-path-unsafe"]
    packages = [each for each in found if isinstance(each, StoredPackage)]
    assert [each.index.name for each in packages] == [f"demo{number}" for number in range(6)]
    assert all(channel.find(each.index) == each for each in packages)


def test_the_same_wheel_twice_is_one_package(tmp_path: Path, conversions: list[Conversion]) -> None:
    channel = LocalChannel(tmp_path / "channel")
    one, other = channel.convert_all([conversions[0], conversions[0]], Bar())
    assert one == other


def test_the_bar_counts_the_bytes_of_the_wheels(
    tmp_path: Path, conversions: list[Conversion]
) -> None:
    bar = Bar()
    LocalChannel(tmp_path / "channel").convert_all(conversions, bar)
    assert bar.total == sum(each.wheel.stat().st_size for each in conversions)
    assert 0 < bar.shown[-1] <= bar.total
    assert bar.shown == sorted(bar.shown)


def test_an_error_that_is_no_refusal_ends_the_others_too(conversions: list[Conversion]) -> None:
    stopped: list[str] = []
    failed = threading.Event()

    def work(conversion: Conversion, watch: Watch) -> None:
        if conversion.name == "demo5":
            failed.set()
            raise OSError(28, "no space")
        failed.wait()
        _until_stopped(conversion, watch, stopped)

    with pytest.raises(OSError, match="no space"):
        convert_all(work, conversions, Bar())
    _assert_at_rest(stopped)


def test_ctrl_c_ends_what_runs_and_waits_until_it_rests(conversions: list[Conversion]) -> None:
    stopped: list[str] = []

    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        convert_all(
            lambda conversion, watch: _until_stopped(conversion, watch, stopped),
            conversions,
            Bar(interrupt),
        )
    _assert_at_rest(stopped)


def _until_stopped(conversion: Conversion, watch: Watch, stopped: list[str]) -> None:
    try:
        while True:
            watch.passed(0)
    except Stopped:
        stopped.append(conversion.name)
        raise


def _assert_at_rest(stopped: list[str]) -> None:
    """What had begun has ended, and the rest never begins."""
    running = [thread for thread in threading.enumerate() if "ThreadPoolExecutor" in thread.name]
    assert running == []
    assert len(stopped) < 6


def test_a_stopped_conversion_leaves_nothing(tmp_path: Path, converter: Converter) -> None:
    wheel = builders.wheel(tmp_path, "demo", files={"x.bin": bytes(20 << 20)})
    channel = LocalChannel(tmp_path / "channel")
    with channel.drafts() as folder, pytest.raises(Stopped):
        channel.made(converter.conversion(wheel), folder, Watch(stopped=True))
    assert [path for path in channel.folder.rglob("*") if path.is_file()] == []


def test_work_uses_several_threads_where_there_are_cores(
    conversions: list[Conversion], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipguard.wheels.batch.processors", lambda: 3)
    together = threading.Barrier(3, timeout=30)
    convert_all(lambda *_: together.wait(), conversions, Bar())


def test_a_problem_names_its_wheel(tmp_path: Path, converter: Converter) -> None:
    bad = builders.wheel(tmp_path, "bad", requires=("six (>=1",))
    (found,) = LocalChannel(tmp_path / "channel").convert_all([converter.conversion(bad)], Bar())
    assert isinstance(found, ConversionError)
    assert found.problems == (Problem(bad.name, "requires-dist-invalid", "METADATA", "six (>=1"),)
