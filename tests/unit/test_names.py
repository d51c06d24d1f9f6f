from collections.abc import Container, Mapping, Sequence

import pytest

from pipguard.mapping.seed import SEED
from pipguard.names import (
    Answer,
    CondaName,
    Known,
    KnownAbsent,
    NameTable,
    Proposal,
    PyPIName,
    Seed,
    Unknown,
    pypi_name,
    rank,
)
from pipguard.sourced import Sourced


class Table:
    """A table of files in memory: conda name to the dists it ships."""

    def __init__(self, ships: Mapping[str, str]) -> None:
        self._ships = {
            CondaName(conda): [PyPIName(dist) for dist in dists.split()]
            for conda, dists in ships.items()
        }

    def providers(self, name: PyPIName) -> Sequence[CondaName]:
        return [conda for conda, dists in self._ships.items() if name in dists]

    def ships(self, conda: CondaName) -> Sequence[PyPIName] | None:
        return self._ships.get(conda)


def table(**ships: str) -> Table:
    """Build a table; `__` in a keyword stands for a hyphen."""
    return Table({conda.replace("__", "-"): dists for conda, dists in ships.items()})


# In the shape of the real one, with its noise: vendored dists, unions, two spellings, empty ones.
CHANNEL = Table(
    {
        "attrs": "attrs",
        "brotli": "",
        "brotli-python": "brotli",
        "build": "build",
        "dask": "dask",
        "dask-core": "dask",
        "docker": "",
        "docker-py": "docker docker-py",
        "itk": "itk itk-core itk-io itk-numerics itk-filtering",
        "jaxlib": "jax-cuda12-plugin jaxlib",
        "jupyter-sphinx": "alabaster attrs idna jupyter-sphinx six tornado",
        "jupyter_sphinx": "jupyter-sphinx",
        "libopencv": "opencv-python opencv-python-headless",
        "lmdb": "",
        "matplotlib": "matplotlib",
        "matplotlib-base": "matplotlib",
        "mss": "mss open-mss",
        "numpy": "numpy",
        "ollama": "",
        "ollama-python": "ollama",
        "py-opencv": "opencv-python opencv-python-headless",
        "pyqt": "pyqt5 pyqt5-sip pyqtchart",
        "pyqt-impl": "pyqt5",
        "python-build": "build",
        "python-lmdb": "lmdb",
        "python-mss": "mss",
        "python-somelib": "somelib",
        "pytorch": "torch",
        "pytorch-cpu": "torch",
        "ray-core": "aiohttp aiosignal attrs idna multidict ray yarl",
        "ruamel.yaml": "ruamel-yaml",
        "ruamel_yaml": "ruamel-yaml ruamel-yaml-conda",
        "snappy": "",
        "somelib": "",
        "superset": "apache-superset superset",
        "typing_extensions": "typing-extensions",
    }
)


def condas(answer: Answer) -> list[str]:
    return [proposal.conda for proposal in answer.proposals] if isinstance(answer, Known) else []


def first(name: str, names: NameTable, channel_names: Container[str] = ()) -> str | None:
    return next(iter(condas(names.lookup(pypi_name(name), channel_names))), None)


@pytest.mark.parametrize(
    ("name", "conda"),
    [
        ("numpy", "numpy"),
        ("somelib", "python-somelib"),
        ("dask", "dask-core"),
        ("mss", "python-mss"),
        ("ruamel-yaml", "ruamel.yaml"),
        ("typing-extensions", "typing_extensions"),
        ("jupyter-sphinx", "jupyter_sphinx"),
        ("ray", "ray-core"),
        ("docker", "docker-py"),
        ("torch", "pytorch"),
        ("apache-superset", "superset"),
        ("itk-core", "itk"),
    ],
)
def test_a_table_alone_puts_the_right_package_first(name: str, conda: str) -> None:
    assert first(name, NameTable(tables=(CHANNEL,))) == conda


@pytest.mark.parametrize("name", ["alabaster", "tornado", "aiohttp", "multidict"])
def test_what_is_only_vendored_by_a_stranger_is_not_proposed(name: str) -> None:
    assert rank(pypi_name(name), CHANNEL, frozenset()) == ()


def test_a_vendor_is_distrusted_even_when_it_ships_few() -> None:
    small = table(gym="gym pyglet", pyglet="pyglet")
    assert rank(pypi_name("pyglet"), small, frozenset({CondaName("gym")})) == ("pyglet",)
    assert rank(pypi_name("gym"), small, frozenset({CondaName("gym")})) == ("gym",)


def test_fewer_companions_come_before_more_when_the_names_are_alike() -> None:
    both = table(a_b="a-b other", a__b="a-b other third")
    assert rank(pypi_name("a-b"), both, ()) == ("a_b", "a-b")


def test_of_names_equally_unlike_the_shorter_comes_first() -> None:
    both = table(fast__thing__cpu="thing", quick__thing="thing")
    assert rank(pypi_name("thing"), both, ()) == ("quick-thing", "fast-thing-cpu")


def test_of_two_spellings_the_one_pypi_would_write_comes_first() -> None:
    both = table(importlib_metadata="importlib-metadata", importlib__metadata="importlib-metadata")
    assert rank(pypi_name("importlib-metadata"), both, ()) == (
        "importlib-metadata",
        "importlib_metadata",
    )


@pytest.mark.parametrize(
    "name",
    ["ollama", "brotli", "lmdb", "jq", "pgvector", "julia", "sox", "graphviz", "igraph", "docker"],
)
def test_a_different_thing_of_the_same_name_is_never_proposed(name: str) -> None:
    seeded = NameTable(seed=SEED)
    assert name not in condas(seeded.lookup(pypi_name(name), {name}))
    assert first(name, seeded) is not None


@pytest.mark.parametrize("name", ["snappy", "magic", "boost", "cmake", "ffmpeg", "readline"])
def test_a_c_library_is_not_taken_for_the_project_of_its_name(name: str) -> None:
    assert NameTable(seed=SEED).lookup(pypi_name(name), {name}) == KnownAbsent("seed")


def test_a_table_knows_c_libraries_that_the_seed_does_not() -> None:
    names = NameTable(tables=(table(libthing=""),))
    assert names.lookup(pypi_name("libthing"), {"libthing"}) == KnownAbsent("table")


def test_a_conda_package_of_the_same_name_that_ships_another_dist_is_not_proposed() -> None:
    names = NameTable(tables=(table(oasis="oasis-optimization"),))
    assert names.lookup(pypi_name("oasis"), {"oasis"}) == KnownAbsent("table")


def test_a_conda_package_that_the_seed_gives_to_another_project_is_not_proposed() -> None:
    assert NameTable(seed=SEED).lookup(pypi_name("pytables"), {"pytables"}) == KnownAbsent("seed")


def test_projects_that_share_a_conda_package_keep_their_own_name() -> None:
    for name in ("jaxlib", "onnxruntime", "pyside6"):
        assert first(name, NameTable(seed=SEED)) == name


def test_the_channels_own_name_counts_when_nothing_speaks_against_it() -> None:
    names = NameTable(seed=SEED, tables=(CHANNEL,))
    assert names.lookup(pypi_name("Brand.New"), {"brand_new"}) == Known(
        (Proposal(CondaName("brand_new"), "channel"),)
    )


def test_a_name_that_nobody_knows_is_unknown_and_not_absent() -> None:
    assert NameTable(seed=SEED, tables=(CHANNEL,)).lookup(pypi_name("acme-secret")) == Unknown()


def test_guesses_are_the_spellings_that_conda_uses() -> None:
    assert NameTable().guesses(pypi_name("backports.entry_points_x")) == (
        "backports-entry-points-x",
        "backports_entry_points_x",
        "backports.entry.points.x",
        "backports.entry-points-x",
        "backports.entry_points_x",
    )


def test_guesses_leave_out_what_is_known_to_be_something_else() -> None:
    names = NameTable(seed=SEED, tables=(CHANNEL,))
    assert names.guesses(pypi_name("lmdb")) == ()
    assert names.guesses(pypi_name("acme")) == ("acme",)


def test_the_order_of_trust_is_owner_then_verified_then_seed_then_table() -> None:
    name = pypi_name("torch")
    names = NameTable(
        seed=SEED,
        tables=(CHANNEL,),
        owners={name: CondaName("pytorch-mine")},
        seen=table(**{"pytorch-seen": "torch", "mitmproxy": "torch"}),
    )
    answer = names.lookup(name)
    assert isinstance(answer, Known)
    assert [(each.conda, each.source) for each in answer.proposals] == [
        ("pytorch-mine", "installed"),
        ("pytorch-seen", "verified"),
        ("pytorch", "seed"),
        ("pytorch-cpu", "table"),
    ]


def test_a_policy_name_is_the_only_proposal() -> None:
    name = pypi_name("torch")
    names = NameTable(seed=SEED, overrides={name: Sourced(CondaName("mine"), "policy.toml")})
    assert names.lookup(name) == Known((Proposal(CondaName("mine"), "policy"),))


def test_a_policy_may_say_that_a_project_is_never_on_conda() -> None:
    name = pypi_name("numpy")
    names = NameTable(tables=(CHANNEL,), overrides={name: Sourced(None, "policy.toml")})
    assert names.lookup(name, {"numpy"}) == KnownAbsent("policy")


def test_a_version_in_the_pypi_name_limits_the_conda_version() -> None:
    answer = NameTable(seed=SEED, tables=(CHANNEL,)).lookup(pypi_name("PyQt5"))
    assert isinstance(answer, Known)
    assert answer.proposals[0] == Proposal(CondaName("pyqt"), "seed", "5.*")


def test_a_name_is_public_only_if_person_or_seed_or_table_knows_it() -> None:
    names = NameTable(
        seed=SEED,
        tables=(CHANNEL,),
        owners={pypi_name("acme-secret"): CondaName("acme-secret")},
        overrides={
            pypi_name("acme-tool"): Sourced(CondaName("acme-tool"), "policy.toml"),
            pypi_name("acme-never"): Sourced(None, "policy.toml"),
        },
    )
    assert names.is_public(pypi_name("torch"))
    assert names.is_public(pypi_name("numpy"))
    assert names.is_public(pypi_name("nvidia-cublas-cu12"))
    assert names.is_public(pypi_name("requests"))
    assert names.is_public(pypi_name("triton"))
    assert names.is_public(pypi_name("acme-tool"))
    assert not names.is_public(pypi_name("acme-never"))
    assert not names.is_public(pypi_name("acme-secret"))
    assert not names.is_public(pypi_name("opencv-acme"))


@pytest.mark.parametrize(
    ("member", "other"),
    [
        ("torch", "torchvision"),
        ("torch", "triton"),
        ("jax", "jax-cuda12-plugin"),
        ("tensorflow", "tensorflow-text"),
        ("opencv-python", "opencv-contrib-python-headless"),
        ("pyside6", "shiboken6"),
    ],
)
def test_projects_built_against_one_another_are_one_family(member: str, other: str) -> None:
    family = SEED.family(pypi_name(member))
    assert family is not None
    assert family == SEED.family(pypi_name(other))


def test_a_project_without_relatives_has_no_family() -> None:
    assert SEED.family(pypi_name("torchmetrics")) is None
    assert Seed().family(pypi_name("torch")) is None


def test_the_seed_holds_only_normalised_pypi_names() -> None:
    names = [*SEED.renames, *SEED.public, *(name for name in SEED.absent if "*" not in name)]
    assert [name for name in names if pypi_name(name) != name] == []


def test_the_seed_never_proposes_what_it_says_to_ship_no_dist() -> None:
    wrong = [
        (name, proposal.conda)
        for name, proposals in SEED.renames.items()
        for proposal in proposals
        if proposal.conda in SEED.no_dist
    ]
    assert wrong == []


def test_the_seed_never_both_renames_a_project_and_calls_it_absent() -> None:
    assert [name for name in SEED.renames if SEED.is_absent(name)] == []


def test_the_seed_lists_as_public_only_what_it_says_nothing_else_about() -> None:
    known = {*SEED.renames, *map(PyPIName, SEED.no_dist)}
    assert sorted(SEED.public & known) == []
    assert [name for name in SEED.public if SEED.is_absent(name)] == []
