"""Whatever fails before linking leaves the environment as it was, and says so."""

from __future__ import annotations

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
