"""Sentences, table heads and reasons: what is said of installs, and of the work in progress.

Pure.
"""

from __future__ import annotations

# Sentences and table heads; `str.format` templates.
SENTENCES: dict[str, str] = {
    "planning": "pipguard: asking pip for its plan …",
    "fetching": "pipguard: fetching {packages}: {names}",
    "converting": "pipguard: converting {packages}: {names}",
    "progress": "pipguard: converting [{bar}] {done:.1f} of {total:.1f} MB",
    "resolving": "pipguard: asking the channels about {packages}",
    "seen": "pipguard: resolving, {packages} seen",
    "downloading": "pipguard: downloading packages from the channels",
    "downloaded": "pipguard: downloading packages from the channels, {done:.1f} MB so far",
    "linked": "pipguard: linking, {packages} in place",
    "fetched": "pipguard: fetching, {done:.1f} MB so far",
    "compiling": "pipguard: compiling {files}",
    "recording": "pipguard: writing records",
    "took": "pipguard: {total:.1f} s in all: {phases}",
    "took-one": "{phase} {seconds:.1f} s",
    "linking": "pipguard: linking {packages}",
    "removing": "pipguard: removing {packages}",
    "leaving": "pipguard: not asked for, hence removed: {items}",
    "one-package": "1 package",
    "packages": "{count} packages",
    "one-file": "1 python file",
    "files": "{count} python files",
    "waiting": "pipguard: waiting for another operation on this environment (process {process}) …",
    "repaired": "pipguard: an operation was cut off here; {count} paths were put back as they were",
    "repaired-but": "pipguard: left alone, for they were changed since ({count}): {paths}",
    "route-columns": "name|version|from|why",
    "brought": "conda brings it along",
    "changed": "conda must change it, from {was}",
    "behind": "; PyPI has {planned}",
    "behind-kept": "; PyPI has {planned}, which `pip install {name}=={planned}` would take",
    "left-out": "pipguard: not needed by conda's packages, hence left out: {names}",
    "untracked-used": "somebody else's pip has brought it: `pipguard doctor --fix` adopts it",
    "family-split": "{name} comes from PyPI now and {other} is conda's, and they are built against "
    "one another; `pip install --force-reinstall {name} {other}` brings both from one side.",
    "requirement-missing": "{dist} requires {requirement}, which nothing here provides.",
    "requirement-unmet": "{dist} requires {requirement}, but {found} is what is there.",
    "kept": "Requirement already satisfied: {name} in {folder} ({version})",
    "installed": "Successfully installed {items}",
    "would-install": "Would install {items}",
    "would-uninstall": "Would uninstall {items}",
    "found": "Found existing installation: {name} {version}",
    "uninstalled": "  Successfully uninstalled {name}-{version}",
    "proceed": "Proceed (Y/n)? ",
    "skipping": "Skipping {name} as it is not installed.",
    "also-removed": "In the same conda package and going with it: {names}",
    "dependant": "{package} depends on {needs}, which goes",
    "adopted-stay": "no index has {items}: recorded as they are",
    "missing-stay": "no index has {items}: still missing",
    "paths-shared": "{owners} bring different files of the same name; those of the first are seen, "
    "the others when it goes: {paths}",
    "moved-aside": "files that no package accounts for were in the way, and lie in {folder} now: "
    "{paths}",
    "mapping-stale": "the table of conda names for {channel} could not be renewed "
    "({reason}); an older one serves.",
    "mapping-unavailable": "there is no table of conda names for {channel} ({reason}); "
    "only the names that pipguard knows itself are used.",
    "channels-unasked": "not every channel can be read ({channels}); names that only they know are "
    "left out.",
    "packages-unfetched": "nothing may be fetched (offline): of the channel {channel}, only what "
    "was fetched earlier is used.",
    "channel-unread": "nothing may be fetched (offline), and the channel {channel} was never read: "
    "it counts as empty.",
    "error": "ERROR: ",
    "warning": "WARNING: ",
    "state-unchanged": "Nothing was changed.",
    "state-changed": "The environment was being changed and may be incomplete.",
    "interrupted": "Interrupted; nothing was changed.",
    "unexpected": "pipguard met an error it did not foresee. The log is ready to paste: {log}",
}

# Why a candidate takes its route: over the fields of a Decision.
REASONS: dict[str, str] = {
    "conda-has-it": "conda has it ({conda_name} {conda_version})",
    "conda-has-the-tool": "conda has this tool ({conda_version})",
    "conda-newest": "kept: conda's newest is installed",
    "policy": "policy: {source}",
    "editable": "editable: true pip",
    "vcs": "from version control: true pip",
    "direct-artifact": "this very file was asked for",
    "local-folder": "this very folder was asked for",
    "hash-pinned": "pinned by its hash",
    "no-binary": "--no-binary",
    "named-index": "from the index that was named",
    "extra-index": "from the extra index that is configured",
    "private-name": "not known as a public name: stays with its index",
    "not-on-conda": "not on conda",
    "version-not-on-conda": "conda has no version that satisfies",
    "not-for-this-python": "conda has none for this python or platform",
    "provider-not-verified": "conda's package of that name is something else",
    "conda-too-old": "conda is a major version behind",
    "conda-older-than-installed": "conda is older than what is installed",
    "conda-conflicts": "conda's package conflicts",
    "family-from-pypi": "with the rest of its family, which is from PyPI",
    "no-cuda-here": "built for CUDA; conda would take its build without, as no CUDA is here",
    "not-needed-by-conda-package": "not needed by conda's packages",
}
