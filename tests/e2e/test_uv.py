"""`uv pip` in a guarded environment, with a real uv: the same outcome as pip's front doors.

Longer than a module should be: every option of uv's that differs from pip's has its row here.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import builders
import pytest
from surroundings import Guarded

from pipguard.uv_table import BY_NAME

_UV = Path(sys.executable).with_name("uv")
if not _UV.exists():
    _UV = Path(shutil.which("uv") or "no uv")
pytestmark = pytest.mark.skipif(not _UV.exists(), reason="there is no uv")


@pytest.fixture(autouse=True)
def _uv(guarded: Guarded, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Put uv behind the environment on PATH, and give it the index of the test."""
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "uv").write_text(f'#!/bin/sh\nexec "{_UV}" "$@"\n')
    (tools / "uv").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    monkeypatch.setenv("UV_DEFAULT_INDEX", guarded.index.as_uri())


def installs(guarded: Guarded, line: str, cwd: Path | None = None) -> str:
    """Type `uv pip install …`, which must work; return standard output."""
    done = guarded.sh(f"uv pip install {line}", cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def versions(guarded: Guarded) -> dict[str, str]:
    return {name: dist["version"] for name, dist in guarded.status().items() if name != "pip"}


# Front doors


def test_uv_pip_install_is_guarded(guarded: Guarded) -> None:
    guarded.offer("alpha", requires=["beta", "gamma"])
    guarded.offer("beta")
    guarded.offer("gamma")
    guarded.offer_on_conda("gamma")

    assert "Successfully installed alpha-1.0 beta-1.0 gamma-1.0" in installs(guarded, "alpha")

    assert guarded.origins() == {
        "alpha": "converted", "beta": "converted", "gamma": "conda", "pip": "conda",
    }  # fmt: skip
    last = guarded.ledger()[-1]
    assert (last["front_door"], last["argv"]) == ("uv pip", ["install", "alpha"])
    guarded.check()


def test_every_way_to_name_the_environment_is_guarded(guarded: Guarded) -> None:
    ways = {"alpha": "--python {prefix}", "beta": "-p {prefix}/bin/python", "gamma": "--system"}
    for name, how in ways.items():
        guarded.offer(name)

        installs(guarded, f"{how.format(prefix=guarded.prefix)} {name}")

    assert guarded.origins() == {**dict.fromkeys(ways, "converted"), "pip": "conda"}


def test_the_explicit_door_needs_no_activation(guarded: Guarded) -> None:
    guarded.offer("alpha")
    where = ("-p", str(guarded.prefix))

    done = guarded.pipguard("uv", *where, "pip", "install", "alpha")
    listed = guarded.pipguard("uv", *where, "pip", "freeze")

    assert done.returncode == 0, done.stderr
    assert guarded.origins()["alpha"] == "converted"
    assert guarded.ledger()[-1]["front_door"] == "pipguard uv"
    assert "alpha==1.0" in listed.stdout


def test_a_venv_on_top_is_left_alone(guarded: Guarded, tmp_path: Path) -> None:
    guarded.offer("alpha")

    done = guarded.sh(
        "uv venv --python $CONDA_PREFIX/bin/python venv && . venv/bin/activate"
        " && uv pip install alpha",
        cwd=tmp_path,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert list((tmp_path / "venv").glob("lib/python3*/site-packages/alpha"))
    assert "alpha" not in guarded.status()


def test_uv_by_its_own_path_meets_the_marker(guarded: Guarded) -> None:
    guarded.offer("alpha")

    done = guarded.sh(f"{_UV} pip install alpha")

    assert done.returncode != 0
    assert "guarded by pipguard" in done.stderr


def test_the_bypass_is_real_uv_and_leaves_a_line_in_the_ledger(guarded: Guarded) -> None:
    guarded.offer("alpha")

    done = guarded.sh("PIPGUARD_BYPASS=1 uv pip install alpha")

    assert done.returncode == 0, done.stderr
    assert guarded.origins()["alpha"] == "untracked"
    assert guarded.ledger()[-1]["state"] == "bypassed"


# Passing through


UNTOUCHED = """
uv --version
uv
uv nonsense
uv pip
uv pip list
uv pip freeze
uv pip show pip
uv pip show nothere
uv pip check
uv pip tree
uv pip install --help
uv help pip sync
uv pip compile nothere.in
uv pip install --target elsewhere nothere
uv tool list
uv cache dir
uv python find
uv run --no-project python -c 'print(1)'
""".strip().splitlines()


def test_everything_else_is_real_uv_byte_for_byte(guarded: Guarded) -> None:
    for line in UNTOUCHED:
        plain = guarded.sh(f"PATH=${{PATH#*libexec/pipguard/shims:}}; {line}")
        shimmed = guarded.sh(line)

        assert shimmed.stdout == plain.stdout, line
        assert _timeless(shimmed.stderr) == _timeless(plain.stderr), line
        assert shimmed.returncode == plain.returncode, line


def _timeless(text: str) -> str:
    return re.sub(r"\b[\d.]+ ?m?s\b", "", text)


def test_a_target_folder_is_real_uvs_business(guarded: Guarded, tmp_path: Path) -> None:
    guarded.offer("alpha")

    installs(guarded, "--target elsewhere alpha", cwd=tmp_path)

    assert list(tmp_path.glob("elsewhere/alpha-1.0.dist-info"))
    assert "alpha" not in guarded.status()


# Options


def test_an_upgrade_reaches_what_the_named_ones_need(guarded: Guarded) -> None:
    guarded.offer("alpha", requires=["beta"])
    guarded.offer("beta", "1.0")
    installs(guarded, "alpha")
    guarded.offer("beta", "2.0")

    installs(guarded, "-U alpha")

    assert versions(guarded) == {"alpha": "1.0", "beta": "2.0"}


def test_one_package_is_upgraded_and_no_other(guarded: Guarded) -> None:
    for name in ("alpha", "beta"):
        guarded.offer(name, "1.0")
    installs(guarded, "alpha beta")
    for name in ("alpha", "beta"):
        guarded.offer(name, "2.0")

    installs(guarded, "--upgrade-package beta alpha beta")

    assert versions(guarded) == {"alpha": "1.0", "beta": "2.0"}


def test_the_lowest_versions_are_pinned_by_uv_and_only_what_was_typed_is_requested(
    guarded: Guarded,
) -> None:
    for version in ("1.0", "2.0"):
        guarded.offer("alpha", version, requires=["beta>=1"])
        guarded.offer("beta", version)

    installs(guarded, "--resolution lowest 'alpha>=1'")

    assert versions(guarded) == {"alpha": "1.0", "beta": "1.0"}
    requested = {route["name"]: route["requested"] for route in guarded.ledger()[-1]["routes"]}
    assert requested == {"alpha": True, "beta": False}
    record = guarded.environment.records()["alpha"]
    assert "beta >=1" in record["depends"]
    assert record["requested_spec"] == "alpha"


def test_a_pinned_request_that_is_satisfied_says_nothing_of_the_file_of_pins(
    guarded: Guarded,
) -> None:
    guarded.offer("alpha")
    installs(guarded, "alpha")

    said = installs(guarded, "--resolution lowest alpha")

    assert said.startswith("Requirement already satisfied: alpha==1.0 in ")
    assert "pins.txt" not in said


def test_an_override_may_contradict_metadata(guarded: Guarded, tmp_path: Path) -> None:
    guarded.offer("alpha", requires=["beta<2"])
    guarded.offer("beta", "2.0")
    (tmp_path / "overrides.txt").write_text("beta==2.0\n")

    installs(guarded, "--overrides overrides.txt alpha", cwd=tmp_path)

    assert versions(guarded) == {"alpha": "1.0", "beta": "2.0"}


def test_the_first_index_that_has_a_name_serves_it(guarded: Guarded, tmp_path: Path) -> None:
    """A stranger publishing a newer version on the public index is not believed."""
    guarded.offer("alpha", "9.0")
    private = builders.wheel(tmp_path / "private", "alpha", "1.0")
    builders.simple_index(tmp_path / "internal", [private])

    installs(guarded, f"--index {(tmp_path / 'internal').as_uri()} alpha")

    assert versions(guarded) == {"alpha": "1.0"}


def test_of_one_version_on_two_indexes_the_first_ones_file_is_installed(
    guarded: Guarded, tmp_path: Path
) -> None:
    guarded.offer("alpha", files={"alpha/stranger.py": ""})
    private = builders.wheel(tmp_path / "private", "alpha", files={"alpha/own.py": ""})
    builders.simple_index(tmp_path / "internal", [private])

    installs(guarded, f"--index {(tmp_path / 'internal').as_uri()} alpha")

    found = {path.name for path in (guarded.environment.site_packages / "alpha").glob("*.py")}
    assert found == {"own.py"}


def test_settings_of_uv_in_a_file_are_followed(guarded: Guarded, tmp_path: Path) -> None:
    for version in ("1.0", "2.0"):
        guarded.offer("alpha", version)
    (tmp_path / "uv.toml").write_text('[pip]\nresolution = "lowest"\n')

    installs(guarded, "alpha", cwd=tmp_path)

    assert versions(guarded) == {"alpha": "1.0"}


def test_single_packages_are_installed_anew(guarded: Guarded) -> None:
    for name in ("alpha", "beta"):
        guarded.offer(name)
    installs(guarded, "alpha beta")
    files = [guarded.environment.site_packages / name / "__init__.py" for name in ("alpha", "beta")]
    for file in files:
        file.unlink()
    guarded.offer("beta", "2.0")

    done = installs(guarded, "--reinstall-package Alpha alpha beta")

    assert done.splitlines()[-1] == "Successfully installed alpha-1.0"
    assert [file.exists() for file in files] == [True, False]
    assert versions(guarded) == {"alpha": "1.0", "beta": "1.0"}


def test_an_explicit_index_is_asked_with_its_login_for_what_it_is_named_for(
    guarded: Guarded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guarded.offer("beta")
    private = [
        builders.wheel(tmp_path / "private", "alpha", requires=["beta"]),
        builders.wheel(tmp_path / "private", "beta", "9.0"),
    ]
    builders.simple_index(tmp_path / "internal", private)
    monkeypatch.setenv("UV_INDEX_ACME_IN_USERNAME", "me")
    monkeypatch.setenv("UV_INDEX_ACME_IN_PASSWORD", "secret-of-acme")
    with builders.IndexServer(tmp_path / "internal", login=("me", "secret-of-acme")) as server:
        (tmp_path / "pyproject.toml").write_text(
            '[project]\nname = "p"\nversion = "1"\ndependencies = ["alpha"]\n'
            f'[[tool.uv.index]]\nname = "acme-in"\nurl = "{server.url}"\nexplicit = true\n'
            '[tool.uv.sources]\nalpha = { index = "acme-in" }\n'
        )

        done = guarded.sh("uv pip install -v -r pyproject.toml", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert versions(guarded) == {"alpha": "1.0", "beta": "1.0"}
    assert guarded.reasons()["alpha"] == "named-index"
    kept = (*guarded.prefix.glob("conda-meta/**/*.json*"), *guarded.prefix.rglob("direct_url.json"))
    told = [done.stdout, done.stderr, *(file.read_text() for file in kept)]
    assert not [text for text in told if "secret-of-acme" in text]


def test_the_requirements_of_a_project_file_are_installed(guarded: Guarded, tmp_path: Path) -> None:
    for name in ("alpha", "beta"):
        guarded.offer(name)
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "p"\nversion = "1"\ndependencies = ["alpha"]\n'
        '[project.optional-dependencies]\nmore = ["beta"]\n'
    )

    installs(guarded, "-r pyproject.toml --extra more", cwd=tmp_path)

    assert versions(guarded) == {"alpha": "1.0", "beta": "1.0"}


def test_an_editable_project_is_guarded(guarded: Guarded, tmp_path: Path) -> None:
    guarded.offer("beta")
    tree = builders.project(tmp_path / "tree", "delta", requires=["beta"])

    installs(guarded, f"--resolution lowest -e {tree.name}", cwd=tree.parent)

    assert guarded.origins() == {"beta": "converted", "delta": "pip", "pip": "conda"}


def test_another_folder_may_be_worked_in(guarded: Guarded, tmp_path: Path) -> None:
    guarded.offer("alpha")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/r.txt").write_text("alpha\n")

    done = guarded.sh("uv --directory sub pip install -r r.txt", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert versions(guarded) == {"alpha": "1.0"}


def test_what_uv_cannot_resolve_ends_with_uvs_text_and_code(guarded: Guarded) -> None:
    done = guarded.sh("uv pip install --resolution lowest nothere")

    assert done.returncode == 1
    assert "nothere" in done.stderr
    assert "pipguard-" not in done.stderr.replace("pipguard: ", "")


def test_an_option_that_cannot_be_followed_is_refused_by_name(guarded: Guarded) -> None:
    done = guarded.sh("uv pip install --no-editable torch")

    assert done.returncode == 2
    assert "--no-editable" in done.stderr


def test_what_pips_settings_ask_for_means_nothing_to_uv(guarded: Guarded, tmp_path: Path) -> None:
    guarded.offer("alpha")
    configuration = guarded.prefix / "pip.conf"
    settings = "user = true\nrequire-virtualenv = true\ndry-run = true\n"
    configuration.write_text(configuration.read_text() + settings)

    done = guarded.sh(f"PIP_TARGET={tmp_path}/t PIP_DRY_RUN=1 PIP_USER=1 uv pip install alpha")

    assert done.returncode == 0, done.stderr
    assert versions(guarded) == {"alpha": "1.0"}


def test_a_dry_run_changes_nothing(guarded: Guarded) -> None:
    guarded.offer("alpha")
    before = guarded.environment.snapshot()

    assert "Would install alpha-1.0" in installs(guarded, "--dry-run --resolution lowest alpha")

    assert guarded.environment.snapshot() == before


# Uninstall


def test_an_uninstall_asks_nothing(guarded: Guarded) -> None:
    guarded.offer("alpha")
    installs(guarded, "alpha")

    dry = guarded.sh("uv pip uninstall --dry-run alpha </dev/null")
    assert (dry.returncode, "alpha" in guarded.status()) == (0, True)
    done = guarded.sh("uv pip uninstall alpha nothere </dev/null")

    assert dry.stdout.endswith("Would uninstall alpha-1.0\n")
    assert done.returncode == 0, done.stderr
    assert "alpha" not in guarded.status()
    assert "Skipping nothere" in done.stderr


# Sync


def test_a_sync_leaves_what_the_file_has_and_what_conda_brought(
    guarded: Guarded, tmp_path: Path
) -> None:
    for name in ("alpha", "beta", "gamma", "eta"):
        guarded.offer(name)
    guarded.offer_on_conda("eta")
    tree = builders.project(tmp_path / "tree", "delta")
    installs(guarded, f"alpha beta eta -e {tree}")
    guarded.sh("PIPGUARD_BYPASS=1 uv pip install gamma")
    guarded.offer("alpha", "2.0")
    guarded.offer("epsilon", requires=["beta"])
    (tmp_path / "r.txt").write_text("alpha==2.0\nepsilon==1.0\n")

    dry = guarded.sh("uv pip sync --dry-run r.txt", cwd=tmp_path)
    done = guarded.sh("uv pip sync r.txt", cwd=tmp_path)

    assert dry.stdout.endswith(
        "Would install alpha-2.0 epsilon-1.0\nWould uninstall beta-1.0 delta-1.0 gamma-1.0\n"
    )
    assert done.returncode == 0, done.stderr
    assert versions(guarded) == {"alpha": "2.0", "epsilon": "1.0", "eta": "1.0"}
    assert "removed: beta-1.0 delta-1.0 gamma-1.0" in done.stderr
    last = guarded.ledger()[-1]
    assert last["removed"] == ["beta-1.0", "delta-1.0", "gamma-1.0"]
    assert not list(guarded.environment.site_packages.glob("*beta*"))
    assert {"alpha", "epsilon", "eta"} <= guarded.environment.records().keys()


def test_a_sync_that_is_satisfied_changes_nothing(guarded: Guarded, tmp_path: Path) -> None:
    guarded.offer("alpha")
    installs(guarded, "alpha")
    (tmp_path / "r.txt").write_text("alpha==1.0\n")
    before = guarded.environment.snapshot("conda-meta/pipguard/lock*")

    done = guarded.sh("uv pip sync -q r.txt", cwd=tmp_path)

    assert (done.returncode, done.stdout) == (0, "")
    assert guarded.environment.snapshot("conda-meta/pipguard/lock*") == before


def test_a_sync_follows_settings_of_uv_in_a_file(guarded: Guarded, tmp_path: Path) -> None:
    wheels = [builders.wheel(tmp_path / "internal-wheels", "alpha", "1.0", requires=["beta"])]
    url = builders.simple_index(tmp_path / "internal", wheels)
    (tmp_path / "r.txt").write_text("alpha==1.0\n")
    (tmp_path / "uv.toml").write_text(f'[pip]\nindex-url = "{url}"\n')

    done = guarded.sh("env -u UV_DEFAULT_INDEX uv pip sync r.txt", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert versions(guarded) == {"alpha": "1.0"}


def test_a_sync_may_do_nothing_but_remove(guarded: Guarded, tmp_path: Path) -> None:
    for name in ("alpha", "beta"):
        guarded.offer(name)
    installs(guarded, "alpha beta")
    (tmp_path / "r.txt").write_text("alpha\n")
    (tmp_path / "c.txt").write_text("beta==1.0\n")

    done = guarded.sh("uv pip sync -c c.txt r.txt", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert versions(guarded) == {"alpha": "1.0"}
    assert "  Successfully uninstalled beta-1.0\n" in done.stdout


def test_an_exact_install_keeps_what_the_request_needs(guarded: Guarded) -> None:
    guarded.offer("alpha", requires=["beta"])
    guarded.offer("beta")
    guarded.offer("gamma")
    installs(guarded, "alpha gamma")

    installs(guarded, "--exact alpha")

    assert versions(guarded) == {"alpha": "1.0", "beta": "1.0"}


# Projects


def test_a_project_does_not_take_the_environment(guarded: Guarded, tmp_path: Path) -> None:
    guarded.offer("alpha")
    installs(guarded, "alpha")
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "p"\nversion = "1"\n')

    done = guarded.sh("UV_PROJECT_ENVIRONMENT=$CONDA_PREFIX uv sync", cwd=tmp_path)

    assert done.returncode == 1
    assert "nothing was changed" in done.stderr
    assert "alpha" in guarded.status()


def test_a_project_has_its_own_environment_as_ever(guarded: Guarded, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "p"\nversion = "1"\n')

    done = guarded.sh("uv sync --python $CONDA_PREFIX/bin/python", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert (tmp_path / ".venv/pyvenv.cfg").exists()


# The table


@pytest.mark.parametrize("verb", ["install", "uninstall", "sync"])
def test_the_table_knows_every_option_of_this_uv(verb: str) -> None:
    done = subprocess.run(
        [_UV, "help", "pip", verb, "--no-pager"], capture_output=True, text=True, check=True
    )
    rows = re.findall(r"^ {2,6}(?:(-\w), )?(--[\w-]+)(?:\.\.\.)?( <)?", done.stdout, re.MULTILINE)

    assert len(rows) > 20
    unknown = [
        name for short, name, _ in rows for name in (short, name) if name not in {"", *BY_NAME}
    ]
    assert unknown == []
    assert [name for _, name, value in rows if BY_NAME[name].takes != bool(value)] == []
