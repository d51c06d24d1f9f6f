"""Environments damaged as they are in the field: what the doctor finds, and what it makes of it."""

from __future__ import annotations

import json
import shutil

import damages
import pytest
import rattler
from damages import Damage
from surroundings import Guarded, pipguard

_needs_poetry = pytest.mark.skipif(not damages.POETRY, reason="there is no poetry")
_needs_uv = pytest.mark.skipif(not damages.UV.exists(), reason="there is no uv")
# Kind, name and fix of a finding.
Findings = set[tuple[str, str, str]]

BY_OTHERS: dict[Damage, Findings] = {
    damages.pip_upgraded_over_conda: {("overwritten", "upgraded", "adopt")},
    damages.pip_ignored_conda: {("overwritten", "ignored", "adopt")},
    damages.conda_installed_over_pip: {("duplicate", "linked", "remove")},
    damages.pip_uninstalled_what_conda_has: {("stale-record", "uninstalled", "restore")},
    damages.pip_installed_by_itself: {
        ("untracked", "stray", "adopt"),
        ("untracked", "stray-too", "adopt"),
    },
    damages.poetry_was_here: {
        ("overwritten", "replaced", "adopt"),
        ("untracked", "added", "adopt"),
        ("untracked", "verses", "adopt"),
    },
}
BY_PEOPLE: dict[Damage, Findings] = {
    damages.a_file_was_edited_in_place: {("overwritten", "edited", "restore")},
    damages.a_file_was_deleted: {("missing", "deleted", "restore")},
    damages.a_checkout_was_deleted: {
        ("dangling", "known", "forget"),
        ("dangling", "unknown", "remove"),
    },
    damages.a_develop_install_was_left: {
        ("dangling", "easy-install.pth", "rewrite"),
        ("dangling", "project.egg-link", "rewrite"),
    },
    damages.a_command_of_another_prefix_was_copied: {("overwritten", "moved", "restore")},
    damages.the_guard_was_altered: {("guard", "pipguard", "place")},
}
BY_CHANCE: dict[Damage, Findings] = {
    damages.pip_was_killed_in_an_upgrade: {("leftover", "killed", "move")},
    damages.pip_was_killed_upgrading_itself: {("leftover", "~ip", "remove")},
    damages.an_installer_was_killed: {
        ("leftover", "torn", "remove"),
        ("leftover", "lone-1.0.dist-info", "remove"),
    },
    damages.the_local_channel_was_deleted: {("unavailable", "lost", "repack")},
    damages.the_standard_library_lost_a_file: {("missing", "python", "restore")},
    damages.python_was_upgraded: {
        ("stranded", "pure", "move"),
        ("stranded", "compiled", "remove"),
        ("stranded", "tree", "move"),
    },
}


BY_UV: dict[Damage, Findings] = {
    damages.uv_has_synced_a_project: {
        ("untracked", "synced", "adopt"),
        ("untracked", "synced-app", "adopt"),
        ("stale-record", "needless", "restore"),
    },
}
BY_POETRY: dict[Damage, Findings] = {
    damages.poetry_has_installed_a_project: {
        ("untracked", "updated", "adopt"),
        ("untracked", "locked", "adopt"),
        ("untracked", "poetic-app", "adopt"),
    },
}


def found(guarded: Guarded) -> Findings:
    done = pipguard("doctor", "--json", "-p", str(guarded.prefix))
    assert done.returncode in {0, 1}, done.stderr
    findings = json.loads(done.stdout)["findings"]
    assert done.returncode == int(bool(findings))
    return {(each["kind"], each["name"], each["fix"]) for each in findings}


def tree(guarded: Guarded) -> dict[str, str]:
    """Every file but bytecode and our account of operations."""
    ours = ("conda-meta/history", "conda-meta/pipguard/*", "**/pipguard/journal/**")
    states = guarded.environment.snapshot("**/__pycache__/*", "**/__pycache__", *ours)
    return {path: it for path, it in states.items() if "/journal/" not in f"/{path}/"}


@pytest.mark.parametrize(
    "group",
    [
        BY_OTHERS,
        BY_PEOPLE,
        BY_CHANCE,
        pytest.param(BY_UV, marks=_needs_uv),
        pytest.param(BY_POETRY, marks=_needs_poetry),
    ],
    ids=["others", "people", "chance", "uv", "poetry"],
)
def test_damages_are_found_repaired_at_once_and_the_repair_is_undone(
    guarded: Guarded, group: dict[Damage, Findings]
) -> None:
    assert found(guarded) == set()
    for damage in group:
        damage(guarded)
    damaged = tree(guarded)
    assert found(guarded) == set().union(*group.values())

    done = pipguard("doctor", "--fix", "-p", str(guarded.prefix))

    assert done.returncode == 0, done.stdout + done.stderr
    assert found(guarded) == set()
    guarded.check()
    assert set(guarded.origins().values()) <= {"conda", "converted", "pip"}
    for path in (guarded.prefix / "conda-meta").glob("*.json"):
        record = rattler.PrefixRecord.from_path(path)
        assert record.file_name == f"{path.stem}.conda"
        assert path.stem == f"{record.name.normalized}-{record.version}-{record.build}"
    undone = pipguard("undo", "-p", str(guarded.prefix))
    assert undone.returncode == 0, undone.stderr
    assert tree(guarded) == damaged


def test_what_was_adopted_is_replaced_by_packages_of_the_same_version(guarded: Guarded) -> None:
    guarded.offer_on_conda("alpha", "1.0")
    guarded.offer_on_conda("alpha", "2.0")
    for version in ("1.0", "2.0"):
        guarded.offer("alpha", version)
        guarded.offer("beta", version, requires=["alpha", "gamma"])
    guarded.offer("gamma")
    lost = guarded.offer("lost")
    damages.real_pip(guarded, "install alpha==1.0 beta==1.0 lost")
    damages.real_pip(guarded, "uninstall -y gamma")
    shutil.rmtree(guarded.index / "lost")
    lost.unlink()
    guarded.publish(guarded.wheels.iterdir())
    damaged = tree(guarded)

    done = pipguard("doctor", "--migrate", "-p", str(guarded.prefix))

    assert done.returncode == 0, done.stdout + done.stderr
    assert found(guarded) == set()
    guarded.check()
    expected = {"alpha": "conda", "beta": "converted", "gamma": "converted", "lost": "pip"}
    status = guarded.status()
    assert {name: status[name]["origin"] for name in expected} == expected
    assert {status[name]["version"] for name in expected} == {"1.0"}
    assert guarded.environment.records()["alpha"]["requested_specs"] == ["alpha"]
    entry = guarded.ledger()[-1]
    assert (entry["installed"], entry["renewed"], entry["adopted"]) == (
        ["alpha-1.0", "beta-1.0", "gamma-1.0"],
        ["alpha-1.0", "beta-1.0"],
        ["lost-1.0"],
    )
    assert guarded.pipguard("undo", "-p", str(guarded.prefix)).returncode == 0
    assert tree(guarded) == damaged
