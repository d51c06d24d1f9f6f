"""Operations that are disturbed: real packages, a real engine, and a process that ends at step N.

A step is one change to a disk: each method of `Files`, each file written atomically, the engine's
linking. `Disturber` counts them in a process of its own and lets one of them fail, or the process
die of SIGKILL before it.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import builders
from fakes import FakeReporter, FakeTruePip
from forking import in_child

from pipguard import atomic, conda_meta
from pipguard.change import Change
from pipguard.changes import files as files_module
from pipguard.changes.open_operation import Command
from pipguard.changes.undoing import Undoing
from pipguard.engine.channels import Channel
from pipguard.engine.rattler import RattlerEngine
from pipguard.errors import EngineError, PipguardError
from pipguard.names import CondaName
from pipguard.prefix import Prefix
from pipguard.records import Record
from pipguard.tour.packages import File, Link
from pipguard.tour.trees import differences
from pipguard.transaction import Transaction

_STEPS = [
    "link",
    "copy",
    "symlink",
    "write",
    "rename",
    "delete",
    "make_folder",
    "delete_folder",
    "sync",
    "clear",
    "clear_empty",
]


@dataclass
class Workbench:
    """An environment; a channel with two versions of `alpha`, which needs `beta`, and `gamma`."""

    folder: Path
    thin_channel: Path
    _records: dict[tuple[str, str], Record] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.channel = self.folder / "channel"
        for version in ("1.0", "2.0"):
            self._offer("alpha", version, ("python", "beta"))
            self._offer("gamma", version, ("python",))
        self._offer("beta", "1.0", ("python",))
        self.url = builders.channel(self.channel)
        sources = [self.url, self.thin_channel.as_uri()]
        target, cache = self.folder / "env", self.folder / "cache/pkgs"
        assert in_child(partial(builders.environment, target, sources, ("python",), cache)) == 0
        self.prefix = Prefix(self.folder / "env")

    def _offer(self, name: str, version: str, depends: tuple[str, ...]) -> None:
        files: dict[str, Any] = {
            f"site-packages/{name}/part{number}.py": f"VERSION = '{version}'\n"
            for number in range(4)
        }
        files[f"site-packages/{name}/only_{version[0]}.py"] = ""
        files[f"site-packages/{name}/newest.py"] = Link(f"only_{version[0]}.py")
        files[f"site-packages/shared/{name}.py"] = ""
        files[f"python-scripts/{name}-script"] = File(
            b"#!/placeholder/of/the/package/bin/python\nprint()\n",
            executable=True,
            placeholder="/placeholder/of/the/package",
        )
        builders.dist_package(
            self.channel,
            name,
            version,
            files,
            depends=depends,
            entry_points=(f"{name} = {name}:main",),
        )

    def engine(self) -> RattlerEngine:
        channels = [Channel(url, url, url) for url in (self.url, self.thin_channel.as_uri())]
        return RattlerEngine(self.prefix, channels, self.folder / "cache")

    def change(self, *wanted: tuple[str, str]) -> Callable[[], None]:
        """An operation after which the environment holds python and these packages."""
        return self.changes(wanted)

    def changes(self, *stages: tuple[tuple[str, str], ...]) -> Callable[[], None]:
        """One operation of several changes, each planned when the one before is in place."""
        return partial(self._change, stages)

    def _change(self, stages: tuple[tuple[tuple[str, str], ...], ...]) -> None:
        engine = self.engine()
        transaction = self.transaction(engine)
        with transaction.begin(), transaction.together() as journal:
            for wanted in stages:
                journal.commit(self._planned(engine, wanted))

    def _planned(self, engine: RattlerEngine, wanted: tuple[tuple[str, str], ...]) -> Change:
        shelves = engine.shelves([CondaName(name) for name, _ in wanted])
        records = {
            (record.name, record.version): record
            for shelf in shelves.values()
            for record in shelf.records
        }
        before = self.prefix.records()
        python = [item.record for item in before if item.record.name == "python"]
        new = [records[CondaName(name), version] for name, version in wanted]
        engine.fetch(new)
        requested = {CondaName(name): name for name, _ in wanted}
        return Change(records=(*python, *new), before=before, requested=requested)

    def undo(self, chosen: str | None = None, *, with_later: bool = False) -> None:
        undoing = Undoing(self.prefix, ("undo",))
        for past in undoing.chosen(chosen, with_later=with_later):
            undoing.undo(past)

    def recovery(self) -> None:
        """What the next command does first."""
        with self.transaction(self.engine()).begin():
            pass

    def transaction(self, engine: RattlerEngine) -> Transaction:
        command = Command("pip", ("install", "alpha"))
        return Transaction(self.prefix, lambda: engine, FakeTruePip(), command, FakeReporter())

    def state(self) -> Mapping[str, str]:
        """Every file with mode and hash, the date lines of history aside."""
        found = builders.Environment(self.prefix.path).snapshot()
        history = self.prefix.conda_meta / "history"
        if history.exists():
            lines = history.read_text().splitlines()
            kept = [line for line in lines if not line.startswith(("==>", "# cmd"))]
            found["conda-meta/history"] = "\n".join(kept)
        return {
            path: state
            for path, state in found.items()
            if not path.endswith(".pyc") and not path.startswith("conda-meta/pipguard/")
        }

    def everything(self) -> frozenset[str]:
        """Every file and link below the prefix."""
        return frozenset(builders.Environment(self.prefix.path).snapshot())

    def forget_channels_and_cache(self) -> None:
        """Take away everything outside the environment that it was made from."""
        for folder in (self.channel, self.folder / "cache"):
            shutil.rmtree(folder)

    def leftovers(self) -> list[str]:
        """What no operation may leave: open journals, temporary files, staging."""
        return sorted(
            str(path.relative_to(self.prefix.path))
            for pattern in ("**/*.open", "**/*.preparing", "**/.pipguard-new-*", "**/staging")
            for path in self.prefix.path.glob(pattern)
        ) + sorted(str(path) for path in self.prefix.conda_meta.glob("prefix_record_*"))

    def bytecode_without_source(self) -> list[Path]:
        """Compiled files whose source has gone."""
        return [
            path
            for path in self.prefix.path.rglob("__pycache__/*.pyc")
            if not (path.parent.parent / f"{path.name.split('.')[0]}.py").exists()
        ]


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def interrupt() -> None:
    """What Ctrl-C does, at once."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.raise_signal(signal.SIGINT)


def fail(number: int) -> None:
    """What a disk does."""
    raise OSError(number, os.strerror(number))


class Disturber:
    """Counts steps and does something before one of them, at a moment, or while the engine links.

    Attributes:
        at: the step; 0 for none.
        act: what it does.
        lasting: whether it goes on with every later step, as a full disk does.
        linking: seconds after the engine has begun to link, until the process dies.
        moment: seconds after the beginning, until it dies.
    """

    def __init__(
        self,
        at: int = 0,
        act: Callable[[], None] = die,
        *,
        lasting: bool = False,
        linking: float | None = None,
        moment: float | None = None,
    ) -> None:
        self.at, self.act, self.lasting = at, act, lasting
        self.linking, self.moment, self.count = linking, moment, 0

    MISSED = 4

    def was_there(self) -> None:
        """End the process with another code where there are not so many steps."""
        if self.count < self.at:
            os._exit(self.MISSED)

    def step(self) -> None:
        self.count += 1
        if self.count == self.at or (self.lasting and self.count > self.at > 0):
            self.act()

    def arm(self) -> None:
        """Put steps into everything that changes a disk; for a process that will not live."""
        # Those that clear up cannot fail: what they cannot delete they leave.
        steps = [it for it in _STEPS if self.act is die or not it.startswith("clear")]
        for name in steps:
            _before(files_module.Files, name, self.step)
        for module in (conda_meta, atomic):
            _before(module, "write_atomically", self.step)
        _before(RattlerEngine, "apply", self._apply)
        _die_after(self.moment)

    def _apply(self) -> None:
        self.step()
        _die_after(self.linking)


def _die_after(seconds: float | None) -> None:
    def later() -> None:
        time.sleep(seconds or 0)
        die()

    if seconds is not None:
        threading.Thread(target=later, daemon=True).start()


class EngineFailure:
    """Lets the engine fail before, half-way through, or after its work."""

    def __init__(self, when: str) -> None:
        self.when = when

    def arm(self) -> None:
        real = RattlerEngine.apply

        def apply(engine: RattlerEngine, records: Any, *others: Any) -> None:
            unlinked = [it for it in records if it.name != "alpha"]
            if self.when != "before":
                real(engine, unlinked if self.when == "half-way" else records, *others)
            raise EngineError("link-failed", text="it was told to")

        RattlerEngine.apply = apply  # type: ignore[method-assign]


REFUSED = 3


def attempt(operate: Callable[[], object]) -> None:
    """Do something that may fail with an error of ours, told by the exit code `REFUSED`."""
    try:
        operate()
    except (PipguardError, KeyboardInterrupt):
        os._exit(REFUSED)


def _before(owner: Any, name: str, step: Callable[[], None]) -> None:
    real = getattr(owner, name)

    def stepping(*arguments: Any, **options: Any) -> Any:
        step()
        return real(*arguments, **options)

    setattr(owner, name, stepping)


@contextmanager
def saved(prefix: Path) -> Iterator[Callable[[], None]]:
    """Keep a copy of an environment; what is yielded puts it back."""
    folder = Path(tempfile.mkdtemp(dir=prefix.parent))
    copy = folder / prefix.name
    _copy(prefix, copy)
    yield lambda: _copy(copy, prefix)
    _remove([folder])


def _copy(source: Path, target: Path) -> None:
    _remove([target])
    subprocess.run(["cp", "-a", str(source), str(target)], check=True)


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        shutil.rmtree(path, ignore_errors=True)


def killed_before_steps(
    bench: Workbench,
    operate: Callable[[], object],
    done: Callable[[], None] = lambda: None,
    *,
    stride: int = 1,
) -> int:
    """Kill an operation before its steps; what the next command leaves is the old or the new state.

    Returns how many kills there were; `done` looks at what the operation does undisturbed.
    """
    kills = 0
    with saved(bench.prefix.path) as put_back:
        before = bench.state()
        assert in_child(operate) == 0
        after = bench.state()
        assert before != after
        done()
        for at in range(1, 10_000, stride):
            put_back()
            if in_child(Disturber(at).arm, operate) == 0:
                break
            kills += 1
            assert in_child(bench.recovery) == 0
            mixed = [differences(one, bench.state()) for one in (before, after)]
            assert () in mixed, f"killed before step {at}: {mixed}"
            assert not bench.leftovers()
            assert not bench.bytecode_without_source()
    return kills
