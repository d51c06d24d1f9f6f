"""Which environment a command is about."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipguard.environments import choose, everything
from pipguard.errors import PrefixError


def environment(path: Path) -> Path:
    (path / "conda-meta").mkdir(parents=True)
    return path


def reference_of(caught: pytest.ExceptionInfo[PrefixError]) -> str:
    return caught.value.reference


def test_a_path_is_the_strongest_word(tmp_path: Path) -> None:
    named, active = environment(tmp_path / "named"), environment(tmp_path / "active")
    assert choose(str(named), None, {"CONDA_PREFIX": str(active)}, tmp_path) == named


def test_without_any_word_it_is_the_active_one(tmp_path: Path) -> None:
    active = environment(tmp_path / "active")
    assert choose(None, None, {"CONDA_PREFIX": str(active)}, tmp_path) == active


def test_a_relative_path_starts_where_the_person_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment(tmp_path / "here")
    monkeypatch.chdir(tmp_path)
    assert choose("here", None, {}, tmp_path) == tmp_path / "here"


def test_nothing_active_and_nothing_named_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PrefixError) as caught:
        choose(None, None, {"CONDA_PREFIX": ""}, tmp_path)
    assert reference_of(caught) == "no-environment"


def test_a_folder_without_conda_meta_is_no_environment(tmp_path: Path) -> None:
    with pytest.raises(PrefixError) as caught:
        choose(str(tmp_path), None, {}, tmp_path)
    assert reference_of(caught) == "not-an-environment"


@pytest.mark.parametrize("variable", ["MAMBA_ROOT_PREFIX", "CONDA_ROOT", "_CONDA_ROOT"])
def test_a_name_is_looked_for_below_the_root(tmp_path: Path, variable: str) -> None:
    demo = environment(tmp_path / "root/envs/demo")
    assert choose(None, "demo", {variable: str(tmp_path / "root")}, tmp_path) == demo


def test_the_root_is_where_conda_itself_is(tmp_path: Path) -> None:
    demo = environment(tmp_path / "root/envs/demo")
    executable = str(tmp_path / "root/bin/conda")
    assert choose(None, "demo", {"CONDA_EXE": executable}, tmp_path) == demo


def test_base_is_the_root_itself(tmp_path: Path) -> None:
    root = environment(tmp_path / "root")
    assert choose(None, "base", {"CONDA_EXE": str(root / "bin/conda")}, tmp_path) == root


def test_without_a_writable_root_conda_makes_environments_in_the_home(tmp_path: Path) -> None:
    demo = environment(tmp_path / ".conda/envs/demo")
    assert choose(None, "demo", {}, tmp_path) == demo


@pytest.mark.parametrize("variable", ["CONDA_ENVS_PATH", "CONDA_ENVS_DIRS"])
def test_folders_that_conda_is_told_of_are_looked_into_first(tmp_path: Path, variable: str) -> None:
    environment(tmp_path / "root/envs/demo")
    demo = environment(tmp_path / "b/demo")
    environ = {
        variable: f"{tmp_path / 'a'}:{tmp_path / 'b'}",
        "CONDA_EXE": str(tmp_path / "root/bin/conda"),
    }
    assert choose(None, "demo", environ, tmp_path) == demo


def test_an_environment_that_conda_has_registered_is_found_by_its_folders_name(
    tmp_path: Path,
) -> None:
    demo = environment(tmp_path / "elsewhere/demo")
    gone = tmp_path / "gone/demo"
    (tmp_path / ".conda").mkdir()
    (tmp_path / ".conda/environments.txt").write_bytes(
        b"/not/utf-8/\xff\n%b\n\n%b\n" % (bytes(gone), bytes(demo))
    )
    assert choose(None, "demo", {}, tmp_path) == demo


def test_an_unknown_name_is_told(tmp_path: Path) -> None:
    with pytest.raises(PrefixError) as caught:
        choose(None, "demo", {"CONDA_EXE": str(tmp_path / "root/bin/conda")}, tmp_path)
    assert reference_of(caught) == "environment-unknown"
    assert caught.value.facts == {"name": "demo"}


# Every environment


def test_every_environment_is_found_wherever_conda_knows_it_from(tmp_path: Path) -> None:
    home, root, mamba = tmp_path / "home", tmp_path / "conda", tmp_path / "mamba"
    expected = [
        environment(tmp_path / "elsewhere/registered"),
        environment(root),
        environment(root / "envs/in conda"),
        environment(mamba),
        environment(mamba / "envs/in mamba"),
        environment(home / "micromamba/envs/in micromamba"),
        environment(home / ".conda/envs/own"),
        environment(tmp_path / "told/configured"),
        environment(tmp_path / "said/variable"),
    ]
    (tmp_path / "told/no environment").mkdir()
    (tmp_path / "a file").touch()
    folders = f"[{tmp_path}/told, {tmp_path}/not/there, {tmp_path}/a file]"
    (home / ".condarc").write_text(f"envs_dirs: {folders}\n")
    (home / ".conda/environments.txt").write_text(f"{expected[0]}\n{tmp_path}/gone\n{root}\n")
    environ = {
        "CONDA_EXE": str(root / "bin/conda"),
        "MAMBA_ROOT_PREFIX": str(mamba),
        "CONDA_ENVS_DIRS": str(tmp_path / "said"),
    }

    assert everything(environ, home) == tuple(sorted(expected))


def test_conda_on_path_tells_its_root(tmp_path: Path) -> None:
    root = environment(tmp_path / "root")
    (root / "condabin").mkdir()
    (root / "condabin/conda").touch(mode=0o755)

    assert everything({"PATH": str(root / "condabin")}, tmp_path) == (root,)


def test_an_environment_with_two_names_is_found_once(tmp_path: Path) -> None:
    one = environment(tmp_path / ".conda/envs/one")
    (tmp_path / "link").symlink_to(one)
    (tmp_path / ".conda/environments.txt").write_text(f"{tmp_path / 'link'}\n{one}\n")

    assert len(everything({}, tmp_path)) == 1


def test_a_name_is_looked_for_where_condas_configuration_says(tmp_path: Path) -> None:
    demo = environment(tmp_path / "told/demo")
    (tmp_path / ".condarc").write_text(f"envs_dirs: [{tmp_path}/told]\n")

    assert choose(None, "demo", {}, tmp_path) == demo
