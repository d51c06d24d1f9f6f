"""What settings come to when the seams of a resolution are built."""

from __future__ import annotations

from pathlib import Path

import bare
import pytest

from pipguard.errors import UsageError
from pipguard.seams import Reporter
from pipguard.sources import build_sources


def test_every_pin_that_cannot_be_read_is_told_with_its_place(tmp_path: Path, world: Path) -> None:
    prefix = bare.prefix(tmp_path / "env")
    pinned, condarc = prefix.conda_meta / "pinned", world / ".condarc"
    pinned.write_text("<<<<<<< HEAD\nnumpy =1.26  # for the cluster\nblas=*=openblas\n")
    condarc.write_text("pinned_packages: ['libx >=']\n")

    with pytest.raises(UsageError) as caught:
        build_sources(prefix, Reporter())

    assert caught.value.reference == "pins-invalid"
    problems = caught.value.facts["problems"]
    assert isinstance(problems, tuple)
    assert [(it.source, it.key) for it in problems] == [
        (str(pinned), "<<<<<<< HEAD"),
        (str(condarc), "libx >="),
    ]


def test_pins_as_conda_takes_them_are_taken(tmp_path: Path, world: Path) -> None:
    prefix = bare.prefix(tmp_path / "env")
    (prefix.conda_meta / "pinned").write_text("numpy=1.26\nconda-forge::libblas *=*mkl\n")
    (world / ".condarc").write_text("pinned_packages: [libx 1.*, 'libz>=1,<2']\noffline: true\n")
    assert [pin.value for pin in build_sources(prefix, Reporter()).pinned] == [
        "libx 1.*",
        "libz>=1,<2",
    ]
