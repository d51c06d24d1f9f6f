# ruff: noqa: INP001 # a script of the Makefile, no module of anything
"""Measures how much of the pure modules their tests reach, by lines and branches, and has a floor.

What needs neither disk nor process can be tested whole, so tests without a real environment must
reach nearly all of it. Everything else is tested by running it, often in another process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
_OF_ALL = 98.0
_OF_EACH = 95.0
# They make environments or start programs, and no pure module is left to them alone.
_LEFT_OUT = (
    *("bundle", "tour/test_acts.py", "tour/test_proofs.py", "tour/test_stage.py"),
    *("tour/test_thin_python.py", "test_access.py", "test_builders.py", "test_cleaning.py"),
    *("test_cli.py", "test_completion.py", "test_contracts.py", "test_copies.py"),
    *("test_enable_disable.py", "guard", "test_kept_bytecode.py", "test_one_solve.py"),
    *("test_overrides.py", "test_pip_process.py", "test_random_graphs.py", "test_rattler.py"),
    *("test_transaction.py", "test_upkeep.py", "wheels/test_batch.py", "wheels/test_channel.py"),
    *("wheels/test_converter.py", "wheels/test_fuzz.py", "wheels/test_install.py"),
)
# Comparisons with other programs over thousands of values: nothing is reached by them alone.
_LONG = (
    "accepts_exactly_what_packaging or packagings_own_tests or halving_finds_every_line"
    " or damaged_wheel_is_refused_or_converted or strict_syntax or orders_normalised_versions"
)


def _measured(report: Path) -> int:
    """Run the tests; return pytest's exit code."""
    command = [sys.executable, "-m", "pytest", "-q", "-n", "auto", "-k", f"not ({_LONG})"]
    command += [f"--ignore=tests/unit/{it}" for it in _LEFT_OUT]
    command += [
        f"--basetemp={report.parent}/pytest",
        "--cov=pipguard",
        "--cov-branch",
        f"--cov-report=json:{report}",
        "tests/unit",
    ]
    environment = {**os.environ, "COVERAGE_FILE": str(report.with_suffix(".data"))}
    done = subprocess.run(
        command, cwd=_ROOT, check=False, capture_output=True, text=True, env=environment
    )
    if done.returncode:
        sys.stdout.write(done.stdout + done.stderr)
    return done.returncode


def _pure(files: dict[str, dict[str, dict[str, int]]]) -> Iterator[tuple[str, int, int]]:
    """Yield each pure module with what of it is reached and what there is, lines and branches."""
    sys.path.insert(0, str(_ROOT / "tests"))
    from sources import MODULES  # noqa: PLC0415 # it is where tests are

    pure = {it.name for it in MODULES if it.says_pure}
    for path, measured in files.items():
        name = ".".join(Path(path).with_suffix("").parts[1:]).removesuffix(".__init__")
        if name in pure and (found := measured["summary"])["num_statements"]:
            yield (
                name,
                found["covered_lines"] + found["covered_branches"],
                found["num_statements"] + found["num_branches"],
            )


def main() -> str:
    """Return what is wrong, or nothing."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        if _measured(report):
            return "These tests fail."
        rows = list(_pure(json.loads(report.read_text("utf-8"))["files"]))
    shares = {name: 100 * reached / there for name, reached, there in rows}
    low = [f"{name} {share:.1f} %" for name, share in shares.items() if share < _OF_EACH]
    total = 100 * sum(it[1] for it in rows) / sum(it[2] for it in rows)
    sys.stdout.write(f"{len(rows)} pure modules, {total:.1f} % of lines and branches reached\n")
    if total < _OF_ALL:
        low.append(f"all of them {total:.1f} %, the floor is {_OF_ALL} %")
    return f"Below the floor of {_OF_EACH} %: {', '.join(low)}" if low else ""


if __name__ == "__main__":
    sys.exit(main() or 0)
