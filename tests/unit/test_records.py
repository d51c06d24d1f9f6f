"""Records and dists as values: origins, owners, and who ships what."""

from __future__ import annotations

import pytest
from values import CHANNEL, SITE_PACKAGES, dist, from_conda, installed, record

from pipguard.names import pypi_name
from pipguard.records import Origin, by_pip, elsewhere, owners, owns, shipped, untracked


@pytest.mark.parametrize(
    ("build", "channel", "origin"),
    [
        ("py311h1234567_0", CHANNEL, Origin.CONDA),
        ("pyhd8ed1ab_0", CHANNEL, Origin.CONDA),
        ("pypi_h0123abcd_0", "file:///converted", Origin.CONVERTED),
        ("cu121_pypi_h0123abcd_2", "file:///converted", Origin.CONVERTED),
        ("pypi_h0123abcd_0", "https://mirror.example/moved", Origin.CONVERTED),
        ("xpypi_h0123abcd_0", CHANNEL, Origin.CONDA),
        ("pypi_0", "pypi", Origin.PIP),
        ("pypi_0", CHANNEL, Origin.CONDA),
        ("untracked_0", "pypi", Origin.UNTRACKED),
    ],
)
def test_the_origin_is_told_from_the_build(build: str, channel: str, origin: Origin) -> None:
    assert record("alpha", build=build, channel=channel).origin is origin


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("lib/python3.11/site-packages/alpha-1.0.dist-info/METADATA", {"alpha"}),
        ("lib/python3.11/site-packages/alpha-1.0.dist-info/RECORD", {"alpha"}),
        ("Lib/site-packages/alpha-1.0.dist-info/METADATA", {"alpha"}),
        ("site-packages/My_Dist-1.0.dist-info/METADATA", {"my-dist"}),
        ("lib/python3.11/site-packages/alpha-1.0-py3.11.egg-info/PKG-INFO", {"alpha"}),
        ("lib/python3.11/site-packages/alpha-1.0-py3.11.egg-info", {"alpha"}),
        ("lib/python3/dist-packages/alpha-1.0.dist-info/METADATA", {"alpha"}),
        ("lib/python3.11/site-packages/alpha-1.0.dist-info/INSTALLER", set()),
        ("lib/python3.11/site-packages/pip/_vendor/alpha-1.0.dist-info/METADATA", set()),
        ("lib/python3.11/site-packages/x/site-packages/alpha-1.0.dist-info/METADATA", set()),
        ("share/alpha-1.0.dist-info/METADATA", set()),
        ("lib/python3.11/site-packages/alpha/__init__.py", set()),
    ],
)
def test_only_a_metadata_folder_right_in_site_packages_counts(path: str, names: set[str]) -> None:
    assert shipped([path]) == names


def test_one_record_may_own_several_dists() -> None:
    suite = installed(record("suite"), "alpha", "beta")
    assert owners([suite, from_conda("gamma")]) == {
        "alpha": suite,
        "beta": suite,
        "gamma": from_conda("gamma"),
    }


@pytest.mark.parametrize(
    ("version", "accounted"), [("1.0", True), ("1.0.1", False), ("2.0", False)]
)
def test_a_record_accounts_for_the_metadata_folder_it_brought(
    version: str, *, accounted: bool
) -> None:
    assert owns(from_conda("alpha", "1.0"), dist("alpha", version)) is accounted


def test_nobody_accounts_for_a_dist_without_owner() -> None:
    assert not owns(None, dist("alpha"))


@pytest.mark.parametrize(
    ("version", "shown"), [("1.0+local", "1.0"), ("1.0-post1", "1.0.post1"), ("unknown", "0")]
)
def test_drift_is_shown_to_the_solver_in_a_version_it_can_order(version: str, shown: str) -> None:
    stand_in = untracked(dist("alpha", version))
    assert stand_in.record.version == shown
    assert stand_in.record.origin is Origin.UNTRACKED
    assert owners([stand_in]) == {"alpha": stand_in}


@pytest.mark.parametrize("kind", ["dist-info", "egg-info"])
def test_every_kind_of_drift_is_known_by_its_name(kind: str) -> None:
    stand_in = untracked(dist("al-pha", info=f"{SITE_PACKAGES}/al_pha-1.0.{kind}"))
    assert owners([stand_in]) == {"al-pha": stand_in}
    assert elsewhere(pypi_name("al-pha"), "1.0").record.key == stand_in.record.key


def test_what_true_pip_installs_is_no_file_of_any_channel() -> None:
    made = by_pip(record("alpha", depends=["beta"]), "git+https://git.example/alpha@0f1e")
    assert made.origin is Origin.PIP
    assert (made.sha256, made.subdir) == (None, "noarch")
    assert made.depends == ("beta",)


def test_a_record_is_kept_in_conda_meta_under_its_dist_name() -> None:
    assert record("alpha", "1.0", build="py_0").dist_name == "alpha-1.0-py_0"
