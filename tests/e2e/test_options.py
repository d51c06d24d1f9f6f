"""One row per option of `pip install`: what is typed, and what the environment holds afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import builders
import pytest
from surroundings import Guarded


@dataclass(frozen=True)
class Row:
    """One command line in the market of `market`.

    `before` is installed first, one command line each; `files` are written where the command line
    is typed; `holds` has version and origin by name, all of them.
    """

    typed: str
    holds: Mapping[str, str]
    before: Sequence[str] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)


_GROUPS = '[project]\nname = "here"\nversion = "1"\n[dependency-groups]\ndev = ["alpha<2"]\n'
_SCRIPT = '# /// script\n# dependencies = ["alpha<2"]\n# ///\nprint("never run")\n'

ROWS = {
    "a specifier": Row("'alpha<2'", {"alpha": "1.0 converted", "beta": "1.5 conda"}),
    "an extra": Row(
        "'alpha[more]<2'",
        {"alpha": "1.0 converted", "beta": "1.5 conda", "gamma": "1.0 converted"},
    ),
    "an extra that what is installed lacks": Row(
        "'alpha[more]<2'",
        {"alpha": "1.0 converted", "beta": "1.5 conda", "gamma": "1.0 converted"},
        before=["'alpha<2'"],
    ),
    "a marker that does not hold": Row(
        "'alpha; python_version<\"3\"' gamma", {"gamma": "1.0 converted"}
    ),
    "requirement files, nested": Row(
        "-r all.txt",
        {"alpha": "1.0 converted", "beta": "1.0 conda", "gamma": "1.0 converted"},
        files={
            "all.txt": "gamma\n-r more/some.txt\n-c limits.txt\n",
            "more/some.txt": "# a comment\nalpha \\\n  <2\n",
            "limits.txt": "beta<1.5\n",
        },
    ),
    "a cluster of short options": Row(
        "-Uqr all.txt",
        {"alpha": "2.0 converted", "beta": "1.5 conda"},
        before=["'alpha<2'"],
        files={"all.txt": "alpha\n"},
    ),
    "a constraint on the command line": Row(
        "-c limits.txt alpha",
        {"alpha": "1.0 converted", "beta": "1.0 conda"},
        files={"limits.txt": "alpha<2\nbeta<1.5\ngamma==7\n"},
    ),
    "a dependency group": Row(
        "--group dev",
        {"alpha": "1.0 converted", "beta": "1.5 conda"},
        files={"pyproject.toml": _GROUPS},
    ),
    "a dependency group of another file": Row(
        "--group sub/pyproject.toml:dev",
        {"alpha": "1.0 converted", "beta": "1.5 conda"},
        files={"sub/pyproject.toml": _GROUPS},
    ),
    "requirements from a script": Row(
        "--requirements-from-script script.py",
        {"alpha": "1.0 converted", "beta": "1.5 conda"},
        files={"script.py": _SCRIPT},
    ),
    "--upgrade": Row(
        "-U alpha",
        {"alpha": "2.0 converted", "beta": "1.0 conda"},
        before=["'alpha<2' 'beta==1.0'"],
    ),
    "--upgrade, eager": Row(
        "-U --upgrade-strategy eager alpha",
        {"alpha": "2.0 converted", "beta": "1.5 conda"},
        before=["'alpha<2' 'beta==1.0'"],
    ),
    "--upgrade of conda's package": Row(
        "--upgrade beta",
        {"beta": "1.5 conda"},
        before=["beta==1.0"],
        reasons={"beta": "conda-has-it"},
    ),
    "--force-reinstall": Row(
        "--force alpha==1.0",
        {"alpha": "1.0 converted", "beta": "1.5 conda"},
        before=["alpha==1.0"],
        reasons={"alpha": "not-on-conda", "beta": "conda-has-it"},
    ),
    "--ignore-installed": Row(
        "-I beta", {"beta": "1.5 conda"}, before=["beta==1.0"], reasons={"beta": "conda-has-it"}
    ),
    "--no-deps": Row("--no-deps alpha", {"alpha": "2.0 converted"}),
    "--no-deps of conda's package": Row("--no-deps delta", {"delta": "1.0 conda"}),
    "--only-deps": Row(
        "--only-deps 'alpha[more]<2'", {"beta": "1.5 conda", "gamma": "1.0 converted"}
    ),
    "--pre": Row("--pre --no-deps alpha", {"alpha": "3.0a1 converted"}),
    "--only-binary": Row("--only-binary :all: zeta", {"zeta": "1.0 converted"}),
    "--no-binary": Row(
        "--no-binary zeta zeta",
        {"zeta": "2.0 converted"},
        reasons={"zeta": "no-binary"},
    ),
    "--prefer-binary": Row("--prefer-binary zeta", {"zeta": "1.0 converted"}),
    "--no-compile": Row("--no-compile gamma", {"gamma": "1.0 converted"}),
    "--config-settings": Row("--config-settings one=two zeta", {"zeta": "2.0 converted"}),
    "--no-build-isolation": Row("--no-build-isolation zeta", {"zeta": "2.0 converted"}),
    "--break-system-packages": Row("--break-system-packages gamma", {"gamma": "1.0 converted"}),
    "--no-input": Row("--no-input gamma", {"gamma": "1.0 converted"}),
    "--no-cache-dir": Row("--no-cache-dir zeta", {"zeta": "2.0 converted"}),
    "--no-index and --find-links": Row(
        "--no-index --find-links {wheels} gamma",
        {"gamma": "1.0 converted"},
        reasons={"gamma": "named-index"},
    ),
    "--find-links in a requirement file": Row(
        "-r all.txt",
        {"beta": "1.5 converted"},
        files={"all.txt": "--no-index\n--find-links {wheels}\nbeta==1.5\n"},
        reasons={"beta": "named-index"},
    ),
    "--index-url": Row("-i {index} beta", {"beta": "1.5 conda"}, reasons={"beta": "conda-has-it"}),
    "--extra-index-url": Row("--extra-index-url {index}/ gamma", {"gamma": "1.0 converted"}),
}


@pytest.fixture
def market(guarded: Guarded) -> Guarded:
    """An index and a channel in which every option makes a difference."""
    for version in ("1.0", "2.0", "3.0a1"):
        requires, extras = (["beta>=1"], {"more": ["gamma"]})
        builders.wheel(guarded.wheels, "alpha", version, requires=requires, extras=extras)
    for version in ("1.0", "1.5", "1.6"):
        builders.wheel(guarded.wheels, "beta", version)
    builders.wheel(guarded.wheels, "gamma")
    builders.wheel(guarded.wheels, "delta", requires=["beta"])
    builders.wheel(guarded.wheels, "zeta")
    builders.sdist(guarded.wheels, "zeta", "2.0")
    guarded.publish(guarded.wheels.iterdir())
    for version in ("1.0", "1.5"):
        builders.dist_package(guarded.channel, "beta", version)
    guarded.offer_on_conda("delta", depends=("python", "beta"))
    return guarded


def _filled(text: str, market: Guarded) -> str:
    return text.replace("{wheels}", str(market.wheels)).replace("{index}", market.index.as_uri())


def _typed(market: Guarded, row: Row, here: Path) -> None:
    for name, text in row.files.items():
        (here / name).parent.mkdir(exist_ok=True, parents=True)
        (here / name).write_text(_filled(text, market))
    for line in row.before:
        assert market.sh(f"pip install {line}").returncode == 0

    done = market.sh(f"pip install {_filled(row.typed, market)}", cwd=here)

    assert done.returncode == 0, done.stdout + done.stderr
    found = {name: f"{it['version']} {it['origin']}" for name, it in market.status().items()}
    assert found == {**row.holds, "pip": found["pip"]}
    assert market.reasons().items() >= row.reasons.items()


# Several share an environment, which takes as long to make as a row to try.
_SHARES = 4


@pytest.mark.parametrize("share", range(_SHARES))
def test_each_option_means_what_it_means_to_pip(
    market: Guarded, share: int, tmp_path: Path
) -> None:
    wrong = {}
    for number, (name, row) in enumerate(ROWS.items()):
        if number % _SHARES == share:
            here = tmp_path / f"here-{number}"
            here.mkdir()
            with market.put_back():
                try:
                    _typed(market, row, here)
                except AssertionError as error:
                    wrong[name] = str(error)

    assert wrong == {}
