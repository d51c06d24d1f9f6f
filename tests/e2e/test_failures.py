"""Whatever fails before linking leaves the environment as it was, and says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from surroundings import Guarded

UNCHANGED = "Nothing was changed."


@pytest.fixture
def before(guarded: Guarded) -> dict[str, str]:
    guarded.offer("alpha")
    return guarded.tree()


def test_pips_own_text_and_code_are_kept_when_there_is_no_plan(
    guarded: Guarded, before: dict[str, str]
) -> None:
    done = guarded.pip("install", "nothere")

    assert done.returncode == 1
    assert "ERROR: No matching distribution found for nothere" in done.stderr
    assert guarded.tree() == before


def test_a_wrong_option_is_pips_usage_error(guarded: Guarded) -> None:
    done = guarded.pip("install", "--no-such-option")

    assert done.returncode == 2
    assert "no such option: --no-such-option" in done.stderr


def test_a_wheel_that_vanishes_after_the_plan_changes_nothing(
    guarded: Guarded, before: dict[str, str]
) -> None:
    for wheel in guarded.index.glob("alpha/*.whl"):
        wheel.unlink()

    done = guarded.pip("install", "alpha")

    assert done.returncode != 0
    assert guarded.tree() == before


def test_a_hostile_wheel_is_refused(guarded: Guarded) -> None:
    guarded.offer("omega", files={"omega.py": "", "../../evil.py": ""})
    before = guarded.tree()

    done = guarded.pip("install", "omega")

    assert done.returncode == 1
    assert "../../evil.py" in done.stderr
    assert UNCHANGED in done.stderr
    assert guarded.tree() == before


def test_a_conda_package_that_was_altered_is_refused(guarded: Guarded) -> None:
    guarded.offer("beta")
    guarded.offer_on_conda("beta")
    (package,) = guarded.channel.glob("noarch/beta-*.conda")
    package.write_bytes(package.read_bytes() + b"x")
    before = guarded.tree()

    done = guarded.pip("install", "beta")

    assert done.returncode == 1
    assert UNCHANGED in done.stderr
    assert guarded.tree() == before


def test_a_channel_that_cannot_be_read_changes_nothing(
    guarded: Guarded, before: dict[str, str]
) -> None:
    condarc = guarded.prefix.parent / "condarc"
    condarc.write_text(f"channels: [{guarded.prefix.parent}/no-such-channel]\n")

    done = guarded.pip("install", "alpha")

    assert done.returncode == 1
    assert UNCHANGED in done.stderr
    assert guarded.tree() == before


def test_user_installs_are_refused_with_a_hint(guarded: Guarded) -> None:
    done = guarded.pip("install", "--user", "alpha")

    assert done.returncode == 2
    assert UNCHANGED in done.stderr


def test_a_policy_that_cannot_be_read_changes_nothing(guarded: Guarded) -> None:
    guarded.offer("alpha")
    (guarded.prefix / "etc/pipguard.toml").write_text("prefer = 3\n")

    done = guarded.pip("install", "alpha")

    assert done.returncode == 2
    assert UNCHANGED in done.stderr
    assert not list(guarded.environment.site_packages.glob("alpha*"))


def test_the_exit_code_is_right_with_the_engine_loaded(guarded: Guarded) -> None:
    guarded.offer("alpha")

    codes = [
        guarded.pip("install", "--force-reinstall", "-q", "alpha").returncode for _ in range(5)
    ]

    assert codes == [0] * 5


def test_no_outage_of_the_table_of_names_fails_an_install(
    guarded: Guarded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guarded.offer("six", "1.17")
    guarded.offer_on_conda("six", "1.17")
    (tmp_path / "torn.json").write_text('{"six": ["si')
    dead = "http://127.0.0.1:9/table.json"
    for url in (dead, (tmp_path / "torn.json").as_uri()):
        monkeypatch.setenv("PIPGUARD_MAPPING_URL", url)
        told = guarded.pip("install", "--dry-run", "six")
        assert told.returncode == 0, told.stderr
        assert told.stderr.count("WARNING: there is no table of conda names") == 1
        assert "conda has it" in told.stderr
    monkeypatch.setenv("PIPGUARD_OFFLINE", "1")
    monkeypatch.setenv("PIPGUARD_MAPPING_URL", dead)

    done = guarded.pip("install", "six")

    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    assert guarded.reasons() == {"six": "conda-has-it"}
