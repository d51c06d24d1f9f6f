"""What uv's files say to a command line, and which file says it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipguard.uv_options import read
from pipguard.uv_settings import Settings, look, uv_files


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder where commands are typed, below that of a person."""
    folder = tmp_path / "home/project/below"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    return folder


def looked(here: Path, line: str = "install x", **variables: str) -> Settings:
    command = read(["pip", *line.split()], variables)
    assert command is not None
    # No machine has settings in here.
    return look(command, {"XDG_CONFIG_DIRS": "/nowhere", **variables}, here.parents[1])


def given(settings: Settings) -> list[tuple[str, str]]:
    return [(it.option.name, it.value) for it in settings.given]


def test_without_a_file_there_is_nothing(here: Path) -> None:
    assert looked(here) == Settings()


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("reinstall = true", [("--reinstall", "")]),
        ("reinstall = false", []),
        ("[pip]\nrequire-hashes = true", [("--require-hashes", "")]),
        ("compile-bytecode = true\n[pip]\ncompile-bytecode = false", []),
        (
            "[pip]\nreinstall-package = ['a', 'b']",
            [("--reinstall-package", "a"), ("--reinstall-package", "b")],
        ),
        (
            "[pip]\nconfig-settings = { one = 'two', many = ['x', 'y'] }",
            [("--config-setting", it) for it in ("one=two", "many=x", "many=y")],
        ),
        ("[pip]\ntarget = 'there'", [("--target", "there")]),
        ("[pip]\nresolution = 'lowest'", []),
        ("no = [toml", []),
    ],
)
def test_what_pins_do_not_carry_is_read(
    here: Path, text: str, options: list[tuple[str, str]]
) -> None:
    (here / "uv.toml").write_text(text)

    found = looked(here)

    assert (given(found), found.are_there) == (options, True)


def test_the_nearest_file_of_a_project_speaks_before_the_persons(here: Path) -> None:
    person = here.parents[1] / ".config/uv/uv.toml"
    person.parent.mkdir(parents=True)
    person.write_text("[pip]\nreinstall = true\noffline = true\nreinstall-package = ['c']")
    (here.parent / "pyproject.toml").write_text(
        "[tool.uv.pip]\nreinstall = false\nreinstall-package = ['a']"
    )
    (here.parents[1] / "uv.toml").write_text("[pip]\nrequire-hashes = true")

    found = looked(here)

    assert given(found) == [
        ("--reinstall-package", "a"),
        ("--offline", ""),
        ("--reinstall-package", "c"),
    ]
    assert found.given[1].shown == f"offline in {person}"


@pytest.mark.parametrize(
    ("line", "variables"),
    [("install --no-config x", {}), ("install x", {"UV_NO_CONFIG": "1"})],
)
def test_files_may_be_switched_off(here: Path, line: str, variables: dict[str, str]) -> None:
    (here / "uv.toml").write_text("offline = true")

    assert looked(here, line, **variables) == Settings()


@pytest.mark.parametrize("line", ["--config-file other.toml", "--directory ..", "--project ../.."])
def test_another_place_may_be_said(here: Path, line: str) -> None:
    (here / "uv.toml").write_text("offline = true")
    for file in ("other.toml", "../uv.toml", "../../uv.toml"):
        (here / file).write_text("reinstall = true")

    assert given(looked(here, f"install {line} x")) == [("--reinstall", "")]


def test_the_sources_of_a_folder_to_be_installed_are_settings_too(here: Path) -> None:
    (here / "tree").mkdir()
    (here / "tree/pyproject.toml").write_text("[tool.uv.sources]\na = { path = '../a' }")

    assert looked(here, "install -e ./tree[more]").are_there
    assert not looked(here, f"install {'x' * 5000}").are_there


def test_indexes_are_known_by_their_names(here: Path) -> None:
    (here / "pyproject.toml").write_text(
        "[[tool.uv.index]]\nname = 'acme'\nurl = 'https://acme.example/'\nexplicit = true\n"
        "[[tool.uv.index]]\nurl = 'https://unnamed.example/'\n"
    )

    assert looked(here).indexes == (
        ("acme", "https://acme.example/"),
        ("", "https://unnamed.example/"),
    )


def test_uvs_files_are_those_of_machine_and_person(tmp_path: Path) -> None:
    person = tmp_path / ".config/uv/uv.toml"

    assert uv_files({}, tmp_path)[-1] == person
    assert uv_files({"UV_NO_CONFIG": "1"}, tmp_path) == ()
    assert uv_files({"UV_CONFIG_FILE": "/x.toml"}, tmp_path) == (Path("/x.toml"),)
