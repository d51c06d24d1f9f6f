"""What the verbs say, a section each.

Pure.
"""

from __future__ import annotations

# Sentences and table heads; `str.format` templates.
VERB_TEXTS: dict[str, str] = {
    # enable, disable
    "enabled": "{prefix} is guarded, mode {mode}. Activate it and type `pip install NAME`.",
    "enabled-base": "This is a base environment, hence mode enforce.",
    "enabled-one": "{prefix}: guarded, mode {mode}",
    "disabled-one": "{prefix}: no longer guarded",
    "disabled-already": "{prefix} is not guarded; nothing was changed.",
    "no-environments": "conda knows no environment; `-p PATH` names one by its folder.",
    "disabled": "{prefix} is no longer guarded; every file is as it was before.\n"
    "Shells in which it is active find pip again after `hash -r`.",
    # history, undo, recover
    "history-columns": "id|when|state|typed|changed",
    "history-empty": "Nothing has been done here yet.",
    "state-committed": "done",
    "state-failed": "failed, taken back",
    "state-rolled-back": "cut off, taken back",
    "state-bypassed": "by real pip",
    "state-undone": "undone by {by}",
    "history-head": "{id}  {time}  {state}\n{typed}",
    "history-change": "  {change}",
    "history-renewed": "linked again:",
    "history-adopted": "recorded as they are:",
    "history-undone": "as before:",
    "undone": "Undone: {typed} ({id})",
    "as-before": "As before again: {items}",
    "recover-nothing": "Nothing was cut off here.",
    # explain
    "passes-through": "this command line goes to real pip as it is: {because}",
    "story-head": "\n{name} {version}: {reason} [{code}]",
    "story-asked": "  asked for as {value}",
    "story-required-by": "  required by {value}",
    "story-conditions": "  must be {value}",
    "story-planned": "  pip would take {value}",
    "story-index": "  found on {value}",
    "story-absent": "  conda has it under no name, says {value}",
    "story-unknown": "  nobody knows a conda name for it",
    "story-tried": "  {conda} ({source}): {finding}",
    "story-nothing": "not in the channels",
    "story-elsewhere": "{elsewhere} in the channels, for another python or platform",
    "story-none-fits": "{newest} in the channels, none that fits",
    "story-newest-fits": "{newest} in the channels, which fits",
    "story-older-fits": "{newest} in the channels, {fits} fits",
    "story-verified": "; it does ship this",
    "story-disproved": "; it ships something else",
    "story-unseen": "",
    "settings-head": "\nsettings",
    "settings-columns": "name|value|said by",
    # why
    "why-head": "{name} {version}, {origin}: {reason}",
    "why-asked": "  asked for as: {value}",
    "why-required-by": "  required by: {value}",
    "why-needed-by": "  needed now by: {value}",
    "why-package": "  conda package: {value}",
    "why-channel": "  channel: {value}",
    "why-source": "  on the word of: {value}",
    "why-index": "  index: {value}",
    "why-since": "  since: {value}",
    "why-when": "{since}, `{command}` ({operation})",
    # names
    "name-columns": "PyPI|conda, best first|says",
    "name-absent": "under no name",
    "name-unknown": "unknown",
    # status
    "guarded": "guarded by pipguard",
    "unguarded": "not guarded; `pipguard enable` guards it",
    "status-head": "{prefix}: {guarded}",
    "status-mode": "  mode: {mode}",
    "none": "none",
    "status-overrides": "  overrides: {count}",
    "status-override": "    {override}",
    "status-counts": "  dists: {counts}",
    "status-undo": "  operations kept for undo: {count}, at most {size:.1f} MB",
    "status-drift": "    `pipguard doctor` tells what is wrong with what is untracked or damaged",
    "status-columns": "name|version|from|where",
    "editable-from": "editable, {source}",
    # convert
    "converted-to": "{wheel} -> {package}",
    # clean
    "clean-columns": "what|how many|frees",
    "clean-done": "{size} MB freed.",
    "clean-would": "{size} MB could be freed.",
    "clean-unseen": "{environment} cannot be read now and may refer to any package, so none was "
    "taken for removal; if it is gone for good: `pipguard clean --forget-missing`",
    # bundle, create
    "bundled": "{folder}: {packages} packages, {size} MB, and {wheels} wheels of what came from "
    "PyPI.\nWithout any network: `pipguard create -p PATH {folder}`, or in that folder "
    "`conda create --offline -n NAME --file explicit.txt`.",
    "created": "{prefix}: {dists} dists, as they were.",
    # export
    "export-local-repository": "{name} comes from a repository on this machine, which others may "
    "not have: {detail}",
    "export-local-channel": "{detail} is a channel on this machine, which others may not have.",
    "export-lock-folder": "{name} is a folder, which has no hash: pip takes this lock with "
    "`--no-require-hashes`, uv as it is.",
    "export-local-packages": "converted packages lie in the local channel of this machine; "
    "`--channel-url` names the address under which others find it, `pipguard bundle` packs it.",
}

# Where a dist comes from, as a count is worded.
ORIGINS: dict[str, str] = {
    "conda": "from conda",
    "converted": "converted from PyPI",
    "pip": "by pip (editable or VCS)",
    "untracked": "untracked",
    "damaged": "damaged",
}

# What weakens the guard, over the detail of an `Override`; `guard-` are its own faults.
OVERRIDES: dict[str, str] = {
    "bypass-set": "PIPGUARD_BYPASS is set, real pip runs",
    "conda-build": "CONDA_BUILD is set, real pip runs",
    "mode-warn": "in mode warn real pip runs, after one line",
    "mode-set": "PIPGUARD_MODE={detail} stands above the mode of the environment",
    "break-system-packages": "pip passes over the marker (break-system-packages in {detail})",
    "uv-break-system-packages": "uv passes over the marker (break-system-packages in {detail})",
    "uv-project-environment": "uv takes it for a project's (UV_PROJECT_ENVIRONMENT)",
    "route-off": "`python -m pip` is not routed ({detail} is set)",
    "pip-too-old": "pip {detail} knows no marker; 23.0 does",
    "shim-not-on-path": "the shims are not on PATH ({detail}); activate it again",
    "shim-shadowed": "{detail} comes before the shims on PATH",
    "venv-active": "the venv {detail} comes first, and is left alone",
    "pythonpath-set": "PYTHONPATH brings modules that conda does not know",
    "guard-missing": "{detail} is missing; `pipguard enable` puts it back",
    "guard-altered": "{detail} was changed; `pipguard enable` puts it right",
    "guard-moved": "it was copied or moved from {detail}; `pipguard enable` guards it here",
    "guard-cloned": "it is a clone whose guard is not set up; `pipguard enable` does that",
    "guard-python-changed": "python was upgraded; `pipguard enable` moves marker and shims",
    "guard-half-placed": "`pipguard enable` was cut off; `pipguard enable` ends it",
    "guard-half-withdrawn": "`pipguard disable` was cut off; `pipguard disable` ends it",
    "guard-older": "pipguard {detail} placed it; `pipguard enable` brings it up to date",
    "guard-newer": "pipguard {detail}, newer than this one, placed it",
    "guard-launcher-missing": "{detail} is gone; shims look for pipguard on PATH",
}

# Why the ledger has no route for what is there; beside REASONS.
UNROUTED: dict[str, str] = {
    "brought-along": "conda brought it along",
    "no-dist": "a package of conda that is no Python project",
    "not-by-pipguard": "it came without pipguard",
    "untracked": "no record in conda-meta knows it",
}
