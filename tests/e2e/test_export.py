"""What `pipguard export` says of an environment makes the same environment again."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import builders
import pytest
import rattler
from packaging.pylock import Pylock
from ruamel.yaml import YAML
from surroundings import Guarded, pipguard

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

MakeEnvironment = Callable[..., builders.Environment]


@pytest.fixture
def furnished(guarded: Guarded, tmp_path: Path) -> Guarded:
    """An environment with a dist of each origin, beside a checkout from which one is editable."""
    guarded.offer_on_conda("alpha", "1.0")
    for name in ("alpha", "beta", "gamma"):
        for version in ("1.0", "1.1"):
            guarded.offer(name, version, requires=["gamma"] if name == "beta" else [])
    builders.project(tmp_path / "work/src/delta", "delta", entry_points=["delta = delta:main"])
    repository = builders.git_project(tmp_path / "repository", "epsilon")
    guarded.installs("alpha==1.0", "beta==1.0", "gamma==1.0")
    guarded.installs("-e", str(tmp_path / "work/src/delta"), repository.url)
    builders.as_conda_writes(guarded.prefix)
    return guarded


def export(guarded: Guarded, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    done = pipguard("export", "-p", str(guarded.prefix), *map(str, arguments))
    assert done.returncode == 0, done.stderr
    return done


def dists(environment: builders.Environment) -> dict[str, str]:
    frozen = environment.run("python", "-m", "pip", "list", "--format=freeze").stdout
    return dict(line.split("==") for line in frozen.splitlines())


def environment_yml(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load(path)
    return found


def test_an_environment_file_makes_the_environment_again_through_the_guard(
    furnished: Guarded, make_environment: MakeEnvironment, tmp_path: Path
) -> None:
    """As conda does: its own part, then one call of pip beside the file."""
    output = tmp_path / "work/environment.yml"

    told = export(furnished, "-o", output)

    written = environment_yml(output)
    assert "epsilon" in told.stderr  # a repository on this machine
    assert str(furnished.prefix) not in output.read_text()
    assert set(written) == {"name", "channels", "dependencies"}
    *packages, section = written["dependencies"]
    assert [package.partition("=")[0] for package in packages] == ["alpha", "pip", "python"]
    assert "-e ./src/delta" in section["pip"]

    again = make_environment("again", ["python", "pip", "alpha ==1.0"], *written["channels"])
    assert pipguard("enable", "-p", str(again.prefix)).returncode == 0
    (tmp_path / "work/condaenv.txt").write_text("".join(f"{it}\n" for it in section["pip"]))
    line = ("-m", "pip", "install", "-U", "-r", "condaenv.txt", "--exists-action=b")
    again.run("python", *line, cwd=output.parent)

    assert dists(again) == dists(furnished.environment)
    assert furnished.in_environment(again).origins() == furnished.origins()


def test_hashes_are_told_where_pip_can_hold_all_against_theirs(
    guarded: Guarded, tmp_path: Path
) -> None:
    for name in ("beta", "gamma"):
        guarded.offer(name, requires=["gamma"] if name == "beta" else [])
    guarded.installs("beta")

    for option, hashed in (("--format=environment.yml", True), ("--no-builds", False)):
        export(guarded, option, "-o", tmp_path / "environment.yml")
        lines = environment_yml(tmp_path / "environment.yml")["dependencies"][-1]["pip"]
        assert [("--hash=sha256:" in line) for line in lines] == [hashed, hashed]


def test_only_wishes_are_told_from_history(furnished: Guarded, tmp_path: Path) -> None:
    furnished.offer("zeta", requires=["eta"])
    furnished.offer("eta")
    furnished.installs("zeta>=0.5")

    export(furnished, "--from-history", "-o", tmp_path / "environment.yml")

    *packages, section = environment_yml(tmp_path / "environment.yml")["dependencies"]
    assert [package.split(" ")[0].partition("=")[0] for package in packages] == [
        *("alpha", "pip", "python"),
    ]
    assert "zeta>=0.5" in section["pip"]
    assert not [line for line in section["pip"] if line.startswith("eta")]


def test_requirements_are_clean_lines(furnished: Guarded) -> None:
    lines = export(furnished, "--format", "requirements").stdout.splitlines()
    assert {"alpha==1.0", "beta==1.0", "gamma==1.0"} <= set(lines)
    assert not [line for line in lines if "@ file:" in line or line.startswith("pip")]


def test_an_explicit_list_makes_the_packages_again_without_a_solver(
    furnished: Guarded, tmp_path: Path
) -> None:
    text = export(furnished, "--format", "explicit").stdout

    lines = text.splitlines()
    assert "@EXPLICIT" in lines
    assert any(line.startswith("# from beta-1.0-py3-none-any.whl sha256:") for line in lines)
    addresses = [line for line in lines if line.startswith("file:")]
    assert len(addresses) == 5  # python, pip, alpha of conda; beta, gamma converted
    records = [_record(address) for address in addresses]
    again = tmp_path / "again"
    asyncio.run(rattler.install(records, again, cache_dir=tmp_path / "pkgs", show_progress=False))
    installed = dists(builders.Environment(again))
    assert {"alpha": "1.0", "beta": "1.0", "gamma": "1.0"}.items() <= installed.items()


def _record(address: str) -> rattler.RepoDataRecord:
    """What a reader of an explicit list makes of a line: name, version and build of the file."""
    url, _, digest = address.partition("#sha256:")
    name, version, build = url.rpartition("/")[2].removesuffix(".conda").rsplit("-", 2)
    package = rattler.PackageRecord(
        name=name,
        version=version,
        build=rattler.BuildString(build),
        build_number=0,
        subdir=url.split("/")[-2],
        arch=None,
        platform=None,
        noarch=rattler.NoArchType("python") if "/noarch/" in url else None,
        sha256=bytes.fromhex(digest),
    )
    return rattler.RepoDataRecord(
        package, file_name=url.rpartition("/")[2], url=url, channel="https://x.example"
    )


def test_an_address_that_others_know_stands_for_the_local_channel(furnished: Guarded) -> None:
    options = ("--format", "explicit", "--channel-url", "https://conda.example/team/")
    done = export(furnished, *options)
    assert "https://conda.example/team/noarch/beta-1.0-pypi_h" in done.stdout


def test_a_lock_is_what_pip_installs(
    furnished: Guarded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "work/pylock.toml"

    told = export(furnished, "--format", "pylock", "-o", output)

    Pylock.from_dict(tomllib.loads(output.read_text()))
    assert "delta" in told.stderr
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    monkeypatch.setenv("PIP_INDEX_URL", (tmp_path / "nowhere").as_uri())
    pip = (sys.executable, "-m", "pip", "--python", tmp_path / "venv/bin/python")
    command = [*pip, "install", "--no-require-hashes", "-r", output]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd="/")
    assert done.returncode == 0, done.stderr
    listed = subprocess.run([*pip, "list", "--format=freeze"], capture_output=True, text=True)  # noqa: PLW1510 # what is missing shows below
    expected = dists(furnished.environment)
    del expected["pip"]
    assert dict(line.split("==") for line in listed.stdout.splitlines()) == expected


def test_a_lock_names_what_no_index_has(guarded: Guarded) -> None:
    guarded.offer_on_conda("alpha", "1.0")
    guarded.offer_on_conda("omega", "3.0")
    guarded.offer("alpha", "1.0")
    guarded.offer("omega", "3.0")
    guarded.installs("alpha", "omega")
    for gone in guarded.index.glob("omega/*"):
        gone.unlink()
    # The ledger remembers where pip found it; of what conda alone brought, nothing does.
    (guarded.prefix / "conda-meta/pipguard/ledger.jsonl").unlink()

    done = pipguard("export", "-p", str(guarded.prefix), "--format", "pylock")

    assert done.returncode == 2
    assert "No index has omega==3.0" in done.stderr
    assert done.stdout == ""


def test_an_export_names_the_index_and_no_password(guarded: Guarded) -> None:
    guarded.offer("beta")
    with builders.IndexServer(guarded.index, login=("me", "secret-word")) as server:
        guarded.installs("--index-url", server.url_with_login, "beta")
        for wanted in ("environment.yml", "requirements", "explicit", "pylock"):
            done = export(guarded, "--format", wanted)
            assert "secret-word" not in done.stdout + done.stderr
            assert (f"--index-url {server.url}/" in done.stdout) is (wanted in _WITH_OPTIONS)


_WITH_OPTIONS = {"environment.yml", "requirements"}
