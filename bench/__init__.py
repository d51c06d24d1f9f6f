"""Measures what is claimed about speed. `python -m bench` prints the table of `make bench`.

`frame/` is what every script has in common: turns, clocks, verdicts. Each other module measures one
claim, alone with `python -m bench.MODULE`, too. The makers of packages and environments are those
of the tests.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

sys.path.insert(0, str(ROOT / "tests"))
