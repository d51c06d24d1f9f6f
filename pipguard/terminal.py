"""What a person sees: tables, closing lines, progress and errors, on the right stream.

Data goes to standard output, talk to standard error. Understandable without colour; colour only
on a terminal and without `NO_COLOR` (https://no-color.org).
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TextIO

from pipguard.errors import ConversionError, PipguardError, PlanError, TransactionError
from pipguard.messages import ERRORS, PROBLEMS, REASONS, TEXTS
from pipguard.problems import Problem
from pipguard.progress import Phase, Progress, can_move, counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pipguard.changes.summary import Summary
    from pipguard.guard import Done
    from pipguard.operations import Past
    from pipguard.removal import Removal
    from pipguard.routes import Beside, Decision, LeftOut

# Select Graphic Rendition of ECMA-48.
_RED, _GREEN, _YELLOW, _CYAN, _DIM, _PLAIN = (f"\x1b[{code}m" for code in (31, 32, 33, 36, 2, 0))
_ROUTE_COLOURS = {
    "conda": _GREEN,
    "converted": _CYAN,
    "pip": _YELLOW,
    "keep": _DIM,
    "untracked": _RED,
    "damaged": _RED,
}

# The column that says where a dist comes from, in every table that has one; it gives the colour.
_ORIGIN = 2
_SHOWN = 5

# Fails after words of ours, so that what pip says is not all there is to say.
_LATE = "pip-fetch-failed"


@dataclass(frozen=True)
class Terminal(Progress):
    """Both streams of one command; errors are shown whatever `-q` says."""

    # What will be and what is (`seams.Reporter`)

    def warned(self, problems: Sequence[Problem]) -> None:
        """See `seams.Reporter`."""
        for problem in problems:
            if not self.talk.silent:
                self._print(self._paint(TEXTS["warning"], _YELLOW) + said(problem), self.err)

    def routed(self, decisions: Sequence[Decision], beside: Sequence[Beside]) -> None:
        """See `seams.Reporter`."""
        if self.talk.silent or not (decisions or beside):
            return
        rows = [_route_row(decision) for decision in decisions]
        rows.extend(map(_beside_row, beside))
        self._table("route-columns", sorted(rows), self.err)

    def left_out(self, items: Sequence[LeftOut]) -> None:
        """See `seams.Reporter`."""
        if items:
            names = ", ".join(item.name for item in items)
            self._say("left-out", packages=counted(len(items)), names=names)

    def leaving(self, versions: Sequence[tuple[str, str]]) -> None:
        """See `seams.Reporter`."""
        if versions:
            self._say("leaving", items=_items(versions))

    def linking(self, installed: int, removed: int) -> None:
        """See `seams.Reporter`."""
        if installed:
            self._enter(Phase.LINKING, packages=counted(installed))
        if removed:
            self._say("removing", packages=counted(removed))

    def repaired(self, restored: int, foreign: Sequence[str]) -> None:
        """See `seams.Reporter`."""
        self._say("repaired", count=restored)
        if foreign:
            self._say("repaired-but", paths=", ".join(foreign[:_SHOWN]), count=len(foreign))

    def waiting(self, process: str) -> None:
        """See `seams.Reporter`."""
        self._say("waiting", process=process or "?")

    def noticed(self, reference: str, **facts: object) -> None:
        """See `seams.Reporter`."""
        if not self.talk.silent:
            self._warn(reference, **facts)

    # Results

    def satisfied(self, lines: Iterable[str]) -> None:
        """Show pip's own lines about what was there already."""
        for line in lines:
            if not self.talk.silent:
                self._print(line, self.out)

    def kept(self, decisions: Iterable[Decision], folder: str) -> None:
        """Say in the same words what stays although PyPI has a newer one."""
        for decision in decisions:
            if decision.route == "keep" and not self.talk.silent:
                facts = {"name": decision.name, "version": decision.version, "folder": folder}
                self._print(TEXTS["kept"].format(**facts), self.out)

    def installed(self, done: Done) -> None:
        """Close as pip does; conda parses this line."""
        if done.outcome.installed and not self.talk.silent:
            self._print(TEXTS["installed"].format(items=_items(done.outcome.installed)), self.out)

    def would_install(self, done: Done) -> None:
        """Close a dry run as pip does."""
        items = sorted(
            (decision.name, decision.version)
            for decision in done.decisions
            if decision.route != "keep"
        )
        if items and not self.talk.silent:
            self._print(TEXTS["would-install"].format(items=_items(items)), self.out)

    def removal(self, removal: Removal) -> None:
        """Show what an uninstall will remove, and what that means for others."""
        for name in removal.unknown:
            self._warn("skipping", name=name)
        if removal.also:
            self._warn("also-removed", names=", ".join(removal.also))
        for package, needs in removal.dependants:
            self._warn("dependant", package=package, needs=needs)
        for found, version in removal.versions:
            if not self.talk.silent:
                self._print(TEXTS["found"].format(name=found, version=version), self.out)

    def would_uninstall(self, versions: Sequence[tuple[str, str]]) -> None:
        """Close a dry run that would remove something."""
        if versions and not self.talk.silent:
            self._print(TEXTS["would-uninstall"].format(items=_items(versions)), self.out)

    def uninstalled(self, versions: Iterable[tuple[str, str]]) -> None:
        """Close an uninstall as pip does."""
        for name, version in versions:
            if not self.talk.silent:
                self._print(TEXTS["uninstalled"].format(name=name, version=version), self.out)

    def confirm(self) -> bool:
        """Ask as pip does before an uninstall; anything but yes, or just Enter, is no."""
        self._line.wipe()
        self.out.write(TEXTS["proceed"])
        self.out.flush()
        # The end of input is no answer: not even the line end of Enter comes then.
        return sys.stdin.readline().lower() in {"\n", "y\n", "yes\n"}

    def told(self, key: str, **facts: object) -> None:
        """Say one sentence of the catalogue on standard output."""
        self._print(TEXTS[key].format(**facts), self.out)

    def repair(self, summary: Summary) -> None:
        """Close a repair: what came, what was put right, what went."""
        new = tuple(it for it in summary.installed if it not in summary.renewed)
        for key, dists in {
            "installed": new,
            "repair-renewed": summary.renewed,
            "repair-adopted": summary.adopted,
            "repair-removed": summary.removed,
        }.items():
            if dists and not self.talk.silent:
                self.told(key, items=_items(dists))

    def undone(self, past: Past) -> None:
        """Close an undo: of an install in pip's words, of a repair as one that was taken back."""
        self.told("undone", id=past.id, typed=" ".join((past.front_door, *past.argv)))
        again = (*past.renewed, *past.adopted)
        if past.is_repair:
            again = tuple(sorted({*again, *past.came, *past.removed}))
        else:
            came = [it for it in past.came if it not in past.renewed]
            self.uninstalled(
                (name, version) for name, _, version in (it.rpartition("-") for it in came)
            )
            if past.went:
                self.told("installed", items=" ".join(past.went))
        if again:
            self.told("as-before", items=" ".join(again))

    def table(self, columns: str, rows: Sequence[tuple[str, ...]]) -> None:
        """Show facts on standard output under the heads that `columns` names in the catalogue."""
        self._table(columns, rows, self.out)

    def json(self, document: Mapping[str, Any]) -> None:
        """Print a JSON document with the schema number at its top."""
        self._print(json.dumps({"schema": 1, **document}, indent=2), self.out)

    # Errors

    def error(self, error: PipguardError) -> None:
        """Say what happened, what state the environment is in, and what to type next."""
        if isinstance(error, PlanError) and error.facts.get("text") is not None:
            # pip has complained on standard error; what led there is the rest of its text.
            self.out.write(str(error.facts["text"]))
            if error.reference != _LATE:
                return
        wording = ERRORS[error.reference]
        facts = {**error.facts, "problems": _problems(error)}
        self._print(self._paint(TEXTS["error"], _RED) + wording.what.format(**facts), self.err)
        self._print(TEXTS[_state(error)], self.err)
        self._print(wording.hint.format(**facts), self.err)

    def passed_over(self, error: PipguardError) -> None:
        """Say in one line why one of several environments was left as it is."""
        facts = {**error.facts, "problems": _problems(error)}
        what = ERRORS[error.reference].what.format(**facts)
        self._print(self._paint(TEXTS["warning"], _YELLOW) + what, self.err)

    def interrupted(self) -> None:
        """Say that Ctrl-C has ended the command."""
        self._print(TEXTS["interrupted"], self.err)

    def unexpected(self, log: str) -> None:
        """Name the log file of an error that nobody foresaw."""
        self._print(TEXTS["unexpected"].format(log=log), self.err)

    def _warn(self, key: str, **facts: object) -> None:
        warning = self._paint(TEXTS["warning"], _YELLOW)
        self._print(warning + TEXTS[key].format(**facts), self.err)

    def _table(self, columns: str, rows: Sequence[tuple[str, ...]], stream: TextIO) -> None:
        if not rows:
            return
        head = tuple(TEXTS[columns].split("|"))
        widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
        self._print(_line(head, widths), stream)
        for row in rows:
            colour = _ROUTE_COLOURS.get(row[_ORIGIN], "") if len(row) > _ORIGIN else ""
            self._print(self._paint(_line(row, widths), colour, stream), stream)

    def _paint(self, text: str, colour: str, stream: TextIO | None = None) -> str:
        plain = not self.talk.colour or os.environ.get("NO_COLOR")
        if not colour or plain or not can_move(stream or self.err):
            return text
        from colorama import just_fix_windows_console  # noqa: PLC0415 # mostly there is no colour

        just_fix_windows_console()
        return f"{colour}{text}{_PLAIN}"


def _line(row: tuple[str, ...], widths: Sequence[int]) -> str:
    cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
    return ("  " + "  ".join(cells)).rstrip()


def _route_row(decision: Decision) -> tuple[str, str, str, str]:
    reason = REASONS[decision.reason].format(**asdict(decision))
    if decision.is_behind:
        key = "behind-kept" if decision.route == "keep" else "behind"
        reason += TEXTS[key].format(**asdict(decision))
    return (decision.name, decision.version, decision.route, reason)


def _beside_row(package: Beside) -> tuple[str, str, str, str]:
    if package.is_untracked:
        return (package.name, package.version, "untracked", TEXTS["untracked-used"])
    reason = TEXTS["changed" if package.was else "brought"].format(was=package.was)
    return (package.name, package.version, "conda", reason)


def _items(pairs: Iterable[tuple[str, str]]) -> str:
    return " ".join(f"{name}-{version}" for name, version in pairs)


def said(problem: Problem) -> str:
    """Word what is wrong with a wheel; what it says itself cannot act on the terminal."""
    text = f"{problem.wheel}: " + PROBLEMS[problem.reference].format(**asdict(problem))
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


def _problems(error: PipguardError) -> str:
    problems = error.facts.get("problems", ())
    if isinstance(error, ConversionError):
        return "\n".join("  " + said(problem) for problem in error.problems)
    if not isinstance(problems, tuple):
        return ""
    return "\n".join("  " + _worded(each) for each in problems)


def _worded(problem: Any) -> str:
    """Word what is wrong with a package, or with a setting, whose words say which."""
    if isinstance(problem, Problem):
        return said(problem)
    return PROBLEMS[problem.reference].format(**asdict(problem))


def _state(error: PipguardError) -> str:
    if isinstance(error, TransactionError) and not error.restored:
        return "state-changed"
    return "state-unchanged"
