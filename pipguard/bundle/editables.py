"""Builds the folders of editables into packages: elsewhere there is no such folder.

Start at `build`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipguard.bundle.making import Built
from pipguard.errors import BundleError, ConversionError, PlanError
from pipguard.export.inventory import Item
from pipguard.names import CondaName, PyPIName
from pipguard.pip_tool import PipTool
from pipguard.prefix import Prefix
from pipguard.wheels.hostile import Limits
from pipguard.wheels.loose import Surroundings, conversions_of, look_at
from pipguard.wheels.package import convert

_OPTIONS = ("install", "--no-deps", "--ignore-installed", "--quiet")


def build(
    prefix: Prefix, items: Sequence[Item], folder: Path, workshop: Path, limits: Limits
) -> dict[PyPIName, Built]:
    """Build a package of each editable.

    Args:
        prefix: the environment.
        items: the editables.
        folder: of the bundle; packages are put into its platforms.
        workshop: an empty folder for wheels.
        limits: how much a wheel may unpack to.

    Raises:
        BundleError: one cannot be built; pip has said why, or the problems say so.
    """
    if not items:
        return {}
    paths = [item.direct.path or "" for item in items if item.direct]
    pip = PipTool(prefix, [*_OPTIONS, *paths])
    try:
        plan = pip.plan()
        wheels = pip.fetch(plan.candidates, workshop)
        return _converted(prefix, items, list(wheels.values()), folder, limits)
    except PlanError as error:
        raise BundleError("editables-not-built", names=_names(items)) from error
    except ConversionError as error:
        raise BundleError("bundle-incomplete", problems=error.problems) from error
    finally:
        pip.stop()


def _names(items: Sequence[Item]) -> str:
    return ", ".join(item.name for item in items)


def _converted(
    prefix: Prefix, items: Sequence[Item], wheels: Sequence[Path], folder: Path, limits: Limits
) -> dict[PyPIName, Built]:
    named = {item.name: item.conda_name for item in items}
    surroundings = Surroundings(
        target=prefix.target,
        dists=prefix.dists(),
        conda_name=lambda name: named.get(name) or CondaName(name),
        limits=limits,
    )
    found = {}
    for conversion in conversions_of([look_at(wheel) for wheel in wheels], surroundings):
        package = convert(conversion, folder)
        place = folder / package.index.subdir
        place.mkdir(parents=True, exist_ok=True)
        path = package.path.replace(place / package.path.name)
        found[conversion.name] = Built(path, package.index.to_json())
    return found
