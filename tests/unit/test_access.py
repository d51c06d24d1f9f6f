"""How channels are reached: with logins, tokens, proxies and certificates, and kept to oneself."""

from __future__ import annotations

import asyncio
import http.client
import os
import select
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import builders
import pytest
import rattler
from builders import IndexServer
from fakes import FakeReporter
from rattler.index import index_fs

from pipguard.engine import access as access_module
from pipguard.engine.access import Access
from pipguard.engine.channels import Channels
from pipguard.errors import EngineError
from pipguard.network import Network

PASSWORD = "hunter 2@of/the:channel"
TOKEN = "tk-00ff-hidden"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What the servers serve: the channel `private` with one package."""
    builders.dist_package(tmp_path / "served/private", "alpha", depends=())
    builders.channel(tmp_path / "served/private")
    return tmp_path / "served"


def access(url: str, cache: Path, network: Network | None = None) -> Access:
    return Access(Channels().resolve(url), cache, network or Network())


def found(it: Access, name: str = "alpha") -> list[str]:
    """The addresses of the packages of a name."""
    try:
        platforms = [rattler.Subdir("linux-64"), rattler.Subdir("noarch")]
        return [record.url for record in it.records([rattler.MatchSpec(name)], platforms)]
    finally:
        # Its threads let go a moment later; an interpreter that shuts down before that crashes.
        time.sleep(0.02)


def secrets_in(folder: Path) -> list[Path]:
    secrets = [word.encode() for word in (PASSWORD, TOKEN, "hunter", "aHVudGVy")]
    files = (path for path in folder.rglob("*") if path.is_file())
    return [path for path in files if any(word in path.read_bytes() for word in secrets)]


# Credentials.


def test_a_login_reaches_the_channel_and_nothing_else(folder: Path, tmp_path: Path) -> None:
    with IndexServer(folder, login=("me", PASSWORD)) as server:
        it = access(f"{server.url_with_login}/private", tmp_path / "cache")
        (url,) = found(it)
    assert url == f"{server.url}/private/noarch/alpha-1.0-0.conda"
    assert secrets_in(tmp_path / "cache") == []


def test_a_token_reaches_the_channel_and_nothing_else(folder: Path, tmp_path: Path) -> None:
    with IndexServer(folder, token=TOKEN) as server:
        it = access(f"{server.url_with_token}/private", tmp_path / "cache")
        (url,) = found(it)
    assert url == f"{server.url}/private/noarch/alpha-1.0-0.conda"
    assert {path.split("/")[2] for path in server.requests} == {TOKEN}
    assert secrets_in(tmp_path / "cache") == []


def test_a_wrong_login_is_told_without_it(folder: Path, tmp_path: Path) -> None:
    with IndexServer(folder, login=("me", "another")) as server:
        url = f"{server.url}/private".replace("//", "//me:hunter2@")
        with pytest.raises(EngineError) as caught:
            found(access(url, tmp_path / "cache"))
    assert caught.value.reference == "channel-unreadable"
    assert "401" in str(caught.value.facts)
    assert "hunter2" not in str(caught.value.facts)


def test_a_wrong_token_is_told_without_it(folder: Path, tmp_path: Path) -> None:
    with IndexServer(folder, token="another") as server, pytest.raises(EngineError) as caught:
        found(access(f"{server.url}/t/{TOKEN}/private", tmp_path / "cache"))
    assert TOKEN not in str(caught.value.facts)


def test_each_channel_of_a_host_is_told_its_own_login() -> None:
    channels = [
        channel
        for text in (
            "https://me:one@h.example/a",
            "https://me:two@h.example/a/b",
            "https://h.example/c",
        )
        for channel in Channels().resolve(text)
    ]
    headers = access_module._logins(channels)
    assert headers("h.example", "/a/noarch/repodata.json") == {"Authorization": "Basic bWU6b25l"}
    assert headers("h.example", "/a/b/noarch/repodata.json") == {"Authorization": "Basic bWU6dHdv"}
    assert headers("h.example", "/ab/noarch/repodata.json") is None
    assert headers("h.example", "/c/noarch/repodata.json") is None
    assert headers("x.example", "/a/noarch/repodata.json") is None


def test_a_login_of_netrc_is_used(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with IndexServer(folder, login=("me", "secret")) as server:
        assert found(access(f"{server.url}/private", tmp_path / "cache"))


# Certificates.


def test_a_private_authority_is_trusted_when_conda_is_told_to(folder: Path, tmp_path: Path) -> None:
    with IndexServer(folder, tls="server") as server:
        url = f"{server.url}/private"
        with pytest.raises(EngineError, match="channel-unreadable"):
            found(access(url, tmp_path / "none"))
        trusting = Network(verify=str(builders.AUTHORITY))
        assert found(access(url, tmp_path / "cache", trusting))


def test_without_verification_any_certificate_will_do(folder: Path, tmp_path: Path) -> None:
    network = Network(verify=False)
    with IndexServer(folder, login=("me", PASSWORD), tls="server") as server:
        it = access(f"{server.url_with_login}/private", tmp_path / "cache", network)
        (url,) = found(it)
        with pytest.raises(EngineError) as caught:
            found(access(f"{server.url}/private", tmp_path / "refused", network))
    assert url == f"{server.url}/private/noarch/alpha-1.0-0.conda"
    assert "401" in str(caught.value.facts)
    assert secrets_in(tmp_path / "cache") == []


def test_a_client_certificate_is_shown(folder: Path, tmp_path: Path) -> None:
    network = Network(verify=str(builders.AUTHORITY), client_certificate=str(builders.CERTIFICATE))
    with IndexServer(folder, tls="client", token=TOKEN) as server:
        url = f"{server.url_with_token}/private"
        assert found(access(url, tmp_path / "cache", network))
    assert secrets_in(tmp_path / "cache") == []


def test_the_relay_serves_nobody_who_does_not_know_its_secret(tmp_path: Path) -> None:
    it = access("https://h.example/private", tmp_path, Network(verify=False))
    assert it._relay is not None
    host, port = it._relay.server_address[:2]
    with closing(http.client.HTTPConnection(str(host), int(port))) as client:
        client.request("GET", "/guessed/https/h.example/private")
        assert client.getresponse().status == 404


# Proxies.


class Proxy:
    """A proxy on loopback that notes what goes through it."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.logins: set[str | None] = set()
        self.url = ""


@contextmanager
def proxying() -> Iterator[Proxy]:
    proxy = Proxy()

    class Handler(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            self._note()
            host, _, port = self.path.partition(":")
            with socket.create_connection((host, int(port))) as upstream:
                self.send_response(200)
                self.end_headers()
                _pump(self.connection, upstream)

        def do_GET(self) -> None:
            self._note()
            parts = urlsplit(self.path)
            with closing(http.client.HTTPConnection(parts.netloc)) as upstream:
                upstream.request(self.command, parts.path, headers={"Host": parts.netloc})
                answer = upstream.getresponse()
                self.send_response(answer.status)
                self.end_headers()
                self.wfile.write(answer.read())

        def do_HEAD(self) -> None:
            self.do_GET()

        def _note(self) -> None:
            proxy.asked.append(f"{self.command} {self.path}")
            proxy.logins.add(self.headers.get("Proxy-Authorization"))

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http_server:
        http_server.daemon_threads = True
        thread = threading.Thread(target=http_server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        proxy.url = f"http://me:secret@127.0.0.1:{http_server.server_address[1]}"
        yield proxy
        http_server.shutdown()
        thread.join()


def _pump(one: socket.socket, other: socket.socket) -> None:
    while True:
        for end in select.select([one, other], [], [], 5)[0]:
            data = end.recv(65536)
            if not data:
                return
            (other if end is one else one).sendall(data)


def test_a_proxy_of_condarc_is_used_with_its_login(folder: Path, tmp_path: Path) -> None:
    with IndexServer(folder) as server, proxying() as proxy:
        assert found(
            access(f"{server.url}/private", tmp_path, Network(proxies={"http": proxy.url}))
        )
    assert f"GET {server.url}/private/noarch/repodata.json" in proxy.asked
    assert proxy.logins == {"Basic bWU6c2VjcmV0"}


def test_https_goes_through_a_proxy_as_a_tunnel(folder: Path, tmp_path: Path) -> None:
    with IndexServer(folder, tls="server") as server, proxying() as proxy:
        network = Network(verify=str(builders.AUTHORITY), proxies={"https": proxy.url})
        assert found(access(f"{server.url}/private", tmp_path, network))
    assert {line.split(" ")[0] for line in proxy.asked} == {"CONNECT"}


def test_a_proxy_for_one_host_alone_is_used(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name)
    with IndexServer(folder) as server, proxying() as proxy:
        own = {"http://127.0.0.1": proxy.url, "http": "http://127.0.0.1:9"}
        assert found(access(f"{server.url}/private", tmp_path, Network(proxies=own)))
    assert f"GET {server.url}/private/noarch/repodata.json" in proxy.asked


def test_hosts_that_are_excepted_are_reached_without_a_proxy(folder: Path, tmp_path: Path) -> None:
    network = Network(proxies={"http": "http://127.0.0.1:9"}, no_proxy="127.0.0.1")
    with IndexServer(folder) as server:
        assert found(access(f"{server.url}/private", tmp_path, network))


def test_variables_that_are_set_for_a_client_are_put_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/of/the/person.pem")
    before = dict(os.environ)
    network = Network(verify=str(builders.AUTHORITY), proxies={"http": "http://127.0.0.1:9"})
    assert access("https://h.example/private", tmp_path, network).client
    assert dict(os.environ) == before


# Channels that are not there, or not as usual.


def test_a_channel_that_says_nothing_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access_module, "_QUIET", 0.2)
    started = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/private"
        with pytest.raises(EngineError) as caught:
            found(access(url, tmp_path, Network(patience=0.5)))
    assert caught.value.reference == "channel-silent"
    assert caught.value.facts == {"channels": url}
    assert time.monotonic() - started < 5


def test_a_slow_channel_that_answers_is_waited_for(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access_module, "_QUIET", 0.1)

    def slow(request: BaseHTTPRequestHandler) -> bool:
        time.sleep(0.9 if request.path.endswith("/repodata.json") else 0)
        return False

    with IndexServer(folder) as server:
        server.trouble = slow
        assert found(access(f"{server.url}/private", tmp_path, Network(patience=0.6)))


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/private", "http://nowhere.invalid/private"])
def test_a_channel_that_is_down_is_told_at_once(url: str, tmp_path: Path) -> None:
    started = time.monotonic()
    with pytest.raises(EngineError) as caught:
        found(access(url, tmp_path))
    assert caught.value.reference == "channel-unreadable"
    assert caught.value.facts["channels"] == url
    assert time.monotonic() - started < 10


def test_offline_only_what_was_read_earlier_serves(folder: Path, tmp_path: Path) -> None:
    with IndexServer(folder) as server:
        url = f"{server.url}/private"
        online = found(access(url, tmp_path / "cache"))
        server.requests.clear()
        assert found(access(url, tmp_path / "cache", Network(offline=True))) == online != []
        assert server.requests == []


def test_offline_a_channel_that_was_never_read_counts_as_empty(
    folder: Path, tmp_path: Path
) -> None:
    with IndexServer(folder) as server:
        channels, reporter = Channels().resolve(f"{server.url}/private"), FakeReporter()
        it = Access(channels, tmp_path / "cache", Network(offline=True), reporter.noticed)
        assert found(it) == found(it) == []
        assert server.requests == []
    assert reporter.told == ["channel-unread"]


def test_a_channel_of_this_machine_is_read_offline_too(folder: Path, tmp_path: Path) -> None:
    url = (folder / "private").as_uri()
    assert found(access(url, tmp_path / "cache", Network(offline=True)))


@pytest.mark.parametrize(
    "form", ["repodata.json", "repodata.json.zst", "repodata_shards.msgpack.zst"]
)
def test_a_channel_may_have_its_index_in_one_form_alone(
    folder: Path, tmp_path: Path, form: str
) -> None:
    channel = folder / "private"
    asyncio.run(index_fs(channel, write_zst=True, write_shards=True, force=True))
    for other in channel.glob("*/repodata*"):
        if other.name != form:
            other.unlink()
    with IndexServer(folder) as server:
        url = f"{server.url}/private"
        online = found(access(url, tmp_path / "cache"))
        assert online == [f"{url}/noarch/alpha-1.0-0.conda"]
        server.requests.clear()
        assert found(access(url, tmp_path / "cache", Network(offline=True))) == online
        assert server.requests == []


def test_a_channel_without_a_folder_of_the_platform_has_the_others(
    folder: Path, tmp_path: Path
) -> None:
    assert not (folder / "private/linux-64").exists()
    with IndexServer(folder) as server:
        assert found(access(f"{server.url}/private", tmp_path / "cache"))


def test_a_channel_without_noarch_is_none_to_conda_either(tmp_path: Path) -> None:
    builders.conda_package(tmp_path / "served/c", "alpha", subdir="linux-64")
    builders.channel(tmp_path / "served/c")
    shutil.rmtree(tmp_path / "served/c/noarch", ignore_errors=True)
    with IndexServer(tmp_path / "served") as server, pytest.raises(EngineError) as caught:
        found(access(f"{server.url}/c", tmp_path / "cache"))
    assert caught.value.reference == "channel-unreadable"
    assert "noarch" in str(caught.value.facts["text"])


def test_an_empty_channel_has_nothing(tmp_path: Path) -> None:
    (tmp_path / "served/empty/noarch").mkdir(parents=True)
    builders.channel(tmp_path / "served/empty")
    with IndexServer(tmp_path / "served") as server:
        assert found(access(f"{server.url}/empty", tmp_path / "cache")) == []


def test_a_folder_that_is_no_channel_is_told(tmp_path: Path) -> None:
    (tmp_path / "served/empty").mkdir(parents=True)
    with IndexServer(tmp_path / "served") as server, pytest.raises(EngineError) as caught:
        found(access(f"{server.url}/empty", tmp_path / "cache"))
    assert caught.value.reference == "channel-unreadable"
