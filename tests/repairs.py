"""A repair of every kind, for the tests that kill it.

It links, records, moves, deletes, writes and places, then installs what is missing, then replaces
what it has recorded by packages.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import builders
from forking import in_child
from killing import Workbench

from pipguard.doctor.findings import Finding, Kind
from pipguard.guard_record import Mode
from pipguard.hooks import enable
from pipguard.prefix import Prefix
from pipguard.terminal import Terminal
from pipguard.verbs.doctor import Scope, Treatment, look

SCOPE = Scope(frozenset(Kind))


def surroundings(bench: Workbench) -> Mapping[str, str]:
    """Make an index of what a repair will ask for; return the variables that lead there."""
    folder = bench.folder
    wheels = [builders.wheel(folder / "wheels", name) for name in ("stray", "absent")]
    table, condarc = folder / "table.json", folder / "condarc"
    table.write_text("{}")
    condarc.write_text(f"channels: [{bench.url}, {bench.thin_channel.as_uri()}]\n")
    return {
        "CONDARC": str(condarc),
        "PIPGUARD_MAPPING_URL": table.as_uri(),
        "PIP_INDEX_URL": builders.simple_index(folder / "index", wheels),
        "PIPGUARD_CACHE_DIR": str(folder / "cache"),
        "PIPGUARD_CHANNEL": str(folder / "converted"),
    }


def damaged(bench: Workbench) -> tuple[Finding, ...]:
    """Guard an environment, then do to it what each cure is for; return what the doctor finds."""
    assert in_child(bench.change(("alpha", "1.0"), ("beta", "1.0"))) == 0
    prefix = bench.prefix.path
    enable(prefix, Mode.ROUTE, Path("/bin/true"))
    (site,) = prefix.glob("lib/python3.*/site-packages")
    (site / "alpha/part0.py").unlink()
    (site / "alpha/part0.py").write_text("edited = True\n")
    builders.dist_folder(site, "stray", requires=["absent"])
    old = prefix / "lib/python3.9/site-packages"
    old.mkdir(parents=True)
    builders.dist_folder(old, "stranded")
    (site / "~eft").mkdir()
    (site / "~eft/__init__.py").touch()
    (site / "easy-install.pth").write_text("/gone/project\nimport sys\n")
    (prefix / "libexec/pipguard/shims/pip").unlink()
    _, findings = look(bench.prefix, SCOPE)
    assert len({it.fix for it in findings}) == 7
    return findings


def repair(prefix: Path, findings: tuple[Finding, ...]) -> None:
    """What `pipguard doctor --migrate` does once it was agreed to."""
    treatment = Treatment(Prefix(prefix), SCOPE, ("doctor", "--migrate"), Terminal())
    assert not treatment.give(findings, migrated=True)
