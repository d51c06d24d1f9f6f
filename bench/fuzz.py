"""Fuzzes the conversion of wheels for as long as it is told to.

Each wheel is made of pieces that mean something to zip, pip, python or conda, and of others; it
must be refused or converted, and nothing be written anywhere else. The tests do so for a few.

    python -m bench.fuzz [WHEELS]     2,000 of them by default
"""

from __future__ import annotations

import sys
from collections import Counter

from hypothesis import HealthCheck, given, settings

from bench import ROOT

sys.path.insert(0, str(ROOT / "tests/unit/wheels"))

from test_fuzz import judged, wheels  # found only now

outcomes: Counter[str] = Counter()


@given(wheels())
def fuzz(wheel: dict[str, object]) -> None:
    """Judge one."""
    outcomes[judged(wheel)] += 1


if __name__ == "__main__":
    count = int(sys.argv[1]) if sys.argv[1:] else 2000
    checks = list(HealthCheck)
    settings(max_examples=count, deadline=None, database=None, suppress_health_check=checks)(fuzz)()
    print(", ".join(f"{number} {outcome}" for outcome, number in sorted(outcomes.items())))
