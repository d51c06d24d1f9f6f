"""pip's command line read without pip, for a pip whose private API is another one than we know.

Pure. `pip_orders.py` reads options with pip's own parser and says when it cannot; then `read` makes
`Told` of what was typed and of the `PIP_*` variables, from the table `_OPTIONS`, and the other
functions write command lines for pip as anyone may type them. pip.conf is not read here: options
that stand in it act in the pip that is run, but not on what is decided.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from pipguard.names import pypi_name
from pipguard.request import Told


class _Kind(Enum):
    """What an option does with its value, in the words of optparse."""

    TRUE = "store_true"
    FALSE = "store_false"
    COUNT = "count"
    STORE = "store"
    APPEND = "append"
    NAMES = "callback"


@dataclass(frozen=True, slots=True)
class _Option:
    """One option of `pip install` or `pip uninstall`, its `dest` as in pip's own table."""

    dest: str
    kind: _Kind
    again: bool = False

    @property
    def takes_value(self) -> bool:
        return self.kind in {_Kind.STORE, _Kind.APPEND, _Kind.NAMES}


# What is decided upon, and every other option that takes a value, for a value is no requirement.
# `again`: fetching and building repeat it.
_OPTIONS: dict[str, _Option] = {
    "--abi": _Option("abis", _Kind.APPEND),
    "--all-releases": _Option("all_releases", _Kind.APPEND),
    "--break-system-packages": _Option("break_system_packages", _Kind.TRUE),
    "--build-constraint": _Option("build_constraints", _Kind.APPEND, again=True),
    "--cache-dir": _Option("cache_dir", _Kind.STORE, again=True),
    "--cert": _Option("cert", _Kind.STORE, again=True),
    "--client-cert": _Option("client_cert", _Kind.STORE, again=True),
    "--compile": _Option("compile", _Kind.TRUE),
    "--config-settings": _Option("config_settings", _Kind.APPEND, again=True),
    "--constraint": _Option("constraints", _Kind.APPEND),
    "--dry-run": _Option("dry_run", _Kind.TRUE),
    "--editable": _Option("editables", _Kind.APPEND),
    "--exists-action": _Option("exists_action", _Kind.APPEND),
    "--extra-index-url": _Option("extra_index_urls", _Kind.APPEND, again=True),
    "--find-links": _Option("find_links", _Kind.APPEND, again=True),
    "--force-reinstall": _Option("force_reinstall", _Kind.TRUE),
    "--group": _Option("dependency_groups", _Kind.APPEND),
    "--ignore-installed": _Option("ignore_installed", _Kind.TRUE),
    "--implementation": _Option("implementation", _Kind.STORE),
    "--index-url": _Option("index_url", _Kind.STORE, again=True),
    "--keyring-provider": _Option("keyring_provider", _Kind.STORE, again=True),
    "--log": _Option("log", _Kind.STORE, again=True),
    "--no-binary": _Option("no_binary", _Kind.NAMES, again=True),
    "--no-build-isolation": _Option("build_isolation", _Kind.FALSE, again=True),
    "--no-cache-dir": _Option("cache_dir", _Kind.FALSE, again=True),
    "--no-clean": _Option("no_clean", _Kind.TRUE, again=True),
    "--no-color": _Option("no_color", _Kind.TRUE, again=True),
    "--no-compile": _Option("compile", _Kind.FALSE),
    "--no-deps": _Option("ignore_dependencies", _Kind.TRUE),
    "--no-index": _Option("no_index", _Kind.TRUE, again=True),
    "--no-input": _Option("no_input", _Kind.TRUE, again=True),
    "--no-user": _Option("use_user_site", _Kind.FALSE),
    "--only-binary": _Option("only_binary", _Kind.NAMES, again=True),
    "--only-deps": _Option("only_dependencies", _Kind.TRUE),
    "--only-final": _Option("only_final", _Kind.APPEND),
    "--platform": _Option("platforms", _Kind.APPEND),
    "--prefer-binary": _Option("prefer_binary", _Kind.TRUE, again=True),
    "--pre": _Option("pre", _Kind.TRUE, again=True),
    "--prefix": _Option("prefix_path", _Kind.STORE),
    "--progress-bar": _Option("progress_bar", _Kind.STORE, again=True),
    "--proxy": _Option("proxy", _Kind.STORE, again=True),
    "--python": _Option("python", _Kind.STORE),
    "--python-version": _Option("python_version", _Kind.STORE),
    "--quiet": _Option("quiet", _Kind.COUNT, again=True),
    "--report": _Option("json_report_file", _Kind.STORE),
    "--require-hashes": _Option("require_hashes", _Kind.TRUE),
    "--refresh-package": _Option("refresh_package", _Kind.APPEND, again=True),
    "--requirement": _Option("requirements", _Kind.APPEND),
    "--requirements-from-script": _Option("requirements_from_scripts", _Kind.APPEND),
    "--resume-retries": _Option("resume_retries", _Kind.STORE, again=True),
    "--retries": _Option("retries", _Kind.STORE, again=True),
    "--root": _Option("root_path", _Kind.STORE),
    "--root-user-action": _Option("root_user_action", _Kind.STORE, again=True),
    "--src": _Option("src_dir", _Kind.STORE, again=True),
    "--target": _Option("target_dir", _Kind.STORE),
    "--timeout": _Option("timeout", _Kind.STORE, again=True),
    "--trusted-host": _Option("trusted_hosts", _Kind.APPEND, again=True),
    "--upgrade": _Option("upgrade", _Kind.TRUE),
    "--upgrade-strategy": _Option("upgrade_strategy", _Kind.STORE),
    "--uploaded-prior-to": _Option("uploaded_prior_to", _Kind.STORE),
    "--use-deprecated": _Option("deprecated_features_enabled", _Kind.APPEND, again=True),
    "--use-feature": _Option("features_enabled", _Kind.APPEND, again=True),
    "--user": _Option("use_user_site", _Kind.TRUE),
    "--verbose": _Option("verbose", _Kind.COUNT, again=True),
    "--yes": _Option("yes", _Kind.TRUE),
}
# Second names of the same, which pip keeps for old scripts.
_ALIASES = {
    "--default-timeout": "--timeout",
    "--local-log": "--log",
    "--log-file": "--log",
    "--no-dependencies": "--no-deps",
    "--only-dependencies": "--only-deps",
    "--pypi-url": "--index-url",
    "--source": "--src",
    "--source-dir": "--src",
    "--source-directory": "--src",
}
_SHORT = {
    "C": "--config-settings",
    "I": "--ignore-installed",
    "U": "--upgrade",
    "c": "--constraint",
    "e": "--editable",
    "f": "--find-links",
    "i": "--index-url",
    "q": "--quiet",
    "r": "--requirement",
    "t": "--target",
    "v": "--verbose",
    "y": "--yes",
}
_NO = frozenset({"", "0", "f", "false", "n", "no", "off"})


def read(arguments: Sequence[str], environ: Mapping[str, str]) -> Told:
    """Read a command line as pip's parser would."""
    words = list(_words(arguments))
    plain = [value for option, value in words if option is None]
    configured = _configured(environ)
    options = dict(configured)
    for option, value in words:
        if option is not None:
            _act(options, option, value)
    return Told(plain[0] if plain else "", options, configured, tuple(plain[1:]))


def _words(arguments: Sequence[str]) -> Iterator[tuple[str | None, str]]:
    """Tell each option with its value, and what is no option as the value of None."""
    pending = list(arguments)
    while pending:
        word = pending.pop(0)
        if word == "--":
            yield from ((None, rest) for rest in pending)
            return
        if word.startswith("--"):
            yield _long(word, pending)
        elif word.startswith("-") and word != "-":
            yield from _cluster(word[1:], pending)
        else:
            yield None, word


def _long(word: str, pending: list[str]) -> tuple[str, str]:
    """Read `--option`, `--option=value` or `--option value`, abbreviated or not."""
    typed, glued, value = word.partition("=")
    known = {**{name: name for name in _OPTIONS}, **_ALIASES}
    beginning = [name for name in known if name.startswith(typed)]
    name = known.get(beginning[0] if len(beginning) == 1 else typed, typed)
    if not glued and name in _OPTIONS and _OPTIONS[name].takes_value and pending:
        value = pending.pop(0)
    return name, value


def _cluster(letters: str, pending: list[str]) -> Iterator[tuple[str, str]]:
    """Read `-Uqr FILE` and `-rFILE`."""
    while letters:
        name, letters = _SHORT.get(letters[0], f"-{letters[0]}"), letters[1:]
        if name in _OPTIONS and _OPTIONS[name].takes_value:
            yield name, letters or (pending.pop(0) if pending else "")
            return
        yield name, ""


def _act(options: dict[str, Any], name: str, value: str) -> None:
    option = _OPTIONS.get(name)
    if option is None:
        return
    match option.kind:
        case _Kind.TRUE | _Kind.FALSE:
            options[option.dest] = option.kind is _Kind.TRUE
        case _Kind.COUNT:
            options[option.dest] = options.get(option.dest, 0) + 1
        case _Kind.STORE:
            options[option.dest] = value
        case _Kind.APPEND:
            options[option.dest] = [*options.get(option.dest, ()), value]
        case _Kind.NAMES:
            options[option.dest] = _names(options.get(option.dest, ()), value)


def _names(before: Sequence[str], value: str) -> list[str]:
    """Read `--no-binary a,b`; `:none:` takes back what was said before, `:all:` covers it."""
    found = list(before)
    for name in value.split(","):
        if name in {":none:", ":all:"}:
            found = [name] * (name == ":all:")
        else:
            found.append(pypi_name(name))
    return found


def _configured(environ: Mapping[str, str]) -> dict[str, Any]:
    """Read `PIP_*`: each option may stand there by its long name; lists are cut at spaces."""
    options: dict[str, Any] = {}
    for name, option in _OPTIONS.items():
        value = environ.get("PIP_" + name[2:].upper().replace("-", "_"), "")
        if not value:
            continue
        switched_on = value.lower() not in _NO
        match option.kind:
            case _Kind.COUNT:
                options[option.dest] = int(value) if value.isdigit() else int(switched_on)
            case _Kind.APPEND:
                options[option.dest] = value.split()
            case _Kind.TRUE | _Kind.FALSE:
                options[option.dest] = switched_on is (option.kind is _Kind.TRUE)
            case _Kind.STORE | _Kind.NAMES:
                _act(options, name, value)
    return options


def planning(arguments: Sequence[str], report: str) -> list[str]:
    """Write the command line that plans and changes nothing; of two reports pip takes the last."""
    words = list(arguments)
    end = words.index("--") if "--" in words else len(words)
    return [*words[:end], "--dry-run", "--report", report, *words[end:]]


def fetching(arguments: Sequence[str], folder: str, references: Sequence[str]) -> list[str]:
    """Write the command line that downloads or builds wheels."""
    return ["wheel", "--no-deps", "--wheel-dir", folder, *_again(arguments), "--", *references]


def installing(arguments: Sequence[str], folder: str, wanted: Sequence[str]) -> list[str]:
    """Write the command line of true pip's part; `wanted` may begin with `--editable`.

    An old pip would install an editable by `setup.py develop`, which goes past `--prefix`.
    """
    fixed = ["--no-deps", "--ignore-installed", "--use-pep517", "--break-system-packages"]
    return ["install", *fixed, "--prefix", folder, *_again(arguments), *wanted]


def uninstalling(names: Sequence[str]) -> list[str]:
    """Write the command line that removes what pip had installed."""
    return ["uninstall", "--yes", "--break-system-packages", *names]


def _again(arguments: Sequence[str]) -> Iterator[str]:
    for name, value in _words(arguments):
        option = _OPTIONS.get(name or "")
        if name and option and option.again:
            yield f"{name}={value}" if option.takes_value else name
