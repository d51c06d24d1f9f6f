"""Which environments there are, and which one a command is about.

conda writes every environment it makes to `~/.conda/environments.txt`
(`conda/core/envs_manager.py`); named ones lie in `envs` below a root.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from pipguard.errors import PrefixError

_FOLDER_VARIABLES = ("CONDA_ENVS_DIRS", "CONDA_ENVS_PATH")
_ROOT_VARIABLES = ("MAMBA_ROOT_PREFIX", "CONDA_ROOT", "_CONDA_ROOT")


def choose(path: str | None, name: str | None, environ: Mapping[str, str], home: Path) -> Path:
    """Find the environment that was meant: by path, by name, else the active one.

    Raises:
        PrefixError: there is none of that name, none is active, or it is no environment.
    """
    if path is None and name is None and not environ.get("CONDA_PREFIX"):
        raise PrefixError("no-environment")
    active = Path(path or environ.get("CONDA_PREFIX", ""))
    chosen = active if name is None else _named(name, environ, home)
    prefix = chosen.expanduser().absolute()
    if not (prefix / "conda-meta").is_dir():
        raise PrefixError("not-an-environment", prefix=str(prefix))
    return prefix


def _named(name: str, environ: Mapping[str, str], home: Path) -> Path:
    for candidate in _candidates(name, environ, home):
        if (candidate / "conda-meta").is_dir():
            return candidate
    raise PrefixError("environment-unknown", name=name)


def _candidates(name: str, environ: Mapping[str, str], home: Path) -> Iterator[Path]:
    if name != "base":
        yield from (folder / name for folder in _folders(environ))
    for root in _roots(environ, home):
        yield root if name == "base" else root / "envs" / name
    if name != "base":
        yield from (path for path in _registered(home) if path.name == name)


def _folders(environ: Mapping[str, str]) -> Iterator[Path]:
    """Yield the folders of environments that conda was told of (its setting `envs_dirs`)."""
    for variable in _FOLDER_VARIABLES:
        yield from (
            Path(folder) for folder in environ.get(variable, "").split(os.pathsep) if folder
        )


def _roots(environ: Mapping[str, str], home: Path) -> Iterator[Path]:
    yield from (Path(environ[key]) for key in _ROOT_VARIABLES if environ.get(key))
    if environ.get("CONDA_EXE"):
        yield Path(environ["CONDA_EXE"]).parent.parent
    yield home / ".conda"


def _registered(home: Path) -> Iterator[Path]:
    try:
        lines = (home / ".conda" / "environments.txt").read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    yield from (Path(line.strip()) for line in lines if line.strip())
