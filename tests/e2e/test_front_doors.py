"""Every way to reach pip leads to one result, in every shell that is here."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import builders
import pytest
from surroundings import Guarded

SHELLS = [shell for shell in ("bash", "zsh", "dash") if shutil.which(shell)]

# What IPython makes of `%pip install alpha`: a command line for a shell.
_MAGIC = "import subprocess, sys; subprocess.check_call(sys.executable + ' -m pip {}', shell=True)"
_ASLEEP = "unset CONDA_PREFIX; PATH=/usr/bin:/bin;"

# What is typed, and the front door that the ledger knows it by.
DOORS = {
    "pip install alpha": "pip",
    "pip3 install alpha": "pip3",
    f"pip3.{sys.version_info.minor} install alpha": f"pip3.{sys.version_info.minor}",
    "python -m pip install alpha": "python -m pip",
    "python -Im pip install alpha": "python -m pip",
    f"python -c {shlex.quote(_MAGIC.format('install alpha'))}": "python -m pip",
    # without activation: cron, Docker's ENV PATH, IDEs
    f"{_ASLEEP} {{prefix}}/bin/pip install alpha": "python -m pip",
    f"{_ASLEEP} {{prefix}}/bin/python -m pip install alpha": "python -m pip",
    # the `pip:` section of an environment.yml, by conda and by mamba
    f"{_ASLEEP} {{prefix}}/bin/python -m pip install -U -r all.txt --exists-action=b": (
        "python -m pip"
    ),
    "{prefix}/bin/python -m pip install -r all.txt --no-input --quiet": "python -m pip",
    f"{_ASLEEP} {{pipguard}} pip -p {{prefix}} install alpha": "pipguard pip",
    "UV_DEFAULT_INDEX=$PIP_INDEX_URL PATH=$PATH:{tools} uv pip install alpha": "uv pip",
}


def test_every_door_leads_to_one_result(guarded: Guarded, tmp_path: Path) -> None:
    guarded.offer("alpha", requires=["beta", "gamma"], entry_points=["alpha = alpha:main"])
    guarded.offer("beta")
    guarded.offer("gamma")
    guarded.offer_on_conda("beta")
    (tmp_path / "all.txt").write_text("alpha\n")
    pipguard, results, doors = Path(sys.executable).with_name("pipguard"), {}, []
    places = {"prefix": guarded.prefix, "pipguard": pipguard, "tools": pipguard.parent}
    for line in DOORS:
        with guarded.put_back():
            done = guarded.sh(line.format(**places), cwd=tmp_path)
            doors.append(guarded.ledger()[-1]["front_door"])
            results[line] = guarded.tree()

        assert done.returncode == 0, f"{line}\n{done.stderr}"
        last = "" if "--quiet" in line else "Successfully installed alpha-1.0 beta-1.0 gamma-1.0\n"
        assert done.stdout == last, line

    assert doors == [*DOORS.values()]
    one = results["pip install alpha"]
    assert {line: it for line, it in results.items() if it != one} == {}


@pytest.mark.parametrize("shell", SHELLS)
def test_plain_pip_is_guarded_in_every_shell(guarded: Guarded, shell: str) -> None:
    guarded.offer("alpha")

    done = guarded.sh("command -v pip && pip install alpha", shell=shell)

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == f"{guarded.prefix}/libexec/pipguard/shims/pip"
    assert guarded.origins()["alpha"] == "converted"


@pytest.mark.network
def test_the_magic_of_a_real_ipython_is_routed(
    guarded: Guarded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guarded.offer("alpha")
    folder = tmp_path / "ipython"
    fetched = [sys.executable, "-m", "pip", "install", "-q", "--target", str(folder), "ipython"]
    subprocess.run(fetched, check=True)
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_INDEX_URL", guarded.index.as_uri())
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "profile"))
    code = (
        f"import sys; sys.path.insert(0, {str(folder)!r})\n"
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "InteractiveShell.instance().run_line_magic('pip', 'install alpha')\n"
    )

    done = guarded.environment.run("python", "-c", code)

    assert "Successfully installed alpha-1.0" in done.stdout
    assert guarded.origins()["alpha"] == "converted"
    assert guarded.ledger()[-1]["front_door"] == "python -m pip"


def test_an_environment_without_pip_never_reaches_the_systems_pip(
    guarded: Guarded, make_environment: Callable[..., builders.Environment], tmp_path: Path
) -> None:
    guarded.offer("alpha")
    bare = make_environment("bare", specs=("python",))
    assert guarded.pipguard("enable", "-p", str(bare.prefix)).returncode == 0
    system = tmp_path / "system"
    system.mkdir()
    (system / "pip").write_text("#!/bin/sh\necho the pip of the system\n")
    (system / "pip").chmod(0o755)

    inside = guarded.in_environment(bare)
    installed = inside.sh(f'PATH="$PATH:{system}"; pip install alpha')
    listed = inside.sh(f'PATH="$PATH:{system}"; pip list')

    assert installed.returncode == 0, installed.stderr
    assert "system" not in installed.stdout + listed.stdout
    assert "alpha" in listed.stdout
    assert "alpha" in builders.Environment(bare.prefix).records()


def test_a_venv_on_top_is_left_alone(guarded: Guarded, tmp_path: Path) -> None:
    guarded.offer("alpha")

    done = guarded.sh(
        f"python -m venv {tmp_path}/venv && . {tmp_path}/venv/bin/activate && pip install alpha"
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert list((tmp_path / "venv").glob("lib/python3*/site-packages/alpha"))
    assert "alpha" not in guarded.status()
