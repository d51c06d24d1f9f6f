"""What the doctor says: of each kind of finding, and of each fix.

Pure. The templates are over the facts of a finding, `count` and `path`, the first of its paths.
"""

from __future__ import annotations

DOCTOR_TEXTS: dict[str, str] = {
    "doctor-well": "{prefix}: nothing is wrong.",
    "doctor-head": "{prefix}: {findings}",
    "one-finding": "1 finding",
    "findings": "{count} findings",
    "finding-columns": "what|name|about|`--fix` does",
    "doctor-advice": "`pipguard doctor --fix` does what the last column says, in one operation "
    "that `pipguard undo` takes back.",
    "doctor-plan": "What the last column says will be done, in one operation that `pipguard undo` "
    "takes back.",
    "doctor-left": "This is left for a person to decide: docs/reference/doctor.md says what there "
    "is to choose.",
    "doctor-left-to-install": "What is missing has to come from channels and index: "
    "`pipguard doctor --migrate`.",
    "doctor-migrates": "Then what is recorded is replaced by packages of the same version, conda's "
    "or converted, as far as an index has it.",
    "doctor-migrates-too": "Recorded before, and replaced likewise: {items}",
    # after a repair
    "repair-renewed": "Linked again, in the version that was there: {items}",
    "repair-adopted": "Recorded as they are: {items}",
    "repair-removed": "Cleared away: {items}",
}

# What was found.
FINDINGS: dict[str, str] = {
    "overwritten": "{count} of its files are not what conda-meta says: {path}",
    "missing": "{count} of its files are not there: {path}",
    "stale-record": "conda-meta has {version}, and nothing of it is there",
    "untracked": "{version}, installed by {installer}, and conda-meta does not know it",
    "duplicate": "a second metadata folder: {path}",
    "stranded": "{version} lies where the present python does not look: {path}",
    "leftover": "left by an interrupted install or uninstall: {path}",
    "dangling": "leads to {target}, which is not there",
    "script": "starts {interpreter}, which is not this environment's python",
    "guard": "the guard is incomplete: {fault}",
    "unmet": "requires {requires}, and there is {installed}",
    "runtime": "brings a second {family} beside that of conda's {conda}: {path}",
    "shared": "brings {count} files that are others in {others}, and one is seen: {path}",
    "unavailable": "the package of {version} is neither in the local channel nor in the cache",
}

# What `--fix` does about it.
FIXES: dict[str, str] = {
    "restore": "link {version} again",
    "adopt": "record {version} as it is",
    "remove": "remove it",
    "forget": "drop the record",
    "move": "move it to where python looks, and record it",
    "rewrite": "put the line right",
    "place": "place the guard again",
    "repack": "make the package again from what is installed",
    "install": "with `--migrate`, install {requires}",
    "none": "nothing: take one of the two from the other side",
}

# What stands for a fact that is not known.
UNKNOWN_FACTS: dict[str, str] = {
    "installer": "an unknown installer",
    "installed": "none",
    "requires": "it",
    "version": "it",
}
