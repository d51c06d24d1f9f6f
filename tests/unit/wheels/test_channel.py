"""The local channel: what is in it can be found, solved and trusted, by several processes."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import multiprocessing
from concurrent.futures import ThreadPoolExecutor, TimeoutError  # noqa: A004 # python 3.10
from pathlib import Path
from typing import Any

import builders
import pytest
import rattler
from filelock import FileLock

from pipguard.errors import ConversionError
from pipguard.wheels import package
from pipguard.wheels.archive import zstd
from pipguard.wheels.channel import LocalChannel
from pipguard.wheels.package import Conversion

Converter = Any


@pytest.fixture
def channel(tmp_path: Path) -> LocalChannel:
    return LocalChannel(tmp_path / "channel with ünicode")


def repodata(channel: LocalChannel, subdir: str) -> dict[str, Any]:
    """Both forms, which must agree."""
    folder = channel.folder / subdir
    plain = json.loads((folder / "repodata.json").read_bytes())
    assert json.loads(zstd.decompress((folder / "repodata.json.zst").read_bytes())) == plain
    assert isinstance(plain, dict)
    return plain


def files(channel: LocalChannel) -> set[str]:
    found = (path for path in channel.folder.rglob("*") if path.is_file())
    return {path.relative_to(channel.folder).as_posix() for path in found}


def test_an_empty_channel_has_nothing(
    channel: LocalChannel, tmp_path: Path, converter: Converter
) -> None:
    index = converter(builders.wheel(tmp_path, "demo")).index
    assert channel.find(index) is None
    assert not channel.folder.exists()


def test_what_was_added_is_found_with_its_hashes(
    channel: LocalChannel, tmp_path: Path, converter: Converter
) -> None:
    converted = converter(builders.wheel(tmp_path, "demo"))
    stored = channel.add(converted)
    assert channel.find(converted.index) == stored
    assert LocalChannel(channel.folder).find(converted.index) == stored
    assert (stored.sha256, stored.md5, stored.size) == (
        converted.sha256,
        converted.md5,
        converted.size,
    )
    assert stored.index.timestamp == converted.index.timestamp
    assert not converted.path.exists()
    assert stored.url == stored.path.as_uri()
    assert stored.url.startswith(channel.url + "/noarch/demo-1.0-pypi_h")


def test_noarch_is_there_even_for_a_platform_package_alone(
    channel: LocalChannel, tmp_path: Path, converter: Converter
) -> None:
    wheel = builders.wheel(tmp_path, "demo", tag="cp311-cp311-linux_x86_64")
    stored = channel.convert_into(converter.conversion(wheel))
    assert stored.path.parent.name == "linux-64"
    assert repodata(channel, "noarch")["packages.conda"] == {}
    assert set(repodata(channel, "linux-64")["packages.conda"]) == {stored.path.name}
    assert repodata(channel, "linux-64")["info"] == {"subdir": "linux-64"}


def test_nothing_but_packages_and_repodata_stays_in_the_channel(
    channel: LocalChannel, tmp_path: Path, converter: Converter
) -> None:
    stored = channel.convert_into(converter.conversion(builders.wheel(tmp_path, "demo")))
    assert files(channel) - {".lock"} == {
        "noarch/repodata.json",
        "noarch/repodata.json.zst",
        f"noarch/{stored.path.name}",
    }


def test_adding_keeps_what_others_have_added_meanwhile(
    channel: LocalChannel, tmp_path: Path, converter: Converter
) -> None:
    other = LocalChannel(channel.folder)
    one = channel.convert_into(converter.conversion(builders.wheel(tmp_path, "one")))
    two = other.convert_into(converter.conversion(builders.wheel(tmp_path, "two")))
    three = channel.convert_into(converter.conversion(builders.wheel(tmp_path, "three")))
    found = [each.find(package.index) for each in (channel, other) for package in (one, two, three)]
    assert found == [one, two, three] * 2


def test_the_first_of_two_equal_packages_stays(
    channel: LocalChannel, tmp_path: Path, converter: Converter
) -> None:
    wheel = builders.wheel(tmp_path, "demo")
    first = channel.add(converter(wheel))
    state = first.path.stat()
    again = converter(wheel)
    assert channel.add(again) == first
    assert first.path.stat().st_ino == state.st_ino
    assert not again.path.exists()


def test_a_second_conversion_of_a_wheel_does_nothing(
    channel: LocalChannel, tmp_path: Path, converter: Converter, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversion = converter.conversion(builders.wheel(tmp_path, "demo"))
    first = channel.convert_into(conversion)

    def never(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(package, "finished", never)
    assert channel.convert_into(conversion) == first


@pytest.mark.parametrize("harm", ["gone", "short"])
def test_a_package_that_is_gone_or_short_is_converted_again(
    harm: str, channel: LocalChannel, tmp_path: Path, converter: Converter
) -> None:
    conversion = converter.conversion(builders.wheel(tmp_path, "demo"))
    stored = channel.convert_into(conversion)
    if harm == "gone":
        stored.path.unlink()
    else:
        stored.path.write_bytes(stored.path.read_bytes()[:-1])
    assert channel.find(stored.index) is None
    assert channel.convert_into(conversion) == stored
    assert channel.find(stored.index) == stored


def test_warnings_of_a_conversion_come_back_with_the_package(
    channel: LocalChannel, tmp_path: Path, converter: Converter
) -> None:
    wheel = builders.wheel(tmp_path, "demo", requires_python=">=3.6.*")
    stored = channel.convert_into(converter.conversion(wheel))
    assert [warning.reference for warning in stored.warnings] == ["requires-python-invalid"]


def test_a_refused_wheel_leaves_the_channel_as_it_was(
    channel: LocalChannel, tmp_path: Path, converter: Converter
) -> None:
    channel.convert_into(converter.conversion(builders.wheel(tmp_path, "good")))
    before = files(channel)
    bad = builders.wheel(tmp_path, "bad", requires=("six (>=1",))
    with pytest.raises(ConversionError):
        channel.convert_into(converter.conversion(bad))
    assert files(channel) == before


def test_a_package_from_another_name_in_the_same_wheel_is_another_package(
    channel: LocalChannel, tmp_path: Path, converter: Converter
) -> None:
    wheel = builders.wheel(tmp_path, "demo")
    plain = channel.convert_into(converter.conversion(wheel))
    direct = converter.conversion(wheel, direct_url={"url": "https://example.org/demo.whl"})
    assert channel.convert_into(direct).path != plain.path


def test_adding_waits_for_whoever_holds_the_lock(
    channel: LocalChannel, tmp_path: Path, converter: Converter
) -> None:
    converted = converter(builders.wheel(tmp_path, "demo"))
    channel.folder.mkdir()
    with ThreadPoolExecutor(1) as pool:
        with FileLock(channel.folder / ".lock"):
            adding = pool.submit(channel.add, converted)
            with pytest.raises(TimeoutError):
                adding.result(timeout=0.3)
            assert channel.find(converted.index) is None
        assert adding.result(timeout=30) == channel.find(converted.index)


def _convert_all(root: Path, conversions: list[Conversion]) -> None:
    for conversion in conversions:
        LocalChannel(root).convert_into(conversion)


def test_processes_that_convert_at_once_lose_nothing(
    channel: LocalChannel, tmp_path: Path, converter: Converter
) -> None:
    conversions = [
        dataclasses.replace(
            converter.conversion(builders.wheel(tmp_path, f"demo{number}")),
            target=dataclasses.replace(converter.target, markers=dict(converter.target.markers)),
        )
        for number in range(8)
    ]
    context = multiprocessing.get_context("spawn")
    orders = (conversions, conversions[::-1], conversions[4:] + conversions[:4])
    processes = [
        context.Process(target=_convert_all, args=(channel.folder, order)) for order in orders
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert len(repodata(channel, "noarch")["packages.conda"]) == 8
    assert all(channel.convert_into(each).path.exists() for each in conversions)


async def _solve(channel: str, spec: str, cache: Path) -> list[rattler.RepoDataRecord]:
    try:
        return await rattler.solve(
            [channel],
            [spec],
            gateway=rattler.Gateway(cache_dir=cache),
            platforms=["linux-64", "noarch"],
            virtual_packages=[
                rattler.GenericVirtualPackage(
                    rattler.PackageName("__glibc"),
                    rattler.Version("2.31"),
                    rattler.BuildString("0"),
                )
            ],
        )
    finally:
        await asyncio.sleep(0.02)


def test_rattler_solves_from_the_folder(
    channel: LocalChannel, tmp_path: Path, converter: Converter
) -> None:
    builders.conda_package(channel.folder, "python", "3.11.7")
    builders.channel(channel.folder)
    app = builders.wheel(
        tmp_path, "app", requires=("lib>=1.0,<3",), tag="cp311-cp311-manylinux_2_28_x86_64"
    )
    stored = channel.convert_into(converter.conversion(app))
    for version in ("1.0", "2.5+cu121", "3.0rc1"):
        channel.convert_into(converter.conversion(builders.wheel(tmp_path, "lib", version)))
    records = asyncio.run(_solve(channel.url, "app ==1.0", tmp_path / "cache"))
    found = {record.name.normalized: record for record in records}
    assert set(found) == {"python", "app", "lib"}
    assert str(found["lib"].version) == "2.5"
    assert str(found["lib"].build).startswith("cu121_pypi_h")
    assert found["app"].url == stored.url
    assert found["app"].sha256 == bytes.fromhex(stored.sha256)
