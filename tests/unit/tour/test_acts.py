from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sources import BY_NAME

from pipguard.errors import PrefixError, TourError
from pipguard.messages import TOUR
from pipguard.terminal import Terminal
from pipguard.tour import acts
from pipguard.tour.narrator import Flaw, Narrator, Result


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Perform other acts on an empty stage; gives exit code and what was shown."""

    @contextmanager
    def nothing(*_: object) -> Iterator[None]:
        yield

    def perform(*performed: Any) -> tuple[int, str]:
        names = ("create", "enable", "install")
        monkeypatch.setattr(acts, "set_up", nothing)
        monkeypatch.setattr(acts, "_ACTS", dict(zip(names, performed, strict=False)))
        shown = io.StringIO()
        return acts.perform(None, Terminal(out=shown)), shown.getvalue()  # type: ignore[arg-type]

    return perform


def _good(_: object) -> Iterator[Flaw]:
    yield from ()


def _bad(_: object) -> Iterator[Flaw]:
    yield Flaw("differs", "some/file")


def _broken(_: object) -> Iterator[Flaw]:
    raise PrefixError("no-python", prefix="env")
    yield


def _impossible(_: object) -> Iterator[Flaw]:
    raise TourError("bash-missing")
    yield


def test_a_tour_on_which_all_is_well_ends_with_success(play: Any) -> None:
    code, shown = play(_good, _good)
    assert code == 0
    assert TOUR["proof-create"] in shown
    assert "FAILED" not in shown


@pytest.mark.parametrize("act", [_bad, _broken])
def test_a_step_that_failed_is_named_and_the_others_are_played(play: Any, act: Any) -> None:
    code, shown = play(_good, act, _good)
    assert code == 1
    assert shown.splitlines()[-1] == TOUR["closing-failed"].format(failed=TOUR["step-enable"])
    assert TOUR["proof-enable"] not in shown
    assert TOUR["proof-install"] in shown


def test_without_a_stage_there_is_no_play(play: Any) -> None:
    with pytest.raises(TourError):
        play(_impossible, _good)


def test_every_step_has_its_words() -> None:
    steps = {key.partition("-")[2] for key in TOUR if key.startswith(("step-", "proof-"))}
    assert steps == {*acts._ACTS}
    assert all({f"step-{name}", f"proof-{name}"} <= {*TOUR} for name in acts._ACTS)


def test_every_flaw_has_its_words_and_every_wording_its_flaw() -> None:
    sources = "".join(BY_NAME[f"tour.{name}"].source for name in ("acts", "proofs"))
    raised = set(re.findall(r'Flaw\(\s*"([a-z-]+)"', sources))
    assert raised == {key[5:] for key in TOUR if key.startswith("flaw-")}


def test_what_the_locale_cannot_say_ends_nothing() -> None:
    written = io.BytesIO()
    out = io.TextIOWrapper(written, encoding="ascii")
    Narrator(out).pass_on("installing …")
    assert written.getvalue() == b"installing ?\n"


def test_the_summary_has_a_line_for_each_step() -> None:
    out = io.StringIO()
    results = [Result("create", (), 1.0), Result("enable", (Flaw("differs", "x"),), 2.0)]
    Narrator(out).summary(results, 3.0)
    rows = [line for line in out.getvalue().splitlines() if " s  " in line]
    assert [row.split()[1] for row in rows] == ["ok", "FAILED"]


def test_a_thousand_wrong_files_are_counted_not_listed() -> None:
    out = io.StringIO()
    flaws = tuple(Flaw("differs", f"file-{number}") for number in range(1000))
    Narrator(out).result(Result("disable", flaws, 1.0))
    assert len(out.getvalue().splitlines()) == 11
    assert "990" in out.getvalue()
