# Placed by `pipguard enable`, removed by `pipguard disable`.
"""On Windows what shim.sh, pip-python.sh and handover.sh are elsewhere; see there for the reasons.

Goes into `pip.exe`, `pip3.exe`, `pip3.X.exe` and `pip-python.exe`, which run it with the python of
their own environment, isolated. Nothing but the standard library, nothing newer than python 3.6.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from typing import List, Tuple

SENTINEL = os.path.join("libexec", "pipguard", "shims", ".pipguard-shim")
RUNNING = "_PIP_RUNNING_IN_SUBPROCESS"


class Refusal(Exception):  # noqa: N818 # it is an answer
    """Nothing was changed; the text says why and what to type."""


class Door:
    """One command line: the environment, how the real tool is run, and what the door is called."""

    def __init__(self, prefix: str, tool: List[str], name: str, arguments: List[str]) -> None:
        self.prefix, self.tool, self.name, self.arguments = prefix, tool, name, arguments
        self.changes = any(word in ("install", "uninstall") for word in arguments)

    def has_tool(self) -> bool:
        return os.path.isfile(self.tool[0])

    def run_tool(self, **variables: str) -> int:
        return run([*self.tool, *self.arguments], **variables)


def main(own: str, arguments: List[str]) -> int:
    """Serve one command line; return its exit code."""
    name = os.path.splitext(os.path.basename(own))[0]
    if name == "pip-python":
        return routed(own, arguments)
    prefix, tool = find_target(own, name)
    if not prefix or not is_guarded(prefix):
        return run([tool, *arguments])
    door = Door(prefix, [tool], name, arguments)
    if door.changes or not door.has_tool():
        return hand_over(door)
    elsewhere = any(word.startswith("--py") for word in arguments) or "PIP_PYTHON" in os.environ
    wrapper = os.path.join(prefix, "libexec", "pipguard", "pip-python.exe")
    unrouted = {} if elsewhere or not os.path.isfile(wrapper) else {RUNNING: "1"}
    return door.run_tool(**unrouted)


def find_target(own: str, name: str) -> Tuple[str, str]:
    """Find the pip that would run without us, behind its environment, empty where it has none."""
    folders = os.environ.get("PATH", "").replace('"', "").split(os.pathsep)
    shims = os.path.dirname(own)
    if not any(same(folder, shims) for folder in folders):  # somebody has named our file
        folders.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(shims))))
    for folder in folders:
        if not folder or os.path.isfile(os.path.join(folder, ".pipguard-shim")):
            continue
        tool = os.path.join(folder, name + ".exe")
        if os.path.isfile(tool) and not os.path.samefile(tool, own):
            inside = os.path.basename(folder).lower() in ("scripts", "bin")
            return (os.path.dirname(folder) if inside else ""), tool
        if is_guarded(folder) and os.path.isfile(os.path.join(folder, "python.exe")):
            scripts = os.path.join(folder, "Scripts")
            named = os.path.join(scripts, name + ".exe")
            return folder, named if os.path.isfile(named) else os.path.join(scripts, "pip.exe")
    raise Refusal(f"{name}: command not found (pipguard looked along PATH)")


def routed(own: str, arguments: List[str]) -> int:
    """Serve `python -m pip`, whose runner comes first among the arguments."""
    own_prefix = os.path.dirname(os.path.dirname(os.path.dirname(own)))
    python = os.path.join(own_prefix, "python.exe")
    if not arguments:
        return run([python])
    runner, words = arguments[0], arguments[1:]
    prefix = runner
    for _ in ("__pip-runner__.py", "pip", "site-packages", "Lib"):
        prefix = os.path.dirname(prefix)
    foreign = not os.path.isdir(os.path.join(prefix, "conda-meta"))
    if foreign or os.path.samefile(prefix, own_prefix):
        prefix = own_prefix
    tool = [os.path.join(prefix, "python.exe"), runner]
    door = Door(prefix, tool, "python -m pip", words)
    if not door.changes:
        return door.run_tool()
    if foreign:
        typed = " ".join(words)
        raise Refusal(
            f'this pip lies outside the environment, type: pipguard pip -p "{prefix}" {typed}'
        )
    return hand_over(door)


def is_guarded(prefix: str) -> bool:
    return os.path.isfile(os.path.join(prefix, SENTINEL))


def hand_over(door: Door) -> int:
    """Let pipguard serve what changes the environment, or what no other pip can serve."""
    with open(os.path.join(door.prefix, SENTINEL), encoding="utf-8") as lines:
        home, _, mode, launcher = [next(lines, "").rstrip("\n") for _ in range(4)]
    inside = same(os.environ.get("PIPGUARD_INSIDE", ""), door.prefix)
    if door.changes and door.has_tool():
        if inside:
            return door.run_tool()
        if not is_no("PIPGUARD_BYPASS") or not is_no("CONDA_BUILD"):
            return bypass(door)
    if door.changes:
        refuse_if_copied(door.prefix, home)
        chosen = os.environ.get("PIPGUARD_MODE") or mode
        if door.has_tool() and chosen == "warn":
            say("guarded in mode warn; `pipguard explain ...` shows what the guard would do")
            return bypass(door, past_marker=mode != "warn")
        if door.has_tool() and chosen == "enforce" and door.name.startswith("python"):
            return door.run_tool()
        if inside:
            raise Refusal("another install is at work in this environment")
    return serve(door, launcher)


def refuse_if_copied(prefix: str, home: str) -> None:
    cure = f'type: pipguard enable -p "{prefix}"'
    if not os.path.isfile(os.path.join(prefix, "conda-meta", "pipguard", "guard.json")):
        raise Refusal(f"this environment is a clone whose guard is not set up, {cure}")
    if not same(home, prefix):
        raise Refusal(f"this environment was copied or moved from {home}, {cure}")


def bypass(door: Door, *, past_marker: bool = True) -> int:
    """Run the real tool, and leave a line in the ledger; without arguments, which may be secret."""
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    line = {"schema": 1, "id": f"{now}-{os.getpid()}", "time": now}
    line = {**line, "front_door": door.name, "state": "bypassed"}
    ledger = os.path.join(door.prefix, "conda-meta", "pipguard", "ledger.jsonl")
    try:
        with open(ledger, "a", encoding="utf-8") as lines:
            lines.write(json.dumps(line) + "\n")
    except OSError:
        pass
    return door.run_tool(**({"PIP_BREAK_SYSTEM_PACKAGES": "1"} if past_marker else {}))


def serve(door: Door, noted: str) -> int:
    """Start pipguard, by the path that `enable` noted, else from PATH."""
    launcher = noted if os.path.isfile(noted) else shutil.which("pipguard")
    if launcher is None:
        way = "set PIPGUARD_BYPASS=1" if door.has_tool() else "conda install pip"
        raise Refusal(f"pipguard cannot be found; install it again, or type: {way}")
    os.environ.pop(RUNNING, None)
    variables = {"PIPGUARD_FRONT_DOOR": door.name, "PIPGUARD_INSIDE": door.prefix}
    return run([launcher, "pip", "-p", door.prefix, *door.arguments], **variables)


def run(command: List[str], **variables: str) -> int:
    """Run a program in our place. Ctrl-C reaches it as well as us: it has to end first."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return subprocess.call(command, env=dict(os.environ, **variables))


def is_no(variable: str) -> bool:
    return os.environ.get(variable, "").lower() in ("", "0", "no", "off", "false")


def same(one: str, other: str) -> bool:
    return os.path.exists(one) and os.path.samefile(one, other)


def say(text: str) -> None:
    sys.stderr.write(f"pipguard: {text}\n")


if __name__ == "__main__":
    try:
        sys.exit(main(os.path.abspath(sys.argv[0]), sys.argv[1:]))
    except Refusal as refusal:
        say(f"{refusal}; nothing was changed")
        sys.exit(1)
