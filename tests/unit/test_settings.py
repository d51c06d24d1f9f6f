from pathlib import Path

import pytest

from pipguard.errors import UsageError
from pipguard.policy import Prefer
from pipguard.settings import Places, Settings, read_settings
from pipguard.sourced import Sourced


@pytest.fixture
def places(tmp_path: Path) -> Places:
    folders = [tmp_path / name for name in ("user", "site", "cache", "data", "home")]
    return Places(*folders)


def read(places: Places, **environ: str) -> Settings:
    return read_settings(places.home.parent / "prefix", environ, places)


def write(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "pipguard.toml"
    path.write_text(text)
    return path


def test_without_files_and_variables_everything_is_default(places: Places) -> None:
    settings = read(places)
    assert settings.offline == Sourced(value=False)
    assert settings.cache == Sourced(places.cache)
    assert settings.channel == Sourced(places.data / "channel")
    assert settings.keep == Sourced(None)
    assert "{channel}" in settings.mapping_url.value


def test_the_environments_file_wins_over_the_persons_and_that_over_the_sites(
    places: Places,
) -> None:
    write(places.site_config, 'prefer = "pypi-only"\nmirrors = ["site"]')
    person = write(places.user_config, 'prefer = "pypi"\nchannels = ["person"]')
    here = write(places.home.parent / "prefix/etc", 'prefer = "conda"')
    policy = read(places).policy
    assert policy.prefer == Sourced(Prefer.CONDA, str(here))
    assert policy.channels == Sourced(("person",), str(person))
    assert policy.mirrors.value == ("site",)


def test_a_file_named_by_the_variable_wins_over_all(places: Places, tmp_path: Path) -> None:
    write(places.home.parent / "prefix/etc", 'prefer = "conda"')
    named = write(tmp_path / "named", 'prefer = "pypi"')
    policy = read(places, PIPGUARD_CONFIG=str(named)).policy
    assert policy.prefer == Sourced(Prefer.PYPI, str(named))


def test_a_named_file_that_is_missing_is_an_error(places: Places, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        read(places, PIPGUARD_CONFIG=str(tmp_path / "none.toml"))
    (problem,) = caught.value.facts["problems"]  # type: ignore[misc]
    assert problem.reference == "file-unreadable"


def test_variables_are_typed_and_name_themselves(places: Places) -> None:
    settings = read(
        places,
        PIPGUARD_OFFLINE="1",
        PIPGUARD_MAPPING_URL="file:///table.json",
        PIPGUARD_CHANNEL="~/channel",
        PIPGUARD_CACHE_DIR="/scratch",
        PIPGUARD_KEEP="0",
    )
    assert settings.offline == Sourced(value=True, source="$PIPGUARD_OFFLINE")
    assert settings.mapping_url == Sourced("file:///table.json", "$PIPGUARD_MAPPING_URL")
    assert settings.channel == Sourced(places.home / "channel", "$PIPGUARD_CHANNEL")
    assert settings.cache == Sourced(Path("/scratch"), "$PIPGUARD_CACHE_DIR")
    assert settings.keep == Sourced(0, "$PIPGUARD_KEEP")


def test_an_empty_variable_counts_as_unset(places: Places) -> None:
    assert read(places, PIPGUARD_OFFLINE="", PIPGUARD_KEEP="").keep == Sourced(None)


def test_a_local_channel_in_a_policy_lies_beside_that_policy_unless_absolute(
    places: Places,
) -> None:
    path = write(places.user_config, 'local-channel = "shared/channel"')
    assert read(places).channel == Sourced(places.user_config / "shared/channel", str(path))
    write(places.user_config, 'local-channel = "/srv/channel"')
    assert read(places).channel.value == Path("/srv/channel")


def test_problems_of_all_files_and_variables_are_told_at_once(places: Places) -> None:
    write(places.site_config, "prefer = 1")
    write(places.user_config, "colour = 1")
    with pytest.raises(UsageError) as caught:
        read(places, PIPGUARD_KEEP="many", PIPGUARD_OFFLINE="perhaps")
    problems = caught.value.facts["problems"]
    assert [each.key for each in problems] == [  # type: ignore[attr-defined]
        "colour",
        "prefer",
        "PIPGUARD_OFFLINE",
        "PIPGUARD_KEEP",
    ]
