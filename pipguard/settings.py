"""The policy files and the `PIPGUARD_*` variables, read into one `Settings`.

Strongest first: the file named by PIPGUARD_CONFIG, `<prefix>/etc/pipguard.toml`, the person's
file, the site's file. A variable stands above every file. Each value keeps its source.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from pipguard.engine.parameters import truth
from pipguard.errors import UsageError
from pipguard.mapping.table import DEFAULT_URL
from pipguard.policy import Policy, examine, merge
from pipguard.sourced import BadSetting, Sourced

FILE_NAME = "pipguard.toml"


@dataclass(frozen=True, slots=True)
class Places:
    """Where this person and this machine keep settings, caches and data.

    Attributes:
        user_config: folder of the person's policy file.
        site_config: folder of the machine's policy file.
        cache: what may be thrown away at any time.
        data: what may not; the local channel lies in it.
        home: what `~` stands for.
    """

    user_config: Path
    site_config: Path
    cache: Path
    data: Path
    home: Path


def usual_places() -> Places:
    """Return the places that the platform provides for, by its own rules and variables."""
    dirs = platformdirs.PlatformDirs("pipguard", appauthor=False)
    return Places(
        user_config=dirs.user_config_path,
        site_config=dirs.site_config_path,
        cache=dirs.user_cache_path,
        data=dirs.user_data_path,
        home=Path.home(),
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a person can set.

    Attributes:
        policy: who provides which package.
        offline: nothing may be fetched.
        mapping_url: address of the name table, with `{channel}` in it.
        cache: folder of caches.
        channel: folder of the local channel.
        keep: how many operations keep their saved files; None leaves it to the journal.
    """

    policy: Policy
    offline: Sourced[bool]
    mapping_url: Sourced[str]
    cache: Sourced[Path]
    channel: Sourced[Path]
    keep: Sourced[int | None]


def read_settings(prefix: Path, environ: Mapping[str, str], places: Places) -> Settings:
    """Read all settings that hold for one environment.

    Raises:
        UsageError: `policy-invalid`, with every problem of every file and variable.
    """
    variables = _Variables(environ, places.home)
    layers = [examine(text, source) for source, text in _texts(prefix, variables, places)]
    policy = merge([layer for layer, _ in layers])
    settings = Settings(
        policy=policy,
        offline=variables.truth("PIPGUARD_OFFLINE"),
        mapping_url=variables.text("PIPGUARD_MAPPING_URL") or Sourced(DEFAULT_URL),
        cache=variables.path("PIPGUARD_CACHE_DIR") or Sourced(places.cache),
        channel=variables.path("PIPGUARD_CHANNEL") or _channel(policy, places),
        keep=variables.count("PIPGUARD_KEEP"),
    )
    problems = (*(bad for _, found in layers for bad in found), *variables.problems)
    if problems:
        raise UsageError("policy-invalid", problems=problems)
    return settings


def _texts(prefix: Path, variables: _Variables, places: Places) -> Iterator[tuple[str, str]]:
    """Yield source and text of each policy file there is, the strongest first."""
    named = variables.path("PIPGUARD_CONFIG")
    folders = (prefix / "etc", places.user_config, places.site_config)
    usual = [folder / FILE_NAME for folder in folders]
    for path in (named.value, *usual) if named else usual:
        text = variables.read(path, required=named is not None and path == named.value)
        if text is not None:
            yield str(path), text


def _channel(policy: Policy, places: Places) -> Sourced[Path]:
    """Return the local channel; a relative path in a policy file starts at that file's folder."""
    chosen = policy.local_channel
    if not chosen.value:
        return Sourced(places.data / "channel")
    return Sourced(Path(chosen.source).parent / _at_home(chosen.value, places.home), chosen.source)


def _at_home(text: str, home: Path) -> Path:
    return home / text[2:] if text.startswith("~/") else Path(text)


class _Variables:
    """The variables, typed; an empty one counts as unset. `problems` fills on the way."""

    def __init__(self, environ: Mapping[str, str], home: Path) -> None:
        self.problems: list[BadSetting] = []
        self._environ = environ
        self._home = home

    def text(self, name: str) -> Sourced[str] | None:
        value = self._environ.get(name)
        return Sourced(value, f"${name}") if value else None

    def path(self, name: str) -> Sourced[Path] | None:
        found = self.text(name)
        return Sourced(_at_home(found.value, self._home), found.source) if found else None

    def truth(self, name: str) -> Sourced[bool]:
        found = self.text(name)
        if found is None:
            return Sourced(value=False)
        value = truth(found.value)
        if value is None:
            self._refuse(name, found.value)
        return Sourced(bool(value), found.source)

    def count(self, name: str) -> Sourced[int | None]:
        found = self.text(name)
        if found is None:
            return Sourced(None)
        if not found.value.isdecimal():
            self._refuse(name, found.value)
            return Sourced(None)
        return Sourced(int(found.value), found.source)

    def read(self, path: Path, *, required: bool) -> str | None:
        """Read a file that a variable or a custom names; only the former has to be there."""
        try:
            return path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            if required or not isinstance(error, (FileNotFoundError, NotADirectoryError)):
                self.problems.append(
                    BadSetting(str(path), "", "file-unreadable", type(error).__name__)
                )
            return None

    def _refuse(self, name: str, value: str) -> None:
        self.problems.append(BadSetting(f"${name}", name, "setting-value", value))
