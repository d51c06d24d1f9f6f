"""Options act wherever pip takes them from: abbreviated, in variables, in pip.conf."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import builders
import pytest
from surroundings import Guarded


@pytest.fixture
def market(guarded: Guarded) -> Guarded:
    guarded.offer("alpha", requires=["beta"])
    guarded.offer("beta")
    return guarded


ELSEWHERE = """
pip install --target {there} alpha
pip install -t {there} alpha
pip install --root {there} alpha
pip install --prefix {there} alpha
PIP_TARGET={there} pip install alpha
PIP_PREFIX={there} pip install alpha
PIP_ROOT={there} pip install alpha
""".strip().splitlines()


def test_an_install_elsewhere_is_real_pips_business(market: Guarded, tmp_path: Path) -> None:
    for number, line in enumerate(ELSEWHERE):
        there = tmp_path / f"there-{number}"

        done = market.sh(line.format(there=there))

        assert done.returncode == 0, f"{line}\n{done.stderr}"
        assert "pipguard" not in done.stderr, line
        assert len(list(there.rglob("alpha-1.0.dist-info"))) == 1, line
    assert "alpha" not in market.status()


def test_the_user_site_is_refused_unless_it_is_taken_back(market: Guarded) -> None:
    for line in ("pip install --user alpha", "PIP_USER=0 pip install --user --no-input x"):
        done = market.sh(line)

        assert done.returncode == 2
        assert "Nothing was changed." in done.stderr
        assert "--no-user" not in done.stderr
    assert "alpha" not in market.status()
    assert market.sh("PIP_USER=1 pip install --no-user alpha").returncode == 0
    assert market.origins()["alpha"] == "converted"


def test_a_user_site_that_is_configured_is_refused_by_the_name_of_who_says_it(
    market: Guarded, tmp_path: Path
) -> None:
    ours = market.prefix / "pip.conf"
    person = Path(os.environ["XDG_CONFIG_HOME"], "pip/pip.conf")
    person.parent.mkdir(parents=True)
    named = tmp_path / "a.conf"
    rows: dict[str, tuple[str, dict[Path, str]]] = {
        "PIP_USER": ("PIP_USER=1", {}),
        str(named): (f"PIP_CONFIG_FILE={named}", {named: "[install]\nuser = true\n"}),
        str(person): ("", {person: "[global]\nuser = yes\n"}),
        str(ours): ("", {ours: f"{ours.read_text()}user = 1\n"}),
    }
    for who, (variables, files) in rows.items():
        before = {path: path.read_text() if path.exists() else "" for path in files}
        for path, text in files.items():
            path.write_text(text)

        done = market.sh(f"{variables} pip install alpha")

        assert done.returncode == 2
        assert f"{who} asks for --user" in done.stderr
        assert "pip install --no-user" in done.stderr
        for path, text in before.items():
            path.write_text(text)
    assert "alpha" not in market.status()


HERE = """
pip install --prefix {prefix}/ alpha
PIP_PREFIX={prefix} pip install alpha
pip --python {prefix} install alpha
pip --python={prefix}/bin/python install alpha
pip --log {prefix}/../install install alpha
pip install alpha --no-cache-dir --log {prefix}/../install
pip -q --no-color install --no-input alpha -v
pip install --root-user-action=ignore -- alpha
""".strip().splitlines()


def test_what_means_this_environment_is_guarded(market: Guarded) -> None:
    for line in HERE:
        done = market.sh(f"export PIP_DRY_RUN=1; {line.format(prefix=market.prefix)}")

        assert done.returncode == 0, f"{line}\n{done.stderr}"
        routed = [row.split()[:3] for row in done.stderr.splitlines() if "not on conda" in row]
        assert routed == [["alpha", "1.0", "converted"], ["beta", "1.0", "converted"]], line
    market.installs("--prefix", str(market.prefix), "alpha")
    assert market.origins() == {"alpha": "converted", "beta": "converted", "pip": "conda"}


def test_python_of_another_guarded_environment_is_guarded_there(
    market: Guarded, make_environment: Callable[..., builders.Environment]
) -> None:
    other = market.in_environment(make_environment("other"))
    assert market.pipguard("enable", "-p", str(other.prefix)).returncode == 0
    before = market.tree()

    for python, name in ((other.prefix, "beta"), (other.prefix / "bin/python", "alpha")):
        done = market.sh(f"pip --python {python} install {name}")

        assert done.returncode == 0, done.stderr
        assert other.origins()[name] == "converted"
        assert other.ledger()[-1]["front_door"] == "pip"
    assert market.tree() == before


def test_a_dry_run_in_any_words_changes_nothing(market: Guarded) -> None:
    before = market.tree()

    for line in (
        "pip install --dry-run alpha",
        "pip install --dry alpha",
        "PIP_DRY_RUN=1 pip install alpha",
    ):
        done = market.sh(line)

        assert done.returncode == 0, done.stderr
        assert done.stdout.splitlines()[-1] == "Would install alpha-1.0 beta-1.0"
    assert market.tree() == before


def test_the_report_is_pips_own_and_alone_on_standard_output(
    market: Guarded, tmp_path: Path
) -> None:
    for line in (
        "pip install -q --dry-run --report - alpha",
        "pip install -q --dry-run --report={there}/report.json alpha && cat report.json",
        "PIP_QUIET=1 PIP_REPORT=- pip install alpha",
    ):
        done = market.sh(line.format(there=tmp_path), cwd=tmp_path)

        report = json.loads(done.stdout)
        assert done.stderr == ""
        assert report["version"] == "1"
        assert [item["metadata"]["name"] for item in report["install"]] == ["alpha", "beta"]
    assert market.origins()["alpha"] == "converted"


def test_a_report_that_cannot_be_written_changes_nothing(market: Guarded) -> None:
    done = market.pip("install", "--report", "no/such/folder/report.json", "alpha")

    assert done.returncode == 1
    assert "Nothing was changed." in done.stderr
    assert "alpha" not in market.status()


def test_quiet_says_nothing(market: Guarded) -> None:
    for line in ("pip install -q beta", "pip install -qq alpha"):
        done = market.sh(line)

        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert market.origins() == {"alpha": "converted", "beta": "converted", "pip": "conda"}


def test_verbose_shows_pips_own_talk_on_standard_error(market: Guarded) -> None:
    done = market.pip("install", "-v", "alpha")

    assert done.returncode == 0
    assert "Processing " in done.stderr
    assert "Processing " not in done.stdout
    assert done.stdout.splitlines()[-1] == "Successfully installed alpha-1.0 beta-1.0"


def test_the_log_is_pips_log(market: Guarded, tmp_path: Path) -> None:
    market.installs("--log", str(tmp_path / "log"), "alpha")

    assert "Would install alpha-1.0" in (tmp_path / "log").read_text()


def test_satisfied_and_new_are_told_in_pips_lines(market: Guarded) -> None:
    market.installs("beta")

    lines = market.installs("alpha", "beta").splitlines()

    assert lines[0].startswith("Requirement already satisfied: beta in ")
    assert lines[-1] == "Successfully installed alpha-1.0"


def test_no_compile_leaves_no_bytecode_and_what_is_compiled_is_kept_for_others(
    market: Guarded,
) -> None:
    market.installs("--no-compile", "alpha")
    market.installs("--force-reinstall", "beta")

    site, cache = market.environment.site_packages, Path(os.environ["PIPGUARD_CACHE_DIR"])
    assert not list(site.glob("alpha/__pycache__/*.pyc"))
    (compiled,) = site.glob("beta/__pycache__/*.pyc")
    assert any(map(compiled.samefile, cache.glob("bytecode/*/beta-*/**/*.pyc")))


REFUSED = {
    "pip install 'alpha>1'": "No matching distribution found for alpha>1",
    "pip install alpha 'beta>1'": "No matching distribution found for beta>1",
    "pip install -r missing.txt": "Could not open requirements file",
    "pip install ./missing": "./missing",
    "pip install": "You must give at least one requirement to install",
    "pip install 'alpha=='": "Invalid requirement",
    "pip uninstall -y": "You must give at least one requirement to uninstall",
    "pip uninstall -y -r missing.txt": "Could not open requirements file",
}


def test_what_pip_refuses_is_refused_in_its_words_and_with_its_code(market: Guarded) -> None:
    before = market.tree()
    for line, text in REFUSED.items():
        done = market.sh(line)
        plain = market.sh(f"PIPGUARD_BYPASS=1 {line}")

        assert text in done.stderr, line
        assert done.returncode == plain.returncode == 1, line
        assert "Traceback" not in done.stderr, line
    assert market.tree() == before


def test_the_first_line_of_ci_scripts_is_quiet_and_downgrades_nothing(market: Guarded) -> None:
    market.offer("pip", "99.0")
    market.offer("wheel", "0.40")
    market.offer("setuptools", "80.0")
    for version in ("0.38", "0.39"):
        market.offer_on_conda("wheel", version)
    pip = market.status()["pip"]

    done = market.sh("pip install -U pip setuptools wheel")

    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    assert market.status()["pip"] == pip
    assert market.reasons() == {
        "pip": "conda-newest",
        "setuptools": "not-on-conda",
        "wheel": "conda-has-the-tool",
    }
    assert market.status()["wheel"]["version"] == "0.39"
    assert done.stdout.splitlines()[-1] == "Successfully installed setuptools-80.0 wheel-0.39"


def test_a_tool_that_is_newest_on_conda_is_told_as_satisfied(market: Guarded) -> None:
    market.offer("pip", "99.0")

    done = market.sh("python -m pip install --upgrade pip")

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Requirement already satisfied: pip in ")
    assert "Successfully" not in done.stdout
