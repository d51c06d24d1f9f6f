"""What `enable` places, and where: modes, older guards, pythons, the shell."""

from __future__ import annotations

import configparser
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from guards import FOREIGN, MARKER, by_an_older_pipguard, kinds, place
from shell.kit import environment, snapshot

from pipguard import hooks, kept
from pipguard.errors import PrefixError
from pipguard.faults import Fault, FaultKind, check
from pipguard.guard_record import Mode, read_guard
from pipguard.hooks import disable, enable, plan_placement, refresh
from pipguard.pip_conf import WRAPPER
from pipguard.placement import NOTE, prototypes

# What is placed


def test_enabling_twice_changes_nothing_more(prefix: Path, launcher: Path) -> None:
    place(prefix / "pip.conf", FOREIGN, 0o600)
    first = enable(prefix, None, launcher)
    before = snapshot(prefix)

    assert enable(prefix, None, launcher) == first
    assert snapshot(prefix) == before


def test_the_guard_that_is_returned_is_the_one_that_is_read(prefix: Path, launcher: Path) -> None:
    placed = enable(prefix, Mode.ROUTE, launcher)

    assert read_guard(prefix) == placed


def test_every_placed_file_is_in_the_guard(prefix: Path, launcher: Path) -> None:
    before = set(snapshot(prefix))

    guard = enable(prefix, Mode.ROUTE, launcher)

    placed = {path for path in set(snapshot(prefix)) - before if (prefix / path).is_file()}
    assert placed == {*guard.files, "conda-meta/pipguard/guard.json"}


def test_permissions_are_those_of_scripts_and_of_texts(prefix: Path, launcher: Path) -> None:
    guard = enable(prefix, Mode.ROUTE, launcher)

    modes = {path: (prefix / path).stat().st_mode & 0o777 for path in guard.files}
    executable = {path for path, mode in modes.items() if mode == 0o755}
    assert {Path(path).name for path in executable} == {
        "pip",
        "pip3",
        "pip3.11",
        "pip-python",
        "uv",
    }
    assert {mode for path, mode in modes.items() if path not in executable} == {0o644}


def test_conda_meta_holds_package_records_only(prefix: Path, launcher: Path) -> None:
    records = {*(prefix / "conda-meta").glob("*.json")}

    enable(prefix, Mode.ROUTE, launcher)

    assert {*(prefix / "conda-meta").glob("*.json")} == records


@pytest.mark.parametrize(
    ("mode", "present"),
    [(Mode.ROUTE, (True, True)), (Mode.ENFORCE, (True, False)), (Mode.WARN, (False, False))],
)
def test_marker_and_routing_are_those_of_the_mode(
    mode: Mode, present: tuple[bool, bool], prefix: Path, launcher: Path
) -> None:
    for earlier in Mode:
        enable(prefix, earlier, launcher)
        enable(prefix, mode, launcher)

        assert ((prefix / MARKER).exists(), (prefix / "pip.conf").exists()) == present
        assert (prefix / WRAPPER).exists() == present[1]


def test_leaving_mode_route_puts_back_the_pip_conf_of_others(prefix: Path, launcher: Path) -> None:
    place(prefix / "pip.conf", FOREIGN, 0o600)
    enable(prefix, Mode.ROUTE, launcher)

    enable(prefix, Mode.ENFORCE, launcher)

    assert (prefix / "pip.conf").read_text() == FOREIGN


def test_the_mode_stays_unless_another_is_asked_for(prefix: Path, launcher: Path) -> None:
    enable(prefix, Mode.WARN, launcher)

    assert enable(prefix, None, launcher).mode is Mode.WARN


def test_an_environment_is_routed_by_default(prefix: Path, launcher: Path) -> None:
    assert enable(prefix, None, launcher).mode is Mode.ROUTE


@pytest.mark.parametrize("sign", ["condabin/conda", "conda-meta/conda-25.1.0-py311h06a4308_0.json"])
def test_the_base_environment_is_enforced_by_default(
    sign: str, prefix: Path, launcher: Path
) -> None:
    place(prefix / sign, "{}", 0o644)

    assert enable(prefix, None, launcher).mode is Mode.ENFORCE


def test_a_package_about_conda_does_not_make_a_base_environment(
    prefix: Path, launcher: Path
) -> None:
    place(prefix / "conda-meta/conda-pack-0.8.1-pyhd8ed1ab_1.json", "{}", 0o644)

    assert enable(prefix, None, launcher).mode is Mode.ROUTE


def test_a_relative_prefix_and_launcher_are_recorded_in_full(
    prefix: Path, launcher: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(prefix.parent)

    guard = enable(Path(prefix.name), None, Path(os.path.relpath(launcher)))

    assert (guard.prefix, guard.launcher) == (prefix, launcher)


def test_the_launcher_is_recorded_as_it_is_named_even_if_it_is_a_link(
    prefix: Path, launcher: Path
) -> None:
    link = launcher.with_name("link")
    link.symlink_to(launcher)

    assert enable(prefix, None, link).launcher == link


def test_the_marker_is_told_in_the_languages_pip_looks_for(prefix: Path, launcher: Path) -> None:
    enable(prefix, Mode.ROUTE, launcher)

    parser = configparser.ConfigParser(interpolation=None)
    parser.read(prefix / MARKER, encoding="utf-8")
    told = dict(parser["externally-managed"])
    assert {"error", "error-de", "error-fr"} <= set(told)
    for text in told.values():
        assert f"pipguard pip -p '{prefix}' install" in text
        assert "PIPGUARD_BYPASS=1" in text


def test_a_plan_is_a_value_and_writes_nothing(prefix: Path, launcher: Path) -> None:
    before = snapshot(prefix)

    planned = plan_placement(prefix, None, launcher)

    assert snapshot(prefix) == before
    assert plan_placement(prefix, None, launcher) == planned
    assert {piece.path: piece.sha256 for piece in planned.pieces} == planned.guard.files
    assert {piece.mode for piece in planned.pieces} == {0o755, 0o644}


def test_an_older_guard_is_upgraded_and_leaves_nothing(prefix: Path, launcher: Path) -> None:
    place(prefix / "pip.conf", FOREIGN, 0o600)
    before = snapshot(prefix)
    by_an_older_pipguard(prefix, launcher)
    assert check(prefix) == (Fault(FaultKind.OLDER, "0.0.1"),)

    enable(prefix, None, launcher)

    assert check(prefix) == ()
    assert not list(prefix.rglob("*.elvish"))
    assert "of old" not in (prefix / "libexec/pipguard/shims/pip").read_text()
    disable(prefix)
    assert snapshot(prefix) == before


def test_a_guard_of_a_newer_pipguard_is_told(
    prefix: Path, launcher: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooks, "__version__", "99.0")

    enable(prefix, None, launcher)

    assert check(prefix) == (Fault(FaultKind.NEWER, "99.0"),)


# Where python is


def test_no_python_is_started_when_its_record_tells_enough(prefix: Path, launcher: Path) -> None:
    (prefix / "bin/python").write_text("#!/bin/sh\nexit 1\n")

    assert enable(prefix, None, launcher).python.stdlib == "lib/python3.11"


def test_python_without_the_gil_keeps_its_library_elsewhere(tmp_path: Path, launcher: Path) -> None:
    prefix = environment(tmp_path / "free", minor="3.14")
    (prefix / "lib/python3.14t").mkdir()
    (prefix / "lib/python3.14/os.py").rename(prefix / "lib/python3.14t/os.py")

    guard = enable(prefix, None, launcher)

    assert (guard.python.stdlib, guard.python.minor) == ("lib/python3.14t", "3.14")


def test_python_is_asked_when_no_record_tells(prefix: Path, launcher: Path) -> None:
    (prefix / "conda-meta/python-3.11.4-h1_0_cpython.json").unlink()
    (prefix / "bin/python").write_text("#!/bin/sh\nprintf 'lib/pypy3.9\\n3.9\\n'\n")

    assert enable(prefix, Mode.WARN, launcher).python.stdlib == "lib/pypy3.9"


def test_other_packages_named_python_are_not_taken_for_it(prefix: Path, launcher: Path) -> None:
    for name in ("python-dateutil-2.9.0-pyhd_0", "python-3-1-foo", "python-tzdata-2025.1-0"):
        place(prefix / f"conda-meta/{name}.json", "{}", 0o644)

    assert enable(prefix, None, launcher).python.minor == "3.11"


def upgrade(prefix: Path) -> None:
    """Move to python 3.12 as conda does: the old stdlib goes, but for what conda did not bring."""
    (prefix / "lib/python3.11/os.py").unlink()
    shutil.rmtree(prefix / "lib/python3.11/site-packages")
    (prefix / "conda-meta/python-3.11.4-h1_0_cpython.json").unlink()
    (prefix / "bin/python3.11").rename(prefix / "bin/python3.12")
    place(prefix / "conda-meta/python-3.12.1-h1_0_cpython.json", "{}", 0o644)
    place(prefix / "lib/python3.12/os.py", "", 0o644)


def test_after_an_upgrade_of_python_everything_is_placed_again(
    prefix: Path, launcher: Path
) -> None:
    enable(prefix, Mode.ROUTE, launcher)
    upgrade(prefix)
    assert FaultKind.PYTHON_CHANGED in kinds(check(prefix))

    refresh(prefix)

    assert check(prefix) == ()
    assert not (prefix / "lib/python3.11").exists()
    assert not (prefix / "libexec/pipguard/shims/pip3.11").exists()
    assert (prefix / "lib/python3.12/EXTERNALLY-MANAGED").exists()
    assert (prefix / "libexec/pipguard/shims/pip3.12").exists()


def test_after_an_upgrade_of_python_disable_still_leaves_nothing(
    prefix: Path, launcher: Path
) -> None:
    enable(prefix, Mode.ROUTE, launcher)
    upgrade(prefix)
    refresh(prefix)
    disable(prefix)

    left = [path for path in snapshot(prefix) if "pipguard" in path or "MANAGED" in path]
    assert left == []


def test_refreshing_what_is_not_guarded_is_refused(prefix: Path) -> None:
    with pytest.raises(PrefixError, match="not-guarded"):
        refresh(prefix)


# Where the shell lies


def test_shell_of_an_installed_package_lies_inside_it(tmp_path: Path) -> None:
    """As `force-include` of pyproject.toml puts it."""
    repository = Path(kept.__file__).parents[1]
    package = tmp_path / "pipguard"
    shutil.copytree(repository / "pipguard", package)
    shutil.copytree(repository / "activate.d", package / "activate.d")
    code = "from pipguard.placement import prototypes; print(prototypes())"

    told = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert told.stdout.strip() == str(package / "activate.d")


def test_every_prototype_says_whose_it_is() -> None:
    assert [path.name for path in prototypes().iterdir() if NOTE not in path.read_text()] == []


def test_guard_json_says_its_schema(prefix: Path, launcher: Path) -> None:
    enable(prefix, None, launcher)

    assert json.loads((prefix / "conda-meta/pipguard/guard.json").read_text())["schema"] == 1
