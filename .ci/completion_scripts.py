# ruff: noqa: INP001 # a script, no module of anything
"""Writes the scripts in pipguard/completions/ anew, with shtab, out of the parsers of the verbs.

Run it after a verb or an option was added or reworded; `tests/unit/test_completion.py` asks for it.
"""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path

import shtab

from pipguard.messages import SUMMARIES
from pipguard.verbs import VERBS
from pipguard.verbs.completion import SCRIPTS

FOLDER = Path(__file__).resolve().parent.parent / "pipguard/completions"

# What a value is, by how the help calls it; an option and a word may be called the same.
_OF_OPTIONS = {
    "PATH": shtab.DIRECTORY,
    "DIR": shtab.DIRECTORY,
    "FILE": shtab.FILE,
    "NAME": "environments",
}
_OF_WORDS = {
    "ARGS": shtab.FILE,
    "DIR": shtab.DIRECTORY,
    "WHEEL": shtab.FILE,
    "ID": "operations",
}
_OF_VERBS = {("pip", "ARGS"): "pip", ("explain", "ARGS"): "pip", ("why", "NAME"): "dists"}
_OURS = frozenset({"dists", "environments", "operations", "pip"})

# How each shell asks `pipguard completion --list` for words with meanings; bash shows no meanings.
_ASKING = {
    "bash": """\
_pipguard_list() {  # KIND WORD
    local found
    while IFS=$'\\t' read -r found _; do
        case $found in "$2"*) printf '%s\\n' "$found" ;; esac
    done < <(pipguard completion --list "$1" "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
_pipguard_dists() { _pipguard_list dists "$1"; }
_pipguard_environments() { _pipguard_list environments "$1"; }
_pipguard_operations() { _pipguard_list operations "$1"; }
_pipguard_pip() {
    pipguard completion --list pip "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | tr ' ' '\\n'
}""",
    "zsh": """\
_pipguard_list() {
  local -a found
  found=("${(@f)$(pipguard completion --list $1 "${(@)words[1,CURRENT]}" 2>/dev/null)}")
  found=("${(@)found//:/\\\\:}")
  found=("${(@)found/$'\\t'/:}")
  _describe -V $1 found
}
_pipguard_dists() { _pipguard_list dists }
_pipguard_environments() { _pipguard_list environments }
_pipguard_operations() { _pipguard_list operations }
_pipguard_pip() {
  local -a found
  found=(${=$(pipguard completion --list pip "${(@)words[1,CURRENT]}" 2>/dev/null)})
  compadd -a found
}""",
    "fish": """\
function _pipguard_list
  set -l words (commandline -opc) (commandline -ct)
  pipguard completion --list $argv[1] $words[2..] 2>/dev/null
end
function _pipguard_pip
  _pipguard_list pip | string split ' '
end""",
}


def _asked_of_us(kind: str) -> dict[str, str]:
    function = f"_pipguard_{kind}"
    fish = f"(_pipguard_list {kind})" if kind != "pip" else f"({function})"
    return {"bash": function, "zsh": function, "fish": fish}


def _annotated(verb: str, parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Say of each action what its values are, as shtab wants to hear it."""
    for action in parser._actions:  # noqa: SLF001 # argparse tells it in no other way
        kinds = _OF_OPTIONS if action.option_strings else _OF_WORDS
        name = str(action.metavar or action.dest.upper())
        kind = kinds.get(name)
        if not action.option_strings:
            kind = _OF_VERBS.get((verb, name), kind)
        if kind:
            ours = isinstance(kind, str) and kind in _OURS
            action.complete = _asked_of_us(kind) if ours else kind
    return parser


def whole() -> argparse.ArgumentParser:
    """Make one parser with all verbs below it."""
    parser = argparse.ArgumentParser(prog="pipguard", description=SUMMARIES["pipguard"])
    parser.add_argument("--version", action="store_true", help="show the version")
    verbs = parser.add_subparsers()
    for verb in VERBS:
        own = _annotated(verb, import_module(f"pipguard.verbs.{verb}").parser())
        summary = SUMMARIES[verb]
        verbs.add_parser(verb, help=summary, description=summary, parents=[own], add_help=False)
    return parser


def scripts() -> dict[str, str]:
    """Make the script of each shell, by the name of its file."""
    made = {}
    for shell, name in SCRIPTS.items():
        text = shtab.complete(whole(), shell, preamble=_ASKING).rstrip("\n") + "\n"
        # Of several words, shtab lets zsh complete the first; of ARGS, it hides those before them.
        made[name] = text.replace('"(*):', '"*:').replace('"(-)*::', '"*:')
    return made


if __name__ == "__main__":
    for name, text in scripts().items():
        (FOLDER / name).write_text(text, "utf-8")
