"""What the tour says.

Pure.
"""

from __future__ import annotations

# The tour: titles of its steps, what each has proved, and what can be wrong (`tour/narrator.py`).
TOUR: dict[str, str] = {
    "intro": "# A tour of pipguard, in {folder}. Nothing else is written but pip's own cache.",
    "channel-given": "# conda's side of this tour is the channel {name}; a policy file takes "
    "markupsafe and rich from PyPI all the same.",
    "channel-made": "# conda-forge is out of reach: conda's side of this tour is a channel made "
    "of this python, its pip and {names}.",
    "kept": "# All of it is kept in {folder}",
    "step": "\n# {title}",
    "command": "$ {line}",
    "proved": "# ok: {what}",
    "flaw": "# NOT AS IT SHOULD BE: {what}",
    "more-flaws": "#   … and {count} more",
    "summary": "\n# Summary",
    "summary-row": "#   {verdict:6}  {seconds:5.1f} s  {title}",
    "ok": "ok",
    "failed": "FAILED",
    "closing": "# Every step did what it says, in {seconds:.0f} s.",
    "closing-failed": "# Failed: {failed}",
    "step-create": "Create a conda environment",
    "step-enable": "Guard it",
    "step-activate": "Activate it: plain pip is guarded, and otherwise real pip",
    "step-install": "Install from conda, from PyPI pure and from PyPI compiled, in one command",
    "step-use": "Use what was installed",
    "step-editable": "Install a project of one's own, editable, with a dependency",
    "step-routed": "Install past the shim: python -m pip is guarded, too",
    "step-status": "Ask where everything comes from",
    "step-conda-meta": "Look at what conda sees",
    "step-uninstall": "Uninstall all of it",
    "step-disable": "Take the guard out again",
    "proof-create": "python runs in it, and py-rattler reads every record",
    "proof-enable": "every file of the guard is in place",
    "proof-activate": "the shim comes first, and pip is the environment's",
    "proof-install": "the ledger has the three routes, every new file is in conda-meta, and every "
    "hash of conda-meta and RECORD is true",
    "proof-use": "no requirement is broken, and everything is imported from the environment",
    "proof-editable": "true pip installed it, conda its dependency, and conda-meta has both",
    "proof-routed": "it came in by python -m pip, and conda-meta has it",
    "proof-status": "each origin is the right one; nothing is untracked or damaged",
    "proof-conda-meta": "there is a record for every dist, and history has the commands",
    "proof-uninstall": "the environment has exactly the files it had before",
    "proof-disable": "the environment has exactly the files it was created with",
    "flaw-status": "`{subject}` ended with {found}, not {expected}",
    "flaw-unsaid": "`{subject}` did not say {expected!r}",
    "flaw-guard": "{subject} of the guard is {found}",
    "flaw-no-operation": "the ledger has no operation",
    "flaw-operation": "{subject} of the newest operation is {found}, not {expected}",
    "flaw-route": "the route of {subject} is {found}, not {expected}",
    "flaw-origin": "the origin of {subject} is {found}, not {expected}",
    "flaw-overridden": "the guard is not in force: {found}",
    "flaw-record": "py-rattler cannot read {subject}: {found}",
    "flaw-file-missing": "{subject} of {expected} is missing",
    "flaw-file-altered": "{subject} of {expected} has another hash than its record",
    "flaw-not-installed": "{subject} is not installed",
    "flaw-unaccounted": "{subject} is in no record of conda-meta",
    "flaw-not-compiled": "{subject} holds no compiled code",
    "flaw-differs": "{subject} is not as it was",
    "flaw-error": "{found}",
}
