"""Which settings a decision goes by, and who said so."""

from __future__ import annotations

from pathlib import Path

import bare
import pytest

from pipguard.prefix import Prefix
from pipguard.settings_report import report
from pipguard.sources import settle


@pytest.fixture
def prefix(tmp_path: Path) -> Prefix:
    return bare.prefix(tmp_path / "env")


def told(prefix: Prefix, **environ: str) -> list[tuple[str, str, str]]:
    found = report(settle(prefix), prefix, environ)
    return [(it.setting, it.value, it.source) for it in found]


def test_of_what_nobody_has_set_the_channels_alone_are_told(prefix: Prefix) -> None:
    (python,) = (item.record.channel for item in prefix.records())
    assert told(prefix) == [("channels", python, str(prefix.conda_meta))]


def test_without_a_word_about_channels_anywhere_condas_usual_one_is_the_default(
    prefix: Prefix,
) -> None:
    (record,) = prefix.conda_meta.glob("*.json")
    record.write_text(record.read_text().replace("https://conda.example/main", ""))
    assert told(prefix) == [("channels", "conda-forge", "default")]


def test_every_setting_is_told_with_the_place_that_said_so(
    prefix: Prefix, world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    condarc, policy = world / ".condarc", prefix.path / "etc/pipguard.toml"
    condarc.write_text(
        "channels: [one, two]\nchannel_priority: strict\npinned_packages: [numpy <2]\n"
        "offline: true\n"
    )
    (prefix.conda_meta / "pinned").write_text("# of the team\nopenssl 3.*\n")
    policy.parent.mkdir()
    policy.write_text(
        'prefer = "pypi"\nmirrors = ["https://me:secret@pypi.example/simple"]\n'
        '[packages]\ntorch = "pypi"\n[names]\nalpha = "beta"\ngamma = false\n'
    )
    monkeypatch.setenv("PIPGUARD_MAPPING_URL", "file:///table.json")

    found = told(prefix, CONDA_OVERRIDE_CUDA="", HOME="/")

    assert found == [
        ("channels", "one", str(condarc)),
        ("channels", "two", str(condarc)),
        ("channel_priority", "strict", str(condarc)),
        ("pinned_packages", "openssl 3.*", str(prefix.conda_meta / "pinned")),
        ("pinned_packages", "numpy <2", str(condarc)),
        ("offline", "true", str(condarc)),
        ("mapping", "file:///table.json", "$PIPGUARD_MAPPING_URL"),
        ("prefer", "pypi", str(policy)),
        ("mirrors", "https://pypi.example/simple", str(policy)),
        ("packages.torch", "pypi", str(policy)),
        ("names.alpha", "beta", str(policy)),
        ("names.gamma", "false", str(policy)),
        ("__cuda", "none", "$CONDA_OVERRIDE_CUDA"),
    ]


def test_the_policys_channels_stand_above_condas(prefix: Prefix, world: Path) -> None:
    (world / ".condarc").write_text("channels: [one]\n")
    policy = prefix.path / "etc/pipguard.toml"
    policy.parent.mkdir()
    policy.write_text('channels = ["mine"]\n')
    assert told(prefix) == [("channels", "mine", str(policy))]
