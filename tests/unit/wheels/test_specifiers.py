"""Specifiers: rattler is the judge of our spelling, packaging of what it must mean."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version
from rattler import MatchSpec, VersionSpec
from rattler import Version as CondaVersion

from pipguard.names import CondaName
from pipguard.wheels.specifiers import conda_version, in_order, match_spec, to_conda

NUMPY = CondaName("numpy")


@pytest.mark.parametrize(
    ("specifier", "conda"),
    [
        ("", "*"),
        ("<2.0", "<2dev0"),
        ("<1!2.0.0", "<1!2dev0"),
        ("<0", "<0dev0"),
        ("<2.0rc1", "<2.0rc1"),
        ("<2.0.dev0", "<2dev0"),
        (">=2.0.dev0", ">=2dev0"),
        (">=2.0.dev1", ">=2.0.dev1"),
        ("~=1.4.5", ">=1.4.5,<1.5dev0"),
        ("~=1.9", ">=1.9,<2dev0"),
        ("~=1.0.0", ">=1.0.0,<1.1dev0"),
        ("~=1!1.4", ">=1!1.4,<1!2dev0"),
        ("~=2.2rc1", ">=2.2rc1,<3dev0"),
        ("==2.*", "2.*"),
        ("!=2.1.*", "!=2.1.*"),
        (">1.0", ">1.0,!=1.0.post.*"),
        (">1.0.post1", ">1.0.post1"),
        (">1.0a1", ">1.0a1,!=1.0a1.post.*"),
        (">1.0.dev1", ">1.0.dev1"),
        ("<1.0.post1", "<1.0.post1.dev0"),
        ("<1.0.post1.dev2", "<1.0.post1.dev2"),
        ("==1.0", "==1.0"),
        ("===1.0", "==1.0"),
        ("<=1.36.0-1", "<=1.36.0.post1"),
        (">= 1.0 , < 3", ">=1.0,<3dev0"),
        ("==2.5.1+cu121", "==2.5.1"),
        (">=1,>=1,", ">=1"),
    ],
)
def test_each_clause_has_one_spelling(specifier: str, conda: str) -> None:
    assert to_conda(specifier) == conda


@pytest.mark.parametrize(
    "specifier", ["nonsense", ">=1.0.*", "~=1", "1.0", "===nonsense", ">=1,,x"]
)
def test_what_is_not_pep_440_is_refused_as_a_value_error(specifier: str) -> None:
    with pytest.raises(InvalidSpecifier):
        to_conda(specifier)
    assert issubclass(InvalidSpecifier, ValueError)


def test_the_local_label_moves_from_the_version_to_the_build_string() -> None:
    assert conda_version("2.5.1+CU121") == "2.5.1"
    assert match_spec(NUMPY, "==2.5.1+cu121") == "numpy ==2.5.1 cu121_*"
    assert match_spec(NUMPY, ">=2,==2.5.1+ubuntu-1") == "numpy >=2,==2.5.1 ubuntu.1_*"
    assert match_spec(NUMPY, "!=2.5.1+cu121") == "numpy"


def test_versions_are_normalised() -> None:
    assert conda_version("v1.0-RC.1") == "1.0rc1"
    assert conda_version("1!2.0.post01") == "1!2.0.post1"
    with pytest.raises(InvalidVersion):
        conda_version("1.0-kernel")


def test_a_requirement_without_a_version_is_the_bare_name() -> None:
    assert match_spec(NUMPY) == "numpy"
    assert match_spec(NUMPY, "==1.*") == "numpy 1.*"


def test_clauses_are_written_in_one_order_whatever_the_set_remembers() -> None:
    texts = ("<3,>=2.1,!=2.5", "!=2.5,<3,>=2.1", ">=2.1,!=2.5,<3")
    assert {in_order(SpecifierSet(text)) for text in texts} == {">=2.1,!=2.5,<3"}


def test_a_double_equal_prefix_match_within_a_list_is_the_trap_we_think_it_is() -> None:
    naive = VersionSpec("==2.*,>=1", strict=False)
    assert not naive.matches(CondaVersion("2.3"))
    assert VersionSpec(to_conda("==2.*,>=1")).matches(CondaVersion("2.3"))


_parts = st.integers(0, 3)
_suffixes = st.one_of(
    st.just(""),
    st.builds("{}{}".format, st.sampled_from(["a", "b", "rc", ".post"]), st.integers(0, 2)),
)
# Few releases, close to each other: what can go wrong goes wrong at the boundaries.
_final = st.sampled_from(["0.9.9", "1.0.0", "1.0.1", "1.1.0", "2.0.0"])
_versions = st.builds("{}{}{}".format, st.sampled_from(["", "1!"]), _final, _suffixes)
_operators = st.sampled_from(["<", "<=", ">", ">=", "==", "!=", "~="])
_short = st.builds(
    "{}{}".format, st.sampled_from(["", "1!"]), st.builds("{}.{}".format, _parts, _parts)
)
_clauses = st.one_of(
    st.builds("{}{}".format, _operators, _versions),
    st.builds("{}{}.*".format, st.sampled_from(["==", "!="]), _short),
    st.builds("{}{}.dev0".format, st.sampled_from([">=", "<"]), _short),
    st.builds("{}{}".format, st.sampled_from(["<", ">=", "~=", "<=", "==", "!="]), _short),
)


@st.composite
def _cases(draw: st.DrawFn) -> tuple[list[str], str]:
    """Clauses and a version; every other clause is about the version's own release."""
    version = draw(_versions)
    own = st.builds("{}{}{}".format, _operators, st.just(Version(version).base_version), _suffixes)
    clauses = draw(st.lists(st.one_of(own, _clauses), min_size=1, max_size=3))
    return clauses, version


@settings(max_examples=600, deadline=None)
@given(_cases())
def test_rattler_accepts_exactly_what_packaging_accepts(case: tuple[list[str], str]) -> None:
    clauses, version = case
    specifier = ",".join(clauses)
    expected = SpecifierSet(specifier).contains(version, prereleases=True)
    spec = VersionSpec(to_conda(specifier), strict=True)
    assert spec.matches(CondaVersion(conda_version(version))) == expected


_RELEASES = ("0.9", "1.9.9", "2.0", "2.0.0", "2.0.1", "2.1", "2.10", "3.0", "1!2.0")


@pytest.mark.parametrize("clause", ["<2.0", "<=2.0", ">2.0", ">=2.0", "==2.0", "!=2.0", "~=2.0"])
@pytest.mark.parametrize("extra", ["==2.*", "==2.0.*", "!=2.0.*", "<2.0.dev0", ">=2.0.dev0", ""])
def test_boundary_versions_fall_on_the_right_side(clause: str, extra: str) -> None:
    specifier = SpecifierSet(",".join(filter(None, (clause, extra))))
    spec = VersionSpec(to_conda(str(specifier)), strict=True)
    # 2.0.0rc1 is left out: conda orders pre-releases of releases of unlike length by its own rule.
    wrong = [
        version
        for release in _RELEASES
        for version in (release, f"{release}a1", f"{release}rc1")
        if Version(version).release != (2, 0, 0) or not Version(version).is_prerelease
        if spec.matches(CondaVersion(version)) != specifier.contains(version, prereleases=True)
    ]
    assert wrong == []


@settings(max_examples=300, deadline=None)
@given(_versions, _versions)
def test_conda_orders_normalised_versions_as_pep_440_does(one: str, other: str) -> None:
    in_conda = CondaVersion(conda_version(one)) < CondaVersion(conda_version(other))
    assert in_conda == (Version(one) < Version(other))


@settings(max_examples=100, deadline=None)
@given(st.lists(_clauses, max_size=3))
def test_every_match_spec_is_in_the_strict_syntax(clauses: list[str]) -> None:
    text = match_spec(NUMPY, ",".join(clauses))
    assert MatchSpec(text, strict=True).name is not None


# What conda's order cannot say: pre-releases before the first alpha, releases of unlike length.
_UNLIKE = {
    ("1.0a1", ">1.0.dev1"),
    ("2.0a1", ">=2.0.dev1"),
    ("2.0.post1", ">2"),
    ("2.0.post1.dev1", ">2"),
    ("2c1.post1.dev1", "!=2.0.*"),
    ("2c1.post1.dev1", "==2.0.*"),
}


def _pairs(source: str) -> Iterator[tuple[str, str]]:
    """Yield version and specifier of each row in the tables of packaging's own tests."""
    for row in ast.walk(ast.parse(source)):
        if isinstance(row, ast.Tuple) and len(row.elts) > 1:
            texts = [getattr(each, "value", None) for each in row.elts[:2]]
            for version, specifier in (texts, texts[::-1]):
                with suppress(InvalidVersion, InvalidSpecifier, TypeError):
                    SpecifierSet(specifier)
                    yield str(Version(version)), specifier


@pytest.mark.network
def test_the_tables_of_packagings_own_tests_hold(tmp_path: Path) -> None:
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", tmp_path]
    command = [*pip, "--no-binary", "packaging", "packaging==26.3"]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    (archive,) = tmp_path.glob("packaging-*.tar.gz")
    with tarfile.open(archive) as sdist:
        (member,) = (name for name in sdist.getnames() if name.endswith("/test_specifiers.py"))
        stream = sdist.extractfile(member)
        assert stream
        pairs = set(_pairs(stream.read().decode()))
    comparable = {pair for pair in pairs if not re.search(r"===|\+", "".join(pair))}
    wrong = {
        (version, specifier)
        for version, specifier in comparable
        if VersionSpec(to_conda(specifier), strict=True).matches(CondaVersion(version))
        != SpecifierSet(specifier).contains(version, prereleases=True)
    }
    assert len(comparable) > 200
    assert wrong == {(str(Version(version)), specifier) for version, specifier in _UNLIKE}
