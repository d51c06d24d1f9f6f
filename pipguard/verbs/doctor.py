"""`pipguard doctor`: what does not hold of an environment, and what puts it right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from pipguard.doctor.diagnosis import diagnose
from pipguard.doctor.examination import examine
from pipguard.doctor.findings import Finding, Kind
from pipguard.mapping.seed import SEED
from pipguard.messages import FINDINGS, FIXES, HELP, TEXTS, UNKNOWN_FACTS
from pipguard.prefix import Prefix
from pipguard.terminal import Terminal
from pipguard.verbs.arguments import add_json, chosen_prefix, parser_of


def run(arguments: Sequence[str]) -> int:
    """See `Verb.run`; 1 where something is found."""
    parser = parser_of("doctor")
    parser.add_argument("--full", action="store_true", help=HELP["--full"])
    parser.add_argument(
        "--ignore",
        action="append",
        default=[],
        choices=[it.value for it in Kind],
        help=HELP["--ignore"],
    )
    add_json(parser)
    parsed = parser.parse_args(arguments)
    prefix, terminal = Prefix(chosen_prefix(parsed)), Terminal()
    findings = look(prefix, full=parsed.full, ignored=parsed.ignore)
    if parsed.json:
        terminal.json(
            {
                "prefix": str(prefix.path),
                "findings": [finding.to_json(str(prefix.path)) for finding in findings],
            }
        )
    else:
        show(prefix.path, findings, terminal)
    return int(bool(findings))


def look(prefix: Prefix, *, full: bool, ignored: Sequence[str]) -> tuple[Finding, ...]:
    """Examine an environment and judge it, some kinds of findings left out.

    Raises:
        PrefixError: it cannot be read.
    """
    found = diagnose(examine(prefix, full=full), SEED.no_dist)
    return tuple(finding for finding in found if finding.kind.value not in ignored)


def show(prefix: Path, findings: Sequence[Finding], terminal: Terminal) -> None:
    """Show findings to a person, each with what `--fix` does."""
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
    terminal.told("doctor-advice")


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
