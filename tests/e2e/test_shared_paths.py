"""Packages from PyPI that bring the same path: one owner is seen, and no copy is lost."""

from __future__ import annotations

import json

import pytest
from surroundings import Guarded


def seen(guarded: Guarded) -> str:
    return guarded.sh("python -c 'import shared; print(shared.x)'").stdout.strip()


@pytest.mark.parametrize("same", [True, False], ids=["same bytes", "other bytes"])
@pytest.mark.parametrize("line", ["alpha beta", "alpha; beta"])
def test_the_first_is_seen_until_it_goes(guarded: Guarded, line: str, same: bool) -> None:  # noqa: FBT001
    for name in ("alpha", "beta"):
        text = "x = 'both'\n" if same else f"x = '{name}'\n"
        guarded.offer(name, files={f"{name}/__init__.py": "", "shared/__init__.py": text})
    states, told = [guarded.tree()], ""
    for words in line.split("; "):
        done = guarded.pip("install", *words.split())
        assert done.returncode == 0, done.stderr
        told = done.stderr
        states.append(guarded.tree())
        guarded.check()

    assert seen(guarded) == ("both" if same else "alpha")
    if (line, same) == ("alpha beta", False):
        done = guarded.pipguard("doctor", "--json", "-p", str(guarded.prefix))
        (finding,) = json.loads(done.stdout)["findings"]
        assert (finding["kind"], finding["name"], done.returncode) == ("shared", "alpha", 0)
    assert ("different files of the same name" in told) is not same
    assert ("alpha, beta" in told or "alpha beta" in line) or same

    assert guarded.pip("uninstall", "-y", "alpha").returncode == 0
    assert seen(guarded) == ("both" if same else "beta")
    guarded.check()
    for before in reversed(states):
        done = guarded.pipguard("undo", "-p", str(guarded.prefix))
        assert done.returncode == 0, done.stderr
        assert guarded.tree() == before
