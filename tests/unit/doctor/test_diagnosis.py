"""What the doctor makes of what was seen: the rules, over values.

Longer than a module should be: the rules weigh the same few values against each other.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from values import SITE_PACKAGES, TARGET, by_pip, dist_info, record

from pipguard.doctor.case import Case
from pipguard.doctor.diagnosis import diagnose
from pipguard.doctor.evidence import Command, Damage, Dangle, Evidence, Info, Row
from pipguard.doctor.findings import Adopt, Ask, Finding, Fix, Forget, Kind, Move, Remove, Restore
from pipguard.names import CondaName, pypi_name
from pipguard.records import InstalledRecord
from pipguard.wheels.core import CoreMetadata

OLD_SITE = "lib/python3.10/site-packages"
ALPHA = f"{SITE_PACKAGES}/alpha/__init__.py"


def condas(name: str, version: str = "1.0", *more: str, **fields: object) -> InstalledRecord:
    """A conda package of one module."""
    info = dist_info(name, version)
    files = (f"{SITE_PACKAGES}/{name}/__init__.py", f"{info}/METADATA", f"{info}/RECORD", *more)
    return InstalledRecord(record(name, version, **fields), files=files)


def info(name: str, version: str = "1.0", site: str = SITE_PACKAGES, **fields: object) -> Info:
    """A metadata folder with a whole RECORD that no record of conda-meta has."""
    path = f"{site}/{name}-{version}.dist-info"
    requires = tuple(fields.pop("requires", ()))  # type: ignore[call-overload]
    files = (f"{site}/{name}/__init__.py", f"{path}/METADATA", f"{path}/RECORD")
    defaults: dict[str, object] = {
        "rows": tuple(map(Row, files)),
        "members": frozenset({"METADATA", "RECORD"}),
        "installer": "pip",
        "tags": ("py3-none-any",),
        "changed": 2.0,
    }
    metadata = CoreMetadata(name, version, requires_dist=requires)
    return Info(
        path,
        site,
        metadata=metadata,
        name=pypi_name(name),
        **(defaults | fields),  # type: ignore[arg-type]
    )


def owned(name: str, version: str = "1.0", **fields: object) -> Info:
    """The metadata folder of a conda package."""
    defaults = {"owner": CondaName(name), "rows": None, "changed": 1.0}
    return info(name, version, **(defaults | fields))


def seen(*records: InstalledRecord, **fields: object) -> Evidence:
    damages = {CondaName(name): it for name, it in fields.pop("damages", {}).items()}  # type: ignore[attr-defined]
    return Evidence("/env", SITE_PACKAGES, TARGET, records, damages=damages, **fields)  # type: ignore[arg-type]


def judged(evidence: Evidence) -> tuple[Finding, ...]:
    return diagnose(Case(evidence))


def told(evidence: Evidence) -> list[tuple[Kind, str, Fix]]:
    return [(it.kind, it.name, it.fix) for it in judged(evidence)]


def only(evidence: Evidence) -> Finding:
    (found,) = judged(evidence)
    return found


def test_an_environment_that_holds_has_no_findings() -> None:
    assert told(seen(condas("alpha"), infos=(owned("alpha"),))) == []


# Two of one dist


def test_what_pip_has_installed_over_conda_is_adopted_in_its_place() -> None:
    damage = Damage(missing=(f"{dist_info('alpha', '1.0')}/METADATA",), altered=(ALPHA,))
    found = only(seen(condas("alpha"), infos=(info("alpha", "2.0"),), damages={"alpha": damage}))
    assert (found.kind, found.fix) == (Kind.OVERWRITTEN, Fix.ADOPT)
    (adopt,) = found.steps
    assert isinstance(adopt, Adopt)
    assert (adopt.conda_name, adopt.version, len(adopt.instead_of)) == ("alpha", "2.0", 1)


def test_what_pip_knows_nothing_of_is_taken_over_from_condas_package() -> None:
    more = ("share/alpha/data", "bin/alpha", f"{SITE_PACKAGES}/alpha/old.py")
    damage = Damage(altered=(ALPHA,))
    condas_alpha = condas("alpha", "1.0", *more)
    found = only(seen(condas_alpha, infos=(info("alpha", "2.0"),), damages={"alpha": damage}))
    (adopt,) = found.steps
    assert isinstance(adopt, Adopt)
    assert adopt.files == ("share/alpha/data",)


def test_what_conda_has_linked_over_pip_stays_and_the_rest_of_pips_goes() -> None:
    rest = f"{SITE_PACKAGES}/alpha/new.py"
    pips = info("alpha", "2.0", damage=Damage(altered=(ALPHA,)))
    pips = replace(pips, rows=(*(pips.rows or ()), Row(rest)))
    found = only(seen(condas("alpha"), infos=(owned("alpha"), pips)))
    assert (found.kind, found.fix) == (Kind.DUPLICATE, Fix.REMOVE)
    (remove,) = found.steps
    assert isinstance(remove, Remove)
    assert rest in remove.paths
    assert ALPHA not in remove.paths


def test_a_file_that_a_person_has_changed_does_not_cost_pips_version() -> None:
    pips = info("alpha", "2.0", damage=Damage(altered=(ALPHA,)))
    damage = Damage(altered=(ALPHA,))
    found = only(seen(condas("alpha"), infos=(owned("alpha"), pips), damages={"alpha": damage}))
    assert found.fix is Fix.ADOPT


@pytest.mark.parametrize(("changed", "fix"), [(2.0, Fix.ADOPT), (0.5, Fix.REMOVE)])
def test_of_two_that_are_both_whole_the_later_one_stays(changed: float, fix: Fix) -> None:
    editable = info("alpha", "2.0", editable="/src", changed=changed)
    found = only(seen(condas("alpha"), infos=(owned("alpha"), editable)))
    assert (found.kind, found.fix) == (Kind.DUPLICATE, fix)


def test_where_both_are_half_there_conda_is_restored() -> None:
    lost = f"{SITE_PACKAGES}/alpha/lost.py"
    pips = info("alpha", "2.0", damage=Damage(missing=(ALPHA, lost)))
    damage = Damage(missing=(ALPHA,))
    evidence = seen(condas("alpha"), infos=(owned("alpha"), pips), damages={"alpha": damage})
    assert told(evidence) == [
        (Kind.MISSING, "alpha", Fix.RESTORE),
        (Kind.DUPLICATE, "alpha", Fix.REMOVE),
    ]


def test_a_package_of_several_dists_is_not_given_up_for_one_of_them() -> None:
    both = condas("alpha", "1.0", f"{dist_info('beta', '1.0')}/METADATA")
    infos = (info("alpha", "2.0"), owned("beta", owner=CondaName("alpha")))
    evidence = seen(both, infos=infos, damages={"alpha": Damage(altered=(ALPHA,))})
    assert told(evidence) == [
        (Kind.OVERWRITTEN, "alpha", Fix.RESTORE),
        (Kind.DUPLICATE, "alpha", Fix.REMOVE),
    ]


def test_of_two_folders_that_nobody_has_the_whole_one_is_adopted() -> None:
    whole = info("alpha", "1.0", changed=1.0)
    torn = info("alpha", "2.0", changed=2.0, damage=Damage(missing=(ALPHA,)))
    evidence = seen(infos=(whole, torn))
    assert told(evidence) == [
        (Kind.UNTRACKED, "alpha", Fix.ADOPT),
        (Kind.DUPLICATE, "alpha", Fix.REMOVE),
    ]
    (remove,) = judged(evidence)[1].steps
    assert isinstance(remove, Remove)
    assert ALPHA not in remove.paths


# One of a dist


def test_an_untracked_dist_is_adopted_under_its_name() -> None:
    (adopt,) = only(seen(infos=(info("alpha"),))).steps
    assert isinstance(adopt, Adopt)
    assert (adopt.conda_name, adopt.version, adopt.instead_of) == ("alpha", "1.0", ())


@pytest.mark.parametrize("strangers", [frozenset({"alpha"}), frozenset[str]()])
def test_a_name_that_is_something_else_on_conda_is_not_taken(strangers: frozenset[str]) -> None:
    here = () if strangers else (InstalledRecord(record("alpha"), files=("lib/libalpha.so",)),)
    (found,) = diagnose(Case(seen(*here, infos=(info("alpha"),)), strangers))
    (adopt,) = found.steps
    assert isinstance(adopt, Adopt)
    assert adopt.conda_name == "pypi-alpha"


def test_a_path_of_another_package_stays_that_packages() -> None:
    shared = f"{SITE_PACKAGES}/space/__init__.py"
    pips = info("alpha")
    pips = replace(pips, rows=(*(pips.rows or ()), Row(shared)))
    other = InstalledRecord(record("space"), files=(shared,))
    evidence = seen(other, infos=(pips,), damages={"space": Damage(altered=(shared,))})
    assert told(evidence) == [
        (Kind.OVERWRITTEN, "space", Fix.RESTORE),
        (Kind.UNTRACKED, "alpha", Fix.ADOPT),
    ]
    (adopt,) = judged(evidence)[1].steps
    assert isinstance(adopt, Adopt)
    assert adopt.left_out == (shared,)


@pytest.mark.parametrize(
    "fields",
    [{"metadata": None, "name": None, "members": frozenset({"REQUESTED"})}, {"rows": None}],
    ids=["a lone REQUESTED", "no RECORD"],
)
def test_what_an_installer_did_not_finish_is_removed(fields: dict[str, object]) -> None:
    half = replace(info("alpha"), **fields)  # type: ignore[arg-type]
    found = only(seen(infos=(half,)))
    assert (found.kind, found.fix) == (Kind.LEFTOVER, Fix.REMOVE)


def test_an_egg_info_never_had_a_record_and_is_adopted() -> None:
    path = f"{SITE_PACKAGES}/alpha-1.0.egg-info"
    old = replace(info("alpha"), path=path, rows=None, members=frozenset({"PKG-INFO"}))
    assert told(seen(infos=(old,))) == [(Kind.UNTRACKED, "alpha", Fix.ADOPT)]


@pytest.mark.parametrize("owner", [None, "alpha"])
def test_an_editable_whose_folder_has_gone_goes_as_well(owner: str | None) -> None:
    lost = info("alpha", editable="/gone", gone=True, owner=owner and CondaName(owner))
    records = [by_pip("alpha")] if owner else []
    found = only(seen(*records, infos=(lost,)))
    assert (found.kind, found.facts[1]) == (Kind.DANGLING, ("target", "/gone"))
    assert isinstance(found.steps[0], Forget if owner else Remove)


# Records


def test_a_record_of_a_package_is_restored() -> None:
    found = only(seen(condas("alpha"), damages={"alpha": Damage(missing=(ALPHA,))}))
    assert (found.kind, found.fix) == (Kind.MISSING, Fix.RESTORE)


def test_a_record_that_nothing_is_left_of_is_restored_from_its_package() -> None:
    alpha = condas("alpha", "1.0", "share/alpha")
    damage = Damage(missing=tuple(path for path in alpha.files if "site-packages" in path))
    found = only(seen(alpha, damages={"alpha": damage}))
    assert (found.kind, found.fix) == (Kind.STALE_RECORD, Fix.RESTORE)
    (restore,) = found.steps
    assert isinstance(restore, Restore)
    assert restore.dists == (("alpha", "1.0"),)


def test_a_record_of_pips_that_nothing_is_left_of_is_forgotten() -> None:
    alpha = by_pip("alpha")
    found = only(seen(alpha, damages={"alpha": Damage(missing=alpha.files)}))
    assert (found.kind, found.fix) == (Kind.STALE_RECORD, Fix.FORGET)


def test_a_record_of_pips_is_made_to_say_what_is_there() -> None:
    alpha = replace(by_pip("alpha"), files=(*by_pip("alpha").files, ALPHA))
    evidence = seen(alpha, infos=(owned("alpha"),), damages={"alpha": Damage(altered=(ALPHA,))})
    assert told(evidence) == [(Kind.OVERWRITTEN, "alpha", Fix.ADOPT)]


def test_altered_and_missing_files_are_two_findings_with_one_cure() -> None:
    damage = Damage(missing=(f"{dist_info('alpha', '1.0')}/RECORD",), altered=(ALPHA,))
    first, second = judged(seen(condas("alpha"), damages={"alpha": damage}))
    assert (first.kind, second.kind) == (Kind.OVERWRITTEN, Kind.MISSING)
    assert first.steps == second.steps


# What an interrupted pip has put aside


def stash(**fields: object) -> tuple[Info, tuple[str, ...]]:
    """What is there when pip was killed between putting alpha 1.0 aside and bringing the next."""
    put_aside = (f"{SITE_PACKAGES}/~lpha", f"{SITE_PACKAGES}/~lpha-1.0.dist-info")
    places = (f"{SITE_PACKAGES}/alpha", f"{SITE_PACKAGES}/alpha-1.0.dist-info")
    stashed = info("alpha", moves=tuple(zip(put_aside, places, strict=True)), **fields)
    return replace(stashed, path=put_aside[1]), put_aside


def test_a_dist_that_pip_has_put_aside_and_not_replaced_comes_back() -> None:
    info_, put_aside = stash()
    found = only(seen(infos=(info_,), stashed=put_aside))
    assert (found.kind, found.name, found.fix) == (Kind.LEFTOVER, "alpha", Fix.MOVE)
    (move,) = found.steps
    assert isinstance(move, Move)
    assert move.adopt.info == f"{SITE_PACKAGES}/alpha-1.0.dist-info"


def test_a_dist_that_pip_has_put_aside_and_replaced_is_of_no_use() -> None:
    info_, put_aside = stash()
    evidence = seen(condas("alpha"), infos=(owned("alpha"), info_), stashed=put_aside)
    found = only(evidence)
    assert found.steps == (Remove((put_aside[1], put_aside[0])),)


def test_a_dist_of_which_a_part_is_lost_does_not_come_back() -> None:
    info_, put_aside = stash(damage=Damage(missing=(ALPHA,)))
    assert only(seen(infos=(info_,), stashed=put_aside)).fix is Fix.REMOVE


def test_folders_put_aside_that_nothing_speaks_for_are_removed() -> None:
    found = only(seen(stashed=(f"{SITE_PACKAGES}/~ip",)))
    assert (found.kind, found.name, found.fix) == (Kind.LEFTOVER, "~ip", Fix.REMOVE)


# What an upgrade of python has left behind


def test_a_pure_dist_moves_to_where_python_looks() -> None:
    found = only(seen(infos=(info("alpha", site=OLD_SITE),)))
    assert (found.kind, found.fix) == (Kind.STRANDED, Fix.MOVE)
    (move,) = found.steps
    assert isinstance(move, Move)
    assert (f"{OLD_SITE}/alpha/__init__.py", ALPHA) in move.moves


def test_what_has_a_record_of_pips_moves_with_it() -> None:
    it = info("alpha", site=OLD_SITE)
    files = tuple(row.path for row in it.rows or ())
    old = InstalledRecord(by_pip("alpha").record, files=files)
    found = only(seen(old, infos=(replace(it, owner=CondaName("alpha")),)))
    (move,) = found.steps
    assert isinstance(move, Move)
    assert (move.adopt.conda_name, move.adopt.instead_of) == ("alpha", (old.record,))


def test_a_record_whose_dist_cannot_run_here_is_dropped_and_asked_for_again() -> None:
    it = replace(info("alpha", site=OLD_SITE, tags=("cp310-cp310-x",)), owner=CondaName("alpha"))
    old = by_pip("alpha").record
    found = only(seen(InstalledRecord(old, files=(it.path,)), infos=(it,)))
    assert [type(step) for step in found.steps] == [Forget, Ask]
    found = only(seen(InstalledRecord(old, files=(it.path,)), infos=(replace(it, source="git+x"),)))
    assert [type(step) for step in found.steps] == [Forget]


@pytest.mark.parametrize(
    "left",
    [
        info("alpha", site=OLD_SITE, tags=("cp310-cp310-manylinux_2_17_x86_64",)),
        replace(info("alpha", site=OLD_SITE), metadata=CoreMetadata("alpha", "1.0", "<3.11")),
    ],
    ids=["compiled", "not for this python"],
)
def test_what_cannot_run_here_is_removed_and_asked_for_again(left: Info) -> None:
    found = only(seen(infos=(left,)))
    assert (found.kind, found.fix) == (Kind.STRANDED, Fix.REMOVE)
    assert "alpha==1.0" in str(found.steps[1])


def test_what_python_finds_anyway_is_not_moved_over_it() -> None:
    infos = (owned("alpha"), info("alpha", site=OLD_SITE))
    assert told(seen(condas("alpha"), infos=infos)) == [(Kind.STRANDED, "alpha", Fix.REMOVE)]


# Lines, commands, the guard


def test_lines_that_lead_nowhere_are_taken_out() -> None:
    dangle = Dangle(f"{SITE_PACKAGES}/easy-install.pth", b"/gone\n", ("/gone",), None)
    found = only(seen(dangles=(dangle,)))
    assert (found.kind, found.fix, found.facts) == (
        Kind.DANGLING,
        Fix.REWRITE,
        (("target", "/gone"),),
    )


def test_a_line_of_an_editable_that_goes_is_told_with_it() -> None:
    pth = f"{SITE_PACKAGES}/__editable__.alpha-1.0.pth"
    lost = info("alpha", editable="/gone", gone=True)
    lost = replace(lost, rows=(*(lost.rows or ()), Row(pth)))
    assert len(judged(seen(infos=(lost,), dangles=(Dangle(pth, b"/gone", ("/gone",), None),)))) == 1


def test_a_command_of_another_prefix_is_put_right() -> None:
    command = Command("bin/alpha", "/other/bin/python", b"#!/env/bin/python\n")
    assert told(seen(commands=(command,))) == [(Kind.SCRIPT, "alpha", Fix.REWRITE)]


def test_a_python_that_lacks_a_file_was_not_upgraded() -> None:
    python = record("python", "3.11.7")
    lost = InstalledRecord(python, files=("lib/python3.11/os.py",))
    damage = Damage(missing=lost.files)
    faults = (("python-changed", "lib/python3.11"),)
    evidence = seen(lost, damages={"python": damage}, faults=faults)
    assert told(evidence) == [(Kind.MISSING, "python", Fix.RESTORE)]


def test_faults_of_the_guard_are_one_finding() -> None:
    faults = (("missing", "libexec/pipguard/pip-python"), ("launcher-missing", "/bin/pipguard"))
    found = only(seen(faults=faults))
    assert (found.kind, found.fix) == (Kind.GUARD, Fix.PLACE)
    assert found.paths == ("libexec/pipguard/pip-python",)


# What fits together


def requires(*lines: str, **others: str) -> Evidence:
    infos = [owned("alpha", requires=lines), *(owned(name, it) for name, it in others.items())]
    return seen(
        condas("alpha"), *(condas(name, it) for name, it in others.items()), infos=tuple(infos)
    )


@pytest.mark.parametrize(
    ("line", "installed", "met"),
    [
        ("beta", {}, False),
        ("beta>=2", {"beta": "1.0"}, False),
        ("beta>=2", {"beta": "2.1"}, True),
        ("beta<3", {"beta": "2.0rc1"}, True),
        ('beta; python_version < "3.8"', {}, True),
        ('beta; extra == "more"', {}, True),
        ("no requirement at all", {}, True),
    ],
)
def test_requirements_are_judged_as_pip_check_does(
    line: str,
    installed: dict[str, str],
    met: bool,  # noqa: FBT001 # a column of the table
) -> None:
    assert (told(requires(line, **installed)) == []) is met


def test_what_comes_back_is_no_unmet_requirement_besides() -> None:
    evidence = requires("beta")
    gone = condas("beta")
    evidence = replace(
        evidence,
        records=(*evidence.records, gone),
        damages={CondaName("beta"): Damage(missing=gone.files)},
    )
    assert told(evidence) == [(Kind.STALE_RECORD, "beta", Fix.RESTORE)]


def test_a_python_that_does_not_start_is_not_asked_for_its_markers() -> None:
    assert told(replace(requires("beta"), target=None)) == []


@pytest.mark.parametrize(
    ("condas_file", "wheels_file", "family"),
    [
        ("lib/libgomp.so.1.0.0", "alpha.libs/libgomp-a34b3233.so.1.0.0", "OpenMP"),
        ("lib/libomp.dylib", "alpha/.dylibs/libomp.dylib", "OpenMP"),
        ("lib/libgomp.so.1", "torch/lib/libiomp5.so", "OpenMP"),
        ("lib/libopenblasp-r0.3.27.so", "numpy.libs/libscipy_openblas64_-99b71e71.so", "BLAS"),
        ("lib/libmkl_rt.so.2", "scipy.libs/libopenblasp-r0-23e5df77.3.21.so", "BLAS"),
    ],
)
def test_a_second_runtime_of_a_wheel_is_told(
    condas_file: str, wheels_file: str, family: str
) -> None:
    conda = InstalledRecord(record("runtime"), files=(condas_file,))
    brought = (f"{SITE_PACKAGES}/{wheels_file}",)
    wheel = InstalledRecord(record("alpha", build="pypi_h0123abcd_0"), files=brought)
    found = only(seen(conda, wheel))
    assert (found.kind, found.name, dict(found.facts)["family"]) == (Kind.RUNTIME, "alpha", family)
    assert told(seen(wheel)) == []


# Two of one path


def claims(name: str, sha256: str, path: str = "lib/both.txt") -> InstalledRecord:
    entry = {"_path": path, "sha256": sha256}
    return InstalledRecord(record(name), files=(path,), data={"paths_data": {"paths": [entry]}})


@pytest.mark.parametrize("hidden", ["", "__clobbers__/beta/"])
def test_different_files_for_one_path_are_told_and_are_not_wrong(hidden: str) -> None:
    found = only(seen(claims("alpha", "1"), claims("beta", "2", f"{hidden}lib/both.txt")))
    assert (found.kind, found.name, found.paths) == (Kind.SHARED, "alpha", ("lib/both.txt",))
    assert found.facts == (("others", "beta"),)
    assert not found.is_wrong
    assert not found.is_mended


def test_the_same_file_from_two_packages_is_nothing_to_know() -> None:
    assert told(seen(claims("alpha", "1"), claims("beta", "1"))) == []
