"""What voids the guard is found wherever it is said, and named with who says it."""

from __future__ import annotations

from pathlib import Path

import pytest
from shell.kit import SHIMS, environment, executable

from pipguard import overrides
from pipguard.guard_record import Mode, read_guard
from pipguard.hooks import enable
from pipguard.overrides import Setting, find
from pipguard.pip_settings import is_true, pip_files, pip_setting


@pytest.fixture
def prefix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A guarded environment on a machine that configures nothing."""
    made = environment(tmp_path / "env")
    enable(made, Mode.ROUTE, executable(tmp_path / "pipguard", "launcher"))
    of_pip, of_uv = (tmp_path / "etc/pip.conf", made / "pip.conf"), (tmp_path / "etc/uv.toml",)
    monkeypatch.setattr(overrides, "pip_files", lambda *_: of_pip)
    monkeypatch.setattr(overrides, "uv_files", lambda *_: of_uv)
    (tmp_path / "etc").mkdir()
    return made


def found(prefix: Path, pip: str = "25.3", **environ: str) -> list[str]:
    setting = Setting(prefix, read_guard(prefix), pip, environ, prefix.parent)
    return list(map(str, find(setting)))


def test_a_guard_that_nothing_weakens_has_no_overrides(prefix: Path) -> None:
    path = f"{prefix / SHIMS}:{prefix}/bin:/usr/bin"

    assert found(prefix, CONDA_PREFIX=str(prefix), PATH=path) == []


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"PIPGUARD_BYPASS": "1"}, ["bypass-set"]),
        ({"PIPGUARD_BYPASS": "0"}, []),
        ({"CONDA_BUILD": "1"}, ["conda-build"]),
        ({"PIPGUARD_MODE": "warn"}, ["mode-set:warn"]),
        ({"PIPGUARD_MODE": "route"}, []),
        (
            {"PIP_BREAK_SYSTEM_PACKAGES": "1"},
            ["break-system-packages:PIP_BREAK_SYSTEM_PACKAGES"],
        ),
        ({"PIP_BREAK_SYSTEM_PACKAGES": "off"}, []),
        (
            {"UV_BREAK_SYSTEM_PACKAGES": "true"},
            ["uv-break-system-packages:UV_BREAK_SYSTEM_PACKAGES"],
        ),
        ({"UV_BREAK_SYSTEM_PACKAGES": "false"}, []),
        ({"UV_PROJECT_ENVIRONMENT": "/elsewhere"}, []),
        ({"PYTHONPATH": "/cluster/modules"}, ["pythonpath-set"]),
        ({"PIP_CONFIG_FILE": "/dev/null"}, ["route-off:PIP_CONFIG_FILE"]),
        ({"PIP_PYTHON": "/other/python"}, ["route-off:PIP_PYTHON"]),
        ({"_PIP_RUNNING_IN_SUBPROCESS": "1"}, ["route-off:_PIP_RUNNING_IN_SUBPROCESS"]),
    ],
)
def test_what_a_variable_voids_is_named(
    environ: dict[str, str], expected: list[str], prefix: Path
) -> None:
    assert found(prefix, **environ) == expected


def test_an_environment_that_is_also_a_projects_is_named(prefix: Path) -> None:
    chosen = f"{prefix}/../{prefix.name}"

    assert found(prefix, UV_PROJECT_ENVIRONMENT=chosen) == ["uv-project-environment"]


def test_the_mode_that_has_no_marker_is_named(prefix: Path) -> None:
    enable(prefix, Mode.WARN, prefix.parent / "pipguard")

    assert found(prefix) == ["mode-warn"]
    assert found(prefix, PIPGUARD_MODE="route") == ["mode-set:route"]


def test_what_is_not_routed_needs_no_route(prefix: Path) -> None:
    enable(prefix, Mode.ENFORCE, prefix.parent / "pipguard")

    assert found(prefix, PIP_PYTHON="/other/python") == []


@pytest.mark.parametrize("pip", ["22.3.1", "9.0"])
def test_a_pip_that_knows_no_marker_is_named(pip: str, prefix: Path) -> None:
    assert found(prefix, pip) == [f"pip-too-old:{pip}"]


def test_a_fault_of_the_guard_is_named(prefix: Path) -> None:
    (prefix / "pip.conf").unlink()

    assert found(prefix) == ["guard-missing:pip.conf"]


def test_a_clone_whose_guard_is_not_set_up_is_named(prefix: Path) -> None:
    (prefix / "conda-meta/pipguard/guard.json").unlink()

    assert found(prefix) == [f"guard-cloned:{SHIMS}/.pipguard-shim"]


# Files


@pytest.mark.parametrize("section", ["global", "install", "uninstall"])
def test_a_machine_whose_pip_passes_over_the_marker_is_named(section: str, prefix: Path) -> None:
    machine = prefix.parent / "etc/pip.conf"
    machine.write_text(f"[{section}]\nbreak_system_packages = yes\n")

    assert found(prefix) == [f"break-system-packages:{machine}"]


def test_a_machine_whose_uv_passes_over_the_marker_is_named(prefix: Path) -> None:
    machine = prefix.parent / "etc/uv.toml"
    machine.write_text("[pip]\nbreak-system-packages = true\n")

    assert found(prefix) == [f"uv-break-system-packages:{machine}"]
    assert found(prefix, UV_BREAK_SYSTEM_PACKAGES="0") == []


@pytest.mark.parametrize("text", ["no section\n", "[global\n", "\x00", "[global]\n[global]\n"])
def test_a_file_that_pip_would_refuse_says_nothing(text: str, prefix: Path) -> None:
    (prefix.parent / "etc/pip.conf").write_text(text)
    (prefix.parent / "etc/uv.toml").write_text(text)

    assert found(prefix) == []


@pytest.mark.parametrize(
    ("lower", "higher", "truth"),
    [
        ("[global]\nx = 1", "", True),
        ("[global]\nx = 1", "[global]\nx = 0", False),
        ("[install]\nx = 1", "[global]\nx = 0", True),
        ("[install]\nx = 0", "[global]\nx = 1", False),
        ("[list]\nx = 1", "", False),
    ],
)
def test_the_later_file_wins_and_the_section_of_the_command_before_it(
    lower: str, higher: str, tmp_path: Path, *, truth: bool
) -> None:
    files = (tmp_path / "lower", tmp_path / "higher")
    for file, text in zip(files, (lower, higher), strict=True):
        file.write_text(f"{text}\n")

    assert is_true(pip_setting("x", "install", files, {})) == truth


def test_pips_files_are_those_of_machine_person_environment_and_variable(tmp_path: Path) -> None:
    prefix, home, chosen = tmp_path / "env", tmp_path / "home", tmp_path / "chosen"

    files = pip_files(prefix, {"PIP_CONFIG_FILE": str(chosen)}, home)

    expected = [Path("/etc/pip.conf"), home / ".pip/pip.conf", prefix / "pip.conf", chosen]
    assert [file for file in files if file in expected] == expected
    assert pip_files(prefix, {"PIP_CONFIG_FILE": "/dev/null"}, home) == ()


# PATH


def on_path(prefix: Path, *folders: Path | str, **environ: str) -> list[str]:
    path = ":".join(map(str, folders))
    return found(prefix, CONDA_PREFIX=str(prefix), PATH=path, **environ)


def test_shim_shadowed_by_another_pip_is_named(prefix: Path, tmp_path: Path) -> None:
    other = executable(tmp_path / "tools/pip", "another pip")

    told = on_path(prefix, "/nowhere", other.parent, prefix / SHIMS, prefix / "bin")

    assert told == [f"shim-shadowed:{other}"]


def test_a_venv_on_top_is_named_as_what_it_is(prefix: Path, tmp_path: Path) -> None:
    venv = executable(tmp_path / "venv/bin/pip", "pip of the venv").parents[1]

    told = on_path(prefix, venv / "bin", prefix / SHIMS, VIRTUAL_ENV=str(venv))

    assert told == [f"venv-active:{venv}"]


def test_shims_that_an_active_environment_lacks_on_path_are_missed(prefix: Path) -> None:
    assert on_path(prefix, prefix / "bin", "/usr/bin") == [f"shim-not-on-path:{prefix / SHIMS}"]


def test_a_shim_left_by_another_environment_serves_as_well(prefix: Path, tmp_path: Path) -> None:
    other = environment(tmp_path / "other")
    enable(other, Mode.ROUTE, tmp_path / "pipguard")

    assert on_path(prefix, other / SHIMS, prefix / "bin") == []


def test_path_has_no_say_while_another_environment_is_active(prefix: Path) -> None:
    assert found(prefix, CONDA_PREFIX="/elsewhere", PATH="/usr/bin") == []
