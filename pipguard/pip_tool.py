"""Real pip as the planner, the one who fetches and builds, and true pip (`seams.py`).

All of it is one conversation with a child process of `pip_process.py`.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from packaging.utils import parse_wheel_filename

from pipguard import pip_options
from pipguard.errors import PlanError, RoutingError
from pipguard.names import PyPIName, pypi_name
from pipguard.pip_process import PipChild, Steps
from pipguard.plan import Candidate, Plan, Source, parse_report
from pipguard.prefix import Prefix
from pipguard.provenance import PYPI, Places, places
from pipguard.request import Told
from pipguard.seams import Reporter

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
    A child that was started already may be given, steps to take while it is at work, and a
    `reporter`, which hears how far it has come.
    """

    prefix: Prefix
    arguments: Sequence[str]
    _child: PipChild | None = None
    while_starting: Steps = field(default=(), kw_only=True)
    while_planning: Steps = field(default=(), kw_only=True)
    while_fetching: Steps = field(default=(), kw_only=True)
    reporter: Reporter = field(default_factory=Reporter, kw_only=True)
    _told: Told | None = field(default=None, init=False, repr=False)
    _python: tuple[int, int] | None = field(default=None, init=False, repr=False)
    _sources: Mapping[str, Any] = field(default_factory=dict, init=False, repr=False)
    _links: dict[PyPIName, str] = field(default_factory=dict, init=False, repr=False)
    _built: dict[PyPIName, Path] = field(default_factory=dict, init=False, repr=False)
    _left: tempfile.TemporaryDirectory[str] | None = field(default=None, init=False, repr=False)
    _is_stranger: bool = field(default=False, init=False, repr=False)
    _report: str = field(default="", init=False, repr=False)
    _output: str = field(default="", init=False, repr=False)

    def told(self) -> Told:
        """See `seams.Planner.told`."""
        if self._told is None:
            self._told = self._understood(self._listening().hear(self.while_starting))
        return self._told

    def _listening(self) -> PipChild:
        """Return the child, started if there is none yet."""
        if self._child is None:
            self._child = PipChild(self.prefix.path, self.prefix.python, self.arguments)
        self._python = self._python or self._identity()
        return self._child

    def _identity(self) -> tuple[int, int]:
        """Tell one interpreter from the one that the engine may have linked in its place."""
        status = self.prefix.python.stat()
        return status.st_ino, status.st_mtime_ns

    def _understood(self, message: Mapping[str, Any]) -> Told:
        if not message:  # the help of pip, for instance: real pip shall show it
            return Told(command="", options={}, configured={}, arguments=())
        self.prefix.learn(message["target"])
        self._is_stranger = "stranger" in message
        if self._is_stranger:
            return pip_options.read(self.arguments, os.environ)
        return Told(
            command=message["command"],
            options=message["options"],
            configured=message["configured"],
            arguments=tuple(message["arguments"]),
            configured_by=message["configured_by"],
        )

    def _waiting(self) -> PipChild:
        """Return a child that waits for an order: the one there is, if it is the right python's."""
        self.told()
        if self._child and self._python != self._identity():
            self._end()
        if self._child is None:
            self._listening().hear()
        return self._listening()

    def plan(self) -> Plan:
        """See `seams.Planner.plan`."""
        told = self.told()
        child = self._waiting()
        if told.options.get("verbose"):
            child.show(sys.stderr)
        report = Path(self._folder(), "report.json")
        child.heed = lambda counts: self.reporter.seen(counts["seen"])
        child.order(self._planning(report))
        watched = child.answer(self.while_planning)
        child.show(None)
        self._output = child.output()
        if self._is_stranger:
            self._end()
        if watched["status"]:
            raise PlanError("pip-failed", status=watched["status"], text=self._output)
        self._report = report.read_text(encoding="utf-8")
        _keep_report(self._report, told.options.get("json_report_file"))
        return self._parsed(watched)

    def _planning(self, report: Path) -> Mapping[str, Any]:
        """Make the order to plan, and to tell what the report does not."""
        if self._is_stranger:
            words = pip_options.planning(self.arguments, str(report))
            return {"do": "run", "arguments": words}
        built, cache = str(report.parent), self._cache()
        order = {"do": "plan", "report": str(report), "built": built, "cache": cache}
        return {**order, "progress": self.reporter.moves}

    def _parsed(self, watched: Mapping[str, Any]) -> Plan:
        self._sources = watched.get("sources", {})
        plan = parse_report(json.loads(self._report), watched, self._places())
        for candidate, origin in zip(plan.candidates, watched.get("origins", ()), strict=False):
            self._links[candidate.name] = origin["url"] or candidate.url
            if origin["built"]:
                self._built[candidate.name] = Path(origin["built"])
        return plan

    def _folder(self) -> str:
        """Make the folder of what planning leaves, which `stop` removes."""
        self._left = self._left or tempfile.TemporaryDirectory(prefix="pipguard-")
        return self._left.name

    def _cache(self) -> str:
        """Name the cache that stands in for pip's where that is switched off, as in Docker."""
        return str(Path(self._folder(), "cache"))

    def _places(self) -> Places:
        """Tell the configured indexes and folders from those of the command line and its files."""
        told, sources = self.told(), self._sources
        configured = told.configured.get
        folders = map(_address, configured("find_links") or ())
        return places(
            configured=[*(configured("extra_index_urls") or ()), *folders],
            main=configured("index_url") or PYPI,
            asked=[*sources.get("index_urls", ()), *map(_address, sources.get("find_links", ()))],
            no_index=told.typed("no_index"),
        )

    def stop(self) -> None:
        """End the conversation, and clear up what it left."""
        self._end()
        if self._left is not None:
            self._left.cleanup()
            self._left = None

    def _end(self) -> None:
        child, self._child, self._python = self._child, None, None
        if child is not None:
            child.stop()

    def report(self) -> str:
        """See `seams.Planner.report`."""
        return self._report

    def satisfied(self) -> tuple[str, ...]:
        """See `seams.Planner.satisfied`."""
        lines = self._output.splitlines()
        return tuple(line for line in lines if line.startswith(_SATISFIED))

    def fetch(self, candidates: Sequence[Candidate], folder: Path) -> dict[PyPIName, Path]:
        """See `seams.Planner.fetch`.

        URLs of the report are never fetched, for pip takes credentials out of them, but the links
        behind them, with the hash of the plan. What planning had to build is not built again.
        """
        missing = [item for item in candidates if item.name not in self._built]
        if missing:
            references = [self._reference(candidate) for candidate in missing]
            self._perform("fetch", folder=str(folder), direct=references, cache=self._cache())
        wheels = {**self._built, **_by_name(folder)}
        return {candidate.name: _wheel_of(candidate, wheels) for candidate in candidates}

    def install(self, candidate: Candidate, folder: Path) -> None:
        """See `seams.TruePip.install`."""
        if candidate.source is Source.EDITABLE:
            from urllib.request import url2pathname  # noqa: PLC0415 # with all of TLS behind it

            path = url2pathname(urlsplit(candidate.url).path)
            self._perform("install", into=str(folder), editables=[path])
        else:
            self._perform("install", into=str(folder), direct=[self._reference(candidate)])

    def uninstall(self, names: Sequence[PyPIName]) -> None:
        """See `seams.TruePip.uninstall`."""
        self._perform("uninstall", names=list(names))

    def _reference(self, candidate: Candidate) -> str:
        """Name a candidate to pip by the link it was planned with, which may hold credentials."""
        url = self._links.get(candidate.name)
        if url is None and candidate.source is Source.INDEX:
            return f"{candidate.name}=={candidate.version}"
        return f"{candidate.name} @ {_hashed(url or candidate.url, candidate.sha256)}"

    def _perform(self, what: str, **details: Any) -> None:
        child = self._waiting()
        if self._is_stranger:
            child.order({"do": "run", "arguments": self._words(what, details)})
        else:
            child.heed = lambda counts: self.reporter.fetched(counts["bytes"])
            watched = {"progress": self.reporter.moves}
            child.order({"do": what, "sources": self._sources, **watched, **details})
        status = child.answer(self.while_fetching if what == "fetch" else ())["status"]
        text = child.output()
        if self._is_stranger:
            self._end()
        if status:
            raise PlanError(_FAILED[what], status=status, text=text)

    def _words(self, what: str, details: Mapping[str, Any]) -> list[str]:
        """Write an order as a command line, for a pip that understands nothing else."""
        direct = details.get("direct", [])
        if what == "fetch":
            return pip_options.fetching(self.arguments, details["folder"], direct)
        if what == "uninstall":
            return pip_options.uninstalling(details["names"])
        editables = [word for path in details.get("editables", []) for word in ("--editable", path)]
        return pip_options.installing(self.arguments, details["into"], [*editables, *direct])


def _keep_report(report: str, target: str | None) -> None:
    """Write pip's report where it is wanted, before anything is changed, as pip does.

    Raises:
        PlanError: it cannot be written there.
    """
    if not target or target == "-":
        return
    try:
        Path(target).write_text(report, encoding="utf-8")
    except OSError as error:
        raise PlanError("report-unwritable", path=target, error=error) from error


def _hashed(url: str, sha256: str | None) -> str:
    """Let pip hold what it downloads against the plan's hash."""
    fragment = url.partition("#")[2]
    if not sha256 or "sha256=" in fragment:
        return url
    return f"{url}{'&' if fragment else '#'}sha256={sha256}"


def _address(place: str) -> str:
    """Give the address of a folder of wheels as pip does (`pip._internal.utils.urls`)."""
    if "://" in place or place.startswith("file:"):
        return place
    return Path(os.path.normpath(Path(place).expanduser().absolute())).as_uri()


def _by_name(folder: Path) -> dict[PyPIName, Path]:
    return {pypi_name(parse_wheel_filename(wheel.name)[0]): wheel for wheel in folder.glob("*.whl")}


def _wheel_of(candidate: Candidate, wheels: Mapping[PyPIName, Path]) -> Path:
    if candidate.name not in wheels:
        raise RoutingError("wheel-not-fetched", name=candidate.name, version=candidate.version)
    return wheels[candidate.name]
