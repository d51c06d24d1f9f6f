"""One dist from conda, converted, and by true pip, each after each: one owner at every step.

And then back again, bit for bit, step by step.
"""

from __future__ import annotations

import json
from pathlib import Path

import builders
import pytest
from surroundings import Guarded

# Every ordered pair of the three, in one walk.
WALK = ["conda", "converted", "pip", "conda", "pip", "converted", "conda"]
VERSIONS = {"conda": "1.0", "converted": "2.0", "pip": "3.0"}


@pytest.mark.parametrize(("conda_name", "from_where"), [("alpha", "folder"), ("py-alpha", "vcs")])
def test_a_dist_changes_hands_in_every_order_and_back(
    guarded: Guarded, tmp_path: Path, conda_name: str, from_where: str
) -> None:
    (tmp_path / "table.json").write_text(json.dumps({conda_name: ["alpha"]}))
    contents = {
        f"site-packages/{path}": text
        for path, text in {
            "alpha/__init__.py": '__version__ = "1.0"\n',
            "alpha-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: alpha\nVersion: 1.0\n",
            "alpha-1.0.dist-info/INSTALLER": "conda\n",
        }.items()
    }
    builders.conda_package(
        guarded.channel, conda_name, files=contents, noarch="python", depends=("python",)
    )
    builders.channel(guarded.channel)
    guarded.offer("alpha", "1.0")
    guarded.offer("alpha", "2.0")
    tree = builders.git_project(tmp_path / "checkout", "alpha", "3.0").path
    by_pip = f"-e {tree}" if from_where == "folder" else f"git+{tree.as_uri()}"
    words = {"conda": "alpha==1.0", "converted": "alpha==2.0", "pip": by_pip}
    states = [guarded.tree()]

    for owner in WALK:
        guarded.installs(*words[owner].split())
        assert guarded.origins()["alpha"] == owner
        _holds(guarded, VERSIONS[owner])
        states.append(guarded.tree())

    for before in reversed(states[:-1]):
        done = guarded.pipguard("undo", "-p", str(guarded.prefix))
        assert done.returncode == 0, done.stderr
        assert guarded.tree() == before


def _holds(guarded: Guarded, version: str) -> None:
    guarded.check()
    said = guarded.sh(
        "python -c 'import alpha, importlib.metadata as m; print(m.version(\"alpha\"))'"
    )
    assert said.stdout.strip() == version, said.stderr
    assert len(list(guarded.environment.site_packages.glob("alpha-*.dist-info"))) == 1
    owners = [
        name
        for name, record in guarded.environment.records().items()
        if any("alpha-" in path for path in record["files"])
    ]
    assert len(owners) == 1
