"""pipguard's own pip as a process in an environment's python.

`PipChild` is one conversation with `pip_child.py`. Imports little, so that pip can start while
the rest of pipguard is still being imported.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import select
import signal
import subprocess
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any, TextIO, final

from pipguard.errors import PlanError

_OLDEST = (22, 2)
_GRACE = 1.0
"""Seconds in which a child ends by itself, for Ctrl-C has reached it too."""
_PATIENCE = 5.0
"""Seconds in which a child that was interrupted clears up."""
_CHUNK = 1 << 16
_MARK = "\0\n"
"""What ends the output of one order."""

Steps = Iterable[Callable[[], object]]
"""What may be done meanwhile, piece by piece."""


def own_pip_root() -> Path:
    """Find the folder that holds pipguard's own pip, a dependency of the distribution."""
    spec = importlib.util.find_spec("pip")
    if spec is None or spec.origin is None:
        raise PlanError("own-pip-missing")
    return Path(spec.origin).parent.parent


def pip_root(prefix: Path) -> Path:
    """Find the folder of the pip that plans for an environment: pipguard's own, if it runs there.

    A python that is too old for it is served by the environment's pip, if that writes reports
    (pip 22.2 and later). Versions are read from file names: no interpreter is started for this.

    Raises:
        PlanError: neither can plan here.
    """
    own = own_pip_root()
    python, needed = _python_of(prefix), _python_needed(own)
    if python is None or python >= needed:
        return own
    folder = prefix / f"lib/python{python[0]}.{python[1]}/site-packages"
    version = _pip_version(folder)
    if version is None or version < _OLDEST:
        raise PlanError(
            "no-pip-for-python",
            prefix=str(prefix),
            python=_dotted(python),
            needed=_dotted(needed),
            oldest=_dotted(_OLDEST),
        )
    return folder


def _python_of(prefix: Path) -> tuple[int, int] | None:
    records = [record.name for record in prefix.glob("conda-meta/python-[0-9]*.json")]
    return _two_numbers(r"python-(\d+)\.(\d+)", records[0]) if records else None


def _python_needed(root: Path) -> tuple[int, int]:
    for metadata in root.glob("pip-[0-9]*.dist-info/METADATA"):
        found = _two_numbers(
            r"(?m)^Requires-Python: *>= *(\d+)\.(\d+)", metadata.read_text(encoding="utf-8")
        )
        if found:
            return found
    return (0, 0)


def _pip_version(folder: Path) -> tuple[int, int] | None:
    found = [info.name for info in folder.glob("pip-[0-9]*.dist-info")]
    return _two_numbers(r"pip-(\d+)\.(\d+)", found[0]) if found else None


def _two_numbers(pattern: str, text: str) -> tuple[int, int] | None:
    match = re.search(pattern, text)
    return (int(match[1]), int(match[2])) if match else None


def _dotted(version: tuple[int, int]) -> str:
    return ".".join(map(str, version))


def unrouted(prefix: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which pip does not come back to pipguard.

    pip takes the private variable for the mark of its own re-execution
    (pip/_internal/cli/main_parser.py), the wrapper takes ours.
    """
    return {**environ, "_PIP_RUNNING_IN_SUBPROCESS": "1", "PIPGUARD_INSIDE": str(prefix)}


@final
class PipChild:
    """A `pip_child.py` process and the two pipes to it, for as many orders as there are.

    Its standard output is collected, its standard error is ours: what pip complains about is
    seen as it happens. `heed` is called with how far an order has come, if that asks for it.
    """

    def __init__(self, prefix: Path, python: Path, arguments: Sequence[str]) -> None:
        from_child, to_parent = os.pipe()
        from_parent, to_child = os.pipe()
        script = Path(__file__).with_name("pip_child.py")
        # -s: packages in the person's user site would count as installed.
        command = (str(python), "-s", str(script), str(pip_root(prefix)))
        with _interrupts_held_back():
            self._process = subprocess.Popen(
                [*command, str(to_parent), str(from_parent)],
                stdout=subprocess.PIPE,
                pass_fds=(to_parent, from_parent),
                # Advice to upgrade would be about pipguard's pip.
                env={**unrouted(prefix, os.environ), "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
                encoding="utf-8",
                errors="replace",
            )
        os.close(to_parent)
        os.close(from_parent)
        self._from = os.fdopen(from_child, "rb", buffering=0)
        self._heard = b""
        self._to = os.fdopen(to_child, "w", encoding="utf-8")
        self._temporary = ""
        self._said: list[str] = []
        self._shown: TextIO | None = None
        self._is_at_work = False
        self.heed: Callable[[Mapping[str, int]], None] = lambda _: None
        self._marks = threading.Semaphore(0)
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        # Not on its command line, which every user of the machine may read.
        self._send(list(arguments))

    def __enter__(self) -> PipChild:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _listen(self) -> None:
        output: IO[str] = self._process.stdout  # type: ignore[assignment] # PIPE was asked for
        with output:
            for line in output:
                if line.endswith(_MARK):
                    self._hear_of(line.removesuffix(_MARK))
                    self._marks.release()
                else:
                    self._hear_of(line)

    def _hear_of(self, line: str) -> None:
        self._said.append(line)
        if self._shown is not None:
            self._shown.write(line)

    def hear(self, meanwhile: Steps = ()) -> dict[str, Any]:
        """Wait for what pip made of the command line; empty where it has answered it right away.

        Args:
            meanwhile: short steps, which are taken for as long as it is silent.

        Raises:
            PlanError: the child has ended instead: pip has said why, or it has crashed.
        """
        message = self._next(meanwhile)
        if "ended" not in message:
            return message
        self._finish()
        if message["ended"]:
            raise PlanError("pip-refused", status=message["ended"], text=self.output())
        return {}

    def order(self, message: Mapping[str, Any]) -> None:
        """Give an order; a child that has ended says so when it is heard."""
        self._is_at_work = True
        self._said.clear()
        self._send(message)

    def answer(self, meanwhile: Steps = ()) -> dict[str, Any]:
        """Wait until the order is done and return pip's exit code as `status`, and what it found.

        Args:
            meanwhile: as above.

        Raises:
            PlanError: it has crashed.
        """
        message = self._next(meanwhile)
        self._is_at_work = False
        return message

    def _next(self, meanwhile: Steps) -> dict[str, Any]:
        steps = iter(meanwhile)
        while True:
            while not self._has_spoken() and (step := next(steps, None)):
                step()
            line = self._line()
            if not line:
                raise PlanError("pip-crashed", error=_how(self._finish()))
            message: dict[str, Any] = json.loads(line)
            if "progress" not in message:
                break
            self.heed(message["progress"])
        # Not longer: what pip has started may have taken the pipe over.
        self._marks.acquire(timeout=_PATIENCE)
        self._temporary = message.pop("temporary", self._temporary)
        return message

    def _has_spoken(self) -> bool:
        return b"\n" in self._heard or bool(select.select([self._from], [], [], 0)[0])

    def _line(self) -> bytes:
        """Wait for the next line; empty where the child has ended.

        Not by a buffered file, which does not tell whether it holds another one.
        """
        pieces = [self._heard]
        while b"\n" not in pieces[-1] and (more := self._from.read(_CHUNK)):
            pieces.append(more)
        line, end, self._heard = b"".join(pieces).partition(b"\n")
        # What it was saying when it ended is half a line.
        return line if end else b""

    def _send(self, message: Mapping[str, Any] | Sequence[str]) -> None:
        with suppress(BrokenPipeError):
            self._to.write(json.dumps(message) + "\n")
            self._to.flush()

    def show(self, stream: TextIO | None) -> None:
        """Copy its standard output to a stream as well, from now on: `-v` asks for it."""
        self._shown = stream

    def output(self) -> str:
        """Return what pip wrote to its standard output since the last order."""
        return "".join(self._said)

    def _finish(self) -> int:
        """Wait for the end and return the exit code of the process."""
        with suppress(BrokenPipeError):
            self._to.close()
        self._from.close()
        status = self._process.wait()
        # Not longer: what pip has started may outlive it and hold the pipe.
        self._listener.join(_PATIENCE)
        if status < 0:
            _remove(self._temporary)
        return status

    def stop(self) -> None:
        """See that no child is left: one without an order just stops, one at work is interrupted.

        It is interrupted as by Ctrl-C, so that pip takes its temporary folders away.
        """
        with suppress(BrokenPipeError):
            self._to.close()
        try:
            if self._is_at_work and not self._has_ended(_GRACE):
                self._process.send_signal(signal.SIGINT)
            self._has_ended(_PATIENCE)
        finally:
            self._process.kill()
            self._finish()

    def _has_ended(self, seconds: float) -> bool:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        return self._process.returncode is not None


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Start a child in which Ctrl-C waits until it can be told from an error.

    What a python that is just starting says of Ctrl-C is a traceback.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _remove(folder: str) -> None:
    """Clear up after a child that could not."""
    if folder:
        import shutil  # noqa: PLC0415 # seldom needed, and pip shall start early

        shutil.rmtree(folder, ignore_errors=True)


def _how(status: int) -> str:
    """Say how a process ended that did not say so itself."""
    if status >= 0:
        return f"exit code {status}"
    return signal.Signals(-status).name
