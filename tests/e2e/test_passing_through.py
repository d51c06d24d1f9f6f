"""What is no install and no uninstall reaches real pip untouched."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import builders
from surroundings import Guarded

# None of them installs or uninstalls, whatever words they hold; those at the end pip refuses.
LINES = """
pip
pip --version
pip --help
pip help install
pip install --help
pip uninstall --help
pip list
pip list --format=json
pip list --path install
pip --log install list
pip --log install
pip --python {prefix} list
pip --python {python} --version
PIP_PYTHON={python} pip --version
pip3 list
PIP_FORMAT=json pip list
python -m pip list
python -Im pip show -f beta
python -m pip --help
pip freeze
pip show beta
pip show install beta
pip check
pip inspect
pip debug
pip config list
pip cache dir
pip cache remove install
pip hash install
pip download --no-deps -d install alpha
pip wheel -q ./delta
pip index versions alpha
pip lock alpha -o -
pip completion --bash
PIP_AUTO_COMPLETE=1 COMP_WORDS="pip ins" COMP_CWORD=1 pip
pip show
pip download install
pip download --no-such-option
pip --no-such-option install
pip install --no-such-option
pip uninstall --no-such-option beta
pip install --version
pip instal alpha
pip nonsense uninstall
python -m pip nonsense
""".strip().splitlines()

_TYPED = """
rm -rf "$PIP_CACHE_DIR"
type_line() {{
    rm -rf here && cp -r seed here && cd here
    eval "$2" >../{side}/$1.out 2>../{side}/$1.err </dev/null
    echo $? >../{side}/$1.code
    find . | sort >../{side}/$1.files
    cd ..
}}
mkdir {side}
"""


def _typed(guarded: Guarded, side: str, tmp_path: Path) -> dict[str, list[bytes]]:
    """Type every line in one shell and a folder of its own; what came of each."""
    lines = [line.format(prefix=guarded.prefix, python=sys.executable) for line in LINES]
    calls = [f"type_line {number} {shlex.quote(line)}" for number, line in enumerate(lines)]
    done = guarded.sh("\n".join([_TYPED.format(side=side), *calls]), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    kinds = ("out", "err", "code", "files")
    return {
        line: [(tmp_path / side / f"{number}.{kind}").read_bytes() for kind in kinds]
        for number, line in enumerate(lines)
    }


def test_what_is_no_install_is_real_pip_byte_for_byte(guarded: Guarded, tmp_path: Path) -> None:
    """As before the environment was guarded: both streams, the code, and what is written."""
    builders.project(tmp_path / "seed/delta", "delta")
    (tmp_path / "seed/install").write_text("a file of that name")
    guarded.offer("alpha", requires=["beta"])
    guarded.offer("beta")
    guarded.installs("beta")
    assert guarded.pipguard("disable", "-p", str(guarded.prefix)).returncode == 0
    before = _typed(guarded, "before", tmp_path)
    assert guarded.pipguard("enable", "-p", str(guarded.prefix)).returncode == 0

    after = _typed(guarded, "after", tmp_path)
    # pip's configuration holds one key of ours, and hides none.
    key = f"global.python='{guarded.prefix}/libexec/pipguard/pip-python'\n".encode()
    shown = after["pip config list"][0]
    after["pip config list"][0] = shown.replace(key, b"", 1)

    assert len(before) >= 40
    assert {b"0\n", b"1\n", b"2\n"} == {code for _, _, code, _ in before.values()}
    assert {line: it for line, it in after.items() if it != before[line]} == {}


def test_a_bypassed_install_is_drift_that_status_shows(guarded: Guarded) -> None:
    guarded.offer("alpha")

    done = guarded.sh("PIPGUARD_BYPASS=1 pip install alpha")

    assert done.returncode == 0, done.stderr
    assert "pipguard" not in done.stderr
    assert guarded.origins()["alpha"] == "untracked"


def test_every_way_out_is_real_pip_and_leaves_its_line(guarded: Guarded, tmp_path: Path) -> None:
    guarded.offer("alpha")
    elsewhere, command = tmp_path / "elsewhere", Path(sys.executable).with_name("pipguard")
    nothing, prefix = "uninstall -y nothere", f"-p '{guarded.prefix}'"
    ways = {
        f"pip install --target {elsewhere}/target alpha": "pip",
        f"pip3 install --root {elsewhere}/root alpha": "pip3",
        f"python -m pip install --prefix {elsewhere}/prefix alpha": "python -m pip",
        f"PIPGUARD_BYPASS=1 pip {nothing}": "pip",
        f"PIPGUARD_BYPASS=1 python -m pip {nothing}": "python -m pip",
        f"PIPGUARD_BYPASS=1 '{command}' pip {prefix} {nothing}": "pipguard pip",
        f"CONDA_BUILD=1 pip {nothing}": "pip",
        f"PIPGUARD_MODE=warn pip {nothing}": "pip",
        f"'{command}' enable {prefix} --mode warn && pip {nothing}": "pip",
        f"'{command}' disable {prefix}": "pipguard disable",
    }

    for line in ways:
        done = guarded.sh(line)
        assert done.returncode == 0, done.stderr

    lines = [(entry["front_door"], entry["state"]) for entry in guarded.ledger()]
    assert lines == [(door, "bypassed") for door in ways.values()]
    assert guarded.ledger()[0]["argv"] == ["install", "--target", f"{elsewhere}/target", "alpha"]
    assert len([*elsewhere.rglob("alpha-1.0.dist-info")]) == 3
    assert "alpha" not in guarded.status()


def test_what_policy_leaves_to_pip_has_its_reason_in_the_ledger(guarded: Guarded) -> None:
    guarded.offer("alpha")
    (guarded.prefix / "etc/pipguard.toml").write_text("[packages]\nalpha = 'pip'\n")

    guarded.installs("alpha")

    assert guarded.reasons() == {"alpha": "policy"}
    assert guarded.origins()["alpha"] == "pip"


def test_an_install_works_beside_what_a_bypassed_pip_brought(guarded: Guarded) -> None:
    guarded.offer("alpha")
    guarded.offer("beta", requires=["alpha"])
    guarded.sh("PIPGUARD_BYPASS=1 pip install alpha")

    guarded.installs("beta")

    assert guarded.origins() == {"alpha": "untracked", "beta": "converted", "pip": "conda"}
