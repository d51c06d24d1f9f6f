"""A guarded environment with everything around it: an index, a channel, an activated shell."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import builders

from pipguard.short_paths import spelled_out

# As `tests/shell` does for every shell: what conda's activation adds up to.
_ACTIVATE = """
export CONDA_PREFIX={prefix!r} PATH={prefix!r}/bin:"$PATH"
for script in "$CONDA_PREFIX"/etc/conda/activate.d/*.sh; do . "$script"; done
"""


@dataclass(frozen=True)
class Guarded:
    """A guarded environment and everything around it.

    `wheels` is the folder whose files the index offers, `channel` the conda channel.
    """

    environment: builders.Environment
    wheels: Path
    index: Path
    channel: Path
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def prefix(self) -> Path:
        return self.environment.prefix

    def offer(self, name: str, version: str = "1.0", **details: Any) -> Path:
        """Put a wheel on the index."""
        made = builders.wheel(self.wheels, name, version, **details)
        self.publish(self.wheels.iterdir())
        return made

    def publish(self, files: Iterable[Path]) -> None:
        builders.simple_index(self.index, files)

    def offer_on_conda(self, name: str, version: str = "1.0", **details: Any) -> None:
        """Put a conda package that ships the dist into the channel."""
        builders.dist_package(self.channel, name, version, **details)
        builders.channel(self.channel)

    @contextmanager
    def put_back(self) -> Iterator[None]:
        """Put the environment back afterwards as it is now: quicker than making another one."""
        kept = self.prefix.with_name(f"{self.prefix.name}-kept")
        subprocess.run(["cp", "-a", self.prefix, kept], check=True)
        try:
            yield
        finally:
            shutil.rmtree(self.prefix)
            kept.rename(self.prefix)

    def in_environment(self, environment: builders.Environment) -> Guarded:
        """The same surroundings for another environment."""
        return replace(self, environment=environment)

    def sh(
        self,
        script: str,
        *,
        cwd: Path | None = None,
        shell: str = "bash",
        stdin: int | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a script in an activated shell; the caller judges the exit code."""
        return subprocess.run(
            [shell, "-c", self.activated(script)],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, **self.variables},
            cwd=cwd or self.prefix.parent,
            stdin=stdin,
        )

    def activated(self, script: str) -> str:
        """Write a script that activates the environment first."""
        return _ACTIVATE.format(prefix=str(self.prefix)) + script

    def pip(self, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Type `pip …` in the activated bash."""
        return self.sh(" ".join(["pip", *map(_quoted, arguments)]), cwd=cwd)

    def installs(self, *arguments: str, cwd: Path | None = None) -> str:
        """Type `pip install …`, which must work; return standard output."""
        done = self.pip("install", *arguments, cwd=cwd)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @staticmethod
    def pipguard(*arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command `pipguard` of this python."""
        return pipguard(*arguments)

    def status(self) -> Mapping[str, Mapping[str, Any]]:
        """Dists of `pipguard status --json` by name."""
        done = pipguard("status", "--json", "-p", str(self.prefix))
        assert done.returncode == 0, done.stderr
        return {dist["name"]: dist for dist in json.loads(done.stdout)["dists"]}

    def origins(self) -> dict[str, str]:
        return {name: dist["origin"] for name, dist in self.status().items()}

    def ledger(self) -> list[dict[str, Any]]:
        path = self.prefix / "conda-meta/pipguard/ledger.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()]

    def reasons(self) -> dict[str, str]:
        """Reason of each route of the newest operation."""
        return {route["name"]: route["reason"] for route in self.ledger()[-1]["routes"]}

    def check(self) -> None:
        """Hold conda-meta against the files: every file accounted for, every sha256 true."""
        assert self.sh("pip check").returncode == 0
        for record in self.environment.records().values():
            assert (self.prefix / "conda-meta" / _file_name(record)).stat().st_mode & 0o777 == 0o644
            for entry in spelled_out(dict(record))["paths_data"]["paths"]:
                _check_path(self.prefix, entry)

    def tree(self) -> dict[str, str]:
        """The environment without what an operation is allowed to add to."""
        return self.environment.snapshot(
            *("conda-meta/history", "conda-meta/pipguard/*", "conda-meta/pipguard/journal/*/*"),
            *("conda-meta/pipguard/journal/*/saved/*", "**/__pycache__/*", "**/__pycache__"),
        )


def _file_name(record: Mapping[str, Any]) -> str:
    return "{name}-{version}-{build}.json".format(**record)


def _check_path(prefix: Path, entry: Mapping[str, Any]) -> None:
    path = prefix / entry["_path"]
    assert path.exists(), entry
    if entry["path_type"] == "pyc_file" or path.is_symlink():
        return
    expected = entry.get("sha256_in_prefix") or entry["sha256"]
    assert hashlib.sha256(path.read_bytes()).hexdigest() == expected, entry


def _quoted(argument: str) -> str:
    return "'" + argument.replace("'", "'\\''") + "'"


def pipguard(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command `pipguard` of this python."""
    return subprocess.run(
        [str(Path(sys.executable).parent / "pipguard"), *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=dict(os.environ),
    )
