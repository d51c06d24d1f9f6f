"""Runtimes of which one process must not have two: OpenMP and BLAS.

Pure. Wheels carry their own under a name of their own (`numpy.libs/libopenblas-….so`); conda's
packages share the one in `lib`. Two in one process crash, hang, or fight over the cores.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pipguard.doctor.case import in_site
from pipguard.doctor.findings import Finding, Kind
from pipguard.records import InstalledRecord, Origin

_FAMILIES = {
    "OpenMP": re.compile(r"(lib)?(gomp|omp|iomp5(md)?|vcomp\d*)(-[\w.]+)?\.(so[\d.]*|dylib|dll)"),
    "BLAS": re.compile(
        r"(lib)?(scipy_)?(openblas\w*|mkl_rt|blis|flexiblas)([-.][\w.-]+)?\.(so[\d.]*|dylib|dll)"
    ),
}
_CONDAS = ("lib/", "Library/bin/")


def second_runtimes(
    records: Iterable[InstalledRecord], strays: Iterable[tuple[str, tuple[str, ...]]]
) -> Iterator[Finding]:
    """Find wheels that bring a runtime which a conda package has brought as well.

    Args:
        records: of conda-meta.
        strays: dists that no record has, by name, with their files.
    """
    known = tuple(records)
    condas = _condas(known)
    wheels = [
        (item.record.name, item.files) for item in known if item.record.origin is not Origin.CONDA
    ]
    for name, files in sorted([*wheels, *strays]):
        for family, pattern in _FAMILIES.items():
            brought = sorted(path for path in files if in_site(path) and _is(pattern, path))
            if brought and family in condas:
                package, library = condas[family]
                facts = (("family", family), ("conda", package))
                yield Finding(Kind.RUNTIME, name, (*brought, library), (), facts)


def _condas(records: Iterable[InstalledRecord]) -> dict[str, tuple[str, str]]:
    """Find the first conda package of each family, and its library."""
    found: dict[str, tuple[str, str]] = {}
    for item in records:
        if item.record.origin is Origin.CONDA:
            for path in item.files:
                if path.startswith(_CONDAS) and not in_site(path):
                    for family, pattern in _FAMILIES.items():
                        if family not in found and _is(pattern, path):
                            found[family] = (item.record.name, path)
    return found


def _is(pattern: re.Pattern[str], path: str) -> bool:
    return pattern.fullmatch(path.rpartition("/")[2]) is not None
