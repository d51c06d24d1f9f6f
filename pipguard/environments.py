"""Which environments there are, and which one a command is about.

conda writes every environment it makes to `~/.conda/environments.txt`, mamba as well
(`conda/core/envs_manager.py`); named ones lie in its `envs_dirs`, among them `envs` below a root.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from pipguard.errors import PrefixError

_ROOT_VARIABLES = ("MAMBA_ROOT_PREFIX", "CONDA_ROOT", "_CONDA_ROOT")
_MAMBA_ROOTS = (".local/share/mamba", "micromamba")  # where mamba 2, and 1, makes one unasked


def choose(path: str | None, name: str | None, environ: Mapping[str, str], home: Path) -> Path:
    """Find the environment that was meant: by path, by name, else the active one.

    Raises:
        PrefixError: there is none of that name, none is active, or it is no environment.
        UsageError: it has a name, and conda's configuration cannot be used.
    """
    if path is None and name is None and not environ.get("CONDA_PREFIX"):
        raise PrefixError("no-environment")
    active = Path(path or environ.get("CONDA_PREFIX", ""))
    chosen = active if name is None else _named(name, environ, home)
    prefix = chosen.expanduser().absolute()
    if not _is_environment(prefix):
        raise PrefixError("not-an-environment", prefix=str(prefix))
    return prefix


def everything(environ: Mapping[str, str], home: Path) -> tuple[Path, ...]:
    """Find every environment that conda, mamba or micromamba knows, roots included, by path.

    Raises:
        UsageError: conda's configuration cannot be used.
    """
    folders = (*_folders(environ, home), *(root / "envs" for root in _roots(environ, home)))
    found = (*_registered(home), *_roots(environ, home), *_inside(folders))
    each = {path.resolve(): path.absolute() for path in reversed(found) if _is_environment(path)}
    return tuple(sorted(each.values()))


def _is_environment(path: Path) -> bool:
    # Not Path.is_dir, which fails in a folder of somebody else's.
    return os.path.isdir(path / "conda-meta")  # noqa: PTH112


def _inside(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        with suppress(OSError):  # not there, or not for us to read
            yield from folder.iterdir()


def _named(name: str, environ: Mapping[str, str], home: Path) -> Path:
    for candidate in _candidates(name, environ, home):
        if _is_environment(candidate):
            return candidate
    raise PrefixError("environment-unknown", name=name)


def _candidates(name: str, environ: Mapping[str, str], home: Path) -> Iterator[Path]:
    if name == "base":
        yield from _roots(environ, home)
        return
    yield from (folder / name for folder in _folders(environ, home))
    yield from (root / "envs" / name for root in _roots(environ, home))
    yield from (path for path in _registered(home) if path.name == name)


def _folders(environ: Mapping[str, str], home: Path) -> Iterator[Path]:
    """Yield the folders of named environments that conda was told of (its setting `envs_dirs`)."""
    # Imported here: most commands know their environment without conda's configuration.
    from pipguard.engine.condarc import read_conda_config  # noqa: PLC0415

    active = Path(environ.get("CONDA_PREFIX") or home)
    config = read_conda_config(active, environ, home)
    yield from (folder.value for folder in config.environment_dirs)


def _roots(environ: Mapping[str, str], home: Path) -> Iterator[Path]:
    yield from (Path(environ[key]) for key in _ROOT_VARIABLES if environ.get(key))
    import shutil  # noqa: PLC0415 # not on the way to pip

    conda = environ.get("CONDA_EXE") or shutil.which("conda", path=environ.get("PATH", ""))
    if conda:
        yield Path(conda).parent.parent
    yield home / ".conda"
    yield from (home / place for place in _MAMBA_ROOTS)


def _registered(home: Path) -> Iterator[Path]:
    try:
        text = (home / ".conda" / "environments.txt").read_bytes()
    except OSError:
        return
    lines = os.fsdecode(text).splitlines()
    yield from (Path(line.strip()) for line in lines if line.strip())
