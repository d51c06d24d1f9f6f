"""A hundred guarded runs with the engine loaded: is the exit code always the right one?

py-rattler's threads crash an interpreter that shuts down in the usual way, in up to 96 % of runs;
the work is done then, but the exit code is lost. pipguard leaves by `os._exit`. This script makes a
throw-away environment, then alternates an install, an uninstall and an install that must fail, and
counts the codes.

    python -m bench.exit_codes [RUNS]
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import builders

from bench.frame.cases import Case, alone
from bench.frame.results import Result
from bench.frame.stage import PIPGUARD, Stage
from pipguard.tour import thin_python


def prepare(root: Path) -> builders.Environment:
    """Make a channel, an index with one wheel and a wheel that is refused, and an environment."""
    channel, index = root / "channel", root / "index"
    thin_python.make(channel)
    thin_python.make_pip(channel)
    wheels = [
        builders.wheel(root / "wheels", "alpha"),
        builders.wheel(root / "wheels", "omega", files={"../evil.py": ""}),
    ]
    table = root / "table.json"
    table.write_text("{}")
    os.environ.update(
        CONDARC=str(root / "condarc"),
        PIP_CONFIG_FILE=os.devnull,
        PIP_INDEX_URL=builders.simple_index(index, wheels),
        PIPGUARD_MAPPING_URL=table.as_uri(),
        PIPGUARD_CACHE_DIR=str(root / "cache"),
        PIPGUARD_CHANNEL=str(root / "local"),
    )
    (root / "condarc").write_text(f"channels: [{channel}]\n")
    return builders.environment(root / "env", channel)


def run(prefix: Path, *arguments: str) -> int:
    """Run one pip command line through pipguard."""
    command = [str(PIPGUARD), "pip", "-p", str(prefix), *arguments]
    return subprocess.run(command, capture_output=True, check=False).returncode


def codes(_: Stage, rounds: int) -> Iterator[Result]:
    """Count the codes of many command lines against those that are right."""
    lines = [
        (("install", "alpha"), 0),
        (("uninstall", "-y", "alpha"), 0),
        (("install", "omega"), 1),
        (("install", "--user", "alpha"), 2),
    ]
    wrong: Counter[tuple[str, int]] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        environment = prepare(Path(folder))
        for number in range(rounds):
            arguments, expected = lines[number % len(lines)]
            code = run(environment.prefix, *arguments)
            if code != expected:
                wrong[" ".join(arguments), code] += 1
    yield Result(
        case="exit-codes",
        title=f"{rounds} runs with the engine loaded, wrong exit codes",
        against="-",
        figure=wrong.total(),
        unit="runs",
        goal=0,
        rounds=rounds,
        note="; ".join(f"{line}: {code}, {count} times" for (line, code), count in wrong.items()),
    )


CASES = (Case(("exit-codes",), codes, rounds=100),)

if __name__ == "__main__":
    alone(CASES)
