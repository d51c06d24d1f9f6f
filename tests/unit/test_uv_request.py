"""What uv's options become in pip's words, and when uv must resolve first."""

from __future__ import annotations

import pytest

from pipguard.errors import UsageError
from pipguard.uv_options import read
from pipguard.uv_request import Translation, translate
from pipguard.uv_table import OPTIONS, Meaning

PREFIX = "/envs/one"


def translated(line: str, **variables: str) -> Translation:
    command = read(["pip", *line.split()], variables)
    assert command is not None
    found = translate(command, PREFIX)
    assert found is not None
    return found


def pip_words(line: str, **variables: str) -> str:
    return " ".join(translated(line, **variables).pip_arguments())


def refused(line: str, **variables: str) -> UsageError:
    with pytest.raises(UsageError) as caught:
        translated(line, **variables)
    return caught.value


@pytest.mark.parametrize(
    ("uv", "pip"),
    [
        ("x y", "x y"),
        ("-r a.txt -e . x", "-r a.txt -e . x"),
        ("-c c.txt x", "--constraint=c.txt x"),
        ("-b c.txt x", "--build-constraint=c.txt x"),
        ("--group dev", "--group=dev"),
        ("--no-deps x", "--no-deps x"),
        ("-U x", "--upgrade --upgrade-strategy=eager x"),
        ("--reinstall x", "--force-reinstall x"),
        ("--no-build x", "--only-binary=:all: x"),
        ("--no-binary x x", "--no-binary=x x"),
        ("--only-binary :all: x", "--only-binary=:all: x"),
        ("--require-hashes -r a", "--require-hashes -r a"),
        ("-i https://i/ x", "--index-url=https://i/ x"),
        ("--default-index https://i/ x", "--index-url=https://i/ x"),
        ("--default-index mine=https://i/?a=b x", "--index-url=https://i/?a=b x"),
        ("--default-index ./mirror x", "--index-url=./mirror x"),
        ("-f links --no-index x", "--find-links=links --no-index x"),
        ("--prerelease allow x", "--pre x"),
        ("--prerelease if-necessary-or-explicit x", "x"),
        ("--exclude-newer 2024-02-29 x", "--uploaded-prior-to=2024-03-01 x"),
        ("--exclude-newer 2024-02-29T10:00:00Z x", "--uploaded-prior-to=2024-02-29T10:00:00Z x"),
        ("-C a=b x", "--config-settings=a=b x"),
        ("--no-build-isolation x", "--no-build-isolation x"),
        ("-n x", "--no-cache-dir x"),
        ("--compile-bytecode x", "--compile x"),
        ("--dry-run -q -v x", "--dry-run --quiet --verbose x"),
        ("--color never x", "--no-color x"),
        ("--color always x", "x"),
        ("--keyring-provider subprocess x", "--keyring-provider=subprocess x"),
        ("--allow-insecure-host h x", "--trusted-host=h x"),
        ("--resolution highest x", "x"),
        ("--index-strategy unsafe-best-match x", "x"),
        ("--link-mode copy --refresh --strict --no-progress x", "x"),
        ("--python 3.12 --system --break-system-packages x", "x"),
        ("--prefix /envs/one/ x", "x"),
        ("--output-format text x", "x"),
        ("-r pylock.toml", "-r pylock.toml"),
        ("--user x", "--user x"),
    ],
)
def test_an_install_in_pips_words(uv: str, pip: str) -> None:
    found = translated(f"install {uv}")

    assert (" ".join(found.pip_arguments()), found.pins) == (f"install {pip}", False)


@pytest.mark.parametrize(
    ("uv", "compile_"),
    [
        ("--resolution lowest x", "--resolution=lowest"),
        ("--overrides o.txt x", "--overrides=o.txt"),
        ("--excludes o.txt x", "--excludes=o.txt"),
        ("-P x y", "--upgrade-package=x"),
        ("--torch-backend cpu torch", "--torch-backend=cpu"),
        ("--prerelease explicit x", "--prerelease=explicit"),
        ("--exclude-newer-package x=2024-01-01 x", "--exclude-newer-package=x=2024-01-01"),
        ("--index https://i/ x", "--index=https://i/"),
        ("--index https://i/ x", "--generate-hashes"),
        ("--index https://i/ --index-strategy first-index x", "--index-strategy=first-index"),
        ("--extra-index-url https://i/ x", "--extra-index-url=https://i/"),
        ("-r pyproject.toml --extra dev", "--extra=dev"),
        ("-r sub/pyproject.toml -c c", "--constraints=c"),
        ("-r setup.cfg --all-extras", "--all-extras"),
        ("-r -", ""),
        ("-r script.py", ""),
        ("--exact x", ""),
        ("-r pyproject.toml --require-hashes", "--generate-hashes"),
    ],
)
def test_where_pip_has_no_word_uv_pins_first(uv: str, compile_: str) -> None:
    found = translated(f"install {uv}")

    assert found.pins
    assert compile_ in (*found.compile, "")
    assert found.pinned_arguments("pins")[-3:] == ("--no-deps", "-r", "pins")


def test_a_span_of_time_is_left_to_uv() -> None:
    command = read(["pip", "install", "--exclude-newer", "2 days", "x"], {})
    found = translate(command, PREFIX) if command else None

    assert found is not None
    assert found.pins
    assert "--exclude-newer=2 days" in found.compile


def test_pins_have_taken_in_what_was_asked_but_not_how_to_build() -> None:
    line = "install -U -c c --no-binary y --resolution lowest -e . --dry-run x"

    assert " ".join(translated(line).pinned_arguments("pins")) == (
        "install --no-binary=y --dry-run --no-deps -r pins"
    )


@pytest.mark.parametrize(
    "line",
    [
        "--index https://i/ --index-strategy unsafe-best-match x",
        "--index https://i/ --no-index x",
    ],
)
def test_several_indexes_that_rank_equally_are_pips_business(line: str) -> None:
    assert not translated(f"install {line}").pins


@pytest.mark.parametrize("option", ["--overrides o", "--excludes o", "--no-deps"])
def test_what_contradicts_metadata_makes_no_package_demand_anything(option: str) -> None:
    assert not translated(f"install {option} x").dependencies
    assert translated("install --resolution lowest x").dependencies


# Variables


def test_indexes_of_variables_are_configured_not_typed() -> None:
    found = translated("install x", UV_DEFAULT_INDEX="m=https://i/", UV_FIND_LINKS="a b")

    assert found.pip_arguments() == ("install", "x")
    assert found.variables == {"PIP_INDEX_URL": "https://i/", "PIP_FIND_LINKS": "a b"}


def test_the_newer_variable_of_the_default_index_wins() -> None:
    found = translated("install x", UV_INDEX_URL="https://old/", UV_DEFAULT_INDEX="https://new/")

    assert found.variables == {"PIP_INDEX_URL": "https://new/"}


def test_a_further_index_of_a_variable_makes_uv_pin() -> None:
    found = translated("install x", UV_INDEX="a=https://a/ https://b/")

    assert found.pins
    assert found.variables == {"PIP_EXTRA_INDEX_URL": "https://a/ https://b/"}


def test_any_other_variable_is_as_good_as_typed() -> None:
    assert pip_words("install x", UV_NO_BUILD_ISOLATION="1") == "install --no-build-isolation x"
    assert pip_words("install x", UV_CONSTRAINT="c") == "install --constraint=c x"
    assert translated("install x", UV_WORKING_DIR="w").directory == "w"


def test_a_variable_that_uv_reads_itself_is_not_said_twice() -> None:
    found = translated("install x", UV_RESOLUTION="lowest")

    assert (found.pins, found.compile) == (True, ())


# Uninstall and sync


def test_an_uninstall_asks_nothing_as_uvs_does() -> None:
    assert pip_words("uninstall x -r f -v -y") == "uninstall --yes --verbose -r f x"


def test_a_dry_uninstall_is_ours() -> None:
    found = translated("uninstall --dry-run x")

    assert (found.dry_run, found.pip_arguments()) == (True, ("uninstall", "--yes", "x"))


def test_sync_installs_the_files_alone_and_nothing_else_stays() -> None:
    found = translated("sync a.txt b.txt --reinstall -c c")

    assert " ".join(found.pip_arguments()) == (
        "install --force-reinstall --constraint=c --no-deps -r a.txt -r b.txt"
    )
    assert (found.exactly, found.dependencies, found.pins) == (True, False, False)


@pytest.mark.parametrize(
    "line", ["pyproject.toml", "-", "a.txt --reinstall-package x", "a.txt --index https://i/"]
)
def test_of_what_pip_cannot_read_a_sync_is_pinned_and_nothing_added(line: str) -> None:
    found = translated(f"sync {line}")

    assert (found.pins, found.exactly, found.files) == (True, True, (line.partition(" ")[0],))
    assert "--no-deps" in found.compile


def test_settings_in_files_are_left_to_uv() -> None:
    found = translated("sync a.txt").following_files(several_indexes=True)

    assert found.pins
    assert found.compile == ("--generate-hashes", "--no-deps")


@pytest.mark.parametrize("line", ["sync pylock.toml", "install -r pylock.dev.toml"])
def test_in_a_lock_nothing_is_left_to_pin(line: str) -> None:
    found = translated(f"{line} --index https://i/").following_files(several_indexes=True)

    assert not found.pins


def test_single_names_are_installed_anew() -> None:
    found = translated("install --reinstall-package A.b x")

    assert found.reinstall == ("a-b",)
    assert found.pinned_arguments("pins") == (
        *("install", "--force-reinstall", "--no-deps"),
        *("-r", "pins"),
    )
    assert not [word for word in found.compile if "reinstall" in word]


# What is real uv's, and what is refused


@pytest.mark.parametrize("option", ["--target t", "-t t", "--prefix /elsewhere", "--check"])
def test_what_changes_another_folder_or_nothing_is_real_uvs(option: str) -> None:
    command = read(["pip", "install", *option.split(), "x"], {})

    assert command is not None
    assert translate(command, PREFIX) is None


def test_everything_that_can_be_neither_followed_nor_ignored_is_named() -> None:
    error = refused("install --offline --output-format json x", UV_NO_EDITABLE="1")

    assert error.reference == "uv-option-refused"
    assert error.facts["options"] == "UV_NO_EDITABLE, --offline, --output-format json"


@pytest.mark.parametrize("option", [it for it in OPTIONS if it.meaning is Meaning.REFUSED])
def test_each_refused_option_is_refused(option: object) -> None:
    name, takes = option.name, option.takes  # type: ignore[attr-defined]
    words = f"{name}=v" if takes else name

    assert refused(f"install {words} x").facts["options"] == name
