"""Asks a real conda what it makes of `cases.toml`, and writes its answers to `conda.json`.

Not run by the tests, which hold our reading against the answers:

    python record.py PYTHON_WITH_CONDA
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

HERE = Path(__file__).parent

# Run by conda's python. Settings as `conda config --show --json` has them; channels as the
# addresses that conda would fetch from, and without credentials.
PROBE = """
import json, sys
from conda.base.context import context, reset_context
from conda.cli.main_config import _get_key, set_keys  # noqa: F401 # conda is there
from conda.models.channel import Channel

texts = json.loads(sys.argv[1])
reset_context()
context.validate_configuration()

def urls(text):
    found = []
    for with_credentials in (False, True):
        found.append([
            url.removesuffix("/noarch")
            for url in Channel(text).urls(with_credentials, subdirs=("noarch",))
        ])
    return found

def all_urls(channels):
    pairs = [urls(channel) for channel in channels]
    return [[url for pair in pairs for url in pair[which]] for which in (0, 1)]

print(json.dumps({
    "channels": all_urls(context.channels),
    "resolve": {text: urls(text) for text in texts},
    "priority": str(context.channel_priority),
    "pinned": list(context.pinned_packages),
    "offline": context.offline,
    "verify": context.ssl_verify,
    "client": [context.client_ssl_cert, context.client_ssl_cert_key],
    "proxies": dict(context.proxy_servers),
    "package_dirs": list(context.pkgs_dirs),
    "environment_dirs": list(context.envs_dirs),
    "ttl": context.local_repodata_ttl,
    "patience": [context.remote_connect_timeout_secs, context.remote_max_retries],
    "allowed": list(context.allowlist_channels),
    "denied": list(context.denylist_channels),
}))
"""


def make(case: dict[str, Any], base: Path) -> dict[str, str]:
    """Write the files of a case; return its variables."""
    for folder in ("home", "root/envs/work/conda-meta", "root/conda-meta", "xdg"):
        (base / folder).mkdir(parents=True)
    (base / "root/conda-meta/history").touch()
    for name, text in case.get("files", {}).items():
        (base / name).parent.mkdir(parents=True, exist_ok=True)
        (base / name).write_text(text.replace("BASE", str(base)), encoding="utf-8")
    chosen = {key: it.replace("BASE", str(base)) for key, it in case.get("env", {}).items()}
    return {
        "HOME": str(base / "home"),
        "XDG_CONFIG_HOME": str(base / "xdg"),
        "CONDA_ROOT": str(base / "root"),
        "CONDA_PREFIX": str(base / "root/envs/work"),
        **chosen,
    }


def ask(case: dict[str, Any], python: str) -> Any:
    """Return conda's answer, BASE for the folder in it; an error is its last line."""
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder).resolve()
        kept = {key: os.environ[key] for key in ("PATH", "PYTHONPATH") if key in os.environ}
        done = subprocess.run(
            [python, "-c", PROBE, json.dumps(case.get("resolve", []))],
            env={**kept, **make(case, base)},
            capture_output=True,
            text=True,
            check=False,
            cwd=base / "home",
        )
        if done.returncode:
            lines = [line for line in done.stderr.splitlines() if line.strip()]
            return {"refused": lines[-1].replace(str(base), "BASE")}
        root = subprocess.check_output([python, "-c", "import sys; print(sys.prefix)"], text=True)
        told = done.stdout.replace(str(base), "BASE").replace(root.strip(), "BASE/root")
        return json.loads(told)


if __name__ == "__main__":
    cases = tomllib.loads((HERE / "cases.toml").read_text("utf-8"))["case"]
    answers = {case["name"]: ask(case, sys.argv[1]) for case in cases}
    (HERE / "conda.json").write_text(json.dumps(answers, indent=1) + "\n", encoding="utf-8")
