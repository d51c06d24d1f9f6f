"""Real pip: where it is, how it plans and fetches, how it is run as it is.

`PipChild` is one conversation with `pip_child.py` in the environment's python; `PipTool` is the
planner and the true pip made of such conversations.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from packaging.utils import parse_wheel_filename

from pipguard.errors import PlanError, RoutingError
from pipguard.names import PyPIName
from pipguard.plan import Candidate, Plan, Source, parse_report
from pipguard.prefix import Prefix
from pipguard.request import Told

_SATISFIED = "Requirement already satisfied:"


def own_pip_root() -> Path:
    """Find the folder that holds pipguard's own pip, a dependency of the distribution."""
    spec = importlib.util.find_spec("pip")
    if spec is None or spec.origin is None:
        raise PlanError("own-pip-missing")
    return Path(spec.origin).parent.parent


def inner_environment(prefix: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of every pip we start.

    Routing is off in it: pip takes the private variable for the mark of its own re-execution
    (pip/_internal/cli/main_parser.py), the wrapper takes ours.
    """
    return {
        **environ,
        "_PIP_RUNNING_IN_SUBPROCESS": "1",
        "PIPGUARD_INSIDE": str(prefix),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }


class PipChild:
    """A `pip_child.py` process and the two pipes to it.

    Its standard output is collected, its standard error is ours: what pip complains about is
    seen as it happens.
    """

    def __init__(self, prefix: Prefix, arguments: Sequence[str]) -> None:
        from_child, to_parent = os.pipe()
        from_parent, to_child = os.pipe()
        script = Path(__file__).with_name("pip_child.py")
        self._process = subprocess.Popen(
            # -s: packages in the person's user site would count as installed.
            [
                *(str(prefix.python), "-s", str(script), str(own_pip_root())),
                *(str(to_parent), str(from_parent)),
                *arguments,
            ],
            stdout=subprocess.PIPE,
            pass_fds=(to_parent, from_parent),
            env=inner_environment(prefix.path, os.environ),
            encoding="utf-8",
            errors="replace",
        )
        os.close(to_parent)
        os.close(from_parent)
        self._from = os.fdopen(from_child, encoding="utf-8")
        self._to = os.fdopen(to_child, "w", encoding="utf-8")
        self._said: list[str] = []
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        output: IO[str] = self._process.stdout  # type: ignore[assignment] # PIPE was asked for
        self._said.extend(output)

    def hear(self) -> dict[str, Any]:
        """Wait for the next message.

        Raises:
            PlanError: the child has ended instead; its text has been shown.
        """
        line = self._from.readline()
        if not line:
            raise PlanError("pip-refused", status=self.end() or 1, text=self.output())
        message: dict[str, Any] = json.loads(line)
        return message

    def order(self, message: Mapping[str, Any]) -> None:
        """Give the one order."""
        self._to.write(json.dumps(message) + "\n")
        self._to.flush()

    def output(self) -> str:
        """Return what pip wrote to its standard output so far."""
        return "".join(self._said)

    def end(self) -> int:
        """Let the child finish and return its exit code; without an order it just stops."""
        self._to.close()
        self._from.close()
        status = self._process.wait()
        self._listener.join()
        return status


@dataclass
class PipTool:
    """pipguard's recent pip under the environment's python: `seams.Planner`, `seams.TruePip`.

    It keeps the options of the command line, so that fetching, building and installing act as
    the person asked; what it knows of indexes and links may hold credentials and stays in memory.
    """

    prefix: Prefix
    arguments: Sequence[str]
    _child: PipChild | None = field(default=None, init=False)
    _told: Told | None = field(default=None, init=False, repr=False)
    _sources: Mapping[str, Any] = field(default_factory=dict, init=False, repr=False)
    _links: dict[PyPIName, str] = field(default_factory=dict, init=False, repr=False)
    _report: str = field(default="", init=False, repr=False)
    _output: str = field(default="", init=False, repr=False)

    def told(self) -> Told:
        """See `seams.Planner.told`."""
        if self._told is None:
            self._child = PipChild(self.prefix, self.arguments)
            message = self._child.hear()
            message["arguments"] = tuple(message["arguments"])
            self._told = Told(**message)
        return self._told

    def plan(self) -> Plan:
        """See `seams.Planner.plan`."""
        self.told()
        child, self._child = self._child, None
        if child is None:
            raise AssertionError  # one plan for one conversation
        with tempfile.TemporaryDirectory(prefix="pipguard-") as folder:
            report = Path(folder, "report.json")
            child.order({"do": "plan", "report": str(report)})
            told = child.hear()
            status = child.end()
            self._output = child.output()
            if status:
                raise PlanError("pip-failed", status=status, text=self._output)
            self._report = report.read_text(encoding="utf-8")
        self._sources = told["sources"]
        plan = parse_report(json.loads(self._report), told["origins"])
        for candidate, origin in zip(plan.candidates, told["origins"], strict=False):
            self._links[candidate.name] = origin["url"] or candidate.url
        return plan

    def stop(self) -> None:
        """End a conversation that led to no plan."""
        child, self._child = self._child, None
        if child is not None:
            child.end()

    def report(self) -> str:
        """See `seams.Planner.report`."""
        return self._report

    def satisfied(self) -> tuple[str, ...]:
        """See `seams.Planner.satisfied`."""
        lines = self._output.splitlines()
        return tuple(line for line in lines if line.startswith(_SATISFIED))

    def fetch(self, candidates: Sequence[Candidate], folder: Path) -> dict[PyPIName, Path]:
        """See `seams.Planner.fetch`.

        URLs of the report are never fetched, for pip takes credentials out of them; the name,
        the version and the hash find the same artifact again, mostly in pip's cache.
        """
        pinned = [item for item in candidates if item.source is Source.INDEX]
        for number, lines in enumerate(_groups(pinned)):
            requirements = folder / f"pinned-{number}.txt"
            requirements.write_text("\n".join(lines) + "\n", encoding="utf-8")
            self._perform("fetch", folder=str(folder), requirements=[str(requirements)])
        direct = [item for item in candidates if item.source is not Source.INDEX]
        if direct:
            references = [self._reference(candidate) for candidate in direct]
            self._perform("fetch", folder=str(folder), direct=references)
        wheels = _by_name(folder)
        return {candidate.name: _wheel_of(candidate, wheels) for candidate in candidates}

    def install(self, candidate: Candidate) -> None:
        """See `seams.TruePip.install`."""
        if candidate.source is Source.EDITABLE:
            path = url2pathname(urlsplit(candidate.url).path)
            self._perform("install", editables=[path])
        else:
            self._perform("install", direct=[self._reference(candidate)])

    def uninstall(self, names: Sequence[PyPIName]) -> None:
        """See `seams.TruePip.uninstall`."""
        PipTool(self.prefix, ["uninstall", "--yes", *names])._perform("uninstall", names=list(names))

    def _reference(self, candidate: Candidate) -> str:
        """Name a candidate to pip by the link it was planned with, which may hold credentials."""
        return f"{candidate.name} @ {self._links.get(candidate.name, candidate.url)}"

    def _perform(self, what: str, **details: object) -> None:
        child = PipChild(self.prefix, self.arguments)
        child.hear()
        child.order({"do": what, "sources": self._sources, **details})
        status = child.end()
        if status:
            raise PlanError(f"pip-{what}-failed", status=status, text=child.output())


def _groups(candidates: Sequence[Candidate]) -> Iterator[list[str]]:
    """Write pinned requirement lines; pip wants a hash for each of a run or for none."""
    for hashed in (True, False):
        group = [_pin(item) for item in candidates if bool(item.sha256) is hashed]
        if group:
            yield group


def _pin(candidate: Candidate) -> str:
    pin = f"{candidate.name}=={candidate.version}"
    return f"{pin} --hash=sha256:{candidate.sha256}" if candidate.sha256 else pin


def _by_name(folder: Path) -> dict[str, Path]:
    return {parse_wheel_filename(wheel.name)[0]: wheel for wheel in folder.glob("*.whl")}


def _wheel_of(candidate: Candidate, wheels: Mapping[str, Path]) -> Path:
    if candidate.name not in wheels:
        raise RoutingError("wheel-not-fetched", name=candidate.name, version=candidate.version)
    return wheels[candidate.name]
