"""The files of conda's configuration: where they are, and what they say.

`read_layers` reads them in conda's order, lowest first. The order is SEARCH_PATH of
`conda/base/constants.py`; a file that cannot be read is passed over and reported.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipguard.engine.layers import Layer, Node, flag
from pipguard.engine.parameters import expand_variables
from pipguard.sourced import BadSetting

_NAMES = (".condarc", "condarc", "condarc.d")
_SUFFIXES = (".yml", ".yaml")


def _in(*places: str) -> tuple[str, ...]:
    return tuple(f"{place}/{name}" for place in places for name in _NAMES)


SEARCH_PATH: tuple[str, ...] = (
    *_in("/etc/conda", "/var/lib/conda", "$CONDA_ROOT", "$XDG_CONFIG_HOME/conda"),
    *_in("~/.config/conda", "~/.conda"),
    "~/.condarc",
    *_in("$CONDA_PREFIX"),
    "$CONDARC",
)
"""Where conda looks, lowest first; a folder stands for its `*.yml` and `*.yaml`, sorted."""


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose configuration is read.

    Attributes:
        prefix: the environment that is worked on; its own condarc counts, not the active one's.
        environ: the environment variables.
        home: the person's home folder.
        root: conda's own installation, None when there seems to be none.
    """

    prefix: Path
    environ: Mapping[str, str]
    home: Path
    root: Path | None

    def path(self, entry: str) -> Path | None:
        """Return what an entry of the search path means here, None when its variable is unset."""
        roots = {"CONDA_PREFIX": str(self.prefix), "CONDA_ROOT": str(self.root or "")}
        variables = {**self.environ, **roots}
        if entry.startswith("$") and not variables.get(entry[1:].partition("/")[0]):
            return None
        return self.expand_user(expand_variables(entry, variables))

    def expand_user(self, text: str) -> Path:
        """Return a path whose `~` is the home folder that was given."""
        return self.home / text[2:] if text.startswith("~/") else Path(text)


def find_root(prefix: Path, environ: Mapping[str, str]) -> Path | None:
    """Find conda's own installation: by variables, else as the parent of an `envs` folder."""
    for name in ("CONDA_ROOT", "_CONDA_ROOT"):
        if environ.get(name):
            return Path(environ[name])
    if environ.get("CONDA_EXE"):
        return Path(environ["CONDA_EXE"]).parent.parent
    if environ.get("MAMBA_ROOT_PREFIX"):
        return Path(environ["MAMBA_ROOT_PREFIX"])
    if prefix.parent.name == "envs":
        return prefix.parent.parent
    return prefix if (prefix / "condabin").is_dir() else None


def read_layers(
    whose: Whose, search_path: tuple[str, ...] = SEARCH_PATH
) -> tuple[tuple[Layer, ...], tuple[BadSetting, ...]]:
    """Read every file of the search path that exists.

    Returns:
        The layers, lowest first, and the files that could not be read.
    """
    layers: list[Layer] = []
    unread: list[BadSetting] = []
    for path in dict.fromkeys(_files(whose, search_path)):
        found = _read(path)
        if isinstance(found, BadSetting):
            unread.append(found)
        else:
            layers.append(found)
    return tuple(layers), tuple(unread)


def _files(whose: Whose, search_path: tuple[str, ...]) -> Iterator[Path]:
    for entry in search_path:
        path = whose.path(entry)
        if path is None:
            continue
        if path.is_dir():
            yield from sorted(each for each in path.iterdir() if each.suffix in _SUFFIXES)
        elif path.is_file() and (path.name in _NAMES or path.suffix in _SUFFIXES):
            yield path


def _read(path: Path) -> Layer | BadSetting:
    # Imported here: without a condarc there is no need for 30 ms of YAML parser.
    from ruamel.yaml import YAML  # noqa: PLC0415
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415

    try:
        tree = YAML(typ="rt").load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        return BadSetting(str(path), "", "file-unreadable", type(error).__name__)
    if tree is None:
        return {}
    node = _node(tree, str(path), "")
    if not isinstance(node.value, Mapping):
        return BadSetting(str(path), "", "setting-shape", "a map")
    return node.value


def _node(value: Any, source: str, comment: str) -> Node:
    """Turn what the YAML parser made into nodes, with the flag of the comment behind each."""
    if isinstance(value, list):
        lines = (_node(each, source, _comment(value, i, 0)) for i, each in enumerate(value))
        return Node(tuple(lines), source, flag(comment))
    if isinstance(value, dict):
        entries = {str(k): _node(v, source, _comment(value, k, 2)) for k, v in value.items()}
        return Node(entries, source, flag(comment))
    scalar = value if value is None or isinstance(value, str | int | float) else str(value)
    return Node(scalar, source, flag(comment))


def _comment(container: Any, key: object, position: int) -> str:
    """Return the comment behind one entry.

    ruamel.yaml keeps it at position 0 for an entry of a list and at 2 for a key of a map.
    """
    comments = getattr(container, "ca", None)
    tokens = comments.items.get(key) if comments else None
    token: Any = tokens[position] if tokens and len(tokens) > position else None
    return str(token.value) if hasattr(token, "value") else ""
