"""What is named by its file, folder, address, repository or hash is that very thing."""

from __future__ import annotations

import hashlib
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path

import builders
import pytest
from surroundings import Guarded


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """The folder in which command lines are typed."""
    folder = tmp_path / "here"
    folder.mkdir()
    return folder


@pytest.fixture
def server(here: Path) -> Iterator[builders.IndexServer]:
    """What is in `here`, by HTTP."""
    with builders.IndexServer(here) as served:
        yield served


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _direct_url(guarded: Guarded, name: str) -> dict[str, object]:
    (found,) = guarded.environment.site_packages.glob(f"{name}-*/direct_url.json")
    read: dict[str, object] = json.loads(found.read_text())
    return read


@pytest.mark.parametrize(
    "typed",
    [
        "./alpha-1.0-py3-none-any.whl",
        "{url}/alpha-1.0-py3-none-any.whl",
        "{url}/alpha-1.0-py3-none-any.whl#sha256={sha256}",
        "'alpha[more] @ {url}/alpha-1.0-py3-none-any.whl'",
        "'alpha @ file://{here}/alpha-1.0-py3-none-any.whl'",
    ],
)
def test_a_wheel_by_its_file_or_address_is_never_swapped_for_condas(
    guarded: Guarded, here: Path, server: builders.IndexServer, typed: str
) -> None:
    wheel = builders.wheel(here, "alpha", extras={"more": ["beta"]})
    guarded.offer("beta")
    guarded.offer_on_conda("alpha")

    line = typed.format(url=server.url, sha256=_sha256(wheel), here=here)
    done = guarded.sh(f"pip install {line}", cwd=here)

    assert done.returncode == 0, done.stderr
    assert guarded.origins()["alpha"] == "converted"
    assert ("beta" in guarded.origins()) is ("[more]" in typed)
    assert guarded.reasons()["alpha"] == "direct-artifact"
    assert str(_direct_url(guarded, "alpha")["url"]).endswith("alpha-1.0-py3-none-any.whl")


def test_a_wrong_hash_of_an_address_is_refused_in_pips_words(
    guarded: Guarded, here: Path, server: builders.IndexServer
) -> None:
    builders.wheel(here, "alpha")

    done = guarded.pip("install", f"{server.url}/alpha-1.0-py3-none-any.whl#sha256={'0' * 64}")

    assert done.returncode == 1
    assert "THESE PACKAGES DO NOT MATCH THE HASHES" in done.stderr
    assert "alpha" not in guarded.status()


@pytest.mark.parametrize("typed", ["./zeta-1.0.tar.gz", "{url}/zeta-1.0.tar.gz"])
def test_an_archive_is_built_and_converted(
    guarded: Guarded, here: Path, server: builders.IndexServer, typed: str
) -> None:
    builders.sdist(here, "zeta", requires=["beta"])
    guarded.offer("beta")

    done = guarded.sh(f"pip install {typed.format(url=server.url)}", cwd=here)

    assert done.returncode == 0, done.stderr
    assert guarded.origins() == {"beta": "converted", "pip": "conda", "zeta": "converted"}
    guarded.check()


def test_a_subdirectory_of_an_archive_is_built(
    guarded: Guarded, here: Path, server: builders.IndexServer
) -> None:
    tree = builders.project(here / "tree/packages/zeta", "zeta")
    with tarfile.open(here / "all.tar.gz", "w:gz") as archive:
        archive.add(tree, "all/packages/zeta")

    guarded.installs(f"zeta @ {server.url}/all.tar.gz#subdirectory=packages/zeta")

    assert guarded.origins()["zeta"] == "converted"
    assert _direct_url(guarded, "zeta")["subdirectory"] == "packages/zeta"


def test_a_requirement_file_is_read_from_its_address_with_what_it_names(
    guarded: Guarded, here: Path, server: builders.IndexServer
) -> None:
    (here / "all.txt").write_text("-r more/some.txt\n-c limits.txt\nbeta\n")
    (here / "more").mkdir()
    (here / "more/some.txt").write_text("alpha\n")
    (here / "limits.txt").write_text("beta<2\n")
    for version in ("1.0", "2.0"):
        guarded.offer("beta", version)
    guarded.offer("alpha")

    guarded.installs("-r", f"{server.url}/all.txt")

    assert guarded.status()["alpha"]["origin"] == "converted"
    assert guarded.status()["beta"]["version"] == "1.0"


@pytest.mark.parametrize("option", ["--require-hashes", ""])
def test_what_is_pinned_by_its_hash_is_that_very_file(
    guarded: Guarded, here: Path, option: str
) -> None:
    wheel = guarded.offer("alpha", requires=["beta"])
    other = guarded.offer("beta")
    for name in ("alpha", "beta"):
        guarded.offer_on_conda(name)
    (here / "all.txt").write_text(
        f"alpha==1.0 --hash=sha256:{_sha256(wheel)}\n"
        f"beta==1.0 --hash=sha512:{hashlib.sha512(other.read_bytes()).hexdigest()}\n"
    )

    done = guarded.sh(f"pip install {option} -r all.txt", cwd=here)

    assert done.returncode == 0, done.stderr
    assert guarded.reasons() == {"alpha": "hash-pinned", "beta": "hash-pinned"}
    assert guarded.origins()["alpha"] == "converted"


def test_a_hash_that_is_not_the_files_is_refused_in_pips_words(
    guarded: Guarded, here: Path
) -> None:
    guarded.offer("alpha")
    (here / "all.txt").write_text(f"alpha==1.0 --hash=sha256:{'0' * 64}\n")

    done = guarded.pip("install", "-r", "all.txt", cwd=here)

    assert done.returncode == 1
    assert "THESE PACKAGES DO NOT MATCH THE HASHES" in done.stderr
    assert "alpha" not in guarded.status()


def test_a_lock_file_is_installed_as_it_is_locked(guarded: Guarded, here: Path) -> None:
    wheel = builders.wheel(here / "locked", "alpha", "1.0")
    guarded.offer("alpha", "2.0")
    guarded.offer_on_conda("alpha", "1.0")
    (here / "pylock.toml").write_text(
        'lock-version = "1.0"\ncreated-by = "a test"\n[[packages]]\nname = "alpha"\n'
        f'version = "1.0"\n[[packages.wheels]]\nname = "{wheel.name}"\nurl = "{wheel.as_uri()}"\n'
        f'[packages.wheels.hashes]\nsha256 = "{_sha256(wheel)}"\n'
    )

    done = guarded.pip("install", "-r", "pylock.toml", cwd=here)

    assert done.returncode == 0, done.stderr
    assert guarded.status()["alpha"]["version"] == "1.0"
    assert guarded.origins()["alpha"] == "converted"
    assert guarded.reasons() == {"alpha": "hash-pinned"}


def test_an_sdist_is_built_once(
    guarded: Guarded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    builders.sdist(guarded.wheels, "zeta")
    guarded.publish(guarded.wheels.iterdir())
    monkeypatch.setenv("IN_TREE_BACKEND_LOG", str(tmp_path / "built"))

    guarded.installs("zeta")

    assert (tmp_path / "built").read_text().split().count("build_wheel") == 1


@pytest.mark.parametrize("typed", [".", "./", "'.[more]'", "{here}", "'delta @ file://{here}'"])
def test_a_folder_is_built_and_converted(guarded: Guarded, here: Path, typed: str) -> None:
    builders.project(here, "delta", extras={"more": ["beta"]})
    guarded.offer("beta")
    guarded.offer_on_conda("delta")

    done = guarded.sh(f"pip install {typed.format(here=here)}", cwd=here)

    assert done.returncode == 0, done.stderr
    assert guarded.reasons()["delta"] == "local-folder"
    assert guarded.origins()["delta"] == "converted"
    assert ("beta" in guarded.origins()) is ("[more]" in typed)
    assert _direct_url(guarded, "delta") == {"dir_info": {}, "url": here.as_uri()}


@pytest.mark.parametrize("typed", ["-e .", "-e '.[more]'", "--editable={here}", "-r all.txt"])
def test_an_editable_folder_is_true_pips(guarded: Guarded, here: Path, typed: str) -> None:
    builders.project(here, "delta", requires=["beta"], extras={"more": ["gamma"]})
    (here / "all.txt").write_text("-e .\n")
    guarded.offer("beta")
    guarded.offer("gamma")

    done = guarded.sh(f"pip install {typed.format(here=here)}", cwd=here)

    assert done.returncode == 0, done.stderr
    status = guarded.status()
    assert (status["delta"]["origin"], status["delta"]["editable"]) == ("pip", True)
    assert status["beta"]["origin"] == "converted"
    assert ("gamma" in status) is ("[more]" in typed)
    guarded.check()


def test_a_repository_by_branch_and_subdirectory_is_true_pips(guarded: Guarded, here: Path) -> None:
    builders.project(here / "all/packages/epsilon", "epsilon", requires=["beta"])
    repository = builders.git_project(here / "all", "outside")
    guarded.offer("beta")

    url = f"git+{repository.path.as_uri()}@main#subdirectory=packages/epsilon"
    guarded.installs(f"epsilon @ {url}")

    assert guarded.origins()["epsilon"] == "pip"
    assert guarded.origins()["beta"] == "converted"
    assert guarded.reasons()["epsilon"] == "vcs"
    assert _direct_url(guarded, "epsilon")["subdirectory"] == "packages/epsilon"
    guarded.check()


def test_a_commit_is_itself_also_where_pip_has_kept_its_wheel(guarded: Guarded, here: Path) -> None:
    repository = builders.git_project(here / "repository", "epsilon")
    assert guarded.pip("wheel", repository.url, cwd=here).returncode == 0

    guarded.installs(repository.url)

    assert guarded.environment.records()["epsilon"]["url"].endswith(f"@{repository.commit}")
    assert _direct_url(guarded, "epsilon")["url"] == repository.path.as_uri()


def test_an_editable_repository_is_cloned_once_and_stays(guarded: Guarded, here: Path) -> None:
    repository = builders.git_project(here / "repository", "epsilon")

    url = f"git+{repository.path.as_uri()}@main#egg=epsilon"
    done = guarded.sh(f"pip install --src clones -e '{url}'", cwd=here)

    assert done.returncode == 0, done.stderr
    found = guarded.sh("python -c 'import epsilon; print(epsilon.__file__)'").stdout
    assert found.startswith(str(here / "clones/epsilon"))
    frozen = guarded.sh("pip freeze").stdout
    assert f"-e git+{repository.path.as_uri()}@{repository.commit}#egg=epsilon" in frozen
    assert guarded.status()["epsilon"]["editable"]


def test_a_build_has_what_it_needs_for_itself_and_changes_nothing_else(
    guarded: Guarded, here: Path
) -> None:
    """Also where it calls pip on its own, as some `setup.py` do."""
    for name in ("beta", "gamma"):
        guarded.offer(name)
    tree = builders.project(here / "tree", "delta")
    settings = tree / "pyproject.toml"
    settings.write_text(settings.read_text().replace("requires = []", 'requires = ["gamma"]', 1))
    backend = tree / "in_tree_backend.py"
    calls = "import subprocess, sys\nimport gamma\n" + "".join(
        f"print(subprocess.call([{command}, 'install', 'beta']), file=open({name!r}, 'w'))\n"
        for command, name in (
            ("sys.executable, '-m', 'pip'", str(here / "module")),
            (f"{str(guarded.prefix / 'libexec/pipguard/shims/pip')!r}", str(here / "shim")),
        )
    )
    backend.write_text(calls + backend.read_text())

    guarded.installs("-e", "./tree", cwd=here)

    assert guarded.origins() == {"delta": "pip", "pip": "conda"}
    assert [(here / name).read_text() for name in ("module", "shim")] == ["1\n"] * 2
    assert [entry["installed"] for entry in guarded.ledger()] == [["delta-1.0"]]


def test_force_reinstall_links_anew_what_was_altered(guarded: Guarded) -> None:
    guarded.offer("alpha")
    guarded.offer("beta")
    guarded.offer_on_conda("beta")
    guarded.installs("alpha", "beta")
    for name in ("alpha", "beta"):
        module = guarded.environment.site_packages / name / "__init__.py"
        module.unlink()
        module.write_text("altered\n")

    guarded.installs("--force-reinstall", "alpha", "beta")

    guarded.check()
