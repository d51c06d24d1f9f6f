"""The builders make what pip and conda take for the real thing."""

from __future__ import annotations

import json
import stat
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import builders
import pytest
from installer.sources import WheelFile

Make = Callable[..., builders.Environment]


@pytest.fixture
def made(make_environment: Make) -> builders.Environment:
    return make_environment()


def _report(made: builders.Environment, *arguments: object) -> dict[str, str]:
    """What pip would install, as name and version."""
    done = made.run("pip", "install", "--quiet", "--dry-run", "--report=-", *map(str, arguments))
    items = json.loads(done.stdout)["install"]
    return {item["metadata"]["name"]: item["metadata"]["version"] for item in items}


@pytest.mark.parametrize("tag", ["py3-none-any", "cp311-abi3-manylinux_2_17_x86_64.linux_x86_64"])
def test_a_wheel_is_valid_in_every_detail(tmp_path: Path, tag: str) -> None:
    path = builders.wheel(
        tmp_path, "My.Demo-dist", tag=tag, entry_points={"gui_scripts": ["demo = demo:main"]}
    )
    with WheelFile.open(path) as source:
        source.validate_record(validate_contents=True)
        assert "Tag: " + tag.partition(".")[0] in source.read_dist_info("WHEEL")
    assert path.name == f"My_Demo_dist-1.0-{tag}.whl"


def test_extras_and_markers_reach_pip(tmp_path: Path, made: builders.Environment) -> None:
    builders.wheel(tmp_path, "plain")
    builders.wheel(tmp_path, "other")
    builders.wheel(
        tmp_path,
        "demo",
        requires=["plain", "missing; python_version < '3'"],
        extras={"more": ["other; python_version > '3'"]},
    )
    assert set(_report(made, "-f", tmp_path, "demo")) == {"demo", "plain"}
    assert set(_report(made, "-f", tmp_path, "demo[more]")) == {"demo", "plain", "other"}


def test_an_sdist_builds_without_a_network(tmp_path: Path, made: builders.Environment) -> None:
    path = builders.sdist(tmp_path, "demo", "2.0", entry_points=["demo = demo:main"])
    made.run("pip", "install", path)
    assert made.run("demo").stdout == "demo 2.0\n"


def test_a_project_installs_editable_without_a_network(
    tmp_path: Path, made: builders.Environment
) -> None:
    tree = builders.project(tmp_path / "tree", "demo")
    made.run("pip", "install", "--editable", tree)
    (tree / "src/demo/__init__.py").write_text("print('edited')\n")
    assert made.run("python", "-c", "import demo").stdout == "edited\n"


def test_a_repository_installs_by_its_commit(tmp_path: Path, made: builders.Environment) -> None:
    repository = builders.git_project(tmp_path / "tree", "demo")
    made.run("pip", "install", repository.url)
    (recorded,) = made.site_packages.glob("demo-*.dist-info/direct_url.json")
    assert json.loads(recorded.read_text())["vcs_info"]["commit_id"] == repository.commit


def test_a_folder_is_an_index(tmp_path: Path, made: builders.Environment) -> None:
    wheels = [builders.wheel(tmp_path / "dist", "demo", version) for version in ("1.0", "2.0")]
    url = builders.simple_index(tmp_path / "simple", wheels)
    assert _report(made, "--index-url", url, "demo<2") == {"demo": "1.0"}


def test_a_server_gives_metadata_without_the_wheel_and_counts(
    tmp_path: Path, made: builders.Environment
) -> None:
    path = builders.wheel(tmp_path / "dist", "demo", requires_python=">=3")
    builders.simple_index(tmp_path / "simple", [path])
    with builders.IndexServer(tmp_path / "simple") as server:
        assert _report(made, "--index-url", server.url, "demo") == {"demo": "1.0"}
    assert server.requests == ["/demo/", f"/demo/{path.name}.metadata"]


def test_a_server_can_ask_who_is_there(tmp_path: Path, made: builders.Environment) -> None:
    builders.simple_index(tmp_path / "simple", [builders.wheel(tmp_path / "dist", "demo")])
    with builders.IndexServer(tmp_path / "simple", login=("me", "secret")) as server:
        assert _report(made, "--index-url", server.url_with_login, "demo") == {"demo": "1.0"}
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(f"{server.url}/demo/")  # noqa: S310 # a server of our own


def test_an_environment_has_the_records_and_the_history_that_conda_writes(
    make_environment: Make, tmp_path: Path
) -> None:
    builders.dist_package(tmp_path / "channel", "demo", "1.5", depends=("python >=3.8",))
    made = make_environment("env", ["demo"], tmp_path / "channel")
    record = made.records()["demo"]
    assert (record["version"], record["noarch"], record["depends"]) == (
        "1.5",
        "python",
        ["python >=3.8"],
    )
    assert record["requested_specs"] == ["demo"]
    assert made.records()["python"]["requested_specs"] == []
    modes = {stat.S_IMODE(path.stat().st_mode) for path in made.prefix.glob("conda-meta/*.json")}
    assert modes == {0o644}
    first, *_, last = (made.prefix / "conda-meta/history").read_text().splitlines()
    assert first.startswith("==> ")
    assert last == "# update specs: ['demo']"


def test_environments_of_two_tests_share_no_file_that_one_could_damage(
    tmp_path: Path, thin_channel: Path
) -> None:
    first, second = (
        builders.environment(tmp_path / name / "env", thin_channel, ["python"])
        for name in ("one test", "another")
    )
    shared = {path.stat().st_ino for path in first.files()} & {
        path.stat().st_ino for path in second.files()
    }
    assert not shared


@pytest.mark.parametrize("change", ["contents", "mode", "link", "removal", "addition"])
def test_a_snapshot_notices_every_change(make_environment: Make, change: str) -> None:
    made = make_environment("env", ["python"])
    target = made.site_packages / "README.txt"
    before = made.snapshot()
    if change == "contents":
        target.write_bytes(bytes(reversed(target.read_bytes())))
    elif change == "mode":
        target.chmod(0o600)
    elif change == "addition":
        (made.prefix / "bin/dangling").symlink_to("nowhere")
    else:
        target.unlink()
        if change == "link":
            target.symlink_to("elsewhere")
    assert made.snapshot() != before
    assert made.snapshot("*/README.txt", "bin/dangling") == {
        path: state for path, state in before.items() if not path.endswith("/README.txt")
    }
