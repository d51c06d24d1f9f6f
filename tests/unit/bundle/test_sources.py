"""Where the package of a record comes from, and that it is never one of other bytes."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import builders
import pytest

from pipguard.bundle.sources import Sources, digest_of
from pipguard.errors import EngineError
from pipguard.prefix import Prefix
from pipguard.problems import Problem
from pipguard.records import InstalledRecord
from pipguard.tour.packages import File, read

PLACEHOLDER = "/opt" + "/placeholder" * 20


class Machine:
    """An environment of one package, the channel it came from, and the cache it went through."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.channel, self.cache = folder, folder / "channel", folder / "pkgs"
        binary = b"\0" + f"{PLACEHOLDER}/a:{PLACEHOLDER}/b".encode() + b"\0" * 3 + b"end"
        files = {
            "etc/tool.conf": builders.File(
                f"home={PLACEHOLDER}\n".encode(), placeholder=PLACEHOLDER
            ),
            "share/tool": builders.File(b"plain"),
            "bin/tool": builders.File(b"#!/bin/sh\n", executable=True),
            "lib/tool.bin": builders.File(binary, placeholder=PLACEHOLDER),
        }
        self.archive = builders.conda_package(
            self.channel, "tool", files=files, subdir="linux-64", extra={"license": "MIT"}
        )
        self.brought = read_back(self.archive)
        self.prefix = builders.environment(folder / "env", self.channel, ["tool"]).prefix
        (self.item,) = Prefix(self.prefix).records()

    def bring(
        self,
        download: Callable[[str, Path], None] | None = None,
        item: InstalledRecord | None = None,
    ) -> Path | tuple[Problem, ...]:
        sources = Sources(self.prefix, (self.cache,), download)
        return sources.bring(item or self.item, self.folder / "bundle")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def read_back(path: Path) -> dict[str, tuple[bytes, bool]]:
    """Bytes and mode of each file of a package."""
    entries = read(path).files.items()
    return {name: (it.data, it.executable) for name, it in entries if isinstance(it, File)}


def replaced(path: Path, data: bytes) -> None:
    """Write a file anew: it is a hard link into the cache."""
    path.unlink()
    path.write_bytes(data)


def test_the_archive_of_the_channel_is_taken_as_it_is(machine: Machine) -> None:
    found = machine.bring()
    assert isinstance(found, Path)
    assert found.parent.name == "linux-64"
    assert digest_of(found) == digest_of(machine.archive) == machine.item.record.sha256


def test_an_archive_of_other_bytes_is_not(machine: Machine) -> None:
    machine.archive.write_bytes(b"other")
    found = machine.bring()
    assert isinstance(found, Path)
    assert read_back(found) == machine.brought


def test_what_was_extracted_is_packed_again(machine: Machine) -> None:
    shutil.rmtree(machine.channel)
    replaced(machine.prefix / "share/tool", b"altered in the environment")
    found = machine.bring()
    assert isinstance(found, Path)
    assert read_back(found) == machine.brought
    assert found == machine.folder / "bundle/linux-64/tool-1.0-0.conda"


def test_what_is_installed_is_packed_again_without_the_prefix(machine: Machine) -> None:
    shutil.rmtree(machine.channel)
    shutil.rmtree(machine.cache)
    found = machine.bring()
    assert isinstance(found, Path)
    assert read_back(found) == machine.brought


def test_the_same_package_is_packed_to_the_same_bytes(machine: Machine) -> None:
    shutil.rmtree(machine.channel)
    first = machine.bring()
    assert isinstance(first, Path)
    digest = digest_of(first)
    first.unlink()
    assert machine.bring() == first
    assert digest_of(first) == digest


def test_what_is_altered_everywhere_is_told_of_with_its_file(machine: Machine) -> None:
    shutil.rmtree(machine.channel)
    (machine.cache / "tool-1.0-0/share/tool").write_bytes(b"same inode, other bytes")
    found = machine.bring()
    assert isinstance(found, tuple)
    assert {(it.wheel, it.reference) for it in found} == {("tool-1.0-0", "package-file-altered")}
    assert {Path(it.member).name for it in found} == {"tool"}
    assert list((machine.folder / "bundle/linux-64").iterdir()) == []


def from_the_net(machine: Machine) -> InstalledRecord:
    """The same record, of a channel that is far away; nothing is left here."""
    machine.archive.rename(machine.folder / machine.archive.name)
    (machine.cache / "tool-1.0-0/share/tool").unlink()
    replaced(machine.prefix / "share/tool", b"altered")
    url = "https://conda.example/linux-64/tool-1.0-0.conda"
    return replace(machine.item, record=replace(machine.item.record, url=url))


def test_a_channel_over_the_network_is_the_last_resort(machine: Machine) -> None:
    item = from_the_net(machine)
    asked = []

    def download(url: str, path: Path) -> None:
        asked.append(url)
        shutil.copy(machine.folder / machine.archive.name, path)

    found = machine.bring(download, item)

    assert isinstance(found, Path)
    assert digest_of(found) == item.record.sha256
    assert asked == [item.record.url]


@pytest.mark.parametrize("fails", [True, False])
def test_a_download_that_fails_or_is_another_is_told(machine: Machine, *, fails: bool) -> None:
    def download(_: str, path: Path) -> None:
        if fails:
            raise EngineError("fetch-failed", text="no route")
        path.write_bytes(b"another")

    found = machine.bring(download, from_the_net(machine))

    assert isinstance(found, tuple)
    assert found[-1].reference == ("package-not-fetched" if fails else "package-file-altered")
    assert list((machine.folder / "bundle/linux-64").iterdir()) == []
