"""What `--help` says: one line of each verb, more of each on its own page, and two examples.

Pure.
"""

from __future__ import annotations

# `pipguard --help` is one screen of 80 columns: a test counts.
USAGE = "pipguard VERB …    (`pipguard VERB --help`: its options and examples)"

# What the groups of verbs are called there.
GROUPS: dict[str, str] = {
    "guard": "guard",
    "install": "install",
    "back": "go back",
    "elsewhere": "elsewhere",
    "more": "more",
}

# The one line of each verb there.
SUMMARIES: dict[str, str] = {
    "pipguard": "Makes plain `pip install` safe inside conda environments.",
    "enable": "guard an environment",
    "disable": "take the guard out, leaving every file as it was",
    "status": "is it guarded, and where does each dist come from?",
    "doctor": "find what pip, conda or a kill has damaged; repair it",
    "pip": "`pip ARGS…` for an environment that is not active",
    "uv": "the same for `uv ARGS…`",
    "explain": "what `pip install ARGS…` would do, and why",
    "why": "why a package came from where it came from",
    "names": "how names on PyPI are known to conda",
    "history": "what was done in an environment",
    "undo": "back to the state before an operation, without network",
    "recover": "take back what was cut off; other commands do so, too",
    "export": "write environment.yml, requirements.txt or a lock",
    "bundle": "a folder that makes it again without network",
    "create": "make an environment of a bundle",
    "convert": "turn wheels into conda packages",
    "clean": "make caches smaller; every `undo` still works",
    "completion": "complete words with TAB in bash, zsh or fish",
    "tour": "see the main job on a throw-away environment",
}

# What each says of itself on its own page, and of its words and options.
HELP: dict[str, str] = {
    "enable": "Guard an environment: from then on `pip install` in it takes from conda what conda "
    "has, and makes the rest known to conda.",
    "disable": "Take the guard out again, leaving every file as it was. What was installed stays.",
    "status": "Say whether an environment is guarded, what weakens the guard, and where each dist "
    "comes from.",
    "doctor": "Find what does not hold of an environment, and repair it. Exits with 1 where "
    "something is found, with --fix where something is left.",
    "bundle": "Make a folder from which the environment is made again without any network.",
    "create": "Make an environment of a bundle, without any network.",
    "export": "Say what is in an environment, so that it can be made again elsewhere.",
    "explain": "Say where each package of `pip install ARGS…` would come from and why, changing "
    "nothing.",
    "ARGS": "as behind `pip install`",
    "why": "Say why an installed package came from where it came from.",
    "why NAME": "a name on PyPI, or of an installed conda package",
    "names": "Tell how PyPI names are known to conda, and who says so.",
    "names NAME": "a name on PyPI",
    "pip": "Run a pip command line for an environment. `install` and `uninstall` are guarded; "
    "everything else, `pipguard pip help` for instance, is the environment's own pip.",
    "uv": "Run a uv command line for an environment. `uv pip install`, `uninstall` and `sync` are "
    "guarded; everything else, `pipguard uv help` for instance, is the uv on PATH.",
    "pip ARGS": "as behind `pip`",
    "uv ARGS": "as behind `uv`",
    "convert": "Turn wheels into conda packages for an environment, without installing them. "
    "Exits with 1 where one was refused.",
    "clean": "Remove what no environment refers to from caches and local channel; every `undo` "
    "still works.",
    "clean --dry-run": "only say what would go",
    "--forget-missing": "take environments for deleted whose parent folder is missing, too",
    "history": "List what was done in an environment, oldest first.",
    "history ID": "one operation, by its id or the beginning of it (default: all, in a table)",
    "undo": "Go back to the state before an operation, from files that were kept: no network is "
    "needed.",
    "undo ID": "the operation, by its id in `pipguard history` or the beginning of it (default: "
    "the newest that stands)",
    "--with-later": "undo the operations after it, too",
    "recover": "Put right what a killed operation left. Any other command does so as well.",
    "completion": "Print a script for your shell, which then completes verbs, options, "
    "environments and operations with TAB.",
    "SHELL": "bash, zsh or fish",
    "tour": "Show the main job on an environment that is thrown away afterwards.",
    "--mode": "route (default), enforce (default in base) or warn",
    "--all": "every environment that conda, mamba or micromamba knows",
    "--json": "print a JSON document",
    "--fix": "repair what is found, in one operation that `pipguard undo` takes back; the plan is "
    "shown first",
    "--migrate": "as `--fix`, then install what is missing, and replace what was adopted by the "
    "conda or converted package of the same version: this needs channels and index",
    "--yes": "do not ask",
    "--full": "hash every file, whatever its size and date say",
    "--ignore": "leave out findings of one kind; may be given several times",
    "--format": "environment.yml (default), requirements, pylock (PEP 751) or explicit",
    "--no-builds": "versions without builds and hashes, for other platforms",
    "--from-history": "only what was asked for",
    "--channel-url": "the address under which others find the local channel",
    "--output-file": "the file to write, to whose folder paths are relative (default: standard "
    "output)",
    "DIR": "the folder of the bundle; made where it is missing",
    "BUNDLE": "the folder that `pipguard bundle` has made",
    "--new-prefix": "the folder of the new environment, empty or not there",
    "--prefix": "the environment, by its folder (default: the active one)",
    "--name": "the environment, by its name",
    "--channel": "the conda channel of the tour, by name, URL or path; it must have python, pip, "
    "idna and attrs (default: conda-forge, or one made on the spot)",
    "WHEEL": "a wheel, by its file",
    "--output": "the folder for the packages; made where it is missing",
    "--as-channel": "make the folder a conda channel, or add to it: packages by platform, and an "
    "index of them",
    "--keep": "leave the tour's folder, and say where it is",
}

# Two command lines of each verb and what they are for; docs/reference/verbs.md has them as well.
EXAMPLES: dict[str, tuple[tuple[str, str], ...]] = {
    "enable": (
        ("pipguard enable -p ~/envs/demo", "one environment"),
        ("pipguard enable --all --mode warn", "all of them, only warning"),
    ),
    "disable": (
        ("pipguard disable -p ~/envs/demo", "one environment"),
        ("pipguard disable --all", "all of them"),
    ),
    "status": (
        ("pipguard status", "the active environment"),
        ("pipguard status -p ~/envs/demo --json", "for a program"),
    ),
    "doctor": (
        ("pipguard doctor", "look, change nothing"),
        ("pipguard doctor --fix --yes", "repair, without a question"),
    ),
    "pip": (
        ("pipguard pip -p ~/envs/demo install --dry-run attrs", "what would be done"),
        ("pipguard pip -p ~/envs/demo list", "the environment's own pip"),
    ),
    "uv": (
        ("pipguard uv -p ~/envs/demo pip install --dry-run attrs", "what would be done"),
        ("pipguard uv -p ~/envs/demo pip list", "the uv on PATH"),
    ),
    "explain": (
        ("pipguard explain rich", "one project"),
        ("pipguard explain --json 'attrs>=20'", "for a program"),
    ),
    "why": (
        ("pipguard why rich", "in the active environment"),
        ("pipguard why -p ~/envs/demo --json mdurl", "for a program"),
    ),
    "names": (
        ("pipguard names torch pyqt5", "two names"),
        ("pipguard names --json numpy", "for a program"),
    ),
    "history": (
        ("pipguard history", "the active environment"),
        ("pipguard history -p ~/envs/demo --json", "for a program"),
    ),
    "undo": (
        ("pipguard undo", "the newest operation"),
        ("pipguard undo --with-later 20261121T083111724527-ce", "that one, and all since"),
    ),
    "recover": (
        ("pipguard recover", "the active environment"),
        ("pipguard recover -p ~/envs/demo", "another one"),
    ),
    "export": (
        ("pipguard export", "environment.yml, to the terminal"),
        ("pipguard export --format requirements -o requirements.txt", "for pip"),
    ),
    "bundle": (
        ("pipguard bundle ~/demo-bundle", "the active environment"),
        ("pipguard bundle -p ~/envs/demo ~/demo-bundle", "another one"),
    ),
    "create": (
        ("pipguard create -p ~/envs/again ~/demo-bundle", "in your home"),
        ("pipguard create --prefix /srv/env demo-bundle", "for all"),
    ),
    "convert": (
        ("pipguard convert attrs-26.1.0-py3-none-any.whl -o packages", "one wheel"),
        ("pipguard convert --as-channel -o channel *.whl", "a channel of many"),
    ),
    "clean": (
        ("pipguard clean --dry-run", "only say what would go"),
        ("pipguard clean --json", "for a program"),
    ),
    "completion": (
        ('eval "$(pipguard completion bash)"', "in ~/.bashrc; zsh likewise"),
        ("pipguard completion fish | source", "in ~/.config/fish/config.fish"),
    ),
    "tour": (
        ("pipguard tour", "about a minute"),
        ("pipguard tour --keep", "and keep its folder"),
    ),
}
