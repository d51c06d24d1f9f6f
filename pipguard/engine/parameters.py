"""The parameters of conda's configuration that matter to pipguard, and how to read them.

Pure. `PARAMETERS` is the table of names, aliases and shapes, as in the class `Context` of
`conda/base/context.py`; a `Merged` gives typed values out of layers.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from pipguard.engine.layers import (
    Flag,
    Layer,
    Node,
    Scalar,
    merge_into_list,
    merge_lists,
    merge_maps,
    merge_scalars,
)
from pipguard.sourced import BadSetting, Sourced


class Shape(Enum):
    """What a parameter holds."""

    SCALAR = "a single value"
    LIST = "a list"
    MAP = "a map"
    MAP_OF_LISTS = "a map of lists"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: its shape, its other names, and whether `$VARIABLES` in it are expanded.

    `delimiter` splits the value of an environment variable into a list.
    """

    shape: Shape
    aliases: tuple[str, ...] = ()
    expand: bool = True
    delimiter: str = ","


PARAMETERS: dict[str, Parameter] = {
    "allowlist_channels": Parameter(Shape.LIST, ("whitelist_channels",)),
    "bld_path": Parameter(Shape.SCALAR, expand=False),
    "channel_alias": Parameter(Shape.SCALAR),
    "channel_priority": Parameter(Shape.SCALAR, expand=False),
    "channels": Parameter(Shape.LIST, ("channel",)),
    "client_ssl_cert": Parameter(Shape.SCALAR, ("client_cert",)),
    "client_ssl_cert_key": Parameter(Shape.SCALAR, ("client_cert_key",)),
    "croot": Parameter(Shape.SCALAR, expand=False),
    "custom_channels": Parameter(Shape.MAP),
    "custom_multichannels": Parameter(Shape.MAP_OF_LISTS),
    "default_channels": Parameter(Shape.LIST),
    "denylist_channels": Parameter(Shape.LIST),
    "envs_dirs": Parameter(
        Shape.LIST, ("envs_path",), delimiter=";" if sys.platform == "win32" else ":"
    ),
    "local_repodata_ttl": Parameter(Shape.SCALAR, expand=False),
    "offline": Parameter(Shape.SCALAR, expand=False),
    "pinned_packages": Parameter(Shape.LIST, expand=False, delimiter="&"),
    "pkgs_dirs": Parameter(Shape.LIST),
    "proxy_servers": Parameter(Shape.MAP),
    "remote_connect_timeout_secs": Parameter(Shape.SCALAR, expand=False),
    "remote_max_retries": Parameter(Shape.SCALAR, expand=False),
    "ssl_verify": Parameter(Shape.SCALAR, ("verify_ssl",)),
}

_VARIABLE = re.compile(r"\$(\w+|\{[^}]*\})")
_TRUE = {"true", "yes", "on", "y"}
_FALSE = {"false", "no", "off", "n", "non", "none", ""}


def expand_variables(text: str, environ: Mapping[str, str]) -> str:
    """Replace `$NAME` and `${NAME}`; an unknown variable stays as it is written."""
    return _VARIABLE.sub(lambda found: environ.get(found[1].strip("{}"), found[0]), text)


def truth(value: Scalar) -> bool | None:
    """Read a truth value as conda does (`boolify`), None when it is none."""
    if not isinstance(value, str):
        return bool(value)
    word = value.strip().lower()
    if word.lstrip("-+").replace(".", "", 1).isdecimal():
        return bool(float(word))
    return True if word in _TRUE else False if word in _FALSE else None


def variables_layer(environ: Mapping[str, str]) -> Layer:
    """Turn `CONDA_*` variables into the layer above all files.

    Lists are split at the parameter's delimiter; `!important` behind a single value makes it
    final; maps cannot be given this way (EnvRawParameter of conda/common/configuration.py).
    """
    names = {key.removeprefix("CONDA_").lower(): key for key in environ if key.startswith("CONDA_")}
    layer: dict[str, Node] = {}
    for name, parameter in PARAMETERS.items():
        key = next((names[each] for each in (name, *parameter.aliases) if each in names), None)
        if key and parameter.shape in {Shape.SCALAR, Shape.LIST}:
            layer[name] = _variable_node(environ[key], f"${key}", parameter)
    return layer


def _variable_node(text: str, source: str, parameter: Parameter) -> Node:
    if parameter.shape is Shape.LIST:
        words = (word.strip() for word in text.split(parameter.delimiter))
        return Node(tuple(Node(word, source) for word in words if word), source)
    value, important, _ = text.partition("!important")
    return Node(value.strip(), source, Flag.FINAL if important else None)


def misshapen(layer: Layer) -> Iterator[BadSetting]:
    """Yield each parameter of a layer that holds another shape than conda's."""
    for name, parameter in PARAMETERS.items():
        for key in (name, *parameter.aliases):
            node = layer.get(key)
            if node is not None and node.value is not None and not _fits(node, parameter.shape):
                yield BadSetting(node.source, key, "setting-shape", parameter.shape.value)


def _fits(node: Node, shape: Shape) -> bool:
    match shape:
        case Shape.SCALAR:
            return not isinstance(node.value, tuple | Mapping)
        case Shape.LIST:
            return isinstance(node.value, tuple) and all(
                _fits(line, Shape.SCALAR) for line in node.value
            )
        case Shape.MAP | Shape.MAP_OF_LISTS:
            inner = Shape.SCALAR if shape is Shape.MAP else Shape.LIST
            return isinstance(node.value, Mapping) and all(
                _fits(each, inner) for each in node.value.values()
            )


@dataclass(frozen=True, slots=True)
class Merged:
    """All layers, lowest first, and typed questions to them."""

    layers: Sequence[Layer]
    environ: Mapping[str, str]

    def scalar(self, name: str) -> Sourced[Scalar] | None:
        """Return a single value as written, None when nobody sets it."""
        node = merge_scalars(self._nodes(name))
        if node is None or isinstance(node.value, tuple | Mapping):
            return None
        return Sourced(self._expanded(name, node.value), node.source)

    def text(self, name: str) -> Sourced[str] | None:
        """Return a single value as text; unset, `null` and empty are None."""
        found = self.scalar(name)
        return Sourced(str(found.value), found.source) if found and found.value else None

    def truth(self, name: str, *, default: bool) -> Sourced[bool]:
        """Return a truth value; what is none counts as the default."""
        found = self.scalar(name)
        value = truth(found.value) if found else None
        return Sourced(value, found.source) if found and value is not None else Sourced(default)

    def number(self, name: str, *, default: float) -> float:
        """Return a number; what is none counts as the default."""
        found = self.scalar(name)
        try:
            return float(found.value) if found and found.value is not None else default
        except ValueError:
            return default

    def lines(self, name: str) -> tuple[Sourced[str], ...]:
        """Return a list in its final order, each line with the file that wrote it."""
        return tuple(self._lines(name, merge_lists(self._nodes(name))))

    def table(self, name: str) -> dict[str, str]:
        """Return a map of single values."""
        merged = merge_maps(self._nodes(name, skip_null=True))
        return {
            key: str(self._expanded(name, node.value))
            for key, node in merged.items()
            if node.value is not None and not isinstance(node.value, tuple | Mapping)
        }

    def groups(self, name: str) -> dict[str, tuple[str, ...]]:
        """Return a map of lists."""
        merged = merge_maps(self._nodes(name, skip_null=True), merge_into_list)
        return {
            key: tuple(line.value for line in self._lines(name, node.value))
            for key, node in merged.items()
            if isinstance(node.value, tuple)
        }

    def _lines(self, name: str, nodes: tuple[Node, ...]) -> Iterator[Sourced[str]]:
        for node in nodes:
            if node.value is not None and not isinstance(node.value, tuple | Mapping):
                yield Sourced(str(self._expanded(name, node.value)), node.source)

    def _nodes(self, name: str, *, skip_null: bool = False) -> list[Node]:
        names = (name, *PARAMETERS[name].aliases)
        found = (next((layer[key] for key in names if key in layer), None) for layer in self.layers)
        return [
            node for node in found if node is not None and not (skip_null and node.value is None)
        ]

    def _expanded(self, name: str, value: Scalar) -> Scalar:
        if isinstance(value, str) and PARAMETERS[name].expand:
            return expand_variables(value, self.environ)
        return value
