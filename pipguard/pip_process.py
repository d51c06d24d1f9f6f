"""pipguard's own pip as a process in an environment's python.

`PipChild` is one conversation with `pip_child.py`. Imports little, so that pip can start while
the rest of pipguard is still being imported.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from pipguard.errors import PlanError


def own_pip_root() -> Path:
    """Find the folder that holds pipguard's own pip, a dependency of the distribution."""
    spec = importlib.util.find_spec("pip")
    if spec is None or spec.origin is None:
        raise PlanError("own-pip-missing")
    return Path(spec.origin).parent.parent


def unrouted(prefix: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which pip does not come back to pipguard.

    pip takes the private variable for the mark of its own re-execution
    (pip/_internal/cli/main_parser.py), the wrapper takes ours.
    """
    return {**environ, "_PIP_RUNNING_IN_SUBPROCESS": "1", "PIPGUARD_INSIDE": str(prefix)}


class PipChild:
    """A `pip_child.py` process and the two pipes to it.

    Its standard output is collected, its standard error is ours: what pip complains about is
    seen as it happens.
    """

    def __init__(self, prefix: Path, python: Path, arguments: Sequence[str]) -> None:
        from_child, to_parent = os.pipe()
        from_parent, to_child = os.pipe()
        script = Path(__file__).with_name("pip_child.py")
        self._process = subprocess.Popen(
            # -s: packages in the person's user site would count as installed.
            [
                *(str(python), "-s", str(script), str(own_pip_root())),
                *(str(to_parent), str(from_parent)),
                *arguments,
            ],
            stdout=subprocess.PIPE,
            pass_fds=(to_parent, from_parent),
            # Advice to upgrade would be about pipguard's pip.
            env={**unrouted(prefix, os.environ), "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
            encoding="utf-8",
            errors="replace",
        )
        os.close(to_parent)
        os.close(from_parent)
        self._from = os.fdopen(from_child, encoding="utf-8")
        self._to = os.fdopen(to_child, "w", encoding="utf-8")
        self._said: list[str] = []
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        output: IO[str] = self._process.stdout  # type: ignore[assignment] # PIPE was asked for
        self._said.extend(output)

    def hear(self) -> dict[str, Any]:
        """Wait for the next message.

        Raises:
            PlanError: the child has ended instead; its text has been shown.
        """
        line = self._from.readline()
        if not line:
            raise PlanError("pip-refused", status=self.end() or 1, text=self.output())
        message: dict[str, Any] = json.loads(line)
        return message

    def order(self, message: Mapping[str, Any]) -> None:
        """Give the one order."""
        self._to.write(json.dumps(message) + "\n")
        self._to.flush()

    def output(self) -> str:
        """Return what pip wrote to its standard output so far."""
        return "".join(self._said)

    def end(self) -> int:
        """Let the child finish and return its exit code; without an order it just stops."""
        self._to.close()
        self._from.close()
        status = self._process.wait()
        self._listener.join()
        return status
