"""Every word and every colour that a person sees.

Code elsewhere raises errors and makes values that carry facts; this module alone turns them into
sentences. `ERRORS` and `PROBLEMS` are the catalogues: one entry for each reference that is raised,
and a test holds the two against the code.
"""

from __future__ import annotations

from typing import NamedTuple


class Wording(NamedTuple):
    """How one error is told: what happened, and what to type or change next.

    Both are `str.format` templates over the facts of the error.
    """

    what: str
    hint: str


ERRORS: dict[str, Wording] = {
    # which environments can be guarded
    "not-guarded": Wording(
        "{prefix} is not guarded.",
        "Type `pipguard enable -p {prefix}`.",
    ),
    "guard-unreadable": Wording(
        "The guard of {prefix} cannot be read: {error}",
        "Type `pipguard enable -p {prefix}` to put it right, or `pipguard disable -p {prefix}`.",
    ),
    "venv-not-guarded": Wording(
        "{prefix} is a venv; pip changes it without harm to any conda environment.",
        "Name the conda environment you mean with `-p` or `-n`.",
    ),
    "pixi-not-guarded": Wording(
        "{prefix} belongs to pixi, which removes what its lock file does not know.",
        "Use `pixi add --pypi NAME` in the project.",
    ),
    "prefix-frozen": Wording(
        "{prefix} is frozen: whoever made it does not want it changed.",
        "Make an environment of your own, or remove conda-meta/frozen if it is yours.",
    ),
    "prefix-read-only": Wording(
        "{prefix} cannot be written by this user.",
        "Ask its owner, or make an environment of your own.",
    ),
    "prefix-unspeakable": Wording(
        "{prefix} has a colon or a line end in its name, which PATH cannot hold.",
        "Rename the environment: `conda rename`.",
    ),
    # the environment
    "not-an-environment": Wording(
        "{prefix} is no conda environment: it has no conda-meta.",
        "Name an environment with `-p` or `-n`, or activate one.",
    ),
    "environment-unknown": Wording(
        "There is no environment called {name}.",
        "`conda env list` shows them all; `-p PATH` names one by its folder.",
    ),
    "no-environment": Wording(
        "No environment is active and none was named.",
        "Activate one, or name it with `-p PATH` or `-n NAME`.",
    ),
    "no-python": Wording(
        "{prefix} holds no python.",
        "Install one first: `conda install -p {prefix} python`.",
    ),
    "python-does-not-start": Wording(
        "The python of {prefix} does not start:\n{text}",
        "Repair it: `conda install -p {prefix} --force-reinstall python`.",
    ),
    "environment-not-created": Wording(
        "No environment can be created from {channels}: {text}",
        "Name another channel: `pipguard tour --channel NAME`.",
    ),
    "bash-missing": Wording(
        "The tour shows its commands in bash, and there is none on PATH.",
        "Install bash, or try the commands of the README in your own shell.",
    ),
    "tour-wheels-not-fetched": Wording(
        "pip could not fetch {names}:\n{text}",
        "Check the network and `pip config list`, or name a channel: `pipguard tour --channel …`.",
    ),
    "platform-unknown": Wording(
        "conda has no packages for {platform}.",
        "Use real pip: `PIPGUARD_BYPASS=1 pip …`.",
    ),
    "record-unreadable": Wording(
        "The record {path} cannot be read: {error}",
        "Restore it, or reinstall its package with conda.",
    ),
    # what was typed
    "user-site-refused": Wording(
        "--user installs into a folder that every environment of this python version shares.",
        "Leave it out to install into {prefix}.",
    ),
    "uninstall-unconfirmed": Wording(
        "An uninstall asks first, and there is no terminal to answer on.",
        "Type `pip uninstall -y …`.",
    ),
    # pip
    "own-pip-missing": Wording(
        "pipguard's own pip, one of its dependencies, is missing.",
        "Reinstall pipguard: `pip install --force-reinstall conda-pipguard`.",
    ),
    "pip-refused": Wording("pip refused the command line.", "See pip's text above."),
    "pip-failed": Wording("pip found no plan.", "See pip's text above."),
    "pip-fetch-failed": Wording("pip could not fetch or build a wheel.", "See pip's text above."),
    "pip-install-failed": Wording("pip could not install.", "See pip's text above."),
    "pip-uninstall-failed": Wording("pip could not uninstall.", "See pip's text above."),
    "report-version-unknown": Wording(
        "pip wrote an installation report of version {version}, which pipguard does not know.",
        "Upgrade pipguard, or use real pip: `PIPGUARD_BYPASS=1 pip …`.",
    ),
    "wheel-not-fetched": Wording(
        "pip fetched no wheel of {name} {version}.",
        "Try again; if it stays so, report it with the command line.",
    ),
    # routes
    "denied-by-policy": Wording(
        "The policy denies {name} ({source}).",
        "Ask whoever wrote the policy, or take {name} out of the request.",
    ),
    "promised-dist-missing": Wording(
        "The solver's answer lacks {name}.",
        "Report this with the command line; `prefer = 'pypi-only'` in the policy avoids it.",
    ),
    "promised-version-missing": Wording(
        "The solver chose {name} {version}, which the request excludes.",
        "Report this with the command line.",
    ),
    "wheel-differs-from-plan": Wording(
        "The wheel of {name} says other things about itself than the index did.",
        "Try again; if it stays so, report it to the project that published it.",
    ),
    # the engine
    "channel-unreadable": Wording(
        "A channel cannot be read ({channels}): {text}",
        "Check the network and `conda config --show channels`.",
    ),
    "package-unreadable": Wording(
        "The conda package {package} cannot be looked into: {text}",
        "Check the network and try again.",
    ),
    "package-missing": Wording(
        "The package {path} cannot be read: {error}",
        "Put it back, or let its channel be indexed again.",
    ),
    "package-altered": Wording(
        "The package {path} is not the one its channel describes: its sha256 differs.",
        "Do not use it. Delete it and try again.",
    ),
    "fetch-failed": Wording(
        "A package could not be fetched: {text}", "Check the network and try again."
    ),
    "link-failed": Wording("Linking failed: {text}", "Type the same command again."),
    "no-solution": Wording(
        "conda's packages and this request cannot be brought together:\n{text}",
        "Ask for other versions, or for fewer packages at once.",
    ),
    "too-many-attempts": Wording(
        "After {attempts} solves some package still ships something else than its name says.",
        "Say in the policy where the packages of this request shall come from.",
    ),
    # applying
    "apply-failed": Wording(
        "Changing {prefix} failed half-way: {error}",
        "Type the same command again; it starts from what is there.",
    ),
    "change-interrupted": Wording(
        "Interrupted while {prefix} was being changed.",
        "Type the same command again; it starts from what is there.",
    ),
    "pip-left-no-record": Wording(
        "pip installed something without a RECORD: {error}",
        "Report it to the project; `pip uninstall` removes what it can.",
    ),
    "pip-installed-nothing": Wording(
        "pip said it installed {name}, but it is not there.",
        "Type the same command again.",
    ),
    "ledger-unwritable": Wording(
        "The ledger in {folder} cannot be written: {error}",
        "Check permissions and free space.",
    ),
    "ledger-unreadable": Wording(
        "The ledger in {folder} cannot be read: {error}", "Check permissions."
    ),
    # settings
    "condarc-invalid": Wording(
        "conda's configuration holds settings that conda refuses as well:\n{problems}",
        "Correct them; `conda config --show-sources` lists every file.",
    ),
    "channel-not-allowed": Wording(
        "The channel {channel} ({url}) is excluded by `allowlist_channels` or `denylist_channels`.",
        "Take it out of the channels, or ask whoever wrote that rule.",
    ),
    "policy-invalid": Wording(
        "The policy cannot be used:\n{problems}",
        "Correct these settings and try again.",
    ),
    # the tour: making a throw-away environment out of a python that is here
    "python-not-usable": Wording(
        "{python} cannot be run:\n{text}",
        "Start pipguard with another python.",
    ),
    "python-incomplete": Wording(
        "{python} lacks a part that a conda environment has: {missing}",
        "On Debian and Ubuntu: `apt install python3-venv python3-dev`.",
    ),
    "python-layout-unknown": Wording(
        "{python} installs packages in a way of its own ({layout}).",
        "Start pipguard with a python from python.org, conda, Debian or Ubuntu.",
    ),
    "stdlib-not-understood": Wording(
        "The {file} of this python was changed by its distributor: it lacks {definition}.",
        "Start pipguard with another python, and report this with the release you use.",
    ),
    # wheels
    "wheel-refused": Wording(
        "These wheels cannot be turned into conda packages:\n{problems}",
        "Report this to the project that published the wheel, or ask for another version.",
    ),
}

PROBLEMS: dict[str, str] = {
    # wheels: why one is refused, or what to know of it
    "conda-name-invalid": "{detail!r} cannot be the name of a conda package",
    "data-scheme-unknown": "{member}: not a kind of data that wheels can hold",
    "dist-info-incomplete": "{member} is missing",
    "dist-info-missing": "there is no .dist-info folder in it",
    "dist-info-name": "{member} is not the metadata folder of {detail}",
    "dist-info-several": "it holds several .dist-info folders: {detail}",
    "entry-point-invalid": "{member}: `{detail}` names no function to call",
    "entry-point-path": "{member}: the name of `{detail}` is a path",
    "entry-points-unreadable": "{member} cannot be read ({detail})",
    "member-activation": "{member} runs whenever the environment is activated",
    "member-case-differs": "{member}: another file differs from it only in upper and lower case",
    "member-corrupt": "{member} is damaged",
    "member-duplicate": "{member} is in it twice, with different contents",
    "member-encrypted": "{member} is encrypted",
    "member-file-and-folder": "{member} is both a file and a folder",
    "member-link-script": "{member}: conda would run it when the package is installed or removed",
    "member-menu": "{member} makes an entry in the desktop's menu",
    "member-not-a-file": "{member} is a link or a device, not a file",
    "member-path-unsafe": "{member!r} could lie outside the environment",
    "member-reserved": "{member}: that place in the environment belongs to conda",
    "member-size-differs": "{member} is not of the size that it declares",
    "metadata-name-differs": "{member} is of another project: {detail!r}",
    "metadata-not-utf8": "{member} is not UTF-8 ({detail})",
    "metadata-version-differs": "{member} is of another version: {detail!r}",
    "record-hash-wrong": "{member} has another hash than RECORD says (such files: {detail})",
    "record-row-missing": "{member} is not listed in RECORD (such files: {detail})",
    "record-unreadable": "{member} cannot be read ({detail})",
    "requires-dist-invalid": "{member}: `{detail}` is not a valid requirement",
    "requires-python-invalid": "{member}: Requires-Python `{detail}` is not valid; it is ignored",
    "version-invalid": "{member}: {detail!r} is not a valid version",
    "wheel-hash-differs": "its sha256 is {detail}, not what was announced",
    "wheel-musllinux": "it is for musl, not for the C library of {detail}",
    "wheel-name-differs": "by its file name it is not {detail}",
    "wheel-name-invalid": "its file name is not that of a wheel ({detail})",
    "wheel-not-for-target": "it is not for {detail}",
    "wheel-ratio": "it unpacks to {detail} times its size",
    "wheel-too-large": "it unpacks to {detail} bytes",
    "wheel-unreadable": "it cannot be read as a zip file ({detail})",
    "wheel-version-newer": "{member}: Wheel-Version {detail} is newer than what is known here",
    "wheel-version-unknown": "{member}: Wheel-Version {detail!r} is not known here",
    # settings: over the fields of a BadSetting
    "file-unreadable": "{source}: cannot be read ({detail})",
    "setting-no-scheme": "{source}: `{key}` must be a URL, not {detail}",
    "setting-shape": "{source}: `{key}` must be {detail}",
    "setting-unknown": "{source}: there is no setting `{key}`",
    "setting-value": "{source}: `{key}` cannot be {detail}",
}

# What pip says beside EXTERNALLY-MANAGED, `Error-<language>` where the locale asks (PEP 668).
MARKER: dict[str, str] = {
    "Error": """This conda environment is guarded by pipguard.

Activate the environment and type `pip install NAME`, or without activation
    pipguard pip -p {prefix} install NAME
Both install from conda what conda has, and everything else so that conda knows of it.

For plain pip this once, in the activated environment: PIPGUARD_BYPASS=1 pip install NAME""",
    "Error-de": """Diese conda-Umgebung steht unter dem Schutz von pipguard.

Umgebung aktivieren und `pip install NAME` eingeben, oder ohne Aktivierung
    pipguard pip -p {prefix} install NAME
Beides installiert aus conda, was conda hat, und alles andere so, dass conda davon weiß.

Einmalig reines pip, in der aktivierten Umgebung: PIPGUARD_BYPASS=1 pip install NAME""",
    "Error-fr": """Cet environnement conda est protégé par pipguard.

Activez l'environnement et tapez `pip install NOM`, ou sans activation
    pipguard pip -p {prefix} install NOM
Les deux installent depuis conda ce que conda propose, et le reste de façon que conda le sache.

Pour pip seul, une fois, dans l'environnement activé : PIPGUARD_BYPASS=1 pip install NOM""",
    "Error-es": """Este entorno de conda está protegido por pipguard.

Active el entorno y escriba `pip install NOMBRE`, o sin activarlo
    pipguard pip -p {prefix} install NOMBRE
Ambos instalan desde conda lo que conda tiene, y lo demás de modo que conda lo sepa.

Para usar solo pip, una vez, en el entorno activado: PIPGUARD_BYPASS=1 pip install NOMBRE""",
}

# Sentences and table heads; `str.format` templates.
TEXTS: dict[str, str] = {
    "planning": "pipguard: asking pip for its plan …",
    "fetching": "pipguard: fetching {packages}: {names}",
    "converting": "pipguard: converting {packages}: {names}",
    "linking": "pipguard: linking {packages}",
    "removing": "pipguard: removing {packages}",
    "one-package": "1 package",
    "packages": "{count} packages",
    "waiting": "pipguard: waiting for another operation on this environment (process {process}) …",
    "route-columns": "name|version|from|why",
    "brought": "conda brings it along",
    "installed": "Successfully installed {items}",
    "would-install": "Would install {items}",
    "found": "Found existing installation: {name} {version}",
    "uninstalled": "  Successfully uninstalled {name}-{version}",
    "proceed": "Proceed (Y/n)? ",
    "skipping": "Skipping {name} as it is not installed.",
    "also-removed": "In the same conda package and going with it: {names}",
    "dependant": "{package} depends on {needs}, which goes",
    "guarded": "guarded by pipguard",
    "unguarded": "not guarded; `pipguard enable` guards it",
    "status-head": "{prefix}: {guarded}",
    "status-mode": "  mode: {mode}",
    "status-override": "  overridden by: {override}",
    "status-counts": "  dists: {counts}",
    "status-columns": "name|version|from|where",
    "editable-from": "editable, {source}",
    "enabled": "{prefix} is guarded, mode {mode}. Activate it and type `pip install NAME`.",
    "enabled-base": "This is a base environment, hence mode enforce.",
    "disabled": "{prefix} is no longer guarded; every file is as it was before.\n"
    "Shells in which it is active find pip again after `hash -r`.",
    "mapping-stale": "the table of conda names for {channel} could not be renewed "
    "({reason}); an older one serves.",
    "mapping-unavailable": "there is no table of conda names for {channel} ({reason}); "
    "only the names that pipguard knows itself are used.",
    "error": "ERROR: ",
    "warning": "WARNING: ",
    "state-unchanged": "Nothing was changed.",
    "state-changed": "The environment was being changed and may be incomplete.",
    "interrupted": "Interrupted; nothing was changed.",
    "unexpected": "pipguard met an error it did not foresee. The log is ready to paste: {log}",
}

# Where a dist comes from, as a count is worded.
ORIGINS: dict[str, str] = {
    "conda": "from conda",
    "converted": "converted from PyPI",
    "pip": "by pip (editable or VCS)",
    "untracked": "untracked",
    "damaged": "damaged",
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
    "not-on-conda": "not on conda",
    "version-not-on-conda": "conda has no version that satisfies",
    "not-for-this-python": "conda has none for this python or platform",
    "provider-not-verified": "conda's package of that name is something else",
    "conda-too-old": "conda is a major version behind",
    "conda-older-than-installed": "conda is older than what is installed",
    "conda-conflicts": "conda's package conflicts",
}

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

# What `--help` says of verbs and options.
HELP: dict[str, str] = {
    "pipguard": "Makes plain `pip install` safe inside conda environments.",
    "enable": "guard an environment",
    "disable": "take the guard out again, leaving every file as it was",
    "status": "say whether an environment is guarded, and where each dist comes from",
    "pip": "run a pip command line for an environment, guarded: pip [-p PATH | -n NAME] ARGS…",
    "tour": "show the main job on a throw-away environment",
    "--mode": "route (default), enforce or warn",
    "--json": "print a JSON document",
    "--prefix": "the environment, by its folder",
    "--name": "the environment, by its name",
    "--channel": "the conda channel of the tour, by name, URL or path; it must have python, pip, "
    "idna and attrs (default: conda-forge, or one made on the spot)",
    "--keep": "leave the tour's folder, and say where it is",
}
