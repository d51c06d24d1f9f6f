"""PEP 440 versions and specifiers in the words of conda.

Pure. Both sides order versions almost alike; where they differ this module chooses the spelling
under which conda (`conda/models/version.py`) and rattler accept what
`SpecifierSet.contains(version, prereleases=True)` accepts. Start at `to_conda`.
"""

from __future__ import annotations

from collections.abc import Iterable

from packaging.specifiers import InvalidSpecifier, Specifier
from packaging.version import InvalidVersion, Version

from pipguard.names import CondaName


def to_conda(specifier: str) -> str:
    """Translate a PEP 440 specifier set to a conda version spec.

    `""` becomes `*`. Local labels (`+cu121`) are left out, because a converted package keeps its
    label in the build string; see `match_spec`.

    | PEP 440      | conda                | why                                              |
    |--------------|----------------------|--------------------------------------------------|
    | `<2.0`       | `<2dev0`             | conda has 2.0rc1 < 2.0; PEP 440 excludes it      |
    | `>=2.0.dev0` | `>=2dev0`            | conda has 2.0a1 < 2.0.dev0                       |
    | `~=1.4.5`    | `>=1.4.5,<1.5dev0`   | conda's own `~=` does not know pre-releases      |
    | `==2.*`      | `2.*`                | within a list conda reads `==2.*` as `==2`       |
    | `>1.0`       | `>1.0,!=1.0.post.*`  | PEP 440 excludes the post-releases of 1.0        |
    | `<1.0.post1` | `<1.0.post1.dev0`    | and what leads up to 1.0.post1                   |
    | `===1.0`     | `==1.0`              | the same for versions that PEP 440 can read      |

    Raises:
        InvalidSpecifier: a `ValueError`; the set is not PEP 440, or `===` names a version that is
            not, which conda could not order.
    """
    clauses = [_clause(each) for each in _parse(specifier)]
    return ",".join(dict.fromkeys(clauses)) or "*"


def conda_version(version: str) -> str:
    """Normalise a PEP 440 version and drop its local label, which goes to the build string.

    conda sorts `1.0+cu1` below `1.0`, so with the label kept, `==1.0` would reject it.

    Raises:
        InvalidVersion: a `ValueError`; the version is not PEP 440.
    """
    return Version(version).public


def in_order(clauses: Iterable[Specifier]) -> str:
    """Write clauses in a fixed order, lower bounds first, each once; a `SpecifierSet` has none."""

    def rank(clause: Specifier) -> tuple[bool, str, str]:
        return clause.operator not in (">=", ">", "~=", "=="), clause.operator, clause.version

    return ",".join(str(clause) for clause in sorted(frozenset(clauses), key=rank))


def match_spec(name: CondaName, specifier: str = "") -> str:
    """Make the MatchSpec of a requirement, in the strict syntax that py-rattler demands.

    `torch` with `==2.5.1+cu121` becomes `torch ==2.5.1 cu121_*`.

    Raises:
        InvalidSpecifier: as `to_conda`.
    """
    version = to_conda(specifier)
    local = _local_label(specifier)
    if local:
        return f"{name} {version} {local}_*"
    return f"{name} {version}" if version != "*" else str(name)


def _parse(specifier: str) -> list[Specifier]:
    """Read the clauses in the order written; `SpecifierSet` does not promise one."""
    return [Specifier(clause.strip()) for clause in specifier.split(",") if clause.strip()]


def _local_label(specifier: str) -> str | None:
    for clause in _parse(specifier):
        if clause.operator in ("==", "===") and not clause.version.endswith(".*"):
            local = _version(clause).local
            if local:
                return local
    return None


def _version(clause: Specifier) -> Version:
    try:
        return Version(clause.version)
    except InvalidVersion as error:
        raise InvalidSpecifier(str(clause)) from error


def _clause(clause: Specifier) -> str:
    if clause.version.endswith(".*"):
        sign = "" if clause.operator == "==" else "!="
        return f"{sign}{conda_version(clause.version[:-2])}.*"
    version = _version(clause)
    match clause.operator:
        case "<" if _opens(version):
            spec = f"<{_floor(version)}"
        case ">=" if _opens(version) and version.dev == 0:
            spec = f">={_floor(version)}"
        case "<" if version.is_postrelease and not version.is_devrelease:
            spec = f"<{version.public}.dev0"
        case ">" if not version.is_postrelease and not version.is_devrelease:
            spec = f">{version.public},!={version.public}.post.*"
        case "~=":
            spec = f">={version.public},<{_ceiling(version)}"
        case "===":
            spec = f"=={version.public}"
        case "!=" if version.local:
            spec = "*"  # a build string can be demanded, not excluded
        case operator:
            spec = f"{operator}{version.public}"
    return spec


def _opens(version: Version) -> bool:
    """Say whether every other version of this release is above it: `2.0.dev0`.

    Of `2.0` too, for `<2.0` stands for all that is below the pre-releases of 2.0.
    """
    return version.post is None and version.pre is None and version.dev in (None, 0)


def _floor(version: Version) -> str:
    """Name the point below every pre-release of a release: `2dev0` for `2.0`.

    Without trailing zeros, because conda compares `2.0.dev0` part by part and finds `2.0a1` lower.
    """
    return _point(version.epoch, version.release)


def _ceiling(version: Version) -> str:
    """Name the point above all that `~=` allows: `1.5dev0` for `~=1.4.5`."""
    *parts, last, _ = version.release
    return _point(version.epoch, (*parts, last + 1))


def _point(epoch: int, release: tuple[int, ...]) -> str:
    parts = list(release)
    while len(parts) > 1 and parts[-1] == 0:
        parts.pop()
    number = ".".join(map(str, parts))
    return f"{epoch}!{number}dev0" if epoch else f"{number}dev0"
