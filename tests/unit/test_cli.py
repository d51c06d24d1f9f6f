"""Exit codes: every class of error, Ctrl-C, and what nobody foresaw."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from pipguard import cli, errors
from pipguard.errors import ConversionError, PlanError, TransactionError, Unsolvable
from pipguard.messages import EXAMPLES, HELP, SUMMARIES
from pipguard.problems import Problem
from pipguard.verbs import VERBS


def raising(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> int:
    """Run a command whose work ends with this error."""

    def fail(_: object) -> int:
        raise error

    monkeypatch.setattr(cli, "_dispatch", fail)
    return cli.run(["status"])


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.UsageError("user-site-refused", prefix="/env"), 2),
        (PlanError("pip-failed", status=1, text=""), 1),
        (PlanError("pip-refused", status=2, text=""), 2),
        (PlanError("pip-failed", status=23, text=""), 23),
        (errors.RoutingError("promised-dist-missing", name="alpha"), 1),
        (ConversionError((Problem("a.whl", "wheel-ratio", detail="900"),)), 1),
        (errors.EngineError("fetch-failed", text="no network"), 1),
        (Unsolvable("alpha conflicts with beta"), 1),
        (TransactionError("apply-failed", restored=False, prefix="/env", error="full"), 1),
        (errors.InterruptedChange("change-interrupted", restored=False, prefix="/env"), 130),
        (errors.PrefixError("no-environment"), 1),
        (errors.LedgerError("ledger-unreadable", folder="/env", error="denied"), 1),
        (KeyboardInterrupt(), 130),
        (SystemExit(0), 0),
        (SystemExit(2), 2),
        (SystemExit(None), 0),
        (SystemExit("what argparse never does"), 1),
    ],
    ids=lambda it: type(it).__name__ if isinstance(it, BaseException) else str(it),
)
def test_each_error_has_its_exit_code(
    error: BaseException, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert raising(error, monkeypatch) == code


def test_every_class_of_error_is_in_the_table_above() -> None:
    kinds = {it for it in vars(errors).values() if isinstance(it, type)}
    codes = {it.exit_code for it in kinds if issubclass(it, errors.PipguardError)}
    assert codes == {1, 2, 130}


def test_what_nobody_foresaw_leaves_a_log_to_paste(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert raising(ZeroDivisionError("of all things"), monkeypatch) == 3
    said = capsys.readouterr().err
    log = Path(said.rpartition(": ")[2].strip())
    assert "ZeroDivisionError: of all things" in log.read_text()
    assert "pipguard 0" in log.read_text()
    assert "Traceback" not in said


def test_a_pipguard_that_has_lost_what_it_needs_says_so() -> None:
    """Two tracebacks on top of each other were shown: the terminal needs packaging as well."""
    script = (
        "import sys; sys.modules['packaging'] = None; from pipguard.__main__ import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "status"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "packaging" in done.stderr
    assert "PIPGUARD_BYPASS=1" in done.stderr


def test_an_error_is_told_on_standard_error_with_state_and_hint(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    raising(errors.PrefixError("no-environment"), monkeypatch)
    told = capsys.readouterr()
    assert told.out == ""
    assert len(told.err.splitlines()) == 3


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["no-such-verb"],
        ["help", "no-such-verb"],
        ["--", "status"],
        ["enable", "-p", "a", "-n", "b"],
    ],
)
def test_a_command_line_that_makes_no_sense_is_a_usage_error(arguments: list[str]) -> None:
    assert cli.run(arguments) == 2


@pytest.mark.parametrize("tool", ["pip", "uv"])
def test_two_environments_at_once_are_refused_before_anything_starts(tool: str) -> None:
    assert cli.run([tool, "-p", "/a", "-n", "b", "install", "alpha"]) == 2


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_its_module_and_its_help(verb: str) -> None:
    assert callable(import_module(f"pipguard.verbs.{verb}").run)
    assert HELP[verb]
    assert SUMMARIES[verb]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--version"], "pipguard 0"),
        (["--help"], "usage: pipguard VERB"),
        (["help"], "usage: pipguard VERB"),
        (["status", "--help"], "usage: pipguard status"),
        (["help", "status"], "usage: pipguard status"),
    ],
)
def test_help_and_version_are_no_errors(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(arguments) == 0
    assert capsys.readouterr().out.startswith(said)


@pytest.mark.parametrize("verb", ["status", "enable", "disable", "pip"])
def test_without_any_environment_nothing_is_done(verb: str) -> None:
    assert cli.run([verb]) == 1


@pytest.mark.parametrize(
    ("arguments", "path", "name", "rest"),
    [
        (["install", "alpha"], None, None, ["install", "alpha"]),
        (["-p", "/env", "install", "alpha"], "/env", None, ["install", "alpha"]),
        (["--prefix", "/env", "install"], "/env", None, ["install"]),
        (["--prefix=/env", "install"], "/env", None, ["install"]),
        (["-n", "demo", "list"], None, "demo", ["list"]),
        (["--name=demo", "list"], None, "demo", ["list"]),
        (
            ["install", "--prefix", "/other", "a"],
            None,
            None,
            ["install", "--prefix", "/other", "a"],
        ),
    ],
)
def test_only_what_stands_before_pips_words_chooses_the_environment(
    arguments: list[str],
    path: str | None,
    name: str | None,
    rest: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[object] = []

    def choose(path: str | None, name: str | None, *_: object) -> Path:
        asked.append((path, name))
        return Path("/chosen")

    def serve(prefix: Path, arguments: list[str], front_door: str) -> int:
        asked.append((prefix, arguments, front_door))
        return 0

    monkeypatch.setattr("pipguard.verbs.front_door.choose", choose)
    monkeypatch.setattr("pipguard.verbs.pip.serve", serve)
    assert cli.run(["pip", *arguments]) == 0
    assert asked == [(path, name), (Path("/chosen"), rest, "pipguard pip")]


def test_the_help_fits_one_screen(capsys: pytest.CaptureFixture[str]) -> None:
    cli.run(["--help"])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80
    assert [
        verb for verb in VERBS if not re.search(rf"^.{{11}}{verb} ", "\n".join(lines), re.MULTILINE)
    ] == []


def test_without_a_word_the_help_is_shown_as_what_was_missing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.run([]) == 2
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 23)


@pytest.mark.parametrize(
    ("word", "reference"),
    [
        ("install", "verb-of-pip"),
        ("instal", "verb-of-pip"),
        ("stats", "verb-mistyped"),
        ("frobnicate", "verb-unknown"),
    ],
)
def test_a_word_that_is_no_verb_is_told_from_one_of_pip(word: str, reference: str) -> None:
    with pytest.raises(errors.UsageError) as raised:
        cli._dispatch([word])
    assert raised.value.reference == reference


@pytest.mark.parametrize("verb", VERBS)
def test_every_help_has_two_examples_that_the_verb_understands(
    verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run([verb, "--help"]) == 0
    _, _, examples = capsys.readouterr().out.partition("\nexamples:\n")
    lines = examples.rstrip("\n").splitlines()
    assert len(lines) == 2
    assert max(map(len, lines)) <= 80
    for command, purpose in EXAMPLES[verb]:
        assert f"  {command}  # {purpose}" in lines
        _, _, words = command.partition(f"pipguard {verb}")
        parser = import_module(f"pipguard.verbs.{verb}").parser()
        typed = shlex.split(re.split(r"[|)]", words)[0])
        assert parser.parse_args(typed)
