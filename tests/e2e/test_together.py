"""Eight people type at the same time, in one environment and in eight."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import builders
from surroundings import Guarded, pipguard

NAMES = [f"together-{letter}" for letter in "abcdefgh"]


def test_in_one_environment_they_queue_and_all_succeed(guarded: Guarded) -> None:
    for name in NAMES:
        guarded.offer(name, requires=["shared"])
    guarded.offer("shared")

    with ThreadPoolExecutor(len(NAMES)) as people:
        done = list(people.map(lambda name: guarded.pip("install", name), NAMES))

    assert [it.returncode for it in done] == [0] * len(NAMES), [it.stderr for it in done]
    guarded.check()
    origins = guarded.origins()
    assert {name: origins[name] for name in (*NAMES, "shared")} == dict.fromkeys(
        (*NAMES, "shared"), "converted"
    )
    assert [entry["state"] for entry in guarded.ledger()] == ["committed"] * len(NAMES)
    waited = [it.stderr for it in done if "waiting for another operation" in it.stderr]
    assert all("(process " in text and "(process ?)" not in text for text in waited)


def test_in_eight_environments_they_share_what_was_converted(
    guarded: Guarded, make_environment: Callable[..., builders.Environment]
) -> None:
    guarded.offer("alpha", requires=["beta"])
    guarded.offer("beta")
    each = [guarded.in_environment(make_environment(name)) for name in NAMES]
    for one in each:
        assert pipguard("enable", "-p", str(one.prefix)).returncode == 0

    with ThreadPoolExecutor(len(each)) as people:
        done = list(people.map(lambda one: one.pip("install", "alpha"), each))

    assert [it.returncode for it in done] == [0] * len(each), [it.stderr for it in done]
    for one in each:
        assert one.origins()["beta"] == "converted"
    packages = {one.environment.records()["alpha"]["sha256"] for one in each}
    assert len(packages) == 1
