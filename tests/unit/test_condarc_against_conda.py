"""Our reading of conda's configuration against what the real conda makes of it.

The configurations are in `tests/data/condarc/cases.toml`, conda's answers beside it.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from pipguard.engine.channels import Channel
from pipguard.engine.condarc import CondaConfig, read_conda_config
from pipguard.engine.condarc_files import SEARCH_PATH
from pipguard.errors import UsageError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_DATA = Path(__file__).parent.parent / "data/condarc"
CASES = tomllib.loads((_DATA / "cases.toml").read_text("utf-8"))["case"]
ANSWERS = json.loads((_DATA / "conda.json").read_text("utf-8"))


def _read(case: dict[str, Any], base: Path) -> CondaConfig:
    (base / "root/envs/work").mkdir(parents=True)
    (base / "home").mkdir()
    for name, text in case.get("files", {}).items():
        (base / name).parent.mkdir(parents=True, exist_ok=True)
        (base / name).write_text(text.replace("BASE", str(base)))
    chosen = {key: it.replace("BASE", str(base)) for key, it in case.get("env", {}).items()}
    environ = {"XDG_CONFIG_HOME": str(base / "xdg"), "CONDA_ROOT": str(base / "root"), **chosen}
    # What belongs to the real machine is left out of the search.
    ours = tuple(each for each in SEARCH_PATH if not each.startswith("/"))
    return read_conda_config(base / "root/envs/work", environ, base / "home", search_path=ours)


def _urls(channels: list[Channel]) -> list[list[str]]:
    """Addresses without and with credentials, in conda's spelling: a space is a space."""
    found = [[it.url for it in channels], [it.access_url for it in channels]]
    return [[url.replace("%20", " ") for url in urls] for urls in found]


def _theirs(answer: dict[str, Any], config: CondaConfig) -> dict[str, Any]:
    """What conda answers, where we say it in another way."""

    def addresses(names: list[str]) -> list[str]:
        return sorted(channel.url for name in names for channel in config.names.resolve(name))

    return answer | {
        "allowed": addresses(answer["allowed"]),
        "channels": [list(dict.fromkeys(urls)) for urls in answer["channels"]],
        "denied": addresses(answer["denied"]),
        # Where nothing is said, a request is made again once, and not three times.
        "patience": [
            answer["patience"][0],
            {3: 1}.get(answer["patience"][1], answer["patience"][1]),
        ],
        "environment_dirs": _configured(answer["environment_dirs"]),
        "verify": True if answer["verify"] == "truststore" else answer["verify"],
    }


def _ours(config: CondaConfig, texts: list[str], base: Path) -> dict[str, Any]:
    """What is read, in the words of `conda.json`."""
    network = config.network
    told = {
        "channels": _urls([it.value for it in config.channels]),
        "resolve": {text: _urls(list(config.resolve(text))) for text in texts},
        "priority": config.priority.value.value,
        "pinned": [it.value for it in config.pinned],
        "offline": config.offline.value,
        "verify": network.verify,
        "client": [network.client_certificate or None, network.client_key or None],
        "proxies": dict(network.proxies),
        "package_dirs": [str(it.value) for it in config.package_dirs],
        "environment_dirs": [str(it.value) for it in config.environment_dirs],
        "ttl": config.repodata_ttl.value,
        "patience": [network.patience, network.retries],
        "allowed": sorted(config.allowed),
        "denied": sorted(config.denied),
    }
    found: dict[str, Any] = json.loads(json.dumps(told).replace(str(base), "BASE"))
    return found | {"environment_dirs": _configured(found["environment_dirs"])}


def _configured(folders: list[str]) -> list[str]:
    """Leave out where conda looks unasked: the order of these goes by what may be written."""
    return [it for it in folders if it not in {"BASE/root/envs", "BASE/home/.conda/envs"}]


@pytest.mark.parametrize("case", CASES, ids=lambda it: it["name"])
def test_a_configuration_means_what_it_means_to_conda(
    case: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [it for it in os.environ if it.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    answer = ANSWERS[case["name"]]
    if "refused" in answer:
        with pytest.raises(UsageError):
            _read(case, tmp_path)
        return
    config = _read(case, tmp_path)
    told, theirs = _ours(config, case.get("resolve", []), tmp_path), _theirs(answer, config)
    assert told == {key: theirs[key] for key in told}


def test_every_configuration_was_shown_to_conda() -> None:
    assert {case["name"] for case in CASES} == {*ANSWERS}
