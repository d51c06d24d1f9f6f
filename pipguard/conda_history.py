"""Lines of `conda-meta/history` in conda's own format.

Pure. conda reads them for `conda list --revisions`, `conda env export --from-history` and as the
wishes of later solves; the format is that of `conda/history.py` (`write_head`, `write_changes`,
`write_specs`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pipguard.names import CondaName
from pipguard.records import Record

_WISH = re.compile(
    r"#\s*(?P<action>install|create|update|remove|uninstall|neutered) specs:\s*(?P<specs>.+)"
)
# Between two specs; the others are between two conditions of one.
_OLD_COMMA = re.compile(r",(?!\s*[=<>!~])")
_NAME_END = re.compile(r"[\s=<>!~\[]")
_ALIAS = "https://conda.anaconda.org/"


@dataclass(frozen=True, slots=True)
class Revision:
    """One change of an environment.

    Attributes:
        time: when, in local time as conda writes it.
        command: the command line, free of credentials.
        before: the records before.
        after: the records after.
        update_specs: conda specs that were asked for.
        remove_specs: names that were asked to go.
    """

    time: datetime
    command: str
    before: tuple[Record, ...]
    after: tuple[Record, ...]
    update_specs: tuple[str, ...] = ()
    remove_specs: tuple[str, ...] = ()

    def lines(self) -> str:
        """Word the revision as conda does."""
        before, after = _dist_strings(self.before), _dist_strings(self.after)
        return "\n".join(
            [
                f"==> {self.time:%Y-%m-%d %H:%M:%S} <==",
                # In one line, whatever was typed: conda would read another as a package or a wish.
                f"# cmd: {' '.join(self.command.splitlines())}",
                *(f"-{dist}" for dist in sorted(before - after)),
                *(f"+{dist}" for dist in sorted(after - before)),
                *_specs("remove", self.remove_specs),
                *_specs("update", self.update_specs),
                "",
            ]
        )


def wishes(text: str) -> dict[CondaName, str]:
    """Read what conda was asked for and not asked to remove since (`History.get_requested_specs`).

    Returns:
        the specs as they were written, by conda name; of several the last one.
    """
    found: dict[CondaName, str] = {}
    for line in text.splitlines():
        match = _WISH.fullmatch(line)
        specs = _listed(match["specs"]) if match else ()
        for spec in specs:
            name = CondaName(_NAME_END.split(spec.rpartition("::")[2].strip())[0].lower())
            found.pop(name, None)
            if match and match["action"] not in {"remove", "uninstall"}:
                found[name] = spec
    return found


def _listed(text: str) -> tuple[str, ...]:
    """Read the list behind an action: python's, or the words of an old conda."""
    try:
        found = ast.literal_eval(text)
    except (SyntaxError, ValueError):
        return () if "[" in text else tuple(_OLD_COMMA.split(text))
    return tuple(map(str, found)) if isinstance(found, list | tuple) else ()


def _specs(kind: str, specs: Sequence[str]) -> list[str]:
    return [f"# {kind} specs: {list(specs)}"] if specs else []


def _dist_strings(records: Iterable[Record]) -> set[str]:
    return {
        f"{canonical_channel(record.channel)}/{record.subdir}::{record.dist_name}"
        for record in records
    }


def canonical_channel(channel: str) -> str:
    """Give the word conda shows for a channel (`Channel.canonical_name`)."""
    return channel.removeprefix(_ALIAS).rstrip("/")
