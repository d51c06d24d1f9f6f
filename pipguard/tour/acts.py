"""The steps of the tour in their order, each with the proof that it did what it says.

Start at `perform` and `_ACTS`. Commands run in `session.py`, proofs are in `proofs.py`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipguard.errors import PipguardError, TourError
from pipguard.messages import TOUR
from pipguard.prefix import Prefix
from pipguard.terminal import Terminal
from pipguard.tour import proofs
from pipguard.tour.narrator import Flaw, Narrator, Result
from pipguard.tour.stage import Stage, Wish, set_up
from pipguard.tour.trees import differences, states

_OURS = ("conda-meta/history", "conda-meta/pipguard/*")
"""What an operation writes to remember it: no uninstall takes it back."""

_DEMO = {
    "pyproject.toml": """\
[build-system]
requires = ["flit_core>=3.4"]
build-backend = "flit_core.buildapi"

[project]
name = "demo"
version = "0.1"
description = "A project of your own"
dependencies = ["attrs"]

[project.scripts]
demo = "demo:main"
""",
    "demo.py": """\
import attr


def main():
    print("demo, with attrs", attr.__version__)
""",
}


@dataclass
class _Play:
    """What the steps share: the stage, and the files as they were at two moments.

    Attributes:
        bare: before the environment was guarded.
        guarded: after it was, before anything was installed.
        early: the dists that the environment was made with.
    """

    stage: Stage
    bare: dict[str, str] = field(default_factory=dict)
    guarded: dict[str, str] = field(default_factory=dict)
    early: frozenset[str] = frozenset()

    @property
    def prefix(self) -> Path:
        return self.stage.prefix

    def status(self) -> dict[str, Any]:
        """Ask `pipguard status --json`."""
        document: dict[str, Any] = json.loads(
            self.stage.session.ask("pipguard status --json").output
        )
        return document

    def names(self) -> frozenset[str]:
        """Name the dists that are installed."""
        return frozenset(dist.name for dist in Prefix(self.prefix).dists())


_Act = Callable[[_Play], Iterator[Flaw]]


def perform(wish: Wish, terminal: Terminal) -> int:
    """Show the main job, and return 1 if any step did not do what it says.

    Raises:
        PipguardError: the stage cannot be set up.
    """
    narrator, began = Narrator(terminal.out), time.monotonic()
    with set_up(wish, narrator) as stage:
        play = _Play(stage)
        results = [_step(name, act, play, narrator) for name, act in _ACTS.items()]
        narrator.summary(results, time.monotonic() - began)
    return int(any(result.flaws for result in results))


def _step(name: str, act: _Act, play: _Play, narrator: Narrator) -> Result:
    """Play one step; an error in it is a flaw, so that the others are seen as well."""
    narrator.tell("step", title=TOUR[f"step-{name}"])
    began = time.monotonic()
    try:
        flaws = tuple(act(play))
    except TourError:
        raise  # without a stage there is no play
    except (PipguardError, OSError, ValueError, KeyError) as error:
        flaws = (Flaw("error", found=f"{type(error).__name__}: {error}"),)
    result = Result(name, flaws, time.monotonic() - began)
    narrator.result(result)
    return result


def _create(play: _Play) -> Iterator[Flaw]:
    play.stage.create_environment()
    yield from proofs.recorded(play.prefix)
    ran = play.stage.session.run("python -c 'import sys; print(sys.version, sys.prefix)'")
    yield from proofs.ended_well(ran, str(play.prefix))


def _enable(play: _Play) -> Iterator[Flaw]:
    play.bare, play.early = states(play.prefix), play.names()
    yield from proofs.ended_well(play.stage.session.run("pipguard enable -p env"))
    play.guarded = states(play.prefix)
    yield from proofs.guarded(play.prefix)


def _activate(play: _Play) -> Iterator[Flaw]:
    run, prefix = play.stage.session.run, str(play.prefix)
    yield from proofs.ended_well(run("command -v pip"), f"{prefix}/libexec/pipguard/shims/pip")
    yield from proofs.ended_well(run("pip --version"), "pip ", f" from {prefix}/lib/")


def _install(play: _Play) -> Iterator[Flaw]:
    ran = play.stage.session.run("pip install idna rich markupsafe")
    yield from proofs.ended_well(ran, "\nSuccessfully installed ")
    routes = {"idna": "conda", "rich": "converted", "markupsafe": "converted"}
    yield from proofs.routed(play.prefix, "pip", routes)
    yield from proofs.compiled(play.prefix, "markupsafe")
    yield from _sound(play)


def _sound(play: _Play) -> Iterator[Flaw]:
    """What was installed is in conda-meta, and conda-meta and RECORD tell the truth."""
    yield from proofs.recorded(play.prefix)
    yield from proofs.listed(play.prefix)
    yield from proofs.accounted(play.prefix, play.guarded)


def _use(play: _Play) -> Iterator[Flaw]:
    run = play.stage.session.run
    yield from proofs.ended_well(run("pip check"), "No broken requirements found.")
    line = "python -c 'import idna, markupsafe, rich; print(idna.__file__)'"
    yield from proofs.ended_well(run(line), f"{play.prefix}/lib/")


def _editable(play: _Play) -> Iterator[Flaw]:
    folder, run = play.stage.folder / "demo", play.stage.session.run
    folder.mkdir()
    for name, text in _DEMO.items():
        (folder / name).write_text(text, encoding="utf-8")
    ran = run("pip install -e ./demo")
    yield from proofs.ended_well(ran, "\nSuccessfully installed ")
    yield from proofs.routed(play.prefix, "pip", {"demo": "pip", "attrs": "conda"})
    yield from _sound(play)
    yield from proofs.ended_well(run("demo"), "demo, with attrs ")


def _routed(play: _Play) -> Iterator[Flaw]:
    ran = play.stage.session.run("python -m pip install iniconfig")
    yield from proofs.ended_well(ran, "\nSuccessfully installed iniconfig-")
    yield from proofs.routed(play.prefix, "python -m pip", {})
    yield from _sound(play)


def _status(play: _Play) -> Iterator[Flaw]:
    yield from proofs.ended_well(play.stage.session.run("pipguard status"))
    converted = dict.fromkeys(("rich", "markupsafe"), "converted")
    expected = {"idna": "conda", "attrs": "conda", "demo": "pip", **converted}
    yield from proofs.origins(play.status(), expected)


def _conda_meta(play: _Play) -> Iterator[Flaw]:
    run = play.stage.session.run
    files = [f"{item.record.dist_name}.json" for item in Prefix(play.prefix).records()]
    yield from proofs.ended_well(run("ls env/conda-meta"), "history", *files)
    yield from proofs.ended_well(run("tail -n 6 env/conda-meta/history"), "pip install iniconfig")


def _uninstall(play: _Play) -> Iterator[Flaw]:
    names = " ".join(sorted(play.names() - play.early))
    ran = play.stage.session.run(f"pip uninstall -y {names}")
    yield from proofs.ended_well(ran, "Successfully uninstalled demo-")
    yield from proofs.unchanged(differences(play.guarded, states(play.prefix), *_OURS))
    yield from proofs.recorded(play.prefix)


def _disable(play: _Play) -> Iterator[Flaw]:
    run = play.stage.session.run
    yield from proofs.ended_well(run("pipguard disable -p env"))
    yield from proofs.ended_well(run("command -v pip"), f"{play.prefix}/bin/pip")
    yield from proofs.unchanged(differences(play.bare, states(play.prefix), *_OURS))


_ACTS: dict[str, _Act] = {
    "create": _create,
    "enable": _enable,
    "activate": _activate,
    "install": _install,
    "use": _use,
    "editable": _editable,
    "routed": _routed,
    "status": _status,
    "conda-meta": _conda_meta,
    "uninstall": _uninstall,
    "disable": _disable,
}
"""By the word under which `messages.TOUR` has their titles."""
