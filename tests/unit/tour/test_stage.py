"""What a session inherits, and what conda's side is made of when there is no channel."""

from __future__ import annotations

import dataclasses
import io
import json
import os
from pathlib import Path

import builders
import pytest

from pipguard.engine.condarc import CondaConfig, read_conda_config
from pipguard.errors import TourError
from pipguard.record_files import record_of
from pipguard.records import Origin, Record
from pipguard.sourced import Sourced
from pipguard.tour import conda_side
from pipguard.tour.narrator import Narrator
from pipguard.tour.session import Session, variables_for
from pipguard.tour.stage import conda_forge_is_in_reach

_TAKEN_OUT = {
    "BASH_ENV": "x",
    "BASH_FUNC_pip%%": "() { :; }",
    "CONDA_PREFIX": "/other",
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_TARGET": "/elsewhere",
    "PIPGUARD_BYPASS": "1",
    "PYTHONPATH": "/lib",
    "VIRTUAL_ENV": "/venv",
    "_PIP_RUNNING_IN_SUBPROCESS": "1",
}
_LEFT_IN = {"PIP_INDEX_URL": "https://example.org", "https_proxy": "http://proxy", "LANG": "C"}


def test_a_session_keeps_the_way_to_the_index_and_nothing_that_changes_the_course(
    tmp_path: Path,
) -> None:
    found = variables_for(tmp_path, {**_TAKEN_OUT, **_LEFT_IN, "PATH": "/bin"})
    assert not {*found} & {*_TAKEN_OUT}
    assert _LEFT_IN.items() <= found.items()
    assert found["PATH"] == f"{tmp_path}/bin:/bin"


def test_every_place_of_a_session_is_its_own(tmp_path: Path) -> None:
    found = variables_for(tmp_path, {})
    places = [value for name, value in found.items() if name.startswith("PIPGUARD_")]
    assert places
    assert all(Path(place).is_relative_to(tmp_path) for place in places)


@pytest.fixture
def shown() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def session(tmp_path: Path, shown: io.StringIO) -> Session:
    prefix = tmp_path / "an env"
    scripts = prefix / "etc/conda/activate.d"
    scripts.mkdir(parents=True)
    (scripts / "a.sh").write_text("ACTIVATED=yes\n")
    variables = variables_for(tmp_path, os.environ)
    return Session(prefix, tmp_path, variables, Narrator(shown))


def test_a_command_is_shown_before_what_it_writes(session: Session, shown: io.StringIO) -> None:
    ran = session.run("echo out; echo err >&2; exit 3")
    assert (ran.status, ran.output) == (3, "out\nerr\n")
    assert shown.getvalue() == "$ echo out; echo err >&2; exit 3\nout\nerr\n"


def test_a_command_runs_in_the_activated_environment(session: Session) -> None:
    told = session.ask('echo "$ACTIVATED $CONDA_PREFIX ${PATH%%:*}"; echo err >&2').output
    assert told == f"yes {session.prefix} {session.prefix}/bin\n"


def test_without_bash_a_session_says_so(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(TourError, match="bash-missing"):
        session.run("true")


def _records(channel: Path) -> dict[str, Record]:
    repodata = json.loads((channel / "noarch/repodata.json").read_text())
    return {it["name"]: record_of(it) for it in repodata["packages.conda"].values()}


def test_packages_of_the_made_channel_look_like_condas_own(tmp_path: Path) -> None:
    builders.wheel(
        tmp_path / "dist",
        "demo",
        requires=["other"],
        entry_points={"console_scripts": ["demo = demo:main"]},
    )
    variables = {**os.environ, "PIP_FIND_LINKS": str(tmp_path / "dist"), "PIP_NO_INDEX": "1"}
    conda_side.make(tmp_path, ["demo"], variables)
    record = _records(tmp_path / "channel")["demo"]
    assert record.origin is Origin.CONDA
    assert record.depends[1:] == ("other",)
    table = json.loads((tmp_path / "names.json").read_text())
    assert table == {"python": None, "pip": ["pip"], "demo": ["demo"]}


def test_a_made_channel_makes_an_environment_that_runs(tmp_path: Path) -> None:
    builders.wheel(
        tmp_path / "dist", "demo", entry_points={"console_scripts": ["demo = demo:main"]}
    )
    variables = {**os.environ, "PIP_FIND_LINKS": str(tmp_path / "dist"), "PIP_NO_INDEX": "1"}
    conda_side.make(tmp_path, ["demo"], variables)
    channel = (tmp_path / "channel").as_uri()
    made = builders.environment(tmp_path / "env", channel, ["python", "pip", "demo"])
    assert made.run("demo").stdout == "demo 1.0\n"
    assert made.run("pip", "check").returncode == 0


def test_what_pip_cannot_fetch_is_named_with_what_pip_said(tmp_path: Path) -> None:
    with pytest.raises(TourError, match="tour-wheels-not-fetched") as caught:
        conda_side.make(tmp_path, ["no-such-project"], os.environ)
    assert "no-such-project" in str(caught.value.facts["text"])


def _config(alias: str, home: Path) -> CondaConfig:
    variables = {"CONDA_CHANNEL_ALIAS": alias, "no_proxy": "127.0.0.1"}
    return read_conda_config(home / "env", variables, home, search_path=())


def test_conda_forge_is_in_reach_where_conda_would_look_for_it(tmp_path: Path) -> None:
    (tmp_path / "conda-forge/noarch").mkdir(parents=True)
    (tmp_path / "conda-forge/noarch/repodata_shards.msgpack.zst").write_bytes(b"shards")
    with builders.IndexServer(tmp_path) as server:
        assert conda_forge_is_in_reach(_config(server.url, tmp_path))
        offline = dataclasses.replace(_config(server.url, tmp_path), offline=Sourced(value=True))
        assert not conda_forge_is_in_reach(offline)
        assert not conda_forge_is_in_reach(_config(f"{server.url}/elsewhere", tmp_path))
    assert not conda_forge_is_in_reach(_config(server.url, tmp_path))
