"""What the tags in the name of a wheel demand of an environment.

Pure. File-name tags decide, as they do for pip; `Root-Is-Purelib` and the Tag lines of WHEEL do
not. Start at `read_tags`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from packaging.tags import Tag
from packaging.utils import parse_wheel_filename

from pipguard.errors import ConversionError
from pipguard.problems import Problem
from pipguard.target import Target

_MACHINES = {
    "linux-64": ("x86_64",),
    "linux-32": ("i686",),
    "linux-aarch64": ("aarch64",),
    "linux-armv7l": ("armv7l",),
    "linux-ppc64le": ("ppc64le",),
    "linux-riscv64": ("riscv64",),
    "linux-s390x": ("s390x",),
    "osx-64": ("x86_64", "universal2", "intel", "fat64", "fat3", "universal"),
    "osx-arm64": ("arm64", "universal2"),
}
_WINDOWS = {"win-64": "win_amd64", "win-32": "win32", "win-arm64": "win_arm64"}
_OLD_MANYLINUX = {"manylinux1": (2, 5), "manylinux2010": (2, 12), "manylinux2014": (2, 17)}

Point = tuple[int, int]
"""Major and minor, of a python or of a system library."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What a wheel demands beside its metadata.

    Attributes:
        any_platform: whether the wheel runs everywhere; otherwise it is bound to the target's
            subdir.
        system: MatchSpec of a virtual package (`__glibc >=2.28`), or "".
        exact: the one minor of python the wheel is for, or None.
        least: the lowest minor of python the wheel is for, where there is no exact one.
        free_threaded: whether only a python without the GIL can load it.
    """

    any_platform: bool
    system: str = ""
    exact: Point | None = None
    least: Point | None = None
    free_threaded: bool = False

    @property
    def python(self) -> str:
        """The demand as a PEP 440 specifier set: `==3.12.*`, `>=3.11` or ""."""
        if self.exact:
            return f"=={self.exact[0]}.{self.exact[1]}.*"
        return f">={self.least[0]}.{self.least[1]}" if self.least else ""


def read_tags(wheel_name: str, target: Target) -> Demand:
    """Say what a wheel demands of the target, from the tags that the target satisfies.

    Of compressed tags (PEP 425) the least demanding one counts.

    Raises:
        ConversionError: `wheel-name-invalid`; `wheel-musllinux`, for there is no virtual package
            for musl; `wheel-not-for-target` where no tag fits.
    """
    try:
        tags = parse_wheel_filename(wheel_name)[3]
    except ValueError as error:
        raise _refused(wheel_name, "wheel-name-invalid", str(error)) from error
    demands = [demand for demand in (_demand(tag, target) for tag in tags) if demand]
    if demands:
        return min(demands, key=_severity)
    if all(tag.platform.startswith("musllinux") for tag in tags):
        raise _refused(wheel_name, "wheel-musllinux", target.subdir)
    raise _refused(wheel_name, "wheel-not-for-target", f"{target.subdir}, python {target.minor}")


def _refused(wheel: str, reference: str, detail: str) -> ConversionError:
    return ConversionError((Problem(wheel, reference, detail=detail),))


def _severity(demand: Demand) -> tuple[bool, bool, Point, str]:
    version = tuple(int(part) for part in re.findall(r"\d+", demand.system))
    return (
        not demand.any_platform,
        demand.exact is not None,
        demand.least or (0, 0),
        "".join(f"{part:05}" for part in version),
    )


def _demand(tag: Tag, target: Target) -> Demand | None:
    """Judge one tag; None where the target does not satisfy it."""
    system = _system(tag.platform, target.subdir)
    if system is None:
        return None
    any_platform = tag.platform == "any"
    minor = _point(target.minor)
    implementation, number = tag.interpreter[:2], tag.interpreter[2:]
    least = (int(number[0]), int(number[1:] or 0)) if number.isdecimal() else None
    if least is None or least > minor:
        return None
    if implementation == "py" and tag.abi == "none":
        bound = least if least[1] else None
        return Demand(any_platform, system, least=bound) if least[0] == minor[0] else None
    if implementation != "cp":
        return None
    return _cpython(tag, target, Demand(any_platform, system, exact=least))


def _cpython(tag: Tag, target: Target, demand: Demand) -> Demand | None:
    """Judge a `cp` tag: stable ABI, one minor with its ABI, or one minor without any."""
    minor = _point(target.minor)
    if tag.abi == "abi3":
        fits = not target.free_threaded
        return Demand(demand.any_platform, demand.system, least=demand.exact) if fits else None
    if demand.exact != minor:
        return None
    own = f"cp{minor[0]}{minor[1]}"
    free_threaded = tag.abi == f"{own}t"
    if tag.abi not in ("none", own, f"{own}t") or (
        tag.abi != "none" and free_threaded != target.free_threaded
    ):
        return None
    return Demand(demand.any_platform, demand.system, minor, free_threaded=free_threaded)


def _point(text: str) -> Point:
    major, minor = text.split(".")
    return int(major), int(minor)


def _system(platform: str, subdir: str) -> str | None:
    """Name the virtual package that a platform tag demands; "" for none, None where unfit."""
    if platform == "any" or platform == _WINDOWS.get(subdir):
        return ""
    machines = "|".join(_MACHINES.get(subdir, ("-",)))
    if subdir.startswith("linux"):
        return _glibc(platform, machines)
    match = re.fullmatch(rf"macosx_(\d+)_(\d+)_({machines})", platform)
    return f"__osx >={match[1]}.{match[2]}" if match and subdir.startswith("osx") else None


def _glibc(platform: str, machines: str) -> str | None:
    """Read manylinux tags, the old names included (PEP 513, 571, 599, 600)."""
    match = re.fullmatch(rf"(manylinux_(\d+)_(\d+)|manylinux\d+|linux)_({machines})", platform)
    if not match:
        return None
    if match[1] == "linux":
        return ""
    major, minor = _OLD_MANYLINUX.get(match[1]) or (match[2], match[3])
    return f"__glibc >={major}.{minor}" if major else None
