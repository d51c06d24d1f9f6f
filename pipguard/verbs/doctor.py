"""`pipguard doctor`: what does not hold of an environment, and what puts it right."""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipguard.changes.open_operation import Within
from pipguard.doctor.case import Case
from pipguard.doctor.diagnosis import diagnose
from pipguard.doctor.examination import examine
from pipguard.doctor.findings import Finding, Fix, Kind
from pipguard.doctor.mend import Hospital, hospital_of, mend
from pipguard.doctor.migration import Guarded, adopted, install_missing, migrate
from pipguard.errors import PrefixError
from pipguard.guardable import refuse_unguardable
from pipguard.mapping.seed import SEED
from pipguard.messages import FINDINGS, FIXES, HELP, TEXTS, UNKNOWN_FACTS
from pipguard.prefix import Prefix
from pipguard.request import Talk
from pipguard.storage import files_are_told_of
from pipguard.terminal import Terminal
from pipguard.verbs.arguments import add_json, chosen_prefix, parser_of
from pipguard.verbs.launcher import launcher

_ADVICE = "doctor-advice"


def parser() -> argparse.ArgumentParser:
    """See `Verb.parser`."""
    made = parser_of("doctor")
    made.add_argument("--fix", action="store_true", help=HELP["--fix"])
    made.add_argument("--migrate", action="store_true", help=HELP["--migrate"])
    made.add_argument("-y", "--yes", action="store_true", help=HELP["--yes"])
    made.add_argument("--full", action="store_true", help=HELP["--full"])
    kinds = [kind.value for kind in Kind]
    made.add_argument("--ignore", action="append", default=[], choices=kinds, help=HELP["--ignore"])
    add_json(made)
    return made


def run(arguments: Sequence[str]) -> int:
    """See `Verb.run`; 1 where something is wrong, with `--fix` where something is left."""
    parsed = parser().parse_args(arguments)
    prefix = Prefix(chosen_prefix(parsed))
    scope = Scope(frozenset(Kind) - {Kind(word) for word in parsed.ignore}, full=parsed.full)
    terminal = Terminal(Talk(verbosity=-1 if parsed.json else 0))
    _, findings = look(prefix, scope)
    if _is_treated(parsed, prefix, findings):
        if not parsed.json:
            show(prefix.path, findings, terminal, "doctor-plan")
            if parsed.migrate:
                _show_migration(prefix, terminal)
        if not (_is_unasked(parsed) or terminal.confirm()):
            return 1
        treatment = Treatment(prefix, scope, ("doctor", *arguments), terminal)
        with files_are_told_of():
            findings = treatment.give(findings, migrated=parsed.migrate)
    if parsed.json:
        found = [finding.to_json(str(prefix.path)) for finding in findings]
        terminal.json({"prefix": str(prefix.path), "findings": found})
    else:
        asked = parsed.fix or parsed.migrate
        show(prefix.path, findings, terminal, _left(findings, parsed) if asked else _ADVICE)
    return int(any(finding.is_wrong for finding in findings))


def _is_treated(parsed: argparse.Namespace, prefix: Prefix, findings: tuple[Finding, ...]) -> bool:
    if parsed.migrate:
        return any(finding.steps for finding in findings) or any(adopted(prefix))
    return parsed.fix and any(finding.is_mended for finding in findings)


def _left(findings: tuple[Finding, ...], parsed: argparse.Namespace) -> str:
    """Choose the word on what a treatment has left."""
    missing = any(finding.fix is Fix.INSTALL for finding in findings)
    return "doctor-left-to-install" if missing and not parsed.migrate else "doctor-left"


def _show_migration(prefix: Prefix, terminal: Terminal) -> None:
    """Say what comes after the repair, and to what else than what that records."""
    terminal.told("doctor-migrates")
    names = [f"{it.record.name}-{it.record.version}" for it in adopted(prefix)]
    if names:
        terminal.told("doctor-migrates-too", items=" ".join(names))


def _is_unasked(parsed: argparse.Namespace) -> bool:
    return parsed.yes or parsed.json or not sys.stdin.isatty()


@dataclass(frozen=True, slots=True)
class Scope:
    """Which kinds of findings count, and whether every file is hashed."""

    kinds: frozenset[Kind]
    full: bool = False


def look(prefix: Prefix, scope: Scope) -> tuple[Case, tuple[Finding, ...]]:
    """Examine an environment and judge it.

    Raises:
        PrefixError: it cannot be read.
    """
    case = Case(examine(prefix, full=scope.full), SEED.no_dist)
    return case, tuple(finding for finding in diagnose(case) if finding.kind in scope.kinds)


@dataclass(frozen=True, slots=True)
class Treatment:
    """What `--fix` and `--migrate` do, and whom they tell; `argv` is what was typed."""

    prefix: Prefix
    scope: Scope
    argv: tuple[str, ...]
    terminal: Terminal

    def give(self, findings: tuple[Finding, ...], *, migrated: bool) -> tuple[Finding, ...]:
        """Repair, and migrate where that is wanted, in one operation; return what is found then.

        Raises:
            PrefixError: the environment is not to be changed by us (`refuse_unguardable`), or
                somebody has changed it since it was shown.
            TransactionError: the operation failed and was taken back.
            PipguardError: every error of an install, from the migration; all was taken back.
        """
        refuse_unguardable(self.prefix.path)
        made = hospital_of(self.prefix, self.argv, launcher(), self.terminal)
        with made as hospital, hospital.transaction.begin():
            with hospital.transaction.together() as journal:
                self._repair(findings, hospital, journal)
                if migrated:
                    self._migrate(findings, journal)
            self.terminal.repair(journal.operation.summary)
        return look(Prefix(self.prefix.path), self.scope)[1]

    def _repair(self, findings: tuple[Finding, ...], hospital: Hospital, journal: Within) -> None:
        """Repair what was shown, if it is still so now that the lock is held."""
        case, found = look(self.prefix, self.scope)
        if found != findings:
            raise PrefixError("changed-meanwhile")
        if findings:
            self.terminal.warned(mend(case, findings, hospital, journal))

    def _migrate(self, findings: tuple[Finding, ...], journal: Within) -> None:
        """Ask index and channels for what is missing, and for packages of what was adopted."""
        guarded = Guarded(Prefix(self.prefix.path), self.argv, self.terminal, journal)
        _, left = look(guarded.prefix, self.scope)
        for reference, items in {
            "missing-stay": install_missing(guarded, (*findings, *left)),
            "adopted-stay": migrate(guarded),
        }.items():
            if items:
                self.terminal.noticed(reference, items=", ".join(items))


def show(
    prefix: Path, findings: Sequence[Finding], terminal: Terminal, advice: str = _ADVICE
) -> None:
    """Show findings to a person, each with what `--fix` does, and a last word of advice."""
    if not findings:
        terminal.told("doctor-well", prefix=prefix)
        return
    count = (
        TEXTS["one-finding"]
        if len(findings) == 1
        else TEXTS["findings"].format(count=len(findings))
    )
    terminal.told("doctor-head", prefix=prefix, findings=count)
    terminal.table("finding-columns", [_row(finding) for finding in findings])
    terminal.told(advice)


def _row(finding: Finding) -> tuple[str, str, str, str]:
    facts = _facts(finding)
    about = FINDINGS[finding.kind.value].format_map(facts)
    return finding.kind.value, finding.name, about, FIXES[finding.fix.value].format_map(facts)


def _facts(finding: Finding) -> dict[str, str]:
    """Bring the facts of a finding into the form of its words; several of one name in one."""
    told: dict[str, list[str]] = defaultdict(list)
    for name, value in finding.facts:
        told[name].append(value)
    found = {name: ", ".join(values) for name, values in told.items()}
    path = finding.paths[0] if finding.paths else ""
    known = {**found, "count": str(len(finding.paths)), "path": path}
    return {**UNKNOWN_FACTS, **{name: value for name, value in known.items() if value}}
