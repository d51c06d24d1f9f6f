import pytest

from pipguard.errors import UsageError
from pipguard.names import pypi_name
from pipguard.policy import GIB, Choice, Policy, Prefer, examine, merge, parse
from pipguard.sourced import BadSetting, Sourced


def route_of(policy: Policy, name: str, *, requested: bool = True) -> Sourced[Choice] | None:
    return policy.route_of(pypi_name(name), requested=requested)


def test_without_any_policy_nothing_is_decided() -> None:
    assert route_of(Policy(), "numpy") is None
    assert Policy().prefer == Sourced(Prefer.CONDA, "default")


def test_every_setting_of_a_full_file_is_read_with_its_source() -> None:
    policy = parse(
        """
        prefer = "pypi"
        channels = ["acme", "conda-forge"]
        mirrors = ["https://pypi.acme.example/simple"]
        local-channel = "~/shared"
        [packages]
        torch = "pip"
        [names]
        My_Dist = "my-conda"
        secret = false
        [limits]
        unpacked = "4 GiB"
        ratio = 10
        ratio-from = "1 MiB"
        """,
        "file",
    )
    assert policy.prefer == Sourced(Prefer.PYPI, "file")
    assert policy.channels == Sourced(("acme", "conda-forge"), "file")
    assert policy.mirrors == Sourced(("https://pypi.acme.example/simple",), "file")
    assert policy.local_channel == Sourced("~/shared", "file")
    assert policy.names == {"my-dist": Sourced("my-conda", "file"), "secret": Sourced(None, "file")}
    assert policy.limits.unpacked == Sourced(4 * GIB, "file")
    assert policy.limits.ratio_from == Sourced(1024**2, "file")
    assert route_of(policy, "torch") == Sourced(Choice.PIP, "file")


@pytest.mark.parametrize(
    ("prefer", "requested", "choice"),
    [
        ("conda", True, None),
        ("pypi", True, Choice.PYPI),
        ("pypi", False, None),
        ("pypi-only", False, Choice.PYPI),
    ],
)
def test_preference_tells_requests_from_dependencies(
    prefer: str, *, requested: bool, choice: Choice | None
) -> None:
    found = route_of(parse(f'prefer = "{prefer}"', "f"), "x", requested=requested)
    assert (found.value if found else None) == choice


def test_a_rule_for_a_package_wins_over_the_preference() -> None:
    policy = parse('prefer = "pypi-only"\n[packages]\nnumpy = "conda"', "f")
    assert route_of(policy, "numpy") == Sourced(Choice.CONDA, "f")


def test_a_whole_name_wins_over_patterns_and_a_longer_pattern_over_a_shorter() -> None:
    policy = parse(
        '[packages]\n"*" = "conda"\n"Acme_*" = "pypi"\n"acme-core-*" = "deny"\nacme-core-x = "pip"',
        "f",
    )
    assert [route_of(policy, name).value for name in ("acme-core-x", "acme-core-y")] == [  # type: ignore[union-attr]
        Choice.PIP,
        Choice.DENY,
    ]
    assert route_of(policy, "Acme.Tool") == Sourced(Choice.PYPI, "f")
    assert route_of(policy, "other") == Sourced(Choice.CONDA, "f")


def test_the_stronger_layer_wins_setting_by_setting() -> None:
    strong = parse('channels = ["a"]\n[packages]\n"*" = "pypi"\n[names]\nx = "strong"', "strong")
    weak = parse(
        'prefer = "pypi"\nchannels = ["b"]\n[packages]\ntorch = "deny"\n[names]\nx = "w"\ny = "w"',
        "weak",
    )
    merged = merge([strong, weak])
    assert merged.channels == Sourced(("a",), "strong")
    assert merged.prefer == Sourced(Prefer.PYPI, "weak")
    assert route_of(merged, "torch") == Sourced(Choice.PYPI, "strong")
    assert merged.names == {"x": Sourced("strong", "strong"), "y": Sourced("w", "weak")}
    assert merged.limits.ratio.source == "default"


def test_a_setting_that_equals_the_default_still_wins_over_a_weaker_layer() -> None:
    merged = merge([parse('prefer = "conda"', "strong"), parse('prefer = "pypi"', "weak")])
    assert merged.prefer == Sourced(Prefer.CONDA, "strong")


def test_all_problems_of_a_file_are_told_at_once() -> None:
    _, problems = examine(
        """
        prefer = "conda-only"
        channels = "conda-forge"
        colour = "blue"
        mirrors = [1]
        [packages]
        x = "apt"
        [names]
        y = true
        z = "Not A Name"
        [limits]
        unpacked = "4 gigs"
        ratio = 0
        speed = 1
        """,
        "f",
    )
    assert {(each.key, each.reference) for each in problems} == {
        ("colour", "setting-unknown"),
        ("prefer", "setting-value"),
        ("channels", "setting-value"),
        ("mirrors", "setting-value"),
        ("packages.x", "setting-value"),
        ("names.y", "setting-value"),
        ("names.z", "setting-value"),
        ("limits.unpacked", "setting-value"),
        ("limits.ratio", "setting-value"),
        ("limits.speed", "setting-unknown"),
    }


def test_a_file_that_is_no_toml_is_one_problem_that_says_where() -> None:
    with pytest.raises(UsageError) as caught:
        parse("prefer = conda\n", "f")
    (problem,) = caught.value.facts["problems"]  # type: ignore[misc]
    assert (problem.source, problem.reference) == ("f", "file-unreadable")
    assert "line 1" in problem.detail


def test_a_table_where_a_value_belongs_is_a_problem_of_shape() -> None:
    _, problems = examine('packages = "torch"', "f")
    assert problems == (BadSetting("f", "packages", "setting-shape", "a table"),)


def test_limits_default_to_what_torch_and_cudnn_need() -> None:
    limits = Policy().limits
    assert (limits.unpacked.value, limits.ratio.value) == (32 * GIB, 100)
