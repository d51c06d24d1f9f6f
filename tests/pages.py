"""What the pages of the docs take for granted: a home with an environment, packages, a project.

`lay_out` lays out what all of them share; `PAGES` has what one of them needs besides.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

import builders

GUARDED = "pipguard enable -p ~/envs/demo; conda activate ~/envs/demo"
BESIDE = Path(sys.executable).parent  # commands of the project and of its tools

PRELUDE = """
conda() {  # activate PREFIX
    export CONDA_PREFIX=$2 PATH="$2/bin:$PATH"
    for script in "$2"/etc/conda/activate.d/*.sh; do . "$script"; done
}
newest() { pipguard history --json | python -c '
import json, sys
print(json.load(sys.stdin)["operations"][-1]["id"])'; }
ipython() {  # its magic, as in IPython/core/magics/packaging.py
    python -m "$@" && echo 'Note: you may need to restart the kernel to use updated packages.'
}
exec 2>&1
"""


@dataclass(frozen=True)
class Page:
    """What was typed before a page begins, and what words of it stand for.

    Attributes:
        start: typed before the first command.
        before: typed before a command of the page, by that command.
        stands_for: words of the page, and what is typed in their place.
        prefix: where the environment is, below the home.
        pygments: versions of it on the index.
    """

    start: str = GUARDED
    before: dict[str, str] = field(default_factory=dict)
    stands_for: dict[str, str] = field(default_factory=dict)
    prefix: str = "envs/demo"
    pygments: tuple[str, ...] = ("2.21.0",)


_PLAIN = Page(start=":")
PAGES = {
    "README.md": _PLAIN,
    "docs/index.md": _PLAIN,
    "docs/getting-started.md": _PLAIN,
    "docs/how-to/base-environment.md": Page(
        "mkdir miniforge3/condabin; export CONDA_EXE=~/miniforge3/bin/conda", prefix="miniforge3"
    ),
    "docs/how-to/ci-and-docker.md": Page("echo attrs >requirements.txt"),
    "docs/how-to/local-builds.md": Page(f"{GUARDED}; cd acme-tool"),
    "docs/how-to/offline.md": Page(f"{GUARDED}; pip install rich idna iniconfig"),
    "docs/how-to/private-indexes.md": Page(
        stands_for={"https://pypi.example.org/simple/": "file://$HOME/private"}
    ),
    "docs/how-to/remove-pipguard.md": Page(
        before={"pip install attrs": f"{GUARDED}; rm -r ~/.pipguard"},
        stands_for={"PATH": "~/envs/demo"},
    ),
    "docs/how-to/repair.md": Page(f"{GUARDED}; PIPGUARD_BYPASS=1 pip install iniconfig"),
    "docs/how-to/share-packages.md": Page(
        f"{GUARDED}; pip install rich",
        stands_for={"http.server 8000": "http.server 0 & sleep 1; kill %1"},  # it never ends
    ),
    "docs/how-to/uv.md": Page(f"{GUARDED}; cd acme-tool"),
    "docs/reference/explain-and-why.md": Page(
        before={"pipguard why mdurl": "pip install rich idna"}, pygments=("2.21.0", "2.22.0")
    ),
    "docs/reference/verbs.md": Page(
        before={
            "pipguard status": f"{GUARDED}; pip install rich",
            "pipguard undo": "pip install idna; pip install iniconfig",
            "pipguard convert attrs-26.1.0-py3-none-any.whl -o packages": "cd wheels",
        },
        stands_for={"/srv/env": "~/env", " demo-bundle": " ~/demo-bundle"},
    ),
}


def lay_out(home: Path, thin_channel: Path, page: Page) -> dict[str, str]:
    """Fill a home with what the pages speak of; return the variables by which it is found."""
    channel, index = home / "srv/channel", home / "index"
    _offer(channel, index, page.pygments)
    builders.project(home / "acme-tool", "acme-tool", requires=["attrs"])
    builders.wheel(home / "wheels", "acme-tool")
    builders.wheel(home / "wheels", "attrs", "26.1.0")
    builders.simple_index(home / "private", (home / "wheels").glob("acme*"))
    (home / ".condarc").write_text(f"channels:\n  - {channel}\n  - {thin_channel}\n")
    names = ("idna", "pygments", "rich", "markdown-it-py", "mdurl", "iniconfig", "attrs")
    others = {"pytorch-cpu": ["torch"], "pyqt-impl": ["pyqt5"]}
    (home / "table.json").write_text(json.dumps({name: [name] for name in names} | others))
    builders.environment(home / page.prefix, [thin_channel.as_uri()], cache=home / "pkgs")
    (home / ".conda").mkdir()
    (home / ".conda/environments.txt").write_text(f"{home / page.prefix}\n")
    _place(home / ".pipguard/bin/pipguard", (BESIDE / "pipguard").read_text())
    _place(home / "tools/uv", f'#!/bin/sh\nexec "{BESIDE}/uv" "$@"\n')
    return {
        "PATH": f"{home}/.pipguard/bin:{home}/tools:{os.environ['PATH']}",
        "PIP_INDEX_URL": index.as_uri(),
        "PIP_ROOT_USER_ACTION": "ignore",
        "UV_DEFAULT_INDEX": index.as_uri(),
        "PIPGUARD_MAPPING_URL": (home / "table.json").as_uri(),
        "PYTHONUNBUFFERED": "1",  # a terminal shows what is said in its order
    }


def _place(command: Path, text: str) -> None:
    command.parent.mkdir(parents=True)
    command.write_text(text)
    command.chmod(0o755)


def _offer(channel: Path, index: Path, pygments: tuple[str, ...]) -> None:
    """Offer what the pages speak of, to conda and on the index."""
    wheels = index / "files"
    for name, version in {"idna": "3.20", "pygments": "2.21.0", "attrs": "26.1.0"}.items():
        builders.dist_package(channel, name, version)
        builders.wheel(wheels, name, version)
    for version in pygments:
        builders.wheel(wheels, "pygments", version)
    builders.channel(channel)
    builders.wheel(wheels, "mdurl", "0.1.2")
    builders.wheel(wheels, "markdown-it-py", "4.3.0", requires=["mdurl"])
    builders.wheel(wheels, "rich", "15.0.0", requires=["markdown-it-py", "pygments>=2.13.0,<3.0.0"])
    builders.wheel(wheels, "iniconfig", "2.3.1")
    builders.simple_index(index, wheels.iterdir())
    (index / "acme-tool").mkdir()
    (index / "acme-tool/index.html").touch()
