"""Real pip as the planner, the one who fetches and builds, and true pip (`seams.py`).

Each task is a conversation with a child process of `pip_process.py`.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from packaging.utils import parse_wheel_filename

from pipguard.errors import PlanError, RoutingError
from pipguard.names import PyPIName
from pipguard.pip_process import PipChild
from pipguard.plan import Candidate, Plan, Source, parse_report
from pipguard.prefix import Prefix
from pipguard.request import Told

_SATISFIED = "Requirement already satisfied:"
_FAILED = {
    "fetch": "pip-fetch-failed",
    "install": "pip-install-failed",
    "uninstall": "pip-uninstall-failed",
}


@dataclass
class PipTool:
    """pipguard's recent pip under the environment's python: `seams.Planner`, `seams.TruePip`.

    It keeps the options of the command line, so that fetching, building and installing act as
    the person asked; what it knows of indexes and links may hold credentials and stays in memory.
    A child that was started already may be given.
    """

    prefix: Prefix
    arguments: Sequence[str]
    _child: PipChild | None = None
    _told: Told | None = field(default=None, init=False, repr=False)
    _sources: Mapping[str, Any] = field(default_factory=dict, init=False, repr=False)
    _links: dict[PyPIName, str] = field(default_factory=dict, init=False, repr=False)
    _report: str = field(default="", init=False, repr=False)
    _output: str = field(default="", init=False, repr=False)

    def told(self) -> Told:
        """See `seams.Planner.told`."""
        if self._told is None:
            self._child = self._child or self._start()
            message = self._child.hear()
            message["arguments"] = tuple(message["arguments"])
            self._told = Told(**message)
        return self._told

    def plan(self) -> Plan:
        """See `seams.Planner.plan`."""
        main = self.told().configured.get("index_url")
        child, self._child = self._child, None
        if child is None:
            raise AssertionError  # one plan for one conversation
        with tempfile.TemporaryDirectory(prefix="pipguard-") as folder:
            report = Path(folder, "report.json")
            child.order({"do": "plan", "report": str(report), "main": main})
            told = child.hear()
            status = child.end()
            self._output = child.output()
            if status:
                raise PlanError("pip-failed", status=status, text=self._output)
            self._report = report.read_text(encoding="utf-8")
        self._sources = told["sources"]
        plan = parse_report(
            json.loads(self._report), told["origins"], told["limits"], self._other_indexes()
        )
        for candidate, origin in zip(plan.candidates, told["origins"], strict=False):
            self._links[candidate.name] = origin["url"] or candidate.url
        return plan

    def _other_indexes(self) -> list[str]:
        """Return the indexes pip asked but the main one, those of requirement files included.

        A configured local folder is a cache of the main index; one that was named is itself.
        """
        configured = self.told().configured
        caches = [url for url in configured.get("extra_index_urls") or () if _is_local(url)]
        usual = {configured.get("index_url"), *caches}
        return [url for url in self._sources.get("index_urls", ()) if url not in usual]

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
        words = ["uninstall", "--yes", *names]
        PipTool(self.prefix, words)._perform("uninstall", names=list(names))  # noqa: SLF001 # own class

    def _start(self) -> PipChild:
        return PipChild(self.prefix.path, self.prefix.python, self.arguments)

    def _reference(self, candidate: Candidate) -> str:
        """Name a candidate to pip by the link it was planned with, which may hold credentials."""
        return f"{candidate.name} @ {self._links.get(candidate.name, candidate.url)}"

    def _perform(self, what: str, **details: object) -> None:
        child = self._start()
        child.hear()
        child.order({"do": what, "sources": self._sources, **details})
        status = child.end()
        if status:
            raise PlanError(_FAILED[what], status=status, text=child.output())


def _is_local(url: str) -> bool:
    return url.startswith("file:")


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
