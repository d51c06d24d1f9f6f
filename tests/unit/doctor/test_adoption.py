"""The record of a dist that somebody else has installed."""

from __future__ import annotations

import pytest
from values import SITE_PACKAGES, TARGET, record

from pipguard.doctor.adoption import document, is_of_index, record_of
from pipguard.doctor.case import Case
from pipguard.doctor.evidence import Evidence, Info
from pipguard.doctor.findings import Adopt
from pipguard.names import CondaName, PyPIName
from pipguard.record_files import installed_record
from pipguard.records import InstalledRecord, Origin, Record
from pipguard.wheels.core import CoreMetadata

_APP = PyPIName("app")
_INFO = f"{SITE_PACKAGES}/stray-1.0.dist-info"


def stray(
    version: str = "1.0",
    requires: tuple[str, ...] = (),
    source: str | None = None,
    members: frozenset[str] = frozenset(),
    installer: str = "pip",
    *,
    required: bool = False,
) -> tuple[Case, Adopt, Info]:
    """A dist of pip's beside conda's `six` and `python`, and how it is to be adopted."""
    metadata = CoreMetadata("Stray", version, requires_dist=requires)
    info = Info(
        _INFO,
        SITE_PACKAGES,
        metadata=metadata,
        name=PyPIName("stray"),
        source=source,
        members=members,
        installer=installer,
        tags=("py3-none-any",),
    )
    six = InstalledRecord(record("six"), (f"{SITE_PACKAGES}/six-1.0.dist-info/METADATA",))
    here = (six, InstalledRecord(record("python", "3.11.4"), ()))
    needing = CoreMetadata("app", "1.0", requires_dist=("stray>=1",) if required else ())
    app = Info(f"{SITE_PACKAGES}/app-1.0.dist-info", SITE_PACKAGES, metadata=needing, name=_APP)
    case = Case(Evidence("/env", SITE_PACKAGES, TARGET, here, infos=(info, app)))
    return case, Adopt(PyPIName("stray"), version, _INFO, CondaName("stray")), info


def made(*arguments: object, **options: object) -> Record:
    return record_of(*stray(*arguments, **options), {})  # type: ignore[arg-type]


def written(*arguments: object, **options: object) -> InstalledRecord:
    case, adopt, info = stray(*arguments, **options)  # type: ignore[arg-type]
    return installed_record(document(case, adopt, record_of(case, adopt, info, {}), []))


def test_it_is_what_true_pip_has_installed_and_names_its_project() -> None:
    found = made()
    assert (found.origin, found.is_pypi_by_name) == (Origin.PIP, True)
    assert found.purls == ("pkg:pypi/stray@1.0",)
    assert found.file_name == f"{found.dist_name}.conda"


def test_what_is_here_is_depended_on_and_what_is_not_would_stop_conda() -> None:
    found = made(requires=("six>=1.0", "absent>=2", "six; extra == 'more'"))
    names = {depend.split(" ")[0] for depend in found.depends}
    assert names == {"python", "six"}


@pytest.mark.parametrize(
    ("version", "conda"), [("1.0+cpu", "1.0"), ("2010-beta-of-spring", "0"), ("1.0-1", "1.0.post1")]
)
def test_any_version_has_one_in_the_words_of_conda(version: str, conda: str) -> None:
    assert made(version).version == conda


@pytest.mark.parametrize(
    ("members", "requested"), [(frozenset({"REQUESTED"}), ("stray",)), (frozenset(), ())]
)
def test_what_was_asked_of_pip_was_asked_for(
    members: frozenset[str], requested: tuple[str, ...]
) -> None:
    assert written(members=members).requested == requested


@pytest.mark.parametrize("required", [True, False])
@pytest.mark.parametrize(
    ("installer", "members"), [("uv", frozenset({"REQUESTED"})), ("Poetry 2.5.1", frozenset())]
)
def test_what_others_have_installed_was_asked_for_unless_something_requires_it(
    installer: str, members: frozenset[str], *, required: bool
) -> None:
    found = written(installer=installer, members=members, required=required)
    assert found.requested == (() if required else ("stray",))


@pytest.mark.parametrize(("source", "migrates"), [(None, True), ("git+https://x.org/s@1", False)])
def test_what_came_from_an_address_is_no_item_of_an_index(
    source: str | None, *, migrates: bool
) -> None:
    assert is_of_index(written(source=source)) is migrates
