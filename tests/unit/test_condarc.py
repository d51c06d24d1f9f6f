from pathlib import Path

import pytest

from pipguard.engine.channels import Channel, Channels
from pipguard.engine.condarc import CondaConfig, Priority, read_conda_config
from pipguard.engine.condarc_files import SEARCH_PATH, find_root
from pipguard.errors import UsageError
from pipguard.sourced import Sourced


class Machine:
    """A machine with conda's folders in a temporary place; files are written by short names."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.home = base / "home"
        self.prefix = base / "root/envs/work"
        self.environ = {"CONDA_ROOT": str(base / "root"), "XDG_CONFIG_HOME": str(base / "xdg")}

    def write(self, path: str, text: str) -> Path:
        target = self.base / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        return target

    def read(self, **environ: str) -> CondaConfig:
        # What belongs to the real machine is left out of the search.
        ours = tuple(each for each in SEARCH_PATH if not each.startswith("/"))
        return read_conda_config(
            self.prefix, {**self.environ, **environ}, self.home, search_path=ours
        )

    def channels(self, **environ: str) -> list[str]:
        return [sourced.value.name for sourced in self.read(**environ).channels]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def only(channels: tuple[Channel, ...]) -> Channel:
    (channel,) = channels
    return channel


def test_without_any_configuration_there_are_no_channels(machine: Machine) -> None:
    config = machine.read()
    assert config.channels == ()
    assert config.priority == Sourced(Priority.FLEXIBLE)
    assert config.network.verify is True


def test_files_nearer_to_the_environment_come_first(machine: Machine) -> None:
    machine.write("root/.condarc", "channels: [defaults, low]")
    machine.write("home/.condarc", "channels: [conda-forge]")
    machine.write("root/envs/work/.condarc", "channels: [near, low]")
    assert machine.channels() == ["near", "low", "conda-forge", "defaults", "defaults"]


def test_each_channel_names_the_file_that_brought_it(machine: Machine) -> None:
    user = machine.write("home/.condarc", "channels: [conda-forge]")
    sourced = machine.read().channels[0]
    assert sourced.source == str(user)
    assert sourced.value.url == "https://conda.anaconda.org/conda-forge"


def test_the_environment_that_is_worked_on_counts_and_not_the_active_one(machine: Machine) -> None:
    machine.write("active/.condarc", "channels: [active]")
    machine.write("root/envs/work/.condarc", "channels: [worked-on]")
    assert machine.channels(CONDA_PREFIX=str(machine.base / "active")) == ["worked-on"]


def test_folders_are_read_in_the_order_of_their_file_names(machine: Machine) -> None:
    machine.write("home/.conda/condarc.d/10.yml", "channels: [ten]")
    machine.write("home/.conda/condarc.d/05.yaml", "channels: [five]")
    machine.write("home/.conda/condarc.d/99.txt", "channels: [never]")
    assert machine.channels() == ["ten", "five"]


def test_the_file_named_by_condarc_wins(machine: Machine) -> None:
    machine.write("home/.condarc", "channels: [user]")
    extra = machine.write("extra.yml", "channels: [extra]")
    assert machine.channels(CONDARC=str(extra)) == ["extra", "user"]


def test_variables_stand_above_all_files(machine: Machine) -> None:
    machine.write("home/.condarc", "channels: [user]\nchannel_priority: strict\noffline: false")
    config = machine.read(
        CONDA_CHANNELS="x, y", CONDA_CHANNEL_PRIORITY="disabled", CONDA_OFFLINE="yes"
    )
    assert [each.value.name for each in config.channels] == ["x", "y", "user"]
    assert config.priority == Sourced(Priority.DISABLED, "$CONDA_CHANNEL_PRIORITY")
    assert config.offline == Sourced(value=True, source="$CONDA_OFFLINE")
    assert config.network.offline


def test_a_final_setting_closes_the_matter(machine: Machine) -> None:
    machine.write(
        "root/.condarc", "channels: #!final\n  - only\nchannel_priority: strict #!final\n"
    )
    machine.write("home/.condarc", "channels: [user]\nchannel_priority: disabled\n")
    assert machine.channels() == ["only"]
    assert machine.read().priority.value is Priority.STRICT


def test_lines_marked_top_and_bottom_keep_their_place(machine: Machine) -> None:
    machine.write("root/.condarc", "channels:\n  - low #!bottom\n  - sys\n")
    machine.write("home/.condarc", "channels:\n  - a\n  - high #!top\n")
    machine.write("root/envs/work/.condarc", "channels:\n  - near\n  - sunk #!bottom\n")
    assert machine.channels() == ["high", "near", "a", "sys", "sunk", "low"]


@pytest.mark.parametrize(
    ("word", "priority"),
    [("true", Priority.FLEXIBLE), ("false", Priority.DISABLED), ("strict", Priority.STRICT)],
)
def test_the_older_truth_values_of_channel_priority_still_hold(
    machine: Machine, word: str, priority: Priority
) -> None:
    machine.write("home/.condarc", f"channel_priority: {word}")
    assert machine.read().priority.value is priority


def test_pins_caches_and_lifetimes_are_read(machine: Machine) -> None:
    machine.write(
        "home/.condarc",
        "pinned_packages: [a=1]\npkgs_dirs: [~/cache]\nlocal_repodata_ttl: 90\n",
    )
    config = machine.read(CONDA_PINNED_PACKAGES="b>2&c")
    assert [pin.value for pin in config.pinned] == ["b>2", "c", "a=1"]
    assert [each.value for each in config.package_dirs] == [machine.home / "cache"]
    assert config.repodata_ttl.value == 90


def test_package_caches_default_to_condas_own(machine: Machine) -> None:
    assert [each.value for each in machine.read().package_dirs] == [
        machine.base / "root/pkgs",
        machine.home / ".conda/pkgs",
    ]


def test_variables_inside_values_are_expanded_and_unknown_ones_left(machine: Machine) -> None:
    machine.write("home/.condarc", "channels: ['$TEAM', '${TEAM}/x', '$NOBODY']")
    assert machine.channels(TEAM="acme") == ["acme", "acme/x", "$NOBODY"]


def test_credentials_are_kept_for_use_and_never_shown(machine: Machine) -> None:
    machine.write("home/.condarc", "channels: ['https://me:$WORD@h.example/t/$TOKEN/acme']")
    config = machine.read(WORD="s3cret", TOKEN="tk-12")
    channel = config.channels[0].value
    assert channel.access_url == "https://me:s3cret@h.example/t/tk-12/acme"
    assert channel.url == channel.display() == "https://h.example/acme"
    assert "s3cret" not in repr(config)
    assert "tk-12" not in repr(config)


def test_an_alias_gives_its_credentials_to_plain_names_and_to_urls_below_it() -> None:
    channels = Channels(alias="https://me:pw@repo.example/t/tk-1/conda")
    plain = only(channels.resolve("team/label/dev"))
    assert plain.access_url == "https://me:pw@repo.example/conda/t/tk-1/team/label/dev"
    below = only(channels.resolve("https://repo.example/conda/team"))
    assert (below.name, below.access_url) == (
        "team",
        "https://me:pw@repo.example/conda/t/tk-1/team",
    )
    beside = only(channels.resolve("https://repo.example/other/team"))
    assert beside.access_url == beside.url


def test_custom_channels_hold_for_their_name_and_all_below_but_not_for_lookalikes() -> None:
    channels = Channels(custom={"acme": "https://u:p@h.example:8080/base", "disk": "file:///srv"})
    assert only(channels.resolve("acme")).url == "https://h.example:8080/base/acme"
    assert only(channels.resolve("acme/label/x")).access_url == (
        "https://u:p@h.example:8080/base/acme/label/x"
    )
    assert only(channels.resolve("disk")).url == "file:///srv/disk"
    lookalike = only(channels.resolve("https://h.example:8080/base/acmeX"))
    assert lookalike.access_url == "https://h.example:8080/base/acmeX"


def test_groups_stand_for_their_members() -> None:
    channels = Channels(groups={"mine": ("https://a.example/x", "conda-forge")})
    assert [each.url for each in channels.resolve("mine")] == [
        "https://a.example/x",
        "https://conda.anaconda.org/conda-forge",
    ]


def test_defaults_are_the_two_channels_of_anaconda(machine: Machine) -> None:
    machine.write("home/.condarc", "channels: [defaults, pkgs/main]")
    assert [each.value.url for each in machine.read().channels] == [
        "https://repo.anaconda.com/pkgs/main",
        "https://repo.anaconda.com/pkgs/r",
    ]


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("conda-forge/linux-64", "https://conda.anaconda.org/conda-forge"),
        ("https://conda.anaconda.org/conda-forge/noarch", "https://conda.anaconda.org/conda-forge"),
        ("/srv/plain channel", "file:///srv/plain%20channel"),
        ("~/mine", "file:///home/me/mine"),
        ("./near", "file:///work/near"),
        ("file:///srv/chan/", "file:///srv/chan"),
        ("https://host.example:8080", "https://host.example:8080"),
    ],
)
def test_urls_and_paths_become_channel_urls(text: str, url: str) -> None:
    channels = Channels(home="/home/me", directory="/work")
    assert only(channels.resolve(text)).url == url


def test_the_same_channel_under_two_names_counts_once(machine: Machine) -> None:
    machine.write(
        "home/.condarc", "channels: [conda-forge, 'https://conda.anaconda.org/conda-forge']"
    )
    assert machine.channels() == ["conda-forge"]


def test_a_folder_called_t_is_no_token(machine: Machine) -> None:
    channel = only(machine.read().resolve("/srv/t/word/channel"))
    assert channel.url == channel.access_url == "file:///srv/t/word/channel"


def test_certificates_follow_ssl_verify_then_the_variables(machine: Machine) -> None:
    assert machine.read(REQUESTS_CA_BUNDLE="/b.pem").network.verify == "/b.pem"
    assert machine.read(SSL_CERT_FILE="/c.pem").network.verify == "/c.pem"
    machine.write("home/.condarc", "ssl_verify: /own.pem\nclient_ssl_cert: /client.pem")
    network = machine.read(REQUESTS_CA_BUNDLE="/b.pem").network
    assert (network.verify, network.client_certificate) == ("/own.pem", "/client.pem")
    assert machine.read(CONDA_SSL_VERIFY="false", SSL_CERT_FILE="/c.pem").network.verify is False


def test_proxies_of_the_environment_win_over_those_of_the_file(machine: Machine) -> None:
    machine.write(
        "home/.condarc",
        "proxy_servers:\n  https: http://file:1\n  'https://x.example': http://special:1\n",
    )
    assert machine.read().network.proxy_for("https", "y.example") == "http://file:1"
    network = machine.read(HTTPS_PROXY="http://variable:2").network
    assert network.proxy_for("https", "y.example") == "http://variable:2"
    assert network.proxy_for("https", "x.example") == "http://special:1"
    assert network.proxy_for("ftp", "x.example") == ""


def test_a_file_that_cannot_be_read_is_passed_over_and_named(machine: Machine) -> None:
    machine.write("root/.condarc", "channels: [kept]")
    broken = machine.write("home/.condarc", "channels: [a\n  b: :::\n")
    config = machine.read()
    assert [each.value.name for each in config.channels] == ["kept"]
    assert [each.source for each in config.ignored] == [str(broken)]


def test_every_setting_that_conda_would_refuse_is_told_at_once(machine: Machine) -> None:
    machine.write(
        "home/.condarc",
        "channels: conda-forge\ncustom_channels: [x]\nchannel_alias: nowhere\n"
        "channel_priority: sometimes\n",
    )
    with pytest.raises(UsageError) as caught:
        machine.read()
    assert {each.key for each in caught.value.facts["problems"]} == {  # type: ignore[attr-defined]
        "channels",
        "custom_channels",
        "channel_alias",
        "channel_priority",
    }


def test_a_denied_channel_is_refused(machine: Machine) -> None:
    machine.write("home/.condarc", "denylist_channels: [defaults]\nchannels: [conda-forge]")
    with pytest.raises(UsageError, match="channel-not-allowed"):
        machine.read().resolve("https://repo.anaconda.com/pkgs/main")


def test_with_an_allow_list_any_other_channel_is_refused(machine: Machine) -> None:
    machine.write("home/.condarc", "whitelist_channels: [conda-forge]\nchannels: [bioconda]")
    with pytest.raises(UsageError, match="channel-not-allowed"):
        machine.read()


def test_condas_installation_is_found_by_variable_or_by_its_envs_folder(tmp_path: Path) -> None:
    prefix = tmp_path / "root/envs/work"
    assert find_root(prefix, {"CONDA_EXE": "/opt/conda/bin/conda"}) == Path("/opt/conda")
    assert find_root(prefix, {}) == tmp_path / "root"
    assert find_root(tmp_path / "elsewhere", {}) is None
