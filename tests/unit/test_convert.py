"""`pipguard convert`: wheels given by hand, for an environment whose names and extras count."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import builders
import pytest
import rattler
from values import SITE_PACKAGES, TARGET

from pipguard import cli
from pipguard.prefix import Prefix

Printed = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def prefix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An active environment of files alone: its python is told, not asked."""
    folder = tmp_path / "env"
    (folder / "conda-meta").mkdir(parents=True)
    (folder / SITE_PACKAGES).mkdir(parents=True)
    monkeypatch.setattr(Prefix, "target", TARGET)
    monkeypatch.setenv("CONDA_PREFIX", str(folder))
    monkeypatch.setenv("PIPGUARD_OFFLINE", "1")
    return folder


def converted(tmp_path: Path, printed: Printed, *arguments: Path | str) -> tuple[int, Any]:
    """Exit code and JSON document of a conversion into the folder `out`."""
    words = ["convert", "--json", "-o", str(tmp_path / "out"), *map(str, arguments)]
    code = cli.run(words)
    return code, json.loads(printed.readouterr().out)


def test_packages_land_in_the_folder_that_was_named(tmp_path: Path, capsys: Printed) -> None:
    wheels = [builders.wheel(tmp_path, name) for name in ("alpha", "beta")]
    assert cli.run(["convert", *map(str, wheels), "-o", str(tmp_path / "new/out")]) == 0
    found = sorted(path.name for path in (tmp_path / "new/out").iterdir())
    assert [name.partition("-")[0] for name in found] == ["alpha", "beta"]
    out = capsys.readouterr().out
    assert all(name in out for name in (*found, wheels[0].name))


def test_the_document_tells_what_became_of_each_wheel(tmp_path: Path, capsys: Printed) -> None:
    good = builders.wheel(tmp_path, "good", requires=("Other_Name>=2", "win; os_name == 'nt'"))
    bad = builders.wheel(tmp_path, "bad", files={"../evil.py": "", "x": "", "x/y": ""})
    code, document = converted(tmp_path, capsys, good, bad, tmp_path / "none-1.0-py3-none-any.whl")
    (package,) = (tmp_path / "out").iterdir()
    assert code == 1
    assert document["schema"] == 1
    assert document["converted"] == [
        {
            "wheel": str(good),
            "package": str(package),
            "subdir": "linux-64",
            "depends": ["python", "other-name >=2"],
            "warnings": [],
        }
    ]
    refused = {Path(each["wheel"]).name: each["problems"] for each in document["refused"]}
    assert list(refused) == [bad.name, "none-1.0-py3-none-any.whl"]
    assert len(refused[bad.name]) == 2
    assert any("'../evil.py'" in problem for problem in refused[bad.name])


def test_a_refused_wheel_is_told_of_and_the_others_stay(tmp_path: Path, capsys: Printed) -> None:
    wheels = [builders.wheel(tmp_path, "good"), builders.wheel(tmp_path, "bad", files={"../x": ""})]
    assert cli.run(["convert", *map(str, wheels), "-o", str(tmp_path / "out")]) == 1
    printed = capsys.readouterr()
    assert wheels[0].name in printed.out
    assert wheels[1].name in printed.err
    assert len(list((tmp_path / "out").iterdir())) == 1


def test_extras_are_folded_from_the_other_wheels_and_from_the_environment(
    tmp_path: Path, prefix: Path, capsys: Printed
) -> None:
    info = prefix / SITE_PACKAGES / "here-3.0.dist-info"
    info.mkdir()
    lines = ("Name: here", "Version: 3.0", "Requires-Dist: deep; extra == 'x'", "")
    (info / "METADATA").write_text("\n".join(lines))
    needed = ("here[x]", "given[y]", "nowhere[z]", "at @ https://a.example/x.whl")
    app = builders.wheel(tmp_path, "app", requires=needed)
    given = builders.wheel(tmp_path, "given", requires=("low<2; extra == 'y'",))
    _, document = converted(tmp_path, capsys, app, given)
    first = document["converted"][0]
    assert set(first["depends"]) == {
        "python",
        "here",
        "given",
        "nowhere",
        "at",
        "deep",
        "low <2dev0",
    }
    assert [
        text.partition(": ")[2].partition("`")[2].partition("`")[0] for text in first["warnings"]
    ] == ["nowhere[z]", "at @ https://a.example/x.whl"]


def test_a_requirement_by_its_address_is_the_version_that_is_here(
    tmp_path: Path, capsys: Printed
) -> None:
    app = builders.wheel(tmp_path, "app", requires=("lib @ https://a.example/lib.whl",))
    lib = builders.wheel(tmp_path, "lib", "1.5")
    _, document = converted(tmp_path, capsys, app, lib)
    assert document["converted"][0]["depends"] == ["python", "lib ==1.5"]


def test_names_are_those_of_conda(tmp_path: Path, prefix: Path, capsys: Printed) -> None:
    (prefix / "etc").mkdir()
    (prefix / "etc/pipguard.toml").write_text('[names]\nmine = "my-conda-name"\n')
    app = builders.wheel(tmp_path, "app", requires=("torch>=2", "mine"))
    _, document = converted(tmp_path, capsys, app)
    assert document["converted"][0]["depends"] == ["python", "pytorch >=2", "my-conda-name"]


def test_the_limits_of_the_policy_hold(tmp_path: Path, prefix: Path, capsys: Printed) -> None:
    (prefix / "etc").mkdir()
    (prefix / "etc/pipguard.toml").write_text('[limits]\nunpacked = "4 KiB"\n')
    big = builders.wheel(tmp_path, "big", files={"x": bytes(5000)})
    code, document = converted(tmp_path, capsys, big)
    assert (code, len(document["refused"])) == (1, 1)


def test_the_folder_can_be_a_channel(tmp_path: Path, capsys: Printed) -> None:
    wheel = builders.wheel(tmp_path, "demo")
    code, document = converted(tmp_path, capsys, "--as-channel", wheel)
    assert code == 0
    (entry,) = document["converted"]
    assert Path(entry["package"]).parent == tmp_path / "out/noarch"
    index = rattler.RepoData.from_path(tmp_path / "out/noarch/repodata.json")
    channel = rattler.Channel((tmp_path / "out").as_uri())
    assert [record.name.normalized for record in index.into_repo_data(channel)] == ["demo"]


def test_a_folder_that_cannot_be_made_is_told_as_such(tmp_path: Path, capsys: Printed) -> None:
    wheel = builders.wheel(tmp_path, "demo")
    assert cli.run(["convert", str(wheel), "-o", str(wheel / "below-a-file")]) == 1
    assert str(wheel) in capsys.readouterr().err


def test_without_wheels_or_a_folder_the_words_make_no_sense() -> None:
    assert cli.run(["convert", "-o", "out"]) == 2
    assert cli.run(["convert", "demo.whl"]) == 2
