"""What a person sees, by snapshot: the one place in which wording is checked.

Longer than a module should be: most of its lines are what is printed.
"""

from __future__ import annotations

import io
import json
from dataclasses import replace
from textwrap import dedent, indent

import pytest

from pipguard.change import Outcome
from pipguard.changes.summary import Summary
from pipguard.errors import (
    ConversionError,
    PipguardError,
    PlanError,
    PrefixError,
    TransactionError,
    Unsolvable,
    UsageError,
)
from pipguard.guard import Done
from pipguard.messages import ERRORS, REASONS, TEXTS
from pipguard.names import CondaName, pypi_name
from pipguard.operations import Past
from pipguard.problems import Obstacle, Problem
from pipguard.removal import Removal
from pipguard.request import Talk
from pipguard.routes import Beside, Decision, LeftOut, Reason
from pipguard.sourced import BadSetting
from pipguard.status import DistStatus, Kept, Status
from pipguard.terminal import Terminal
from pipguard.verbs import history
from pipguard.verbs.status import show


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def terminal(verbosity: int = 0, *, on_screen: bool = False) -> Terminal:
    stream = Screen if on_screen else io.StringIO
    return Terminal(Talk(verbosity), stream(), stream())


def shown(here: Terminal) -> tuple[str, str]:
    """Return standard output and standard error."""
    assert isinstance(here.out, io.StringIO)
    assert isinstance(here.err, io.StringIO)
    return here.out.getvalue(), here.err.getvalue()


def text(snapshot: str) -> str:
    return dedent(snapshot).lstrip("\n")


def decision(name: str, route: str, reason: Reason, **fields: str) -> Decision:
    return Decision(
        name=name,
        version="1.0",
        route=route,
        reason=reason.value,
        conda_name=fields.get("conda_name", name),
        conda_version="1.0",
        channel="",
        requested=True,
        source=fields.get("source", ""),
        planned=fields.get("planned", "1.0"),
    )


ROUTES = (
    decision("rich", "conda", Reason.CONDA_HAS_IT),
    decision("alpha", "converted", Reason.NOT_ON_CONDA),
    decision("numpy", "conda", Reason.CONDA_HAS_IT, planned="1.0.1"),
    decision("torch", "keep", Reason.CONDA_NEWEST, conda_name="pytorch", planned="1.1"),
    decision("tree", "pip", Reason.EDITABLE),
    decision("zeta", "converted", Reason.POLICY, source="/env/etc/pipguard.toml"),
)
DONE = Done(Outcome(installed=(("alpha", "1.0"), ("rich", "1.0"))), ROUTES)


def test_the_table_of_routes() -> None:
    here = terminal()
    here.routed(ROUTES, [Beside("libx", "3.0"), Beside("liby", "3.0", was="2.0"), STRAY])
    assert shown(here) == (
        "",
        indent(
            text("""
                name   version  from       why
                alpha  1.0      converted  not on conda
                libx   3.0      conda      conda brings it along
                liby   3.0      conda      conda must change it, from 2.0
                numpy  1.0      conda      conda has it (numpy 1.0); PyPI has 1.0.1
                rich   1.0      conda      conda has it (rich 1.0)
                stray  1.0      untracked  {stray}
                torch  1.0      keep       {kept}
                tree   1.0      pip        editable: true pip
                zeta   1.0      converted  policy: /env/etc/pipguard.toml
                """)
            .replace("{kept}", _KEPT)
            .replace("{stray}", _STRAY),
            "  ",
        ),
    )


STRAY = Beside("stray", "1.0", is_untracked=True)
_STRAY = "somebody else's pip has brought it: `pipguard doctor --fix` adopts it"
_KEPT = "kept: conda's newest is installed; PyPI has 1.1, which `pip install torch==1.1` would take"


def test_what_is_left_out_is_named() -> None:
    here = terminal()
    here.left_out([LeftOut("nvidia-cublas-cu12", "12.4", Reason.NOT_NEEDED.value)])
    said = "pipguard: not needed by conda's packages, hence left out: nvidia-cublas-cu12\n"
    assert shown(here) == ("", said)


def test_where_there_is_no_solution_the_obstacles_are_told_one_a_line() -> None:
    here = terminal()
    obstacles = (
        Obstacle("obstacle-pin", "numpy <2", detail="/env/conda-meta/pinned"),
        Obstacle("obstacle-installed", "uses-x", "1.0", "libx <2"),
    )
    here.error(Unsolvable("└─ alpha cannot be installed", "alpha>=2", obstacles))
    assert shown(here)[1] == text("""
        ERROR: There is no way to bring alpha>=2 and this environment together:
          the pin `numpy <2`: it stands in /env/conda-meta/pinned
          uses-x 1.0, which is installed, demands libx <2: try `conda update uses-x`
        What the solver says:
        └─ alpha cannot be installed
        Nothing was changed.
        Ask for other versions, or install it into an environment of its own: `conda create`.
        """)


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_its_words(reason: Reason) -> None:
    assert REASONS[reason.value]


def test_an_install_closes_with_pips_own_line_on_standard_output() -> None:
    here = terminal()
    here.installed(DONE)
    assert shown(here) == ("Successfully installed alpha-1.0 rich-1.0\n", "")


def test_an_install_that_changed_nothing_claims_nothing() -> None:
    here = terminal()
    here.installed(Done(Outcome()))
    here.would_install(Done(Outcome()))
    assert shown(here) == ("", "")


def test_a_dry_run_closes_with_pips_own_line_without_what_is_kept() -> None:
    here = terminal()
    here.would_install(DONE)
    assert shown(here) == ("Would install alpha-1.0 numpy-1.0 rich-1.0 tree-1.0 zeta-1.0\n", "")


def test_what_is_satisfied_is_said_in_pips_words() -> None:
    here = terminal()
    here.satisfied(["Requirement already satisfied: alpha in /env"])
    assert shown(here) == ("Requirement already satisfied: alpha in /env\n", "")


def test_progress_goes_to_standard_error() -> None:
    here = terminal()
    here.planning()
    here.fetching(["alpha", "beta"])
    here.converting(["alpha"])
    here.linking(2, 1)
    here.waiting("4711")
    assert shown(here) == (
        "",
        text("""
            pipguard: asking pip for its plan …
            pipguard: fetching 2 packages: alpha, beta
            pipguard: converting 1 package: alpha
            pipguard: linking 2 packages
            pipguard: removing 1 package
            pipguard: waiting for another operation on this environment (process 4711) …
            """),
    )


REMOVAL = Removal(
    by_engine=(),
    by_pip=(),
    unknown=(pypi_name("nothere"),),
    also=(pypi_name("beta"),),
    dependants=((CondaName("user"), CondaName("suite")),),
    versions=(("alpha", "1.0"), ("beta", "1.0")),
)


def test_an_uninstall_says_what_it_means_for_others() -> None:
    here = terminal()
    here.removal(REMOVAL)
    here.uninstalled([("alpha", "1.0")])
    assert shown(here) == (
        text("""
            Found existing installation: alpha 1.0
            Found existing installation: beta 1.0
              Successfully uninstalled alpha-1.0
            """),
        text("""
            WARNING: Skipping nothere as it is not installed.
            WARNING: In the same conda package and going with it: beta
            WARNING: user depends on suite, which goes
            """),
    )


STATUS = Status(
    prefix="/env",
    guarded=True,
    mode="route",
    overrides=("bypass-set", "break-system-packages:/etc/pip.conf"),
    undo=Kept(3, 12_340_000),
    dists=(
        DistStatus("alpha", "1.0", "converted", "alpha", "file:///c", editable=False, source=None),
        DistStatus("rich", "13.7", "conda", "rich", "conda-forge", editable=False, source=None),
        DistStatus("tree", "0.1", "pip", "tree", "pypi", editable=True, source="file:///src/tree"),
    ),
)


def test_the_status_of_an_environment() -> None:
    here = terminal()
    show(STATUS, here)
    assert shown(here) == (
        text("""
            /env: guarded by pipguard
              mode: route
              overrides: 2
                PIPGUARD_BYPASS is set, real pip runs
                pip passes over the marker (break-system-packages in /etc/pip.conf)
              dists: 1 from conda, 1 converted from PyPI, 1 by pip (editable or VCS)
              operations kept for undo: 3, at most 12.3 MB
              name   version  from       where
              alpha  1.0      converted
              rich   13.7     conda      conda-forge::rich
              tree   0.1      pip        editable, file:///src/tree
            """),
        "",
    )


@pytest.mark.parametrize(
    ("guarded", "origin", "lines"),
    [
        (True, "conda", ["/env: guarded by pipguard", "  mode: route", "  overrides: none"]),
        (False, "conda", ["/env: not guarded; `pipguard enable` guards it"]),
        (False, "damaged", ["/env: not guarded; `pipguard enable` guards it"]),
    ],
)
def test_what_needs_no_word_gets_none(origin: str, lines: list[str], *, guarded: bool) -> None:
    dist = replace(STATUS.dists[0], origin=origin)
    mode = "route" if guarded else None
    here = terminal()

    show(replace(STATUS, guarded=guarded, mode=mode, overrides=(), dists=(dist,)), here)

    told = shown(here)[0].splitlines()
    assert told[: len(lines)] == lines
    assert told[len(lines)].startswith("  dists: 1")
    assert any("pipguard doctor" in line for line in told) == (origin == "damaged")


def test_json_has_the_schema_at_its_top() -> None:
    here = terminal()
    here.json(STATUS.to_json())
    document = json.loads(shown(here)[0])
    assert document["schema"] == 1
    assert next(iter(document)) == "schema"
    assert document["dists"][1]["conda_name"] == "rich"


# Errors.


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            PrefixError("no-environment"),
            """
            ERROR: No environment is active and none was named.
            Nothing was changed.
            Activate one, or name it with `-p PATH` or `-n NAME`.
            """,
        ),
        (
            TransactionError("apply-failed", restored=False, prefix="/env", error="disk full"),
            """
            ERROR: Changing /env failed half-way: disk full
            The environment was being changed and may be incomplete.
            Put that right and type the same command again; `pipguard status` shows what is there.
            """,
        ),
        (
            TransactionError("apply-failed", restored=True, prefix="/env", error="disk full"),
            """
            ERROR: Changing /env failed half-way: disk full
            Nothing was changed.
            Put that right and type the same command again; `pipguard status` shows what is there.
            """,
        ),
        (
            ConversionError(
                (
                    Problem("a-1.0.whl", "member-path-unsafe", "../../evil.py"),
                    Problem("b-1.0.whl", "wheel-ratio", detail="900"),
                )
            ),
            """
            ERROR: These wheels cannot be turned into conda packages:
              a-1.0.whl: '../../evil.py' could lie outside the environment
              b-1.0.whl: it unpacks to 900 times its size, which is over the limit
            Nothing was changed.
            Report this to the project that published the wheel, or ask for another version.
            """,
        ),
        (
            UsageError(
                "policy-invalid",
                problems=(BadSetting("/env/etc/pipguard.toml", "color", "setting-unknown"),),
            ),
            """
            ERROR: The policy cannot be used:
              /env/etc/pipguard.toml: there is no setting `color`
            Nothing was changed.
            Correct these settings and try again.
            """,
        ),
    ],
)
def test_an_error_says_what_happened_what_state_it_left_and_what_to_do(
    error: PipguardError, said: str
) -> None:
    here = terminal()
    here.error(error)
    assert shown(here) == ("", text(said))


def test_what_pip_said_stays_pips_word_for_word() -> None:
    here = terminal()
    here.error(PlanError("pip-failed", status=1, text="Looking in indexes: …\n"))
    assert shown(here) == ("Looking in indexes: …\n", "")


def test_braces_in_what_an_error_carries_are_shown_as_they_are() -> None:
    here = terminal()
    here.error(TransactionError("apply-failed", restored=False, prefix="/{env}", error="{0}"))
    assert "Changing /{env} failed half-way: {0}" in shown(here)[1]


@pytest.mark.parametrize("key", sorted(ERRORS))
def test_every_error_names_a_next_step(key: str) -> None:
    assert ERRORS[key].hint


# Quiet and colour.


def test_quiet_is_quiet() -> None:
    here = terminal(-1)
    here.planning()
    here.routed(ROUTES, ())
    here.fetching(["alpha"])
    here.converting(["alpha"])
    here.linking(1, 1)
    here.noticed("mapping-stale", channel="conda-forge", reason="timeout", age=1)
    here.satisfied(["Requirement already satisfied: alpha"])
    here.installed(DONE)
    here.would_install(DONE)
    here.uninstalled([("alpha", "1.0")])
    assert shown(here) == ("", "")


def test_errors_and_warnings_are_shown_however_quiet() -> None:
    here = terminal(-1)
    here.error(PrefixError("no-environment"))
    here.removal(REMOVAL)
    out, err = shown(here)
    assert out == ""
    assert err.count("WARNING") == 3
    assert err.startswith("ERROR")


def test_without_a_screen_there_is_no_colour() -> None:
    here = terminal()
    here.routed(ROUTES, ())
    here.error(PrefixError("no-environment"))
    assert "\x1b" not in "".join(shown(here))


def test_on_a_screen_colour_only_adds_to_what_is_said() -> None:
    plain, coloured = terminal(), terminal(on_screen=True)
    for here in (plain, coloured):
        here.routed(ROUTES, ())
    assert "\x1b[" in shown(coloured)[1]
    stripped = shown(coloured)[1]
    for code in ("\x1b[32m", "\x1b[36m", "\x1b[33m", "\x1b[2m", "\x1b[0m"):
        stripped = stripped.replace(code, "")
    assert stripped == shown(plain)[1]


def test_no_color_is_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    here = terminal(on_screen=True)
    here.routed(ROUTES, ())
    here.error(PrefixError("no-environment"))
    assert "\x1b" not in "".join(shown(here))


# The one question.


@pytest.mark.parametrize(
    ("typed", "agreed"),
    [("\n", True), ("y\n", True), ("YES\n", True), ("n\n", False), ("maybe\n", False), ("", False)],
)
def test_anything_but_yes_is_no_and_so_is_the_end_of_input(
    typed: str, *, agreed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    here = terminal()
    assert here.confirm() is agreed
    assert shown(here) == ("Proceed (Y/n)? ", "")


def test_streams_are_those_of_the_moment(capsys: pytest.CaptureFixture[str]) -> None:
    Terminal().installed(DONE)
    assert capsys.readouterr().out.startswith("Successfully installed")


def test_a_bar_is_drawn_on_a_screen_only_and_wiped_afterwards() -> None:
    here = terminal(on_screen=True)
    with here.progress(20_000_000) as show:
        show(0)
        show(10_000_000)
    assert shown(here)[1] == (
        "\r\x1b[Kpipguard: converting [..............................] 0.0 of 20.0 MB\r"
        "\r\x1b[Kpipguard: converting [###############...............] 10.0 of 20.0 MB\r"
        "\r\x1b[K"
    )


def whole_install(here: Terminal) -> None:
    """Tell a terminal of every phase, with a warning amid them."""
    with here.watched():
        here.planning()
        here.seen(1)
        here.seen(34)
        here.resolving(2)
        with here.downloading() as downloaded:
            downloaded(0)
            downloaded(7_000_000)
        here.noticed("family-split", name="torch", other="torchvision")
        here.fetching(["alpha", "beta"])
        here.fetched(2_500_000)
        here.converting(["alpha", "beta"])
        here.linking(2, 0)
        here.linked(1)
        here.compiling(40)
        here.recording()
    here.installed(DONE)


def moved(text: str) -> list[str]:
    """Name what was on the line that moves, one after the other."""
    return [part.removeprefix("\x1b[K") for part in text.split("\r") if part != "\x1b[K"]


def test_on_a_screen_the_phases_share_one_line_which_is_gone_in_the_end() -> None:
    here = terminal(on_screen=True)
    whole_install(here)
    assert [part for part in moved(shown(here)[1]) if part and "WARNING" not in part] == [
        "pipguard: asking pip for its plan …",
        "pipguard: resolving, 1 package seen",
        "pipguard: resolving, 34 packages seen",
        "pipguard: asking the channels about 2 packages",
        "pipguard: downloading packages from the channels",
        "pipguard: downloading packages from the channels, 0.0 MB so far",
        "pipguard: downloading packages from the channels, 7.0 MB so far",
        "pipguard: fetching 2 packages: alpha, beta",
        "pipguard: fetching, 2.5 MB so far",
        "pipguard: converting 2 packages: alpha, beta",
        "pipguard: linking 2 packages",
        "pipguard: linking, 1 package in place",
        "pipguard: compiling 40 python files",
        "pipguard: writing records",
    ]
    assert shown(here)[1].endswith("\r\x1b[K")
    (warning,) = [part for part in moved(shown(here)[1]) if "WARNING" in part]
    assert warning.endswith("\n")


LINES = """
    pipguard: asking pip for its plan …
    pipguard: downloading packages from the channels
    WARNING: {warning}
    pipguard: fetching 2 packages: alpha, beta
    pipguard: converting 2 packages: alpha, beta
    pipguard: linking 2 packages
    pipguard: compiling 40 python files
    """


@pytest.mark.parametrize(
    ("here", "dumb"),
    [
        (terminal(), False),
        (terminal(1, on_screen=True), False),
        (Terminal(Talk(bars=False), Screen(), Screen()), False),
        (terminal(on_screen=True), True),
    ],
    ids=["no-screen", "verbose", "progress-bar-off-or-raw", "TERM=dumb"],
)
def test_elsewhere_each_phase_leaves_one_line(
    here: Terminal, *, dumb: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "dumb" if dumb else "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    whole_install(here)
    warning = TEXTS["family-split"].format(name="torch", other="torchvision")
    assert shown(here)[1] == text(LINES).format(warning=warning)


def test_asked_to_be_quiet_no_phase_is_told() -> None:
    here = terminal(-1, on_screen=True)
    whole_install(here)
    assert shown(here) == ("", "")


def test_a_line_that_moves_is_cut_off_where_the_terminal_ends() -> None:
    here = terminal(on_screen=True)
    with here.watched():
        here.fetching(["a-long-name"] * 40)
    assert all(len(part) < 80 for part in moved(shown(here)[1]))


@pytest.mark.parametrize("verbosity", [0, 1])
def test_with_v_the_last_line_tells_what_each_phase_has_taken(verbosity: int) -> None:
    here, moments = terminal(verbosity), iter([0.0, 2.4, 3.0, 3.01, 7.5])
    here._times.clock = lambda: next(moments)
    with here.watched():
        here.planning()
        here.resolving(1)
        here.recording()
        here.linking(1, 0)
        here.took()
    told = "pipguard: 7.5 s in all: planning 2.4 s, resolving 0.6 s, linking 4.5 s"
    assert shown(here)[1].splitlines()[-1].startswith(told) is bool(verbosity)


def test_without_colour_asked_for_there_is_none() -> None:
    here = Terminal(Talk(colour=False), Screen(), Screen())
    here.warned([Problem("demo.whl", "member-menu", "Menu/x.json")])
    assert "\x1b" not in shown(here)[1]


@pytest.mark.parametrize(
    "here",
    [terminal(), terminal(-1, on_screen=True), Terminal(Talk(bars=False), Screen(), Screen())],
    ids=["no-screen", "quiet", "progress-bar-off"],
)
def test_without_a_screen_or_asked_not_to_there_is_no_bar(here: Terminal) -> None:
    with here.progress(1) as show:
        show(1)
    assert shown(here) == ("", "")


def test_a_wheel_cannot_act_on_the_terminal_by_its_names() -> None:
    here = terminal(on_screen=True)
    here.warned([Problem("demo.whl", "member-menu", "Menu/\x1b[2Jx\n.json")])
    assert shown(here)[1].count("\x1b") == 2  # the colour of the word WARNING
    assert "Menu/\\x1b[2Jx\\n.json" in shown(here)[1]


def test_a_repair_closes_with_what_it_did_to_each_dist() -> None:
    here = terminal()
    here.repair(
        Summary(
            installed=(("alpha", "1.0"), ("beta", "2.0")),
            renewed=(("beta", "2.0"),),
            adopted=(("gamma", "3.0"),),
            removed=(("torn", "1.0"),),
        )
    )
    assert shown(here)[0] == text(
        """
        Successfully installed alpha-1.0
        Linked again, in the version that was there: beta-2.0
        Recorded as they are: gamma-3.0
        Cleared away: torn-1.0
        """
    )


def test_an_undone_repair_is_no_uninstall() -> None:
    here = terminal()
    past = Past("7", "", "pipguard", ("doctor", "--fix"), "committed", adopted=("gamma-3.0",))
    here.undone(replace(past, installed=("alpha-1.0",), renewed=("beta-2.0",)))
    assert shown(here)[0] == text(
        """
        Undone: pipguard doctor --fix (7)
        As before again: alpha-1.0 beta-2.0 gamma-3.0
        """
    )


def test_an_undone_install_closes_in_pips_words() -> None:
    here = terminal()
    past = Past("7", "", "pip", ("install", "alpha"), "committed", installed=("alpha-1.0",))
    here.undone(replace(past, changed=("beta-1.0 -> beta-2.0",)))
    assert shown(here)[0] == text(
        """
        Undone: pip install alpha (7)
          Successfully uninstalled alpha-1.0
          Successfully uninstalled beta-2.0
        Successfully installed beta-1.0
        """
    )


def test_history_tells_what_became_of_each_dist_by_its_fate() -> None:
    here = terminal()
    past = Past("7", "2026-11-21", "pipguard", ("doctor", "--migrate"), "committed")
    dists = replace(past, installed=("a-1.0",), removed=("b-1.0",), changed=("c-1.0 -> c-2.0",))
    history.show(replace(dists, renewed=("d-1.0",), adopted=("e-1.0", "f-1.0")), here)
    assert shown(here)[0] == text(
        """
        7  2026-11-21  done
        pipguard doctor --migrate
          +a-1.0
          -b-1.0
          c-1.0 -> c-2.0
          linked again:
          d-1.0
          recorded as they are:
          e-1.0
          f-1.0
        """
    )
