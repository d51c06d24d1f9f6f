"""`pipguard explain` and `pipguard why`: the routes before, and the reasons afterwards."""

from __future__ import annotations

import json
from typing import Any

import pytest
from surroundings import Guarded

KEYS = {
    *("name", "version", "route", "reason", "conda_name", "conda_version", "channel"),
    *("requested", "source", "asked", "required_by", "index"),
}
STORY = {"planned", "conditions", "absent", "tried"}
BROUGHT = {"was": "", "is_untracked": False}


def explained(guarded: Guarded, *words: str) -> dict[str, Any]:
    done = guarded.pipguard("explain", *words, "--json", "-p", str(guarded.prefix))
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document.pop("schema") == 1
    assert {*document} == {"routes", "beside", "left_out", "settings"}
    assert all({*route} == KEYS | STORY for route in document["routes"])
    return dict(document)


def why(guarded: Guarded, name: str) -> dict[str, Any]:
    done = guarded.pipguard("why", name, "--json", "-p", str(guarded.prefix))
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_what_is_explained_is_what_an_install_does_and_what_why_tells_afterwards(
    guarded: Guarded,
) -> None:
    guarded.offer("alpha", requires=["beta>=1", "gamma"])
    guarded.offer("beta", "1.5")
    guarded.offer("gamma")
    guarded.offer_on_conda("beta", "1.4", depends=("python", "delta"))
    guarded.offer_on_conda("delta")
    before = guarded.tree()

    document = explained(guarded, "alpha>=1")
    shown = guarded.pipguard("explain", "-p", str(guarded.prefix), "alpha>=1")
    dry = guarded.pip("install", "--dry-run", "alpha>=1")

    assert guarded.tree() == before
    _decisions_are_told(document, guarded)
    table, closing = dry.stderr.partition("\n")[2], dry.stdout
    assert shown.stdout.startswith(table)
    assert shown.stdout.endswith(closing)
    assert "\nbeta 1.4: conda has it (beta 1.4) [conda-has-it]\n" in shown.stdout

    guarded.installs("alpha>=1")

    # What was looked into for the explanation is known since.
    kept = [{key: it[key] for key in KEYS} | {"source": ""} for it in document["routes"]]
    done = guarded.ledger()[-1]["routes"]
    assert [{key: it[key] for key in KEYS} | {"source": ""} for it in done] == kept
    _why_tells_afterwards(guarded)


def _decisions_are_told(document: dict[str, Any], guarded: Guarded) -> None:
    routes = {it["name"]: it for it in document["routes"]}
    assert {name: (it["route"], it["reason"]) for name, it in routes.items()} == {
        "alpha": ("converted", "not-on-conda"),
        "beta": ("conda", "conda-has-it"),
        "gamma": ("converted", "not-on-conda"),
    }
    assert [name for name, it in routes.items() if it["requested"]] == ["alpha"]
    assert routes["beta"]["conditions"] == ">=1"
    (tried,) = routes["beta"]["tried"]
    assert (tried["conda"], tried["source"], tried["newest"]) == ("beta", "table", "1.4")
    assert (tried["fits"], tried["verified"]) == ("1.4", True)
    assert document["beside"] == [{**BROUGHT, "name": "delta", "version": "1.0"}]
    channel, *_ = document["settings"]
    assert (channel["setting"], channel["value"]) == ("channels", guarded.channel.as_uri())
    assert channel["source"].endswith("condarc")


def _why_tells_afterwards(guarded: Guarded) -> None:
    beta = why(guarded, "Beta")
    assert (beta["version"], beta["origin"], beta["route"]) == ("1.4", "conda", "conda")
    assert (beta["reason"], beta["requested"]) == ("conda-has-it", False)
    assert (beta["required_by"], beta["needed_by"]) == (["alpha"], ["alpha"])
    assert beta["operation"] == guarded.ledger()[-1]["id"]
    assert beta["command"].endswith("install alpha>=1")
    alpha = why(guarded, "alpha")
    assert (alpha["requested"], alpha["asked"]) == (True, "alpha>=1")
    delta, pip = why(guarded, "delta"), why(guarded, "pip")
    assert (delta["reason"], delta["needed_by"]) == ("brought-along", ["beta"])
    assert (pip["reason"], pip["since"]) == ("not-by-pipguard", None)
    python = why(guarded, "python")
    assert (python["reason"], "pip" in python["needed_by"]) == ("no-dist", True)
    told = guarded.pipguard("why", "alpha", "-p", str(guarded.prefix))
    assert told.stdout.startswith("alpha 1.0, converted from PyPI: not on conda\n")


def test_after_an_undo_the_reason_is_that_of_what_came_back(guarded: Guarded) -> None:
    guarded.offer("alpha", "1.0")
    guarded.installs("alpha")
    first = guarded.ledger()[-1]["id"]
    guarded.offer("alpha", "2.0")
    guarded.installs("-U", "alpha")
    upgraded = why(guarded, "alpha")
    assert (upgraded["version"], upgraded["reason"]) == ("2.0", "not-on-conda")
    assert upgraded["operation"] == guarded.ledger()[-1]["id"] != first

    assert guarded.pipguard("undo", "-p", str(guarded.prefix)).returncode == 0

    assert why(guarded, "alpha")["operation"] == first
    assert guarded.pip("uninstall", "-y", "alpha").returncode == 0
    gone = guarded.pipguard("why", "alpha", "-p", str(guarded.prefix))
    never = guarded.pipguard("why", "zeta", "-p", str(guarded.prefix))
    assert (gone.returncode, never.returncode) == (1, 1)
    assert "uninstall -y alpha" in gone.stderr
    assert "not installed" in never.stderr


def test_what_real_pip_does_and_what_cannot_be_planned_is_told(
    guarded: Guarded, monkeypatch: pytest.MonkeyPatch
) -> None:
    guarded.offer("alpha")
    before = guarded.tree()
    prefix = ("-p", str(guarded.prefix))

    elsewhere = guarded.pipguard("explain", *prefix, "--target", "/nowhere", "alpha", "--json")
    lost = guarded.pipguard("explain", *prefix, "nothere")
    refused = guarded.pipguard("explain", *prefix, "--user", "alpha")
    helped = guarded.pipguard("explain", "--help")
    monkeypatch.setenv("PIPGUARD_BYPASS", "1")
    bypassed = guarded.pipguard("explain", *prefix, "alpha")

    assert (elsewhere.returncode, json.loads(elsewhere.stdout)["routes"]) == (0, [])
    assert "installs-into-another-folder" in elsewhere.stderr
    assert (lost.returncode, refused.returncode, helped.returncode) == (1, 2, 0)
    assert "No matching distribution found for nothere" in lost.stderr
    assert "not on conda" in bypassed.stdout
    assert guarded.tree() == before
