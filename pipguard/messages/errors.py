"""What is said of each error: one entry for each reference that is raised.

Pure. `ERRORS` words the errors of `pipguard/errors.py`; a test holds it against the code. It is
longer than a module should be: it is one table, looked up by reference and never read through.
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
    "guard-half-changed": Wording(
        "`pipguard {verb}` failed half-way in {prefix}: {error}",
        "Type the same command again; it starts from what is there.",
    ),
    "guard-interrupted": Wording(
        "`pipguard {verb}` was interrupted half-way in {prefix}.",
        "Type the same command again; it starts from what is there.",
    ),
    "environment-copied": Wording(
        "{prefix} was copied or moved from {home}, and its guard is still that one's.",
        "Type `pipguard enable -p {prefix}`.",
    ),
    "environment-cloned": Wording(
        "{prefix} is a clone whose guard is not set up.",
        "Type `pipguard enable -p {prefix}`.",
    ),
    "pip-of-a-copy": Wording(
        "This pip lies in {other}, a copy of {prefix}, and its first line still starts the python "
        "of {prefix}.",
        "Type `{other}/bin/python -m pip …`.",
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
        "{prefix} is frozen: whoever made it does not want it changed.{message}",
        "Make an environment of your own, or remove conda-meta/frozen if it is yours.",
    ),
    "prefix-read-only": Wording(
        "{prefix} cannot be written by this user.",
        "Ask its owner, or make an environment of your own.",
    ),
    "prefix-unreadable": Wording(
        "{prefix} cannot be read: {error}",
        "Ask its owner, or put that file right.",
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
    "dist-not-installed": Wording(
        "{name} is not installed in {prefix}.",
        "`pipguard status` shows what is; `pipguard explain {name}` what an install would do.",
    ),
    "dist-removed": Wording(
        "{name} is not there any more: `{command}` took it away at {time}.",
        "`pipguard history` shows what was done; `pipguard undo` takes something back.",
    ),
    "changed-meanwhile": Wording(
        "Another command has changed the environment since this one looked at it.",
        "Type the same command again.",
    ),
    "environment-named-twice": Wording(
        "Two environments are named: {path} and {name}.",
        "Name one, with `-p PATH` or with `-n NAME`.",
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
    # files of ours: caches, the local channel, temporary folders
    "disk-full": Wording(
        "There is no room for a file: {error}",
        "Make room and type the same command again; `PIPGUARD_CACHE_DIR`, `PIPGUARD_CHANNEL` and "
        "`TMPDIR` name other places.",
    ),
    "file-failed": Wording(
        "A file or folder cannot be used: {error}",
        "Check its permissions; `PIPGUARD_CACHE_DIR`, `PIPGUARD_CHANNEL` and `TMPDIR` name other "
        "places.",
    ),
    # what was typed
    "verb-of-pip": Wording(
        "`{verb}` is a word of pip, not of pipguard.",
        "Type `pip {verb} …` in the activated environment, or `pipguard pip -p PATH {verb} …`.",
    ),
    "verb-mistyped": Wording(
        "pipguard has no verb `{verb}`.",
        "Did you mean `pipguard {meant}`? `pipguard --help` lists every verb.",
    ),
    "verb-unknown": Wording(
        "pipguard has no verb `{verb}`.",
        "`pipguard --help` lists every verb.",
    ),
    "name-invalid": Wording(
        "{name!r} cannot be the name of a project on PyPI.",
        "Names have letters, digits, `-`, `_` and `.`.",
    ),
    "user-site-refused": Wording(
        "--user installs into a folder that every environment of this python version shares.",
        "Leave it out to install into {prefix}.",
    ),
    "user-site-configured": Wording(
        "{source} asks for --user, which installs into a folder that every environment of this "
        "python version shares.",
        "Take `user` out there, or type `pip install --no-user …` to install into {prefix}.",
    ),
    "uninstall-unconfirmed": Wording(
        "An uninstall asks first, and nobody is there to answer.",
        "Type `pip uninstall -y …`.",
    ),
    # uv
    "uv-missing": Wording(
        "There is no uv on PATH.",
        "Install it (`pip install uv`), or use `pip`.",
    ),
    "uv-option-unknown": Wording(
        "pipguard does not know the option {option} of `uv pip`.",
        "Leave it out, or use real uv: `PIPGUARD_BYPASS=1 uv pip …`.",
    ),
    "uv-value-missing": Wording(
        "A value is missing behind {option}.",
        "`uv help pip install` shows every option.",
    ),
    "uv-option-refused": Wording(
        "In a guarded environment, pipguard cannot do what these options ask for: {options}.",
        "Leave them out, or use real uv: `PIPGUARD_BYPASS=1 uv pip …`.",
    ),
    "names-untold": Wording(
        "pip {pip_version} does not tell what is named in the files, so that it is not known what "
        "a sync may remove.",
        "Use `uv pip install -r …` and `uv pip uninstall …`.",
    ),
    "uv-pinned-nothing": Wording("uv found no versions that fit together.", "See uv's text above."),
    # export
    "export-not-on-index": Wording(
        "No index has {names}, which conda brought; a lock for pip cannot hold conda packages.",
        "Type `pipguard export` without `--format pylock`.",
    ),
    "export-offline": Wording(
        "Which wheels {names} would be, only an index can tell, and {source} says offline.",
        "Take that away, or type `pipguard export` without `--format pylock`.",
    ),
    "export-exact-only": Wording(
        "`--format {format}` names exact files; `--{option}` has no meaning there.",
        "Leave it out, or take `--format environment.yml`.",
    ),
    # bundles
    "bundle-folder-taken": Wording(
        "{folder} holds something else already.", "Name a folder that is empty or not there."
    ),
    "bundle-damaged": Wording(
        "conda-meta does not account for what is there of {names}; a bundle would not be the same.",
        "`pipguard doctor -p {prefix}` says what is wrong, `pipguard doctor --fix` repairs it.",
    ),
    "bundle-incomplete": Wording(
        "Some packages can neither be found nor be made again:\n{problems}",
        "Go online and type the same command again, or reinstall them: `conda install --force-"
        "reinstall NAME`.",
    ),
    "editables-not-built": Wording(
        "What is installed from a folder cannot be built into a package: {names}.",
        "See pip's text above; or install it without `-e` first.",
    ),
    "no-bundle": Wording(
        "{folder} is no bundle: {error}", "Name a folder that `pipguard bundle` has made."
    ),
    "environment-taken": Wording(
        "{prefix} holds something already.", "Name a folder that is empty or not there."
    ),
    "bundle-for-another": Wording(
        "The bundle {folder} is for {subdir}.", "Make one on a machine of this platform."
    ),
    "bundle-altered": Wording(
        "These packages of {folder} are missing or not what was bundled: {files}.",
        "Copy the bundle again.",
    ),
    # pip
    "pipguard-incomplete": Wording(
        "pipguard cannot run: its module {module} is missing.",
        "Install pipguard again. Until then `PIPGUARD_BYPASS=1 pip …` is real pip.",
    ),
    "own-pip-missing": Wording(
        "pipguard's own pip, one of its dependencies, is missing.",
        "Install pipguard again, the way it was installed.",
    ),
    "no-pip-for-python": Wording(
        "pipguard's own pip needs python {needed}; {prefix} has {python}, and no pip {oldest} "
        "or later to plan with.",
        "Install one: `conda install -p {prefix} 'pip>={oldest}'`, or take a newer python.",
    ),
    "report-unwritable": Wording(
        "pip's report cannot be written to {path}: {error}",
        "Name a file in a folder that exists and that you may write.",
    ),
    "pip-crashed": Wording(
        "pip ended before it was done ({error}).",
        "Type the same command again; if it stays so, report it with what pip wrote above, or use "
        "real pip: `PIPGUARD_BYPASS=1 pip …`.",
    ),
    "pip-refused": Wording("pip refused the command line.", "See pip's text above."),
    "pip-failed": Wording("pip found no way to install this.", "See pip's text above."),
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
    "conda-itself": Wording(
        "{name} is what this environment is made of; pip cannot change it.",
        "Type `conda install {asked}`.",
    ),
    "pipguard-itself": Wording(
        "{name} is what pipguard runs on, in this very environment; it cannot change it.",
        "Type `conda install {conda_name}`, or put PIPGUARD_BYPASS=1 in front where pip had "
        "installed it. Better, install pipguard into an environment of its own.",
    ),
    "pipguard-at-work": Wording(
        "{name} is what pipguard runs on, in this very environment; it cannot take it away.",
        "`pipguard disable` takes the guard out; type the same again then.",
    ),
    "dist-would-vanish": Wording(
        "conda's {package} holds {name} and {lost}: with {name} from PyPI, {lost} would be gone.",
        "Name {lost} as well, so that it comes from PyPI, too; or type `conda update {package}`.",
    ),
    "promised-dist-missing": Wording(
        "The solver's answer lacks {name}.",
        "Report this with the command line; `prefer = 'pypi-only'` in a policy file avoids it.",
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
    "channel-silent": Wording(
        "A channel does not answer: {channels}",
        "Check the network, proxies and `conda config --show channels`; with `PIPGUARD_OFFLINE=1` "
        "what was fetched earlier serves.",
    ),
    "package-not-kept": Wording(
        "Nothing may be fetched (offline), and a package was not fetched earlier: {text}",
        "Go online once: unset `PIPGUARD_OFFLINE`, and `offline` in conda's configuration.",
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
        "There is no way to bring {asked} and this environment together:\n{problems}\n"
        "What the solver says:\n{text}",
        "Ask for other versions, or install it into an environment of its own: `conda create`.",
    ),
    "too-many-attempts": Wording(
        "After {attempts} solves some package still ships something else than its name says.",
        "Say in a policy file where the packages of this request shall come from.",
    ),
    # applying
    "apply-failed": Wording(
        "Changing {prefix} failed half-way: {error}",
        "Put that right and type the same command again; `pipguard status` shows what is there.",
    ),
    "repair-failed": Wording(
        "What an earlier operation left in {prefix} cannot be put back: {error}",
        "Check permissions and free space, then type `pipguard recover`.",
    ),
    "paths-owned": Wording(
        "{newcomers} from PyPI would replace files that belong to {owners}: {paths}",
        "Do without one of them: `pip uninstall` it, or install into a new environment.",
    ),
    "undo-nothing": Wording(
        "There is no operation to undo.",
        "`pipguard history` lists what was done.",
    ),
    "undo-unknown": Wording(
        "{id} names no operation of this environment, or several.",
        "`pipguard history` lists the ids.",
    ),
    "undo-not-standing": Wording(
        "{id} cannot be undone: its state is {state}, or it was undone already.",
        "`pipguard history` lists what stands.",
    ),
    "undo-too-old": Wording(
        "The files that {id} replaced are not kept any more.",
        "Install the versions that `pipguard history` names; PIPGUARD_KEEP says how many "
        "operations keep their files.",
    ),
    "undo-rested-on": Wording(
        "Later operations have changed what {id} left: {later}.",
        "`pipguard undo {id} --with-later` undoes those first.",
    ),
    "undo-breaks": Wording(
        "Without {id}, packages that stay would lack what they need: {needs}.",
        "`pipguard undo {id} --with-later` undoes what came later as well.",
    ),
    "undo-changed-since": Wording(
        "What {id} left was changed by something else: {paths}",
        "`pipguard doctor` tells what is wrong now, `pipguard doctor --fix` repairs it.",
    ),
    "undo-saved-altered": Wording(
        "Saved files of {id} are not what was saved: {paths}",
        "Install the versions that `pipguard history` names.",
    ),
    "undo-failed": Wording(
        "Undoing failed half-way: {error}",
        "Put that right and type the same command again.",
    ),
    "journal-not-kept": Wording(
        "What would be replaced in {prefix} cannot be kept: {error}",
        "Make room or put permissions right, then type the same command again.",
    ),
    "journal-unreadable": Wording(
        "The journal of an earlier operation, {folder}, cannot be read: {error}",
        "Move that folder away; `pipguard status` shows what is there.",
    ),
    "change-unrecorded": Wording(
        "{prefix} was changed, but history or ledger could not be written: {error}",
        "Check permissions and free space; `pipguard status` shows what is there.",
    ),
    "change-interrupted": Wording(
        "Interrupted while {prefix} was being changed.",
        "Type the same command again.",
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
    "pins-invalid": Wording(
        "These pins cannot be read:\n{problems}",
        "Correct or remove these lines and try again.",
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
