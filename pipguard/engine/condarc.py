"""conda's configuration, as far as pipguard follows it.

py-rattler reads no `.condarc`; this module does, so that pipguard asks the same channels through
the same proxies as conda. Start at `read_conda_config`; what it returns is a `CondaConfig`. The
variables `CONDA_*` stand above all files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path

from pipguard.engine.channels import (
    CONDA_ALIAS,
    DEFAULT_CHANNELS,
    DEFAULT_CUSTOM_CHANNELS,
    Channel,
    Channels,
)
from pipguard.engine.condarc_files import SEARCH_PATH, Whose, find_root, read_layers
from pipguard.engine.parameters import (
    Merged,
    misshapen,
    truth,
    variables_layer,
)
from pipguard.errors import UsageError
from pipguard.network import PATIENCE, RETRIES, Network
from pipguard.sourced import BadSetting, Sourced


class Priority(Enum):
    """conda's `channel_priority`."""

    STRICT = "strict"
    FLEXIBLE = "flexible"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class CondaConfig:
    """What conda is told to do.

    Attributes:
        channels: highest priority first; empty when no source names any.
        priority: what the order of the channels means.
        pinned: specs of `pinned_packages`, in conda's syntax.
        environment_dirs: folders of environments that have a name, preferred first.
        package_dirs: conda's package caches, preferred first.
        repodata_ttl: seconds; 1 obeys the server, 0 always asks it.
        offline: whether conda may use the network, with who said so; also in `network`.
        network: certificates and proxies.
        names: conda's rules for turning channel names into URLs.
        allowed: URLs of `allowlist_channels`, empty for all.
        denied: URLs of `denylist_channels`.
        ignored: files that cannot be read; pipguard goes on without them.
    """

    channels: tuple[Sourced[Channel], ...] = ()
    priority: Sourced[Priority] = field(default=Sourced(Priority.FLEXIBLE))
    pinned: tuple[Sourced[str], ...] = ()
    environment_dirs: tuple[Sourced[Path], ...] = ()
    package_dirs: tuple[Sourced[Path], ...] = ()
    repodata_ttl: Sourced[int] = field(default=Sourced(1))
    offline: Sourced[bool] = field(default=Sourced(value=False))
    network: Network = field(default_factory=Network)
    names: Channels = field(default_factory=Channels)
    allowed: frozenset[str] = frozenset()
    denied: frozenset[str] = frozenset()
    ignored: tuple[BadSetting, ...] = ()

    def resolve(self, text: str) -> tuple[Channel, ...]:
        """Return the channels that a name, a URL or a path stands for.

        Raises:
            UsageError: `channel-not-allowed`, by conda's allow list or deny list.
        """
        channels = self.names.resolve(text)
        for channel in channels:
            if channel.url in self.denied or (self.allowed and channel.url not in self.allowed):
                raise UsageError("channel-not-allowed", channel=channel.display(), url=channel.url)
        return channels


def read_conda_config(
    prefix: Path,
    environ: Mapping[str, str],
    home: Path,
    *,
    directory: Path | None = None,
    search_path: tuple[str, ...] = SEARCH_PATH,
) -> CondaConfig:
    """Read conda's configuration for one environment.

    Args:
        prefix: the environment that is worked on; its own condarc counts, not the active one's.
        environ: the environment variables.
        home: the person's home folder.
        directory: where relative channel paths begin; the home folder when not given.
        search_path: other places than conda's, for tests.

    Raises:
        UsageError: `condarc-invalid` with every setting whose shape or value conda would refuse;
            `channel-not-allowed`.
    """
    whose = Whose(prefix, environ, home, find_root(prefix, environ))
    layers, ignored = read_layers(whose, search_path)
    merged = Merged((*layers, variables_layer(environ)), environ)
    wrong = (*(bad for layer in layers for bad in misshapen(layer)), *_bad_values(merged))
    if wrong:
        raise UsageError("condarc-invalid", problems=wrong)
    config = _settings(merged, whose, _names(merged, whose, directory or home), ignored)
    return _with_channels(config, merged)


def _settings(
    merged: Merged, whose: Whose, names: Channels, ignored: tuple[BadSetting, ...]
) -> CondaConfig:
    offline = merged.truth("offline", default=False)
    return CondaConfig(
        priority=_priority(merged),
        pinned=merged.lines("pinned_packages"),
        environment_dirs=_environment_dirs(merged, whose),
        package_dirs=_package_dirs(merged, whose),
        repodata_ttl=_seconds(merged),
        offline=offline,
        network=_network(merged, whose.environ, offline=offline.value),
        names=names,
        allowed=_urls(names, merged.lines("allowlist_channels")),
        denied=_urls(names, merged.lines("denylist_channels")),
        ignored=ignored,
    )


def _with_channels(config: CondaConfig, merged: Merged) -> CondaConfig:
    found: dict[str, Sourced[Channel]] = {}
    for line in merged.lines("channels"):
        for channel in config.resolve(line.value):
            found.setdefault(channel.url, Sourced(channel, line.source))
    return replace(config, channels=tuple(found.values()))


def _bad_values(merged: Merged) -> Iterator[BadSetting]:
    """Yield values of the right shape that conda refuses all the same."""
    alias = merged.text("channel_alias")
    if alias and "://" not in alias.value:
        yield BadSetting(alias.source, "channel_alias", "setting-no-scheme", alias.value)
    priority = merged.scalar("channel_priority")
    if priority and _priority_word(priority.value) not in {each.value for each in Priority}:
        detail = str(priority.value)
        yield BadSetting(priority.source, "channel_priority", "setting-value", detail)


def _priority(merged: Merged) -> Sourced[Priority]:
    found = merged.scalar("channel_priority")
    if found is None:
        return Sourced(Priority.FLEXIBLE)
    return Sourced(Priority(_priority_word(found.value)), found.source)


def _priority_word(value: object) -> str:
    """Read conda's older truth values as well: true is flexible, false is disabled."""
    word = str(value).strip().lower()
    known = truth(word) if word not in {each.value for each in Priority} else None
    return word if known is None else "flexible" if known else "disabled"


def _seconds(merged: Merged) -> Sourced[int]:
    found = merged.scalar("local_repodata_ttl")
    if found is None:
        return Sourced(1)
    word = str(found.value).strip()
    return Sourced(int(word) if word.isdecimal() else int(truth(word) is not False), found.source)


def _environment_dirs(merged: Merged, whose: Whose) -> tuple[Sourced[Path], ...]:
    """Return the configured ones and conda's own (`mockable_context_envs_dirs` of its context)."""
    configured = (
        Sourced(whose.expand_user(line.value), line.source) for line in merged.lines("envs_dirs")
    )
    roots = (whose.root, whose.home / ".conda")
    return (*configured, *(Sourced(root / "envs") for root in roots if root is not None))


def _package_dirs(merged: Merged, whose: Whose) -> tuple[Sourced[Path], ...]:
    configured = merged.lines("pkgs_dirs")
    if configured:
        return tuple(Sourced(whose.expand_user(line.value), line.source) for line in configured)
    roots = (whose.root, whose.home / ".conda")
    return tuple(Sourced(root / "pkgs") for root in roots if root is not None)


def _names(merged: Merged, whose: Whose, directory: Path) -> Channels:
    alias = merged.text("channel_alias")
    defaults = tuple(line.value for line in merged.lines("default_channels"))
    groups = {"defaults": defaults or DEFAULT_CHANNELS, **merged.groups("custom_multichannels")}
    return Channels(
        alias=alias.value if alias else CONDA_ALIAS,
        custom=merged.table("custom_channels") or DEFAULT_CUSTOM_CHANNELS,
        groups={**groups, "local": _local_channels(merged, whose)},
        home=str(whose.home),
        directory=str(directory),
    )


def _local_channels(merged: Merged, whose: Whose) -> tuple[str, ...]:
    """Return conda-build's output folders that exist: what the channel `local` stands for."""
    configured = (merged.text(name) for name in ("croot", "bld_path"))
    folders = [whose.expand_user(found.value) for found in configured if found]
    roots = (whose.root, whose.home)
    folders += [root / "conda-bld" for root in roots if root is not None]
    return tuple(folder.as_uri() for folder in dict.fromkeys(folders) if folder.is_dir())


def _urls(names: Channels, lines: tuple[Sourced[str], ...]) -> frozenset[str]:
    return frozenset(channel.url for line in lines for channel in names.resolve(line.value))


def _network(merged: Merged, environ: Mapping[str, str], *, offline: bool) -> Network:
    """Bring conda's network settings together with the variables that requests obeys.

    As in requests, a bundle named by a variable counts unless `ssl_verify` names one, and a proxy
    named by a variable counts before `proxy_servers`.
    """
    certificate, key = merged.text("client_ssl_cert"), merged.text("client_ssl_cert_key")
    return Network(
        verify=_verify(merged, environ),
        client_certificate=certificate.value if certificate else "",
        client_key=key.value if key else "",
        proxies={**merged.table("proxy_servers"), **_proxy_variables(environ)},
        no_proxy=environ.get("no_proxy") or environ.get("NO_PROXY") or "",
        offline=offline,
        patience=merged.number("remote_connect_timeout_secs", default=PATIENCE),
        retries=int(merged.number("remote_max_retries", default=RETRIES)),
    )


def _verify(merged: Merged, environ: Mapping[str, str]) -> bool | str:
    found = merged.scalar("ssl_verify")
    value = found.value if found else True
    known = truth(value)
    if known is False:
        return False
    if known is None and str(value).lower() != "truststore":
        return str(value)
    names = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
    return next((environ[name] for name in names if environ.get(name)), True)


def _proxy_variables(environ: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for scheme in ("http", "https", "all"):
        proxy = environ.get(f"{scheme}_proxy") or environ.get(f"{scheme.upper()}_PROXY")
        if proxy:
            found[scheme] = proxy
    return found
