"""Candidates of a plan to packages of the channel: what was converted once is found again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import builders
import pytest
from values import candidate

from pipguard.errors import ConversionError
from pipguard.plan import Candidate
from pipguard.problems import Problem
from pipguard.seams import Reporter
from pipguard.target import Target
from pipguard.wheels.channel import LocalChannel
from pipguard.wheels.converter import LocalConverter
from pipguard.wheels.dependencies import Naming
from pipguard.wheels.hostile import Limits

MakeTarget = Callable[..., Target]
HEADERS = {"demo.py": "", "demo-1.0.data/headers/demo.h": ""}


class Hears(Reporter):
    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def warned(self, problems: Sequence[Problem]) -> None:
        self.problems += problems


@pytest.fixture
def channel(tmp_path: Path) -> LocalChannel:
    return LocalChannel(tmp_path / "channel")


def of(wheel: Path) -> Candidate:
    """The candidate that pip's report would have for a wheel called demo 1.0."""
    sha256 = hashlib.sha256(wheel.read_bytes()).hexdigest()
    return candidate("demo", url=f"https://files.example/{wheel.name}", sha256=sha256)


def converted(channel: LocalChannel, wheel: Path, target: Target) -> str:
    converter = LocalConverter(channel, Path("/envs/demo"))
    converter.foresee(of(wheel), target, Naming())
    (record,) = converter.convert([(wheel, of(wheel))])
    return record.file_name


def stored(channel: LocalChannel, wheel: Path, target: Target) -> str | None:
    """What another run, perhaps for another environment, finds without fetching the wheel."""
    converter = LocalConverter(channel, Path("/envs/demo"))
    converter.foresee(of(wheel), target, Naming())
    record = converter.stored(of(wheel))
    return record.file_name if record else None


@pytest.mark.parametrize("files", [{"demo.py": ""}, HEADERS], ids=["pure", "headers"])
def test_what_was_converted_is_found_without_its_wheel(
    files: dict[str, str], tmp_path: Path, channel: LocalChannel, make_target: MakeTarget
) -> None:
    wheel = builders.wheel(tmp_path, "demo", files=files)
    assert stored(channel, wheel, make_target("3.11.7")) is None
    made = converted(channel, wheel, make_target("3.11.7"))
    assert stored(channel, wheel, make_target("3.11.2")) == made


def test_a_pure_wheel_serves_every_python_and_one_with_headers_its_own(
    tmp_path: Path, channel: LocalChannel, make_target: MakeTarget
) -> None:
    pure = builders.wheel(tmp_path / "pure", "demo")
    headers = builders.wheel(tmp_path / "headers", "demo", files=HEADERS)
    old, new = make_target("3.11.7"), make_target("3.12.1")
    assert converted(channel, pure, old) == stored(channel, pure, new)
    first = converted(channel, headers, old)
    assert stored(channel, headers, new) is None
    assert converted(channel, headers, new) != first
    assert stored(channel, headers, old) == first


def test_what_to_know_of_accepted_wheels_is_told(
    tmp_path: Path, channel: LocalChannel, target: Target
) -> None:
    wheel = builders.wheel(tmp_path, "demo", files={"demo-1.0.data/data/Menu/x.json": "{}"})
    reporter = Hears()
    converter = LocalConverter(channel, tmp_path, reporter=reporter)
    converter.foresee(of(wheel), target, Naming())
    converter.convert([(wheel, of(wheel))])
    assert [problem.reference for problem in reporter.problems] == ["member-menu"]


def test_every_problem_of_every_wheel_is_told_at_once_and_the_limits_hold(
    tmp_path: Path, channel: LocalChannel, target: Target
) -> None:
    wheel = builders.wheel(tmp_path, "demo", files={"big": bytes(5000), "demo-1.0.data/odd/x": ""})
    other = builders.wheel(tmp_path, "other", requires=("six (>=1",))
    converter = LocalConverter(channel, tmp_path, Limits(unpacked=4000))
    pairs = [(wheel, of(wheel)), (other, candidate("other", sha256=None))]
    for _, each in pairs:
        converter.foresee(each, target, Naming())
    with pytest.raises(ConversionError) as caught:
        converter.convert(pairs)
    problems = {(problem.wheel, problem.reference) for problem in caught.value.problems}
    assert problems == {
        (wheel.name, "wheel-too-large"),
        (wheel.name, "data-scheme-unknown"),
        (other.name, "requires-dist-invalid"),
    }
