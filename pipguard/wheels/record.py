"""RECORD: what a wheel says about its files, and what the installed package will say.

Pure. RECORD is not signed and real wheels have wrong rows, so a difference is worth a warning and
the hashes are made anew.
"""

from __future__ import annotations

import binascii
import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from installer.records import InvalidRecordEntry, parse_record_file

from pipguard.target import Target
from pipguard.wheels.findings import Findings

_QUOTED = frozenset(',"\r\n')
_URLSAFE = bytes.maketrans(b"+/", b"-_")


@dataclass(slots=True)
class WheelRecord:
    """The RECORD that came with the wheel, held against what is really there."""

    hashes: Mapping[str, str]
    wrong: list[str] = field(default_factory=list)
    unlisted: list[str] = field(default_factory=list)

    @classmethod
    def parse(cls, text: bytes, findings: Findings) -> WheelRecord:
        """Read the file; one that is no table is worth a warning, `record-unreadable`."""
        lines = text.decode("utf-8", "replace").splitlines()
        try:
            return cls({row[0]: row[1] for row in parse_record_file(lines)})
        except (InvalidRecordEntry, csv.Error) as error:
            findings.warn("record-unreadable", "RECORD", str(error))
            return cls({})

    def compare(self, member: str, found: str) -> None:
        """Hold the hash of a member, as `record_hash` writes it, against its row."""
        written = self.hashes.get(member)
        if written is None:
            self.unlisted.append(member)
        elif written.startswith("sha256=") and written != found:
            self.wrong.append(member)

    def report(self, findings: Findings) -> None:
        """Warn once of each kind of difference: the first member, and how many there are."""
        if not self.hashes:
            return
        for reference, members in (
            ("record-hash-wrong", self.wrong),
            ("record-row-missing", self.unlisted),
        ):
            if members:
                findings.warn(reference, members[0], str(len(members)))


class InstalledRecord:
    """The RECORD of the installed distribution (PEP 376), relative to site-packages."""

    def __init__(self, target: Target) -> None:
        windows = target.subdir.startswith("win")
        self._up = "../../" if windows else "../../../"
        self._scripts = "Scripts/" if windows else "bin/"
        self._windows = windows
        self._rows: list[tuple[str, str, str]] = []

    def add(self, path: str, found: str, size: int) -> None:
        """Add a file by its path in the package and its hash from `record_hash`."""
        self._rows.append((self._installed(path), found, str(size)))

    def add_changing(self, path: str) -> None:
        """Add a file whose bytes are known only once the prefix is."""
        self._rows.append((self._installed(path), "", ""))

    def add_command(self, name: str) -> None:
        """Add what conda makes of an entry point when it links the package."""
        names = (f"{name}-script.py", f"{name}.exe") if self._windows else (name,)
        for each in names:
            self.add_changing(f"python-scripts/{each}")

    def write(self, path: str) -> bytes:
        """Make the file, its own row included, sorted as `installer` sorts it."""
        self.add_changing(path)
        return "".join(map(_line, _sorted(self._rows))).encode()

    def _installed(self, path: str) -> str:
        top, _, rest = path.partition("/")
        if top == "site-packages":
            return rest
        return f"{self._up}{self._scripts}{rest}" if top == "python-scripts" else self._up + path


def _line(row: tuple[str, str, str]) -> str:
    """Write a row; the writer of `csv`, which few need, is slower than hashing a small file."""
    if _QUOTED.isdisjoint(row[0]):
        return f"{row[0]},{row[1]},{row[2]}\n"
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerow(row)
    return text.getvalue()


def _sorted(rows: Iterable[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    return sorted(set(rows))


def record_hash(digest: bytes) -> str:
    """Write a sha256 digest as RECORD has it (PEP 376: urlsafe base64 without padding)."""
    text = binascii.b2a_base64(digest, newline=False).rstrip(b"=").translate(_URLSAFE)
    return "sha256=" + text.decode("ascii")
